"""The committed notebooks: executed, captioned, bound to their references, able to turn red."""

import copy
import html
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml

from coherence_lib.figures.reference import WRITE_VARIABLE, load
from tools import notebook_checks as checks
from tools.notebook_checks import code_cells, figure_of
from tools.notebooks import execute

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("**/*.ipynb"))
LOOSER = yaml.safe_load((Path(__file__).parent / "looser_tolerances.yml").read_text("utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_its_outputs_are_those_of_one_run(self, path):
        assert checks.execution_problems(nbformat.read(path, 4)) == []

    def test_its_metadata_name_no_machine_and_hide_nothing(self, path):
        assert checks.metadata_problems(nbformat.read(path, 4)) == []

    def test_its_comparison_has_no_way_around(self, path):
        assert checks.bypass_problems(nbformat.read(path, 4), path.stem) == []

    def test_its_tolerance_is_the_library_s_or_has_a_reason(self, path):
        assert checks.tolerance_problems(nbformat.read(path, 4), path.stem, LOOSER) == []

    def test_its_figures_have_a_name_and_are_followed_by_their_numbers(self, path):
        notebook = nbformat.read(path, 4)
        assert checks.figure_problems(notebook) + checks.foreign_picture_problems(notebook) == []

    def test_its_stored_numbers_are_those_of_its_reference(self, path):
        reference = load(path.with_suffix(".json"))
        assert checks.number_problems(nbformat.read(path, 4), reference) == []

    def test_its_captions_and_alternative_texts_say_what_is_checked(self, path):
        reference = load(path.with_suffix(".json"))
        assert checks.caption_problems(nbformat.read(path, 4), reference) == []

    def test_its_reference_holds_just_what_it_uses(self, path):
        cells = code_cells(nbformat.read(path, 4))
        used = {name for cell in cells for name in checks.names_of_numbers(cell)}
        # Texts are stored of all figures, also of drawings.
        used |= {figure_of(cell)[0] for cell in cells} - {""}
        assert used == set(load(path.with_suffix(".json")))

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


def test_no_two_figures_of_the_book_share_a_name():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(nbformat.read(path, 4))]
    names = Counter(name for name, *_ in map(figure_of, cells) if name)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_looser_tolerance_is_of_a_notebook():
    assert set(LOOSER) <= {path.stem for path in NOTEBOOKS}


# --- the checks see a changed notebook -----------------------------------------------------------

CHAPTER = ROOT / "book" / "part1" / "two_atoms.ipynb"
FIGURE = "fig-two-atoms-nbar"


class Chapter:
    """A copy of a chapter, with its first figure, the numbers behind it, and its reference."""

    def __init__(self):
        self.notebook = nbformat.read(CHAPTER, 4)
        self.reference = load(CHAPTER.with_suffix(".json"))
        self.cells = code_cells(self.notebook)
        self.imports = self.cells[0]
        self.figure = next(cell for cell in self.cells if figure_of(cell)[0] == FIGURE)
        self.numbers = self.cells[self.cells.index(self.figure) + 1]
        self.store_texts()

    def store_texts(self):
        for name, caption, alt in map(figure_of, self.cells):
            if name:
                self.reference.setdefault(name, {"numbers": {}}).update(caption=caption, alt=alt)

    def add(self, cell, line):
        cell.source += f"\n{line}"

    def caption(self, text):
        self.figure.metadata["mystnb"]["figure"]["caption"] = text

    def alt(self, text):
        self.figure.metadata["mystnb"]["image"]["alt"] = text

    def problems(self, looser=None):
        stem = CHAPTER.stem
        return [
            *checks.execution_problems(self.notebook),
            *checks.metadata_problems(self.notebook),
            *checks.bypass_problems(self.notebook, stem),
            *checks.tolerance_problems(self.notebook, stem, looser or {}),
            *checks.figure_problems(self.notebook),
            *checks.foreign_picture_problems(self.notebook),
            *checks.number_problems(self.notebook, self.reference),
        ]

    def caption_problems(self):
        return checks.caption_problems(self.notebook, self.reference)


def tag(name):
    return lambda chapter: chapter.figure.metadata.update(tags=[name])


def line(text):
    """A line more in the cell of the imports."""
    return lambda chapter: chapter.add(chapter.imports, text)


def numbers(source):
    """Another source of the cell behind the figure."""
    return lambda chapter: chapter.numbers.update(source=source)


def reference(call):
    """Another reference."""

    def change(chapter):
        chapter.imports.source = re.sub(r"(?m)^numbers = .*", call, chapter.imports.source)

    return change


def slider_differs(chapter):
    data = next(cell for cell in chapter.cells if "Explorer(" in cell.source).outputs[0].data
    data["text/plain"] = data["text/plain"].replace("agree with", "NOT COMPARED, since")


def edit(old, new):
    """An edited text of the numbers."""

    def change(chapter):
        data = chapter.numbers.outputs[0].data
        assert old in data["text/plain"]
        data["text/plain"] = data["text/plain"].replace(old, new, 1)

    return change


def without_numbers(chapter):
    chapter.notebook.cells.remove(chapter.numbers)


def nothing_between(chapter):
    cells = chapter.notebook.cells
    cells.insert(cells.index(chapter.numbers), nbformat.v4.new_code_cell("1 + 1"))


def same_name(chapter):
    second = next(cell for cell in chapter.cells if "-populations" in figure_of(cell)[0])
    second.metadata["mystnb"]["figure"]["name"] = FIGURE


def two_pictures(chapter):
    chapter.figure.outputs.append(copy.deepcopy(chapter.figure.outputs[-1]))


def says(text, kind="markdown", **more):
    """Put a cell of text at the chapter's end."""

    def change(chapter):
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(text)
        cell.update(more)
        chapter.notebook.cells.append(cell)

    return change


def shows(**data):
    """Let the cell after the numbers show something that is no figure of its own."""

    def change(chapter):
        output = nbformat.v4.new_output("display_data", data)
        cells = code_cells(chapter.notebook)
        cells[cells.index(chapter.numbers) + 1].outputs.append(output)

    return change


def a_warning(chapter):
    chapter.figure.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="careful"))


