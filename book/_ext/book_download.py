"""What a reader takes home: the notebooks with their reference files, and a wheel."""

import sys
import zipfile
from pathlib import Path

from docutils import nodes

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import coherence_lib  # noqa: E402
from tools import release  # noqa: E402

FOLDER = "downloads"
FILES = {
    "notebooks": "coherence-from-heat.zip",
    "wheel": f"coherence_lib-{coherence_lib.__version__}-py3-none-any.whl",
}
# The same archive whenever it is built; a zip knows no earlier year.
EPOCH = (1980, 1, 1, 0, 0, 0)


def download_book(name, rawtext, text, lineno, inliner, options=None, content=None):
    """Link to a file of this module: {download-book}`notebooks` or `wheel`."""
    if text not in FILES:
        message = inliner.reporter.error(f"There is no download {text!r}.", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    up = "../" * inliner.document.settings.env.docname.count("/")
    return [nodes.reference("", FILES[text], refuri=f"{up}{FOLDER}/{FILES[text]}")], []


def write_downloads(app, exception):
    """Write the files."""
    if exception or app.builder.format != "html":
        return
    root, folder = Path(app.srcdir), Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    notebooks = [Path(app.env.doc2path(page)) for page in sorted(app.env.found_docs)]
    with zipfile.ZipFile(folder / FILES["notebooks"], "w", zipfile.ZIP_DEFLATED) as archive:
        for notebook in notebooks:
            if notebook.suffix == ".ipynb":
                for path in (notebook, notebook.with_suffix(".json")):
                    entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    release.build(root, folder, "wheel")


def setup(app):
    app.add_role("download-book", download_book)
    app.connect("build-finished", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
