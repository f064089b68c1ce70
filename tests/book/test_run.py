"""The site shows what the run drew that it was built from, and that is what is stored."""

import re
from pathlib import Path

import nbformat
import pytest

from tools import pictures
from tools.notebook_checks import code_cells, figure_of

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build"
CHAPTERS = sorted(p.relative_to(ROOT).with_suffix("") for p in (ROOT / "book").glob("**/*.ipynb"))


def drawn(chapter):
    """{name: SVG} of the figures, and the blocks of the sliders, of the run."""
    notebook = nbformat.read(BUILD / "run" / f"{chapter}.ipynb", 4)
    figures, blocks = {}, []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/svg+xml" in data:
                figures[figure_of(cell)[0]] = data["image/svg+xml"]
            if 'class="explore"' in data.get("text/html", ""):
                blocks.append(data["text/html"])
    return figures, blocks


def page_problems(chapter, html=BUILD / "html"):
    """Pictures of a page that its run did not draw."""
    figures, blocks = drawn(chapter)
    page = (html / f"{chapter}.html").read_text(encoding="utf-8")
    found = [f"{chapter} lacks the slider of the run" for block in blocks if block not in page]
    for name, svg in figures.items():
        shown = re.search(rf'<figure[^>]*id="{name}".*?<img[^>]*src="([^"]*)"', page, re.DOTALL)
        files = [(html / chapter).parent / shown[1]] if shown else []
        files.append(html / "figures" / chapter.name / f"{name}.svg")
        if len(files) < 2:
            found.append(f"{chapter} does not show {name}")
        for file in files:
            if file.read_text(encoding="utf-8").strip() != svg.strip():
                found.append(f"{file.name} is not {name} as the run drew it")
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_a_page_shows_what_its_run_drew(chapter):
    stored = code_cells(nbformat.read(ROOT / f"{chapter}.ipynb", 4))
    named = {figure_of(cell)[0] for cell in stored} - {""}
    assert named
    assert drawn(chapter)[0].keys() == named
    assert page_problems(chapter) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_the_run_drew_what_is_stored(chapter):
    run = code_cells(nbformat.read(BUILD / "run" / f"{chapter}.ipynb", 4))
    stored = code_cells(nbformat.read(ROOT / f"{chapter}.ipynb", 4))
    for fresh, old in zip(run, stored, strict=True):
        assert pictures.output_problems(fresh.outputs, old.outputs) == []


def test_a_foreign_picture_is_seen(tmp_path):
    chapter = CHAPTERS[0]
    figures, _ = drawn(chapter)
    page = (BUILD / "html" / f"{chapter}.html").read_text(encoding="utf-8")
    (tmp_path / chapter.parent).mkdir(parents=True)
    (tmp_path / f"{chapter}.html").write_text(page.replace("pool", "loop"), encoding="utf-8")
    folder = tmp_path / "figures" / chapter.name
    folder.mkdir(parents=True)
    (tmp_path / "_images").symlink_to(BUILD / "html" / "_images")
    first = next(iter(figures))
    for name, svg in figures.items():
        text = svg.replace("L ", "L 1", 1) if name == first else svg
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
    assert page_problems(chapter, tmp_path) == [
        f"{chapter} lacks the slider of the run",
        f"{first}.svg is not {first} as the run drew it",
    ]