def an_error(chapter):
    chapter.figure.outputs.append(
        nbformat.v4.new_output("error", ename="E", evalue="no", traceback=[])
    )


CALL = f'numbers("{FIGURE}")'
GOOD = "numbers = figures.Reference('two_atoms.json')"
CHANGES = {
    # Outputs that are not compared.
    "comment": (line("# NBVAL_SKIP"), "NBVAL_SKIP skips a comparison"),
    "old comment": (line("#PYTEST_VALIDATE_IGNORE_OUTPUT"), "PYTEST_VALIDATE_IGNORE_OUTPUT skips"),
    "ignored": (tag("nbval-ignore-output"), "the tag nbval-ignore-output hides or skips an output"),
    "raises": (tag("raises-exception"), "the tag raises-exception hides or skips an output"),
    "removed": (tag("remove-output"), "the tag remove-output hides or skips an output"),
    "captured": (numbers(f"%%capture\n{CALL}"), "not Python, or a magic: '%%capture'"),
    "time of a run": (
        lambda chapter: chapter.figure.metadata.update(execution={}),
        "metadata execution would differ between machines",
    ),
    "not run": (
        lambda chapter: chapter.numbers.update(execution_count=None),
        "cells were not executed in order, or not at all",
    ),
    "warning": (a_warning, "a cell warns: careful"),
    "error": (an_error, "a stored output is an error: no"),
    # References that a run writes or changes.
    "writing": (line("import os"), "os is not for notebooks"),
    "writing by name": (line("from os import environ"), "os.environ is not for notebooks"),
    "environment": (line("plt.os.environ['A'] = '1'"), "environ can change what is compared"),
    "variable": (line("print(figures.WRITE_VARIABLE)"), "WRITE_VARIABLE can change what is"),
    "its import": (line("from coherence_lib.figures import load"), "load of the library has anot"),
    "storing": (line("figures.store('two_atoms.json', 'fig-a')"), "figures.store is not for noteb"),
    "opening": (line("open('two_atoms.json', 'w')"), "open can change what is compared"),
    "private": (line("figures.reference._compare"), "figures.reference is not for notebooks"),
    "slots": (
        line("object.__setattr__(numbers, 'tolerance', 1)"),
        "__setattr__ can change what is",
    ),
    "builtins": (line("__builtins__"), "__builtins__ can change what is compared"),
    "also": (line("numbers.also"), "numbers.also is not for notebooks"),
    # Names that mean something else.
    "lambda": (line("numbers = lambda name: name"), "the library's name numbers is changed"),
    "function": (line("def numbers(name):\n    pass"), "the library's name numbers is changed"),
    "loop": (line("for numbers in [print]:\n    pass"), "the library's name numbers is changed"),
    "with": (line("with open_it() as numbers:\n    pass"), "the library's name numbers is changed"),
    "walrus": (line("(figures := 3)"), "the library's name figures is changed"),
    "unpacking": (line("numbers, other = print, 1"), "the library's name numbers is changed"),
    "deleting": (line("del numbers"), "the library's name numbers is changed"),
    "import": (line("from numpy import sum as numbers"), "numbers can hide a name of the library"),
    "all": (line("from numpy import *"), "* can hide a name of the library"),
    "other name": (line("from coherence_lib import figures as f"), "figures of the library has an"),
    "class": (line("figures.Reference = print"), "the attribute figures.Reference is changed"),
    "method": (line("plt.Figure.get_children = print"), "plt.Figure.get_children is changed"),
    "setting": (
        line("setattr(figures, 'Reference', print)"),
        "setattr can change what is compared",
    ),
    # Another reference, or a looser one.
    "file": (reference(GOOD.replace("two_", "three_")), "the reference is not figures.Reference("),
    "two": (line(GOOD), "there are 2 references in place of one"),
    "none": (reference("numbers = print"), "there are 0 references in place of one"),
    "tolerance": (reference(GOOD.replace(")", ", tolerance=0.1)")), "the tolerance 0.1 is not the"),
    "computed": (
        reference(GOOD.replace(")", ", tolerance=10**-3)")),
        "the tolerance 10 ** (-3) is",
    ),
    "second argument": (
        reference(GOOD.replace(")", ", 0.1)")),
        "figures.Reference('two_atoms.json', 0.1)",
    ),
    "unpacked": (reference(GOOD.replace(")", ", **{'tolerance': 1})")), "**{'tolerance': 1})"),
    # Figures without their numbers.
    "no numbers": (without_numbers, f'{FIGURE} is not followed by numbers("{FIGURE}")'),
    "not next": (nothing_between, f'{FIGURE} is not followed by numbers("{FIGURE}")'),
    "in a comment": (numbers(f"# {CALL}"), "numbers do not stand alone in their cell"),
    "with more": (numbers(f"{CALL}\n1 + 1"), "numbers do not stand alone in their cell"),
    "semicolon": (numbers(f"{CALL};"), "numbers do not stand alone in their cell"),
    "of another": (numbers('numbers("fig-two-atoms-limits")'), f"{FIGURE} is not followed by"),
    "of values": (numbers(f'numbers.values("{FIGURE}", y=1)'), f"{FIGURE} is not followed by"),
    "one name": (same_name, f"{FIGURE} is there twice"),
    "no name": (lambda c: c.figure.metadata.update(mystnb={}), "a figure has no name: 'fig, ax = "),
    "two pictures": (two_pictures, f"{FIGURE} shows 2 pictures"),
    "no picture": (lambda chapter: chapter.figure.update(outputs=[]), f"{FIGURE} shows no picture"),
    "another figure": (numbers(f'numbers("{FIGURE}", fig)'), f"{FIGURE} is not followed by"),
    "sometimes": (reference(f"{GOOD} if True else print"), "the library's name numbers is changed"),
    # Pictures that nothing draws, or that nothing compares.
    "picture in a text": (says("![a curve](a.png)"), "no code draws the picture '![a curve]('"),
    "its HTML": (says('<img src="a.png">'), "no code draws the picture '<img'"),
    "its directive": (says("```{image} a.png\n```"), "no code draws the picture '{image}'"),
    "attached": (
        says("a", attachments={"a.png": {"image/png": ""}}),
        "no code draws the picture 'a.png'",
    ),
    "raw": (says("<img>", "raw"), "a raw cell is shown as it is: '<img>'"),
    "SVG alone": (shows(**{"image/svg+xml": "<svg/>"}), "a figure has no name"),
    "picture in HTML": (shows(**{"text/html": "<img src='a'>"}), "a figure has no name"),
    # Stored texts that somebody has edited.
    "no output": (lambda chapter: chapter.numbers.update(outputs=[]), "has no stored output that"),
    "it differs": (edit("agree with", "differ from"), f"{FIGURE} has no stored output that agrees"),
    "slider": (slider_differs, "two-atoms has no stored output that agrees"),
    "other name in it": (edit(FIGURE, "fig-other"), f"{FIGURE} has no stored output that agrees"),
    "digit": (
        edit("0.0566439", "0.0566438"),
        f"the reference of {FIGURE} does not hold the stored",
    ),
    "curve's name": (
        edit(" = 0.1", " = 0.2"),
        f"the reference of {FIGURE} does not hold the stored",
    ),
    "unit": (
        edit("time", "length"),
        f"the reference of {FIGURE} does not hold the stored row 'leng",
    ),
    "not stored": (lambda chapter: chapter.reference.pop(FIGURE), f"{FIGURE} is not in the refer"),
}


