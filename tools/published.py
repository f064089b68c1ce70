"""What a page must show, and what it must not tell; each checker returns what is wrong."""

import re
import sys
import tempfile
from pathlib import Path


def cell_problems(notebook):
    """Cells that name a figure and show no image, or that write to stderr."""
    problems = []
    for number, cell in enumerate(notebook["cells"]):
        outputs = cell.get("outputs", [])
        figure = cell.get("metadata", {}).get("mystnb", {}).get("figure")
        shown = {kind for output in outputs for kind in output.get("data", {})}
        if figure and not any(kind.startswith("image/") for kind in shown):
            problems.append(f"cell {number} names {figure.get('name')}, and shows no image")
        for output in outputs:
            if output.get("name") == "stderr":
                text = "".join(output.get("text", "")).strip()
                problems.append(f"cell {number} writes to stderr: {text[:200]}")
    return problems


def machine_folders(root):
    """Folders of this machine whose names are nobody else's business."""
    folders = {root, Path(sys.prefix), Path.home(), Path(tempfile.gettempdir())}
    # The top of the file system, where a container may have its home, is in every path.
    return sorted(str(folder) for folder in folders if folder != Path(folder.anchor))


def paths_told(text, folders):
    """The absolute paths in a text that begin with one of some folders."""
    # Not inside an address or another path; JSON and JavaScript write a backslash twice.
    starts = "|".join(re.escape(f).replace(r"\\", r"\\{1,2}") for f in folders)
    return re.findall(rf"(?<![\w./:-])(?:file://)?(?:{starts})[/\\][\w./\\-]*", text)


def page_problems(site, folders):
    """Published files that tell a path of this machine."""
    files = [path for kind in ("*.html", "*.js", "*.ipynb", "*.md") for path in site.rglob(kind)]
    problems = []
    for path in sorted(files):
        for told in paths_told(path.read_text(encoding="utf-8", errors="replace"), folders):
            problems.append(f"{path.relative_to(site).as_posix()} tells a path: {told}")
    return problems
