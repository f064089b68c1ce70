"""The ledger is complete: claims, tests, equations and measured deviations belong together.

Each checker returns what is wrong; a doctored ledger shows that it finds it.
"""

import ast
import copy
import re
import subprocess
import sys
from pathlib import Path

import claims as ledger
import pytest
import yaml

from tools import ledger as ledger_pages

ROOT = Path(__file__).parents[2]
FOLDERS = ("paper1", "paper2", "ours")
FIELDS = {
    "id",
    "paper",
    "section",
    "locus",
    "claim",
    "verdict",
    "condition",
    "printed",
    "readings",
    "derived",
    "evidence",
    "inherits",
    "tolerance",
    "chapter",
    "test",
}
REQUIRED = {"id", "paper", "section", "locus", "claim", "verdict", "tolerance", "chapter", "test"}
# What a verdict that is not plain owes its reader.
OWED = {
    "definition": set(),
    "reproduces": set(),
    "holds under a condition": {"condition", "derived", "evidence"},
    "misprint": {"printed", "readings", "derived", "evidence"},
    "fails": {"printed", "readings", "derived", "evidence"},
}
# Numbered equations and computed figures of both papers.
EQUATIONS = {
    "p1": [str(n) for n in range(1, 31)] + ["a1", "b1", "b2", "b3", "b4", "b5", "c1", "c2"],
    "p2": [str(n) for n in range(1, 90)],
}
FIGURES = {
    "p1": ("fig-2", "fig-3a", "fig-3b", "fig-4", "table-1"),
    "p2": tuple(f"fig-{panel}" for panel in "1a 1b 1c 2a 2b 2c 3a 3b 3c 3d".split()),
}
NUMBERED = {f"{p}-eq-{name}" for p, names in EQUATIONS.items() for name in names} | {
    f"{p}-{name}" for p, names in FIGURES.items() for name in names
}