def test_the_unchanged_copy_has_no_problem():
    assert Chapter().problems() == []


@pytest.mark.parametrize("change, problem", CHANGES.values(), ids=CHANGES)
def test_a_changed_notebook_is_red(change, problem):
    chapter = Chapter()
    change(chapter)
    assert any(problem in found for found in chapter.problems()), chapter.problems()


@pytest.mark.parametrize(
    "entry, accepted",
    [
        ([0.1, "the fit stops at a tenth of a per cent"], True),
        (["1e-1", "the fit stops at a tenth of a per cent"], True),
        ([0.2, "the fit stops at a tenth of a per cent"], False),
        ([0.1, "because"], False),
    ],
)
def test_a_looser_tolerance_needs_a_reason(entry, accepted):
    chapter = Chapter()
    reference(GOOD.replace(")", ", tolerance=0.1)"))(chapter)
    assert (chapter.problems({CHAPTER.stem: entry}) == []) is accepted


FILLER = "Figure figure plot plot curve curve text text words words lines lines."
CAPTIONS = {
    "no caption": (lambda c: c.caption(""), "the caption has fewer than 8 words"),
    "no alternative text": (lambda c: c.alt(""), "the alternative text has fewer than 8 words"),
    "filler": (lambda c: c.caption(FILLER), "the caption has fewer than 8 words"),
    "one text": (
        lambda c: c.alt(figure_of(c.figure)[1]),
        "caption and alternative text are the same",
    ),
    "another number": (lambda c: replace(c, "1/3", "3/7"), "nothing checks the number 3/7"),
    "another decimal": (lambda c: replace(c, "four", "0.7713"), "nothing checks the number 0.7713"),
    "no axis": (
        lambda c: c.alt("Four curves that rise without overshoot, each one steeper than the last."),
        "neither text says that an axis is 'time",
    ),
}


