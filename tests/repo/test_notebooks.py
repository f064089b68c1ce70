"""The committed notebooks: executed, captioned, bound to their references, able to turn red."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("**/*.ipynb"))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def execution_problems(notebook):
    """What keeps the stored outputs from being those of one run from top to bottom."""
    cells = code_cells(notebook)
    problems = []
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        problems.append("cells were not executed in order, or not at all")
    for cell in cells:
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"a stored output is an error: {output.evalue}")
            if output.get("name") == "stderr":
                problems.append(f"a cell warns: {output.text[:80]}")
    return problems


def figure_problems(notebook):
    """Figures without caption, name, alternative text, or without their numbers."""
    problems, proved = [], set()
    for cell in code_cells(notebook):
        proved |= set(re.findall(r'numbers\(\s*"(fig-[\w-]+)"', cell.source))
    shown = set()
    for cell in code_cells(notebook):
        if not any("image/png" in output.get("data", {}) for output in cell.outputs):
            continue
        metadata = cell.metadata.get("mystnb", {})
        name = metadata.get("figure", {}).get("name", "")
        # A drawing of the library plots no numbers of the chapter; tests/drawings hold its physics.
        if not cell.source.startswith("drawings."):
            shown.add(name)
        if not re.fullmatch(r"fig-[\w-]+", name):
            problems.append(f"a figure has no name: {cell.source[:60]!r}")
        if len(metadata.get("figure", {}).get("caption", "")) < 40:
            problems.append(f"{name} has no caption")
        if len(metadata.get("image", {}).get("alt", "")) < 40:
            problems.append(f"{name} has no alternative text")
    problems += [f"{name} is not followed by its numbers" for name in sorted(shown - proved)]
    return problems


def kept_metadata(notebook):
    """Metadata that would differ between machines."""
    cells = [key for cell in notebook.cells for key in cell.metadata if key == "execution"]
    return cells + [key for key in notebook.metadata if key not in ("kernelspec", "language_info")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_its_outputs_are_those_of_one_run(self, path):
        assert execution_problems(nbformat.read(path, 4)) == []

    def test_its_figures_have_caption_name_alternative_text_and_numbers(self, path):
        assert figure_problems(nbformat.read(path, 4)) == []

    def test_its_metadata_name_no_machine(self, path):
        assert kept_metadata(nbformat.read(path, 4)) == []

    def test_its_reference_holds_just_its_figures(self, path):
        source = "\n".join(cell.source for cell in code_cells(nbformat.read(path, 4)))
        used = set(re.findall(r'(?:numbers|Explorer)\(\s*"([\w-]+)"', source))
        stored = set(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        assert used == stored

    def test_it_has_a_slider_whose_stored_output_needs_no_kernel(self, path):
        shown = [
            output.data
            for cell in code_cells(nbformat.read(path, 4))
            for output in cell.outputs
            if 'class="explore"' in output.get("data", {}).get("text/html", "")
        ]
        assert shown
        assert all(set(data) == {"text/html", "text/plain"} for data in shown)

    def test_no_cell_is_longer_than_a_thought(self, path):
        lengths = [len(cell.source.splitlines()) for cell in code_cells(nbformat.read(path, 4))]
        assert max(lengths) <= 25


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {"model", "two_atoms"}


def test_the_checks_above_see_a_broken_notebook():
    notebook = nbformat.read(NOTEBOOKS[0], 4)
    cells = code_cells(notebook)
    cells[1].execution_count = None
    with_figure = next(c for c in cells if "figure" in c.metadata.get("mystnb", {}))
    with_figure.metadata = {"execution": {"iopub.status.busy": "today"}}
    assert execution_problems(notebook)
    assert len(figure_problems(notebook)) >= 3
    assert kept_metadata(notebook) == ["execution"]


def test_a_figure_needs_its_numbers_and_a_drawing_has_none():
    notebook = nbformat.read(NOTEBOOKS[0], 4)
    shown = {
        cell.metadata.mystnb.figure.name: cell.source.startswith("drawings.")
        for cell in code_cells(notebook)
        if "figure" in cell.metadata.get("mystnb", {})
    }
    assert set(shown.values()) == {True, False}
    notebook.cells = [c for c in notebook.cells if not c.source.startswith("numbers(")]
    missing = [f"{name} is not followed by its numbers" for name in shown if not shown[name]]
    assert figure_problems(notebook) == sorted(missing)


def run_nbval(folder):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        encoding="utf-8",
    )


@pytest.fixture
def chapter(tmp_path):
    """A copy of a chapter, cut after the numbers of its first figure to be quick."""
    source = ROOT / "book" / "part1" / "two_atoms.ipynb"
    shutil.copy(source.with_suffix(".json"), tmp_path)
    notebook = nbformat.read(source, 4)
    last = next(i for i, c in enumerate(notebook.cells) if c.source.startswith("numbers("))
    notebook.cells = notebook.cells[: last + 1]
    nbformat.write(notebook, tmp_path / source.name)
    return tmp_path / source.name


def test_nbval_confirms_an_unchanged_copy(chapter):
    result = run_nbval(chapter.parent)
    assert result.returncode == 0, result.stdout


def test_a_constant_changed_by_a_hundred_thousandth_turns_nbval_red(chapter):
    text = chapter.read_text(encoding="utf-8")
    changed = text.replace("coherence(pair, times, n)", "coherence(pair, times, 1.00001 * n)")
    assert changed != text
    chapter.write_text(changed, encoding="utf-8")
    result = run_nbval(chapter.parent)
    assert result.returncode == 1, result.stdout
    # The message says which figure and curve, by how much, and what to run.
    for part in (
        "fig-two-atoms-nbar: DIFFERS",
        "nbar = 0.1",
        "of its range at time =",
        "make references",
    ):
        assert part in result.stdout


@pytest.fixture
def slider(tmp_path):
    """A copy of a chapter's imports and its slider, beside the hook that nbval needs."""
    source = ROOT / "book" / "part1" / "two_atoms.ipynb"
    shutil.copy(source.with_suffix(".json"), tmp_path)
    shutil.copy(ROOT / "conftest.py", tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    notebook = nbformat.read(source, 4)
    kept = [code_cells(notebook)[0], *(c for c in notebook.cells if c.id.startswith("explore-"))]
    notebook.cells = kept
    nbformat.write(notebook, tmp_path / source.name)
    return tmp_path / source.name


def test_nbval_compares_a_slider_by_its_digest_and_not_by_its_drawing(slider):
    text = slider.read_text(encoding="utf-8")
    redrawn = text.replace("stroke-linejoin", "stroke-linecap").replace("pool", "loop")
    assert redrawn != text
    slider.write_text(redrawn, encoding="utf-8")
    result = run_nbval(slider.parent)
    assert result.returncode == 0, result.stdout


def test_one_frame_that_is_off_turns_nbval_red(slider):
    text = slider.read_text(encoding="utf-8")
    changed = text.replace(
        "coherence_from_ground(clock, nbar)",
        "coherence_from_ground(clock, nbar + 1e-4 * (nbar == 0.05))",
    )
    assert changed != text
    slider.write_text(changed, encoding="utf-8")
    result = run_nbval(slider.parent)
    assert result.returncode == 1, result.stdout
    assert "two-atoms: DIFFERS" in result.stdout


def test_references_are_not_written_by_a_run(chapter):
    reference = chapter.with_suffix(".json")
    reference.unlink()
    result = run_nbval(chapter.parent)
    assert result.returncode == 1
    assert "its reference two_atoms.json was not found beside the notebook" in result.stdout
    assert not reference.exists()
