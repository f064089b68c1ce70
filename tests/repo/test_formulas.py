"""Formulas are set when the book is built; one that cannot be set is told then."""

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_math  # noqa: E402

BOOK = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
MACROS = BOOK["sphinx"]["config"]["math_macros"]


@pytest.fixture(scope="module")
def typesetter():
    return book_math.Typesetter(MACROS)


def test_a_formula_is_set_for_the_eye_and_the_ear(typesetter):
    formula = typesetter.typeset(r"\frac{1}{\nbar + 1}", True)
    for part in ("<mjx-container", 'display="true"', "<mjx-frac", "<mfrac>"):
        assert part in formula
    assert "display" not in typesetter.typeset("x", False).split(">")[0]


def test_styles_draw_every_letter_that_was_set(typesetter):
    assert "mjx-c2207::before" not in typesetter.styles()
    assert "mjx-c2207" in typesetter.typeset(r"\nabla", False)
    assert "mjx-c2207::before" in typesetter.styles()


@pytest.mark.parametrize("tex", [r"\nbr", r"\frac{1}", r"x \text{Ç}", r"\begin{split} x"])
def test_what_mathjax_cannot_read_is_a_warning(typesetter, tex, monkeypatch):
    told = []
    monkeypatch.setattr(book_math.logger, "warning", lambda *words, **place: told.append(words))
    book_math.with_formula_set(rf'<span class="math">\({tex}\)</span>', typesetter)
    assert len(told) == 1


def test_what_mathjax_can_read_is_none(typesetter, monkeypatch):
    told = []
    monkeypatch.setattr(book_math.logger, "warning", lambda *words, **place: told.append(words))
    for tex in (r"\ket{gg}", r"A \setminus B", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"):
        book_math.with_formula_set(rf'<div class="math">\[{tex}\]</div>', typesetter)
    assert told == []