def replace(chapter, old, new):
    caption = figure_of(chapter.figure)[1]
    assert old in caption
    chapter.caption(caption.replace(old, new))


@pytest.mark.parametrize("change, problem", CAPTIONS.values(), ids=CAPTIONS)
def test_a_text_that_nothing_checks_is_red(change, problem):
    chapter = Chapter()
    before = chapter.caption_problems()
    change(chapter)
    # Even where somebody has stored it.
    chapter.store_texts()
    found = [text for text in chapter.caption_problems() if text not in before]
    assert any(text.startswith(FIGURE) and problem in text for text in found), found


@pytest.mark.parametrize("old, new", [("1/3", "1/4"), ("never", "always"), ("four", "five")])
def test_a_changed_caption_is_seen_again(old, new):
    chapter = Chapter()
    replace(chapter, old, new)
    assert f"{FIGURE}: another caption was stored; see it again, then renew it" in (
        chapter.caption_problems()
    )


@pytest.mark.parametrize(
    "source, excused", [("drawings.a()", True), ("drawings.a().show()", False)]
)
def test_a_drawing_and_nothing_else_is_excused_from_its_numbers(source, excused):
    output = nbformat.v4.new_output("display_data", {"image/png": ""})
    cell = nbformat.v4.new_code_cell(
        source, outputs=[output], metadata={"mystnb": {"figure": {"name": "fig-a"}}}
    )
    problems = checks.figure_problems(nbformat.v4.new_notebook(cells=[cell]))
    assert problems == ([] if excused else ['fig-a is not followed by numbers("fig-a")'])


