"""What a reader takes home: the notebooks with their reference files, and a wheel."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from docutils import nodes

import coherence_lib

FOLDER = "downloads"
FILES = {
    "notebooks": "coherence-from-heat.zip",
    "wheel": f"coherence_lib-{coherence_lib.__version__}-py3-none-any.whl",
}
# What a wheel is made of.
SOURCES = ("coherence_lib", "pyproject.toml", "README.md", "LICENSE")
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
    _build_wheel(root, folder)


def _build_wheel(root, folder):
    """In a copy: setuptools leaves folders of its own beside what it builds."""
    with tempfile.TemporaryDirectory() as place:
        for name in SOURCES:
            source, target = root / name, Path(place) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        command = [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
        subprocess.run(command, cwd=place, env=environment, check=True)


def setup(app):
    app.add_role("download-book", download_book)
    app.connect("build-finished", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
