"""Changed constants of a chapter: which are changed, what minds them, and how they are counted."""

import ast
import json
import os

import nbformat
import pytest

from coherence_lib.figures.reference import WRITE_VARIABLE
from tools import figure_mutants, trust

CELLS = [
    (
        "import matplotlib.pyplot as plt\n"
        "from coherence_lib import figures\n"
        'numbers = figures.Reference("line.json")',
        False,
    ),
    ("slope, unused = 2.0, 7.0\nrows = []\nrows.append(slope * 3)", False),
    (
        "fig, ax = plt.subplots(figsize=(4, 3))\n"
        'ax.plot([0, 1], rows + [slope], label="line", lw=1.5)\n'
        'ax.axhline(1e-9 * 4, label="_low")\n'
        "plt.show()",
        True,
    ),
    ('numbers("fig-line")', True),
    ("apart = 5.0\nassert abs(apart - 5) < 1e-9", False),
    ('print(f"{slope:.2f}")\nassert slope < 2.5\n[0.5][int(slope) - 2]', True),
]


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A chapter of one line, its number shown in a figure and in a text, and a check."""
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.v4.new_notebook()
    for source, shows in CELLS:
        outputs = [nbformat.v4.new_output("stream", text="x")] if shows else []
        notebook.cells.append(nbformat.v4.new_code_cell(source, outputs=outputs))
    nbformat.write(notebook, tmp_path / "line.ipynb")
    found = figure_mutants.Chapter(tmp_path / "line.ipynb")
    monkeypatch.setenv(WRITE_VARIABLE, "1")
    scope = figure_mutants.new_scope()
    for place in range(len(CELLS)):
        found.step(place, scope)
    monkeypatch.delenv(WRITE_VARIABLE)
    return found


def test_looks_limits_of_checks_and_cells_that_only_check_are_left_out(chapter):
    found = [(m.cell, m.value) for m in figure_mutants.mutants(chapter.cells)]
    assert found == [
        *((1, value) for value in (2.0, 7.0, 3)),
        *((2, value) for value in (1, 1e-9, 4)),
        *((5, value) for value in (0.5, 2)),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each change has a process by fork")
def test_what_minds_a_changed_constant_is_named(chapter):
    outcomes = chapter.outcomes(figure_mutants.mutants(chapter.cells))
    assert [(m.cell, m.value, result) for m, result in outcomes.items()] == [
        (1, 2.0, "shown"),
        (1, 7.0, "survived"),
        (1, 3, "shown"),
        (2, 1, "shown"),
        (2, 1e-9, "shown"),
        (2, 4, "shown"),
        (5, 0.5, "shown"),
        # An index that is no whole number.
        (5, 2, "refused"),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each change has a process by fork")
def test_a_chapter_that_differs_without_a_change_is_no_measure(chapter, tmp_path):
    text = (tmp_path / "line.json").read_text(encoding="utf-8")
    (tmp_path / "line.json").write_text(text.replace("2.0", "2.1"), encoding="utf-8")
    with pytest.raises(SystemExit, match="line.ipynb differs without a change"):
        chapter.texts()


def test_only_cells_that_a_change_reaches_run_again_with_what_they_need(chapter):
    # The figure, its numbers and the text read the slope.
    assert chapter.reached(1) == chapter.needed(1) == [1, 2, 3, 5]
    # Numbers follow their figure, and nothing else reads it.
    assert chapter.reached(2) == [2, 3]
    later = "other = 2.0", "a = 1.0", "b = other * a"
    chapter.trees = [ast.parse(source) for source in ("slope = 1.0", *later, "print(slope + b)")]
    chapter.cells = [nbformat.v4.new_code_cell(ast.unparse(tree)) for tree in chapter.trees]
    assert chapter.reached(0) == [0, 4]
    assert chapter.needed(0) == [0, 1, 2, 3, 4]
    assert chapter.reached(2) == [2, 3, 4]


def test_a_name_that_a_cell_makes_for_itself_is_not_read_from_others():
    tree = ast.parse("for k in range(3):\n    rows.append(k)\nx = [j * k for j in y]")
    assert figure_mutants.names(tree) == ({"range", "rows", "y"}, {"k", "x"}, {"rows"})


def test_a_change_is_relative_and_keeps_all_else():
    tree = figure_mutants.mutated("x = 4.0 + f(2, size=3)", 0)
    assert ast.unparse(tree) == f"x = {4.0 * (1 + figure_mutants.STEP)} + f(2, size=3)"


def test_survivors_are_counted_and_only_their_own_reason_excuses_them():
    rows = [figure_mutants.Mutant(0, k, f"x = {k}", float(k)) for k in range(1, 5)]
    results = dict(zip(rows, ("shown", "survived", "coarse", "survived"), strict=True))
    assert figure_mutants.score(results, 9, {"x = 4 [4.0]": "a start of a search"}) == {
        "there": 9,
        "made": 4,
        "shown": 1,
        "asserted": 0,
        "refused": 0,
        "coarse": 1,
        "explained": 1,
        "survived": ["x = 2 [2.0]"],
    }


def test_a_sample_is_the_same_every_time():
    assert figure_mutants.sampled([*range(90)], 5, 1) == figure_mutants.sampled([*range(90)], 5, 1)
    assert len(figure_mutants.sampled([*range(90)], 5, 1)) == 5
    assert figure_mutants.sampled([1, 2], None, 1) == figure_mutants.sampled([1, 2], 5, 1) == [1, 2]


def test_what_is_stored_is_of_chapters_that_are_there():
    stored = trust.read(figure_mutants.ROOT, trust.FIGURE_MUTANTS)
    chapters = {path.stem for path in (figure_mutants.ROOT / "book").glob("**/*.ipynb")}
    assert stored
    assert set(stored) <= chapters
    for chapter, row in stored.items():
        results = sum(row[name] for name in (*figure_mutants.RESULTS[:-1], "explained"))
        assert results + len(row.get("survived", [])) == row["made"] <= row["there"], chapter


def test_what_is_explained_is_of_a_constant_that_is_there():
    explained = figure_mutants.explained(figure_mutants.ROOT)
    for path in (figure_mutants.ROOT / "book").glob("**/*.ipynb"):
        names = {mutant.name for mutant in figure_mutants.mutants(chapter_cells(path))}
        assert set(explained.pop(path.stem, {})) <= names, path.stem
    assert explained == {}


def chapter_cells(path):
    return figure_mutants.code_cells(nbformat.read(path, 4))


@pytest.mark.parametrize("name", trust.REMEDIES)
@pytest.mark.parametrize(
    "content, problem",
    [
        (b'{\n"a": 1', "line 2: Expecting ',' delimiter"),
        (b"", "line 1: Expecting value"),
        (b"\xff", "it is no UTF-8 text"),
        (b"[1]", "it is no mapping"),
    ],
)
def test_a_damaged_score_is_told_with_its_place_and_remedy(tmp_path, name, content, problem):
    (tmp_path / "tests" / "repo").mkdir(parents=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=problem) as caught:
        trust.read(tmp_path, name)
    assert str(caught.value).startswith(name)
    remedy = f"restore it from the repository, or delete it and run `{trust.REMEDIES[name]}`."
    assert str(caught.value).endswith(remedy)
    (tmp_path / name).write_text(json.dumps({"a": 1}), encoding="utf-8")
    assert trust.read(tmp_path, name) == {"a": 1}