# --- a run sees a changed notebook ---------------------------------------------------------------


def source(old, new):
    """Another text in the code; the stored outputs stay."""

    def change(notebook):
        cell = next(cell for cell in notebook.cells if old in cell.source)
        cell.source = cell.source.replace(old, new)

    return change


def before_it_is_shown(text):
    return source("plt.show()", f"{text}\nplt.show()")


def output(kind, old, new):
    """Another stored output: the part that the pattern `old` matches."""

    def change(notebook):
        data = [o.data for cell in notebook.cells for o in cell.outputs if "data" in o]
        (found,) = [d for d in data if kind in d and re.search(old, d[kind])]
        found[kind] = re.sub(old, lambda match: new, found[kind], count=1)

    return change


def another_figure(notebook):
    cells = code_cells(nbformat.read(CHAPTER, 4))
    other = next(cell for cell in cells if "-populations" in figure_of(cell)[0])
    cell = next(cell for cell in notebook.cells if figure_of(cell)[0])
    for kind in ("image/png", "image/svg+xml"):
        cell.outputs[0].data[kind] = other.outputs[0].data[kind]


def without_picture(notebook):
    next(cell for cell in notebook.cells if figure_of(cell)[0]).outputs.clear()


NOISE = "QUJD" * 500
EMPTY = """fig, ax = plt.subplots()
plt.show()"""
DIFFERS = f"{FIGURE}: DIFFERS from the reference; if that is meant, run `make references`"
SLIDER = "two-atoms: DIFFERS from the reference; if that is meant, run `make references`"
PICTURE = f"{FIGURE}: pictures differ"
RUNS = {
    "higher": (source("times, curve", "times, 1.5 * curve"), DIFFERS, "= 0.1  0  0.0849", PICTURE),
    "reversed": (
        source("times, curve", "times, curve[::-1]"),
        DIFFERS,
        "DIFFERS by 1 of its range",
    ),
    "off": (source("pair, times, n)", "pair, times, 1.00001 * n)"), DIFFERS, "range at time"),
    "a bit off": (source("pair, times, n)", "pair, times, 1.001 * n)"), DIFFERS, "range at time"),
    "empty": (
        lambda notebook: next(c for c in notebook.cells if figure_of(c)[0]).update(source=EMPTY),
        "`figure` must draw data, but got none.",
        PICTURE,
    ),
    "legend": (
        before_it_is_shown("ax.legend(*[part[::-1] for part in ax.get_legend_handles_labels()])"),
        DIFFERS,
        "legend DIFFERS: '$",
        PICTURE,
    ),
    "label": (source("time $", "age $"), DIFFERS, "x axis DIFFERS: 'age $", PICTURE),
    "more": (before_it_is_shown("ax.plot(times, times, label='new')"), DIFFERS, "new is not in"),
    "less": (before_it_is_shown("ax.lines[0].remove()"), DIFFERS, "= 0.1 is in the reference and"),
    "hidden": (
        before_it_is_shown("ax.lines[0].set_visible(False)"),
        DIFFERS,
        "= 0.1 is in the ref",
    ),
    "limits": (source("0.36", "0.37"), DIFFERS, "y limits  0  0.37  DIFFERS", PICTURE),
    "scale": (
        before_it_is_shown("ax.set_xscale('log')"),
        DIFFERS,
        "x scale DIFFERS: 'log' instead",
    ),
    "colour": (
        before_it_is_shown("ax.lines[0].set_color('C1')"),
        DIFFERS,
        "= 0.1 DIFFERS: '#d55e0",
    ),
    "closed": (source("plt.show()", "plt.close()"), "`figure` must be given where none was shown"),
    "digit": (
        output("text/plain", r"(?<=fig-two-atoms-nbar: )\d", "9"),
        "agree with the reference",
    ),
    "png": (output("image/png", ".*", NOISE), PICTURE, "image/png: what is stored is no picture"),
    "svg": (
        output("image/svg+xml", "(?s).*", NOISE),
        PICTURE,
        "image/svg+xml: what is stored is no",
    ),
    "svg in its head": (
        output("image/svg+xml", '(?s)<g id="axes_1">.*', "</svg>\n"),
        PICTURE,
        "image/svg+xml: ",
    ),
    "foreign": (another_figure, PICTURE, "image/png: ", "image/svg+xml: "),
    "no picture": (without_picture, "plt.show()"),
    "frame": (
        source("clock, nbar)", "clock, nbar + 1e-4 * (nbar == 0.05))"),
        SLIDER,
        "frames of fr",
    ),
    "decoration": (source("0.99 / 3", "0.98 / 3"), SLIDER, "level  0.326667"),
    "script": (
        output("text/html", "getElementById", "get"),
        "explore-two-atoms: the stored script",
    ),
    "its picture": (
        output("text/html", '(?<=base64,)[^"]*', NOISE),
        "explore-two-atoms: picture: what is stored is no picture",
    ),
    "its words": (
        output("text/html", "from the ground state, in the end: C = 0", "C = 1"),
        "texts",
    ),
}


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """The chapter's first figure and its slider with few frames, run, beside their reference."""
    path = tmp_path_factory.mktemp("cut") / CHAPTER.name
    chapter = Chapter()
    first = chapter.cells[: chapter.cells.index(chapter.numbers) + 1]
    kept = [cell for cell in first if "drawings." not in cell.source or cell is chapter.imports]
    kept += [cell for cell in chapter.cells if cell.id.startswith("explore-")]
    chapter.notebook.cells = kept
    source("50, 81)", "50, 9)")(chapter.notebook)
    nbformat.write(chapter.notebook, path)
    execute(path, **{WRITE_VARIABLE: "1"})
    run = execute(path)
    for cell in run.cells:
        for shown in cell.outputs:
            shown.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    nbformat.write(run, path)
    return path


