"""The faults that are put into the library: how they are named, drawn, counted and excused."""

import pytest

from tools import mutants

NAMES = [f"coherence_lib.ring.window.x_terms__mutmut_{k}" for k in range(1, 31)]
NAMES += ["coherence_lib.thermal.x_photon_number__mutmut_1"]


@pytest.mark.parametrize(
    "name, module, function",
    [
        (
            "coherence_lib.thermal.x_photon_number__mutmut_3",
            "coherence_lib.thermal",
            "photon_number",
        ),
        ("coherence_lib.ring.window.x__edges__mutmut_12", "coherence_lib.ring.window", "_edges"),
        (
            "coherence_lib.ring.model.xǁSourceRingǁlevels__mutmut_1",
            "coherence_lib.ring.model",
            "SourceRing.levels",
        ),
    ],
)
def test_a_mutant_is_named_as_people_name_its_function(name, module, function):
    assert mutants.module_of(name) == module
    assert mutants.function_of(name).lstrip("_") == function.lstrip("_")


def test_a_sample_is_the_same_every_time_and_leaves_no_module_out():
    drawn = mutants.sampled(NAMES, 5, seed=1)
    assert drawn == mutants.sampled(NAMES, 5, seed=1)
    assert [mutants.module_of(name) for name in drawn].count("coherence_lib.ring.window") == 5
    assert NAMES[-1] in drawn
    assert mutants.sampled(NAMES, None, seed=1) == NAMES


def test_survivors_are_named_and_only_their_own_reason_excuses_them():
    outcomes = {NAMES[0]: "killed", NAMES[1]: "survived", NAMES[2]: "timeout", NAMES[3]: "survived"}
    changes = {NAMES[1]: "a + b -> a - b", NAMES[3]: "1e-9 -> 2e-9"}
    reasons = {"coherence_lib.ring.window.terms": {"1e-9 -> 2e-9": "a margin"}}
    table = mutants.scores(outcomes, changes, reasons)
    assert table == {
        "coherence_lib.ring.window": {
            "made": 4,
            "noticed": 2,
            "explained": 1,
            "survived": ["coherence_lib.ring.window.terms: a + b -> a - b"],
        }
    }


def test_a_module_meets_its_own_tests_and_those_of_all():
    assert "tests/ring" in mutants.tests_of(["ring.window"])
    assert "tests/atoms" not in mutants.tests_of(["ring.window"])
    assert "tests/test_bad_values.py" in mutants.tests_of(["thermal"])
    assert {f"tests/{name}" for name in mutants.PACKAGES} <= set(mutants.tests_of([]))
    for path in mutants.tests_of([]):
        assert (mutants.ROOT / path).exists(), path


def test_what_was_stored_is_of_modules_that_are_there():
    for module, row in mutants.json.loads(
        (mutants.ROOT / mutants.SCORES).read_text(encoding="utf-8")
    ).items():
        path = mutants.ROOT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), module
        assert (
            row["noticed"] + row.get("explained", 0) + len(row.get("survived", [])) == row["made"]
        )