def marked_tests(root):
    """Pairs (test, id) for every test that carries a claim."""
    found = []
    for path in sorted(p for name in FOLDERS for p in (root / "tests" / name).glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "claim":
                    test = f"{path.relative_to(root).as_posix()}::{node.name}"
                    found.append((test, ast.literal_eval(decorator.args[0])))
    return found


def unmarked_tests(root):
    """Tests in the claims' folders that carry no claim."""
    marked = {test for test, _ in marked_tests(root)}
    found = []
    for path in sorted(p for name in FOLDERS for p in (root / "tests" / name).glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            test = f"{path.relative_to(root).as_posix()}::{getattr(node, 'name', '')}"
            if getattr(node, "name", "").startswith("test_") and test not in marked:
                found.append(test)
    return found


def id_problems(entries):
    ids = [entry["id"] for entry in entries]
    problems = [f"{i} is there twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    for entry in entries:
        prefix = "ours" if entry["paper"] == "ours" else f"p{entry['paper']}"
        if not re.fullmatch(rf"{prefix}-[a-z0-9]+(-[a-z0-9]+)+", entry["id"]):
            problems.append(f"{entry['id']} is not an id of paper {entry['paper']}")
    return problems


def field_problems(entries):
    problems = []
    for entry in entries:
        problems += [f"{entry['id']} has no {name}" for name in sorted(REQUIRED - set(entry))]
        problems += [f"{entry['id']} has a field {name}" for name in sorted(set(entry) - FIELDS)]
        if entry.get("verdict") not in OWED:
            problems.append(f"{entry['id']} has the verdict {entry.get('verdict')!r}")
        owed = OWED.get(entry.get("verdict"), set()) - set(entry)
        problems += [f"{entry['id']} owes its {name}" for name in sorted(owed)]
        for name in ("tolerance", "evidence"):
            # YAML reads 1e-9, without a point, as text.
            if name in entry and not isinstance(entry[name], float):
                problems.append(f"{entry['id']}: {name} is no number with a point")
    return problems


def test_problems(entries, marked):
    """Every claim names one test that carries its id, and no test carries anything else."""
    problems = []
    by_test, named = {}, {entry["test"]: entry["id"] for entry in entries}
    for test, identifier in marked:
        by_test.setdefault(test, []).append(identifier)
    for entry in entries:
        if by_test.get(entry["test"]) != [entry["id"]]:
            carries = by_test.get(entry["test"], "nothing")
            problems.append(f"{entry['id']}: {entry['test']} carries {carries}")
    for test, identifiers in by_test.items():
        if test not in named:
            problems.append(f"{test} proves {identifiers}, which no claim names")
    return problems


test_problems.__test__ = False


def coverage_problems(entries):
    return sorted(f"{i} has no claim" for i in NUMBERED - {entry["id"] for entry in entries})


def link_problems(entries, root):
    ids = {entry["id"] for entry in entries}
    problems = []
    for entry in entries:
        for target in entry.get("inherits", []):
            if target not in ids or target == entry["id"]:
                problems.append(f"{entry['id']} is inherited by {target}, which is no other claim")
        texts = [entry.get(name, "") for name in ("claim", "condition", "printed", "derived")]
        for target in re.findall(
            r"\bp[12]-[a-z0-9-]+\b", " ".join([*texts, *entry.get("readings", [])])
        ):
            if target not in ids:
                problems.append(f"{entry['id']} points to {target}, which is no claim")
        chapter = root / "book" / entry["chapter"]
        if not any(chapter.with_suffix(suffix).is_file() for suffix in (".ipynb", ".md")):
            problems.append(f"{entry['id']}: there is no chapter {entry['chapter']}")
    return problems


def measured_problems(entries, measured):
    problems = [
        f"{i} was measured but is no claim" for i in set(measured) - {e["id"] for e in entries}
    ]
    for entry in entries:
        if entry["id"] not in measured:
            problems.append(f"{entry['id']} was never measured")
        elif not measured[entry["id"]] <= entry["tolerance"]:
            problems.append(f"{entry['id']} was measured above its tolerance")
        elif measured[entry["id"]] != ledger.rounded(measured[entry["id"]]):
            problems.append(f"{entry['id']} was measured with more than two digits")
    return problems


ENTRIES = list(ledger.load().values())
CHECKERS = {
    "ids": lambda entries: id_problems(entries),
    "fields": lambda entries: field_problems(entries),
    "tests": lambda entries: test_problems(entries, marked_tests(ROOT)),
    "coverage": lambda entries: coverage_problems(entries),
    "links": lambda entries: link_problems(entries, ROOT),
    "measured": lambda entries: measured_problems(entries, ledger.read_measured()),
}


def raw_entries():
    """The entries as they stand in the file: `load` would hide an id that is there twice."""
    return yaml.safe_load(ledger.CLAIMS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHECKERS)
def test_ledger_has_no_problem(name):
    assert CHECKERS[name](raw_entries()) == []


def test_every_test_in_the_claims_folders_carries_a_claim():
    assert unmarked_tests(ROOT) == []


def doctored(**changes):
    """The ledger with the first entry that has all the changed fields, changed."""
    entries = copy.deepcopy(ENTRIES)
    entry = next(e for e in entries if changes.keys() <= e.keys())
    entry.update(changes)
    return entries


def without(verdict, field):
    entries = copy.deepcopy(ENTRIES)
    del next(e for e in entries if e["verdict"] == verdict)[field]
    return entries


@pytest.mark.parametrize(
    ("name", "entries", "problem"),
    [
        ("ids", [*ENTRIES, ENTRIES[0]], "is there twice"),
        ("ids", doctored(id="eq5"), "is not an id"),
        ("ids", doctored(id="p2-eq-5"), "is not an id of paper 1"),
        ("fields", doctored(verdict="true"), "has the verdict 'true'"),
        ("fields", doctored(tolerance="1e-9"), "tolerance is no number"),
        ("fields", [{**ENTRIES[0], "proof": "see above"}], "has a field proof"),
        ("fields", without("definition", "locus"), "has no locus"),
        ("fields", without("misprint", "printed"), "owes its printed"),
        ("fields", without("fails", "evidence"), "owes its evidence"),
        ("fields", without("holds under a condition", "condition"), "owes its condition"),
        ("tests", doctored(test="tests/paper1/test_model.py::test_nothing"), "carries nothing"),
        ("tests", doctored(test=ENTRIES[1]["test"]), "carries ['p1-s1-1']"),
        ("tests", ENTRIES[1:], "which no claim names"),
        ("coverage", [e for e in ENTRIES if e["id"] != "p1-eq-3"], "p1-eq-3 has no claim"),
        ("coverage", [e for e in ENTRIES if e["id"] != "p2-eq-89"], "p2-eq-89 has no claim"),
        ("links", doctored(inherits=["p1-s9-9"]), "p1-s9-9, which is no other claim"),
        ("links", doctored(derived="As in p1-s9-9."), "points to p1-s9-9"),
        ("links", doctored(chapter="part1/nowhere"), "no chapter part1/nowhere"),
        ("measured", ENTRIES[1:], "was measured but is no claim"),
        ("measured", [*ENTRIES, {**ENTRIES[0], "id": "p1-new-1"}], "p1-new-1 was never measured"),
        ("measured", doctored(tolerance=1e-300), "above its tolerance"),
    ],
)
def test_checkers_find_what_is_wrong(name, entries, problem):
    assert any(problem in found for found in CHECKERS[name](entries))


def test_noise_in_the_measured_file_is_found():
    name = ENTRIES[0]["id"]
    measured = {**ledger.read_measured(), name: 1.2345e-15}
    assert measured_problems(ENTRIES, measured) == [
        f"{name} was measured with more than two digits"
    ]


# --- the mechanism ---------------------------------------------------------------

PLUGIN = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("shared_conftest", {conftest!r})
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)
for name, value in vars(shared).items():
    if name.startswith("pytest_") or name == "deviation":
        globals()[name] = value
shared.claims.load = lambda: {{
    "p1-a-1": {{"id": "p1-a-1", "tolerance": 1e-3}},
    "p1-a-2": {{"id": "p1-a-2", "tolerance": 1e-3, "evidence": 2.0}},
}}
shared.claims.MEASURED = shared.Path({measured!r})
"""


@pytest.fixture
def run(tmp_path):
    """Run one test body under the claim `p1-a-1` or `p1-a-2`; return its output."""

    def run_body(body, identifier="p1-a-1", arguments=()):
        conftest = str(ROOT / "tests" / "conftest.py")
        measured = str(tmp_path / "measured.json")
        (tmp_path / "conftest.py").write_text(
            PLUGIN.format(conftest=conftest, measured=measured), encoding="utf-8"
        )
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\nmarkers = claim(id): a claim\n", encoding="utf-8"
        )
        (tmp_path / "test_one.py").write_text(
            f"import pytest\n\n@pytest.mark.claim({identifier!r})\n"
            f"def test_one(deviation):\n    {body}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    return run_body


@pytest.mark.parametrize(
    ("body", "identifier", "message"),
    [
        ("deviation([1.0, 2.0], [1.0, 2.0001])", "p1-a-1", "1 passed"),
        ("deviation([1.0, 2.0], [1.0, 2.1])", "p1-a-1", "deviate by 0.1, more than the tolerance"),
        ("deviation(float('nan'), 1.0)", "p1-a-1", "deviate by nan"),
        ("deviation([1.0, 2.0], [[1.0], [2.0]])", "p1-a-1", "shapes (2,) and (2, 1) differ"),
        ("assert True", "p1-a-1", "the test compared nothing"),
        ("deviation(1, 1); deviation.evidence(2.0)", "p1-a-1", "states no evidence"),
        ("deviation(1, 1)", "p1-a-2", "the test does not measure"),
        ("deviation(1, 1); deviation.evidence(2.01)", "p1-a-2", "1 passed"),
        ("deviation(1, 1); deviation.evidence(2.1)", "p1-a-2", "the evidence is 2.1, stated is 2"),
        ("deviation(1, 1)", "p1-a-3", "no claim p1-a-3"),
    ],
)
def test_a_claims_test_must_compare_within_its_tolerance(run, body, identifier, message):
    assert message in run(body, identifier)


def test_deviations_are_written_only_when_asked_and_only_when_all_is_well(run, tmp_path):
    measured = tmp_path / "measured.json"
    run("deviation(1.0, 1.000123456)")
    assert not measured.exists()
    run("deviation(1.0, 3.0)", arguments=["--write-measured"])
    assert not measured.exists()
    run("deviation(1.0, 1.000123456)", arguments=["--write-measured"])
    assert measured.read_text(encoding="utf-8") == '{\n  "p1-a-1": 0.00012\n}\n'


# --- the pages -------------------------------------------------------------------


def test_pages_hold_every_claim_once():
    page = ledger_pages.ledger_page(ENTRIES, ledger.read_measured())
    errata = ledger_pages.errata_page(ENTRIES)
    for entry in ENTRIES:
        assert page.count(f"({entry['id']})=\n") == 1
        plain = entry["verdict"] in ("definition", "reproduces")
        assert errata.count(f"with its test: {{ref}}`{entry['id']} <") == (0 if plain else 1)
    assert set(ledger_pages.VERDICTS) == set(OWED)


def test_numbers_and_links_are_written_as_markdown():
    assert ledger_pages.number(1.2e-15) == r"$1.2\times 10^{-15}$"
    assert ledger_pages.number(1e-9) == "$10^{-9}$"
    assert ledger_pages.number(0.0) == "$0$"
    assert ledger_pages.number(-0.5) == "$-0.5$"
    assert ledger_pages.linked("see p1-s3b-2.") == "see {ref}`p1-s3b-2 <p1-s3b-2>`."