def put(path, folder, change=None):
    """A copy of a notebook and its reference in a folder: all of it, or the part that changes."""
    folder.mkdir()
    shutil.copy(path.with_suffix(".json"), folder)
    notebook = nbformat.read(path, 4)
    if change is not None:
        before = copy.deepcopy(notebook.cells)
        change(notebook)
        changed = [old != new for old, new in zip(before, notebook.cells, strict=True)]
        assert sum(changed) == 1
        slider = notebook.cells[changed.index(True)].id.startswith("explore-")
        notebook.cells = [
            cell
            for cell in notebook.cells
            if cell.id == before[0].id or cell.id.startswith("explore-") is slider
        ]
    nbformat.write(notebook, folder / path.name)


def judged(folder):
    """{copy: what nbval says of it}, nothing where it is green."""
    shutil.copy(ROOT / "conftest.py", folder)
    shutil.copytree(ROOT / "tools", folder / "tools")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval", "-n", "2", "-p", "no:cacheprovider"]
    # In full: a difference that is cut short does not say by how much.
    command += ["-vv", f"--rootdir={folder}", f"--junitxml={report}", str(folder)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode in (0, 1), result.stdout + result.stderr
    said = {path.parent.name: "" for path in folder.glob("*/*.ipynb")}
    seen = set()
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname").split(".")[0]
        seen.add(name)
        for failure in (*case.iter("failure"), *case.iter("error")):
            said[name] += html.unescape(failure.text)
    assert seen == set(said)
    return said


def test_a_run_sees_every_change_and_names_it(cut, tmp_path):
    for number, (change, *_) in enumerate(RUNS.values()):
        put(cut, tmp_path / f"copy{number}", change)
    put(cut, tmp_path / "unchanged")
    put(cut, tmp_path / "alone")
    (tmp_path / "alone" / "two_atoms.json").unlink()
    said = judged(tmp_path)
    assert said.pop("unchanged") == ""
    assert "its reference two_atoms.json was not found beside the notebook" in said.pop("alone")
    # Nor does a run write what it misses.
    assert not (tmp_path / "alone" / "two_atoms.json").exists()
    missed = {
        name: [part for part in parts if part not in said[f"copy{number}"]]
        for number, (name, (_, *parts)) in enumerate(RUNS.items())
    }
    assert {name: parts for name, parts in missed.items() if parts} == {}
