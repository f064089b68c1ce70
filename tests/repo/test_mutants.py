"""The faults that are put into the library: how they are named, drawn, counted and excused."""

import json
import os
import re
import subprocess
import sys

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
    table = mutants.scores(outcomes, changes, reasons, {"coherence_lib.ring.window": 30})
    assert table == {
        "coherence_lib.ring.window": {
            "possible": 30,
            "made": 4,
            "noticed": 2,
            "explained": 1,
            "survived": ["coherence_lib.ring.window.terms: a + b -> a - b"],
        }
    }


def test_what_is_explained_since_is_no_survivor_any_more():
    row = {"possible": 9, "made": 4, "noticed": 1, "explained": 1}
    row["survived"] = ["a.f: x -> y", "a.g: x: 1 -> x: 2"]
    reasons = {"a.g": {"x: 1 -> x: 2": "the same"}}
    renewed = mutants.renewed(row, reasons)
    assert renewed == {**row, "explained": 2, "survived": ["a.f: x -> y"]}
    assert mutants.renewed(renewed, {}) == renewed
    whole = {"possible": 9, "made": 4, "noticed": 4}
    assert mutants.renewed(whole, reasons) == whole
    reasons["a.f"] = {"x -> y": "the same"}
    assert "survived" not in mutants.renewed(row, reasons)


def test_a_reason_may_hold_everywhere():
    reasons = {"everywhere": {r"(.*)strict=True(.*) -> \1strict=None\2": "lengths agree"}}
    change = "zip(a, b, strict=True): -> zip(a, b, strict=None):"
    assert mutants.is_explained(change, "coherence_lib.thermal.temperature", reasons)
    other = "zip(a, b, strict=True): -> zip(a, c, strict=None):"
    assert not mutants.is_explained(other, "coherence_lib.thermal.temperature", reasons)


def test_reasons_are_of_functions_that_are_there():
    for function, changes in mutants.explained(mutants.ROOT).items():
        assert all(changes.values()), function
        if function == mutants.EVERYWHERE:
            assert all(map(re.compile, changes))
        else:
            parts = function.split(".")
            *module, name = [part for part in parts if not part.lstrip("_")[0].isupper()]
            text = mutants.ROOT.joinpath(*module).with_suffix(".py").read_text("utf-8")
            for change in changes:
                old = change.split(" -> ")[0]
                assert f"def {name}(" in text, function
                assert " ".join(old.split()) in " ".join(text.split()), change


def test_a_module_meets_its_own_tests_and_those_of_all():
    assert "tests/ring" in mutants.tests_of(["ring.window"])
    assert "tests/atoms" not in mutants.tests_of(["ring.window"])
    assert "tests/test_thermal.py" not in mutants.tests_of(["ring.window"])
    assert {"tests/test_thermal.py", "tests/properties"} < set(mutants.tests_of(["thermal"]))
    assert mutants.tests_of(["ring.free", "thermal"])[0] == "tests/ring"
    assert {f"tests/{name}" for name in mutants.PACKAGES} <= set(mutants.tests_of([]))
    for path in mutants.tests_of([]):
        assert (mutants.ROOT / path).exists(), path


def test_a_batch_is_of_whole_modules():
    parts = mutants.batches(NAMES * 5)
    assert [len(part) for part in parts] == [150, 5]
    assert sorted(sum(parts, [])) == sorted(NAMES * 5)


@pytest.mark.parametrize(
    "wanted, is_wanted",
    [
        ([], True),
        (["ring"], True),
        (["ring.window"], True),
        (["ring.win"], False),
        (["rin"], False),
    ],
)
def test_a_package_is_all_of_its_modules(wanted, is_wanted):
    assert mutants.is_wanted(NAMES[0], wanted) == is_wanted


def test_faults_reach_what_is_computed_as_a_property():
    source = (
        "class Atom:\n    @property\n    def rate(self):\n        return 2\n\n"
        "    @classmethod\n    def new(cls):\n        return cls()\n"
    )
    plain = mutants.undecorated(source)
    assert "@property" not in plain
    assert "    rate = property(rate)\n" in plain
    assert "    @classmethod\n" in plain
    place = {}
    exec(plain, place)
    assert place["Atom"].new().rate == 2


@pytest.fixture
def work(tmp_path):
    """A repository with one module and one test, and where its copy is made."""
    root = tmp_path / "root"
    for name, text in {
        "coherence_lib/thermal.py": "def number():\n    return 1\n",
        "tests/test_thermal.py": "def test_one():\n    pass\n",
        "tests/test_checks.py": "def test_two():\n    pass\n",
        "pyproject.toml": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    copy = tmp_path / "copy"
    mutants.prepare(root, copy, ["thermal"])
    (copy / "mutants").mkdir()
    (copy / mutants.TIMES).write_text(
        json.dumps(
            {
                "duration_by_test": {
                    "tests/test_thermal.py::test_one": 0.1,
                    "tests/test_checks.py::test_two": 0.2,
                }
            }
        ),
        encoding="utf-8",
    )
    return root, copy


def known_tests(copy):
    return set(json.loads((copy / mutants.TIMES).read_text(encoding="utf-8"))["duration_by_test"])


def test_only_a_test_that_changed_is_timed_anew(work):
    root, copy = work
    (root / "tests" / "test_checks.py").write_text("def test_two(): ...\n", encoding="utf-8")
    mutants.prepare(root, copy, ["thermal"])
    assert known_tests(copy) == {"tests/test_thermal.py::test_one"}
    assert "..." in (copy / "tests" / "test_checks.py").read_text(encoding="utf-8")


def test_a_new_library_is_met_from_the_start(work):
    root, copy = work
    (root / "coherence_lib" / "thermal.py").write_text("def number(): ...\n", encoding="utf-8")
    mutants.prepare(root, copy, ["thermal"])
    assert not (copy / mutants.TIMES).exists()
    assert "..." in (copy / "coherence_lib" / "thermal.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant, is_red", [("a_mutant", True), ("stats", False)])
def test_a_fault_that_hangs_is_noticed_although_exceptions_are_caught(tmp_path, mutant, is_red):
    (tmp_path / "test_hanging.py").write_text(
        "import time\n"
        "def test_hanging():\n"
        "    end = time.process_time() + 1\n"
        "    while time.process_time() < end:\n"
        "        try:\n"
        "            sum(range(1000))\n"
        "        except BaseException:\n"
        "            pass\n",
        encoding="utf-8",
    )
    code = "import sys, pytest; from tools import one_fault; one_fault.LIMIT = 0.5; "
    code += "sys.exit(pytest.main(['-q', 'test_hanging.py'], plugins=[one_fault]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(mutants.ROOT)},
        capture_output=True,
        timeout=600,
    )
    assert (done.returncode == 1) == is_red, done.stdout


def test_faults_are_put_where_they_are_met():
    known = ["coherence_lib/ring/free.py", "coherence_lib/thermal.py", "coherence_lib/py.typed"]
    known += ["coherence_lib/drawings/rings.py", "tests/ring/test_free.py"]
    assert mutants.files_of(known, ["ring.free"]) == known[:1]
    assert mutants.files_of(known, ["measures"]) == known[1:2]
    assert mutants.files_of(known, []) == known[:2]


def test_what_was_stored_is_of_modules_that_are_there():
    for module, row in json.loads(
        (mutants.ROOT / mutants.SCORES).read_text(encoding="utf-8")
    ).items():
        path = mutants.ROOT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), module
        assert (
            row["noticed"] + row.get("explained", 0) + len(row.get("survived", [])) == row["made"]
        )
