"""Run the book's notebooks in place, top to bottom, and store their outputs.

With --write-references the numbers of the figures are renewed first: do it only when a
change is meant, and say why in the commit.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from coherence_lib import _writing
from coherence_lib.figures.reference import WRITE_VARIABLE, load, store

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from tools import kernels  # noqa: E402
from tools.notebook_checks import code_cells, figure_of  # noqa: E402
from tools.one_run import one_run  # noqa: E402


def execute(path, **variables):
    """Run one notebook in its own folder, as every reader does; return it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    with kernels.isolated(**variables):
        client.execute()
    return notebook


def without_machine_details(notebook):
    """Keep only what means the same on every machine and without a kernel."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            # A widget whose kernel is gone shows as an error, and hides the page's own face.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def store_texts(path):
    """Put each figure's caption and alternative text beside its numbers.

    A text that is changed later is red until somebody has looked at the figure again.
    """
    reference = path.with_suffix(".json")
    for cell in code_cells(nbformat.read(path, 4)):
        name, caption, alt = figure_of(cell)
        if name:
            numbers = load(reference).get(name, {}).get("numbers", {})
            store(reference, name, caption=caption, alt=alt, numbers=numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of the book")
    parser.add_argument("--write-references", action="store_true")
    args = parser.parse_args()
    paths = args.notebooks or sorted((ROOT / "book").glob("**/*.ipynb"))
    with one_run(ROOT, "running the notebooks"):
        for path in paths:
            if args.write_references:
                execute(path, **{WRITE_VARIABLE: "1"})
                store_texts(path)
            start = time.perf_counter()
            text = nbformat.writes(without_machine_details(execute(path)))
            _writing.write_text(path, f"{text.rstrip()}\n")
            print(f"{path}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
