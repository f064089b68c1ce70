"""A formula of the papers is named with its paper, (I.19), wherever it is named."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# "Eq. (19)", "Eqs. (II.45)-(46)", "(A1)": a number that does not say of which paper it is.
BARE = r"\((?:[ABC]?\d{1,2})\)"
NAMED = re.compile(rf"\b(?:Eqs?\.|[Ee]quations?)\s+(?:\(I{{1,2}}\.\w+\)[-–,\s and]*)*{BARE}")
APPENDIX = re.compile(r"(?<![\w.])\((?:A1|B[1-5]|C[12])\)")
FOLDERS = ("book", "claims", "coherence_lib", "tests", "tools")
KINDS = {".ipynb", ".md", ".py", ".rst", ".yml"}


def strays(text):
    """The formulas in a text that are named without their paper."""
    return [m[0] for pattern in (NAMED, APPENDIX) for m in pattern.finditer(text)]


def texts():
    """What a reader of the book or of the code may read, by file."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS and path != Path(__file__):
                name = path.relative_to(ROOT).as_posix()
                text = path.read_text(encoding="utf-8")
                if path.suffix == ".ipynb":
                    cells = json.loads(text)["cells"]
                    text = "\n".join("".join(c["source"]) + str(c["metadata"]) for c in cells)
                yield pytest.param(text, id=name)


@pytest.mark.parametrize("text", list(texts()))
def test_no_formula_is_named_without_its_paper(text):
    assert strays(text) == []


@pytest.mark.parametrize(
    "stray", ["see Eq. (5) there", "Eqs. (II.45)-(46)", "(A1) says", "the equation (12)"]
)
def test_a_stray_is_found(stray):
    assert strays(stray)


@pytest.mark.parametrize("fine", ["Eq. (I.5)", "Eqs. (I.17)-(I.19)", "C(0) = f(1)", "(I.A1)"])
def test_what_names_its_paper_is_fine(fine):
    assert not strays(fine)
