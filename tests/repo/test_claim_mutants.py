"""Mutants of the claims' tests: they are made everywhere, and a test that does not mind is seen."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools import claim_mutants, claims

ROOT = Path(__file__).parents[2]
SOURCE = """
def half(x):
    return x / 2

def drawn(rng):
    return rng.normal() * 3

def unused(x):
    return x + 1

def test(deviation):
    for n in range(2, 5):
        x = drawn(n)[n - 1]
        deviation(np.cos(x) * 2.5 - half(x) ** 2, other(n, x), scale=3 * n)
        assert x < -2 * n or x > 10**3
"""


def made(source=SOURCE, inputs=("drawn",)):
    found = claim_mutants.mutants(ast.parse(source), "test", 0.01, inputs)
    return {mutant.change: mutant for mutant in found}


def test_every_kind_of_change_is_made_once():
    changes = made()
    kinds = {change.split(" -> ")[1]: mutant.kind for change, mutant in changes.items()}
    assert kinds["x * 2"] == "product"
    assert kinds["x / 2.02"] == "number"
    assert kinds["half(x) ** (2 + 1)"] == "exponent"
    assert kinds["np.cos(x) * 2.5 + half(x) ** 2"] == "sign"
    assert kinds["np.sin(x)"] == "function"
    assert kinds["other(n, n)"] == "argument"
    assert kinds["x > -2 * n"] == "order"
    assert sum(kind == "value" for kind in kinds.values()) == 2


@pytest.mark.parametrize(
    "change, why",
    [
        ("rng.normal() * 3 -> rng.normal() / 3", "an input that is drawn"),
        ("x + 1 -> x - 1", "a helper that is not called"),
        ("3 * n -> 3 / n", "the scale of a comparison"),
        ("10 ** 3 -> 10 ** (3 + 1)", "a margin"),
        ("range(2, 5) -> range(2, 2)", "a range"),
    ],
)
def test_what_is_no_formula_stays(change, why):
    assert change not in made(), why


def test_a_choice_is_the_same_each_time_and_leaves_out_no_kind():
    found = [*made().values()]
    some = claim_mutants.chosen(found, 8)
    assert some == claim_mutants.chosen(found, 8)
    assert len(some) == 8
    assert {mutant.kind for mutant in some} == {mutant.kind for mutant in found}
    assert claim_mutants.chosen(found, None) == found


def record(computed, expected, passed=True, call="__call__", reading=None):
    made = claim_mutants.Record()
    sides = [np.atleast_1d(np.array(side, complex)) for side in (computed, expected)]
    made.pairs, made.passed = [((call, reading), *sides, 1e-13)], passed
    return made


@pytest.mark.parametrize(
    "kind, after, expected",
    [
        ("sign", record(2, 1, passed=False), "killed"),
        ("sign", record(2, 1), "survived"),
        ("sign", record(2, 2), "moved"),
        ("sign", record(1, 1), "unseen"),
    ],
)
def test_what_becomes_of_a_mutant(kind, after, expected):
    assert claim_mutants.outcome(kind, record(1, 1), after) == expected


def test_a_reading_that_is_changed_may_stay_off():
    before, after = (record(x, 5, call="printed", reading="half") for x in (1, 2))
    assert claim_mutants.outcome("sign", before, after) == "off"


def test_a_breakdown_shows_nothing():
    after = record(1, 1, passed=False)
    after.error = TypeError("no index")
    assert claim_mutants.outcome("number", record(1, 1), after) == "stillborn"


def test_a_statement_of_zero_may_be_tested_at_another_input():
    before, after = record(0, 0), record(1e-12, 0)
    assert claim_mutants.outcome("input", before, after) == "moved"
    assert claim_mutants.outcome("sign", before, after) == "survived"


CLAIMS = """
paper: 1
section: Sec. I
chapter: part1/model
claims:
- id: p1-eq-1
  locus: Eq. (I.1)
  title: an area
  claim: It is.
  verdict: reproduces
  tolerance: 1.0e-12
- id: p1-eq-2
  locus: Eq. (I.2)
  title: an area
  claim: It is.
  verdict: reproduces
  tolerance: 1.0e-12
"""
TESTS = """
import numpy as np
from claims import claim


def area(radius):
    return np.pi * radius**2


@claim("p1-eq-1", "reproduces")
def test_area(deviation):
    for radius in (0.5, 2.0):
        deviation(area(radius), abs(2j * np.pi * radius) ** 2 / (4 * np.pi))


@claim("p1-eq-2", "reproduces")
def test_area_without_care(deviation):
    for radius in (0.5, 2.0):
        deviation(area(radius), np.pi * radius**2, scale=1e15)
"""
PYTEST = """
[tool.pytest.ini_options]
pythonpath = ["tests"]
addopts = ["--import-mode=importlib"]
markers = ["claim(id, verdict): a claim"]
"""


@pytest.fixture
def house(tmp_path):
    """A repository with two claims, one tested with care and one without."""
    for folder in ("claims", "tests/paper1", "tests/repo"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("claims.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    texts = {"claims/p1-s1.yml": CLAIMS, "tests/paper1/test_area.py": TESTS}
    texts |= {"pyproject.toml": PYTEST, claim_mutants.EXPLAINED: ""}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def mutated(root, *ids):
    command = [sys.executable, ROOT / "tools" / "claim_mutants.py", *ids, "--jobs", "1"]
    return subprocess.run([*command, "--root", root], capture_output=True, encoding="utf-8")


def test_a_test_that_does_not_mind_is_found(house):
    done = mutated(house, "p1-eq-1", "p1-eq-2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "p1-eq-1, line" not in done.stdout
    assert "p1-eq-2, line 19 (test_area_without_care): radius ** 2" in done.stdout
    assert "area(radius)" in done.stdout


def test_reasons_are_taken_and_must_be_of_use(house):
    right = "np.pi * radius ** 2"
    whole = f"deviation(area(radius), {right}, scale=1000000000000000.0)"
    reasons = {key: "it is so" for key in ("radius ** 2", right, whole)}
    explained = {"p1-eq-1": {"a + b": "it is so"}, "p1-eq-2": reasons}
    (house / claim_mutants.EXPLAINED).write_text(json.dumps(explained), encoding="utf-8")
    done = mutated(house, "p1-eq-1", "p1-eq-2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "p1-eq-1: no survivor is 'a + b'" in done.stdout
    assert "explained" in done.stdout
    assert "p1-eq-2, line" not in done.stdout


def test_what_is_explained_is_there():
    """Reasons belong to claims and to helpers that exist, and are said."""
    explained = claim_mutants.read_explained(ROOT)
    known = set(claims.carriers(ROOT))
    for folder in claims.FOLDERS:
        for path in (ROOT / "tests" / folder).glob("test_*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            kinds = ast.FunctionDef | ast.ClassDef
            known |= {node.name for node in tree.body if isinstance(node, kinds)}
    assert set(explained) - {"inputs"} <= known
    assert set(explained["inputs"]) <= known
    for reasons in explained.values():
        assert all(len(reason.split()) >= 3 for reason in reasons.values())
