"""Build the site in `_build/html`, or leave none there.

The notebooks that its pages were made of, with the outputs of that run, are in `_build/run`. The
old site is removed first and the new one is moved in place last, so that a build that
fails or is interrupted leaves no page that looks finished.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from tools import kernels  # noqa: E402
from tools.one_run import one_run  # noqa: E402


def toc_pages(toc):
    """Every document that a table of contents names, the root included."""
    pages = [toc[key] for key in ("root", "file") if key in toc]
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, []):
            pages += toc_pages(entry)
    return pages


def missing_pages(toc, html):
    """The documents of the table of contents that have no page under `html`."""
    # Jupyter Book can exit with success and leave pages, or all of them, unwritten.
    return [page for page in toc_pages(toc) if not (html / f"{page}.html").is_file()]


def staged_config(root, staging, execute):
    """Write the book's settings with the chosen execution mode; return the file."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config.setdefault("execute", {})["execute_notebooks"] = execute
    # Paths of local extensions are relative to the settings' own folder, which is now another.
    extensions = config.get("sphinx", {}).get("local_extensions") or {}
    for name, folder in extensions.items():
        extensions[name] = str(root / folder)
    path = staging / "_config.yml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path


def discard(folder, aside):
    """Remove a folder, which at no moment stands there with a part of what was in it."""
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
        shutil.rmtree(aside)


def build(root, execute):
    """Build the site of the book in `root`; return the exit status."""
    final, run, staging = (root / "_build" / name for name in ("html", "run", "new"))
    for folder in (final, run, staging):
        discard(folder, root / "_build" / "old")
    staging.mkdir(parents=True)
    # The module `jupyter_book.cli.main` does nothing when run with -m: call the script.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root]
    command += ["--path-output", staging, "--config", staged_config(root, staging, execute)]
    command += ["--toc", root / "_toc.yml", "-W", "--nitpick", "--keep-going", "--all", "--quiet"]
    # What it says on success names a folder that is about to move; warnings go to stderr.
    command = [str(part) for part in command]
    status = subprocess.run(command, stdout=subprocess.DEVNULL, env=kernels.clean()).returncode
    if status:
        print("The book was not built: see the messages above.", file=sys.stderr)
        return status
    html = staging / "_build" / "html"
    missing = missing_pages(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")), html)
    if missing:
        print(f"The book was not built: no page for {', '.join(missing)}.", file=sys.stderr)
        return 1
    # A book without notebooks has none.
    executed = html.parent / "jupyter_execute"
    if executed.is_dir():
        executed.rename(run)
    html.rename(final)
    shutil.rmtree(staging)
    print(f"The book is in {final}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--execute",
        choices=["force", "off"],
        default="force",
        help="run every notebook (force), or show the stored outputs (off)",
    )
    parser.add_argument("--root", type=Path, default=ROOT)
    args = parser.parse_args()
    root = args.root.resolve()
    with one_run(root, "building the book"):
        return build(root, args.execute)


if __name__ == "__main__":
    sys.exit(main())
