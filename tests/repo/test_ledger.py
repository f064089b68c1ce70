"""The ledger is complete: claims, tests, equations and measured deviations belong together.

Each checker returns what is wrong; a doctored ledger shows that it finds it.
"""

import copy
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import claims as ledger
import pytest
import yaml

from tools import claim as one_claim
from tools import claims as files
from tools import ledger as ledger_pages
from tools.build_book import toc_pages

ROOT = Path(__file__).parents[2]
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


def test_problems(entries, tests):
    """Every claim is carried by one test, and every test carries one claim."""
    found = [f"{test} carries no claim" for test in tests if not test.ids]
    found += [f"{test} carries {', '.join(test.ids)}" for test in tests if len(test.ids) > 1]
    carried = [identifier for test in tests for identifier in test.ids]
    found += [f"{i} is carried by two tests" for i in set(carried) if carried.count(i) > 1]
    ids = [entry["id"] for entry in entries]
    found += [f"no test carries {i}" for i in ids if i not in carried]
    return found + [f"a test carries {i}, which is no claim" for i in carried if i not in ids]


test_problems.__test__ = False


def verdict_problems(entries, tests):
    """The verdict of a claim is said by its test too, which shows what that verdict asks for."""
    verdicts = {entry["id"]: entry["verdict"] for entry in entries}
    found = []
    for test in tests:
        for identifier, said in test.marks:
            stated = verdicts.get(identifier, said)
            if said is None:
                found.append(f"{test} says no verdict: write @claim({identifier!r}, {stated!r})")
            elif said != stated:
                found.append(
                    f"{identifier} is {stated!r} in claims/ and {said!r} in {test}: "
                    "a verdict changes with what its test shows, in both places"
                )
    return found


def coverage_problems(entries):
    return sorted(f"{i} has no claim" for i in NUMBERED - {entry["id"] for entry in entries})


def link_problems(entries, root):
    ids = {entry["id"] for entry in entries}
    problems = []
    for entry in entries:
        for target in entry.get("inherits", []):
            if target not in ids or target == entry["id"]:
                problems.append(f"{entry['id']} is inherited by {target}, which is no other claim")
        texts = [entry.get(name, "") for name in files.TEXTS] + entry.get("readings", [])
        for target in re.findall(rf"\b{files.ID}\b", " ".join(texts)):
            if target not in ids:
                problems.append(f"{entry['id']} points to {target}, which is no claim")
        chapter = root / "book" / entry["chapter"]
        if not any(chapter.with_suffix(suffix).is_file() for suffix in (".ipynb", ".md")):
            problems.append(f"{entry['id']}: there is no chapter {entry['chapter']}")
    return problems


def heading_problems(entries):
    """Headings that two claims share, and titles that are no title: a reader looks claims up."""
    headings = [ledger_pages.heading(entry) for entry in entries]
    found = [f"{h} is there twice" for h in dict.fromkeys(headings) if headings.count(h) > 1]
    for entry in entries:
        title = entry["title"]
        if not 2 <= len(title.split()) <= 7:
            found.append(f"{entry['id']}: the title has not 2 to 7 words")
        if re.search(r"[$|]|\.$", title):
            found.append(f"{entry['id']}: the title is not plain words")
        if entry["locus"] in title or entry["verdict"] in title:
            found.append(f"{entry['id']}: the title repeats what stands beside it")
    return found


def measured_problems(entries, measured):
    problems = [
        f"{i} was measured but is no claim" for i in set(measured) - {e["id"] for e in entries}
    ]
    for entry in entries:
        if entry["id"] not in measured:
            problems.append(f"{entry['id']} was never measured")
        elif not measured[entry["id"]] <= entry["tolerance"]:
            problems.append(f"{entry['id']} was measured above its tolerance")
        elif entry["tolerance"] > (most := files.largest_tolerance(measured[entry["id"]])):
            problems.append(f"{entry['id']} has a tolerance above {most:g}, which hides more")
        elif measured[entry["id"]] != ledger.rounded(measured[entry["id"]]):
            problems.append(f"{entry['id']} was measured with more than two digits")
    return problems


def toc_problems(pages, names):
    """A page of the ledger that no table of contents names, or names too much."""
    listed = [p.removeprefix("book/ledger/") for p in pages if p.startswith("book/ledger/")]
    found = [f"_toc.yml lacks book/ledger/{name}" for name in names if name not in listed]
    found += [f"claims/ lacks {name}.yml" for name in listed if name not in names]
    return found or ([] if listed == list(names) else ["_toc.yml has another order"])


FILES = files.read(ROOT)
ENTRIES = files.merged(FILES)
TESTS = files.tests(ROOT)
PROOFS = files.proofs(ROOT)
# The numbered equations that no proof carries yet.
SAMPLED = yaml.safe_load((ROOT / "tests/repo/sampled_equations.yml").read_text(encoding="utf-8"))
TOC = toc_pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
MEASURED = files.read_measured(ROOT)
CHECKERS = {
    "schema": lambda: files.problems(FILES),
    "tests": lambda: test_problems(ENTRIES, TESTS),
    "verdicts": lambda: verdict_problems(ENTRIES, TESTS),
    "constants": lambda: files.constants(ROOT),
    "grades": lambda: files.grade_problems(ENTRIES, PROOFS),
    "ratchet": lambda: files.ratchet_problems(ENTRIES, PROOFS, SAMPLED),
    "coverage": lambda: coverage_problems(ENTRIES),
    "links": lambda: link_problems(ENTRIES, ROOT),
    "headings": lambda: heading_problems(ENTRIES),
    "measured": lambda: measured_problems(ENTRIES, MEASURED),
    "contents": lambda: toc_problems(TOC, FILES),
}


@pytest.mark.parametrize("name", CHECKERS)
def test_ledger_has_no_problem(name):
    assert CHECKERS[name]() == []


# --- the checkers find what is wrong ---------------------------------------------

# Where in p1-s2.yml a claim has a tolerance that needs a reason.
TOLERANT = [e["id"] for e in FILES["p1-s2"]["claims"]].index("p1-s2-10")


def doctored(field=None, value=None, *, verdict=None, name="p1-s1", number=0):
    """The files, with a field of one entry changed, or taken away where the value is None.

    It is an entry of the file `name` that has the verdict: the first, unless a number is given.
    """
    changed = copy.deepcopy(FILES)
    entry = [e for e in changed[name]["claims"] if verdict in (None, e["verdict"])][number]
    if value is None:
        entry.pop(field, None)
    else:
        entry[field] = value
    return changed


def with_file(name, **head):
    """The files and another one, with one claim."""
    entry = {"id": f"{name}-1", "locus": "Here", "title": "straight lines"}
    entry |= {"claim": "A line is straight.", "verdict": "reproduces", "tolerance": 1e-9}
    content = {"paper": "ours", "section": "Lines", "chapter": "part3/lines", "claims": [entry]}
    return {**FILES, name: content | head}


@pytest.mark.parametrize(
    "doctored_files, problem",
    [
        (doctored("id", "eq5"), "eq5 is not an id"),
        (doctored("id", "ours-eq-5"), "ours-eq-5 does not belong in p1-s1.yml"),
        (doctored("id", "p2-eq-5"), "p2-eq-5 does not belong in p1-s1.yml"),
        (doctored("id", "p1-s3a-77"), "p1-s3a-77 belongs in p1-s3a.yml, not in p1-s1.yml"),
        (doctored("id", "p1-s1-1"), "p1-s1-1 is there twice"),
        (doctored("verdict", "true"), "has the verdict 'true'"),
        (doctored("tolerance", "1e-9"), "tolerance is no number"),
        (doctored("proof", "see above"), "has a field proof"),
        (doctored("test", "tests/paper1/test_model.py::test_one"), "has a field test"),
        (doctored("locus"), "has no locus"),
        (doctored("title"), "has no title"),
        (doctored("printed", verdict="misprint", name="p1-s3c"), "owes its printed"),
        (doctored("evidence", verdict="fails", name="p1-s4"), "owes its evidence"),
        (doctored("condition", verdict="holds under a condition"), "owes its condition"),
        (with_file("ours-lines", paper=1), "ours-lines.yml is no file of Paper I"),
        (with_file("ours-lines", paper=3), "ours-lines.yml has the paper 3"),
        (with_file("ours-lines", title="Lines"), "ours-lines.yml has a field title"),
        (with_file("ours-lines", paper=["ours"]), "ours-lines.yml has the paper ['ours']"),
        (doctored("verdict", ["fails"]), "has the verdict ['fails']"),
        (doctored("claim", 5), "claim is no text"),
        (doctored("readings", "one", verdict="misprint", name="p1-s3c"), "readings is no list of"),
        (doctored("inherits", [1]), "inherits is no list of texts"),
        (doctored("tolerance", float("inf")), "tolerance is no number"),
        (doctored("tolerance", 1e9), "the tolerance 1e+09 is not above 0 and at most 0.02"),
        (doctored("tolerance", 0.021), "the tolerance 0.021 is not above 0 and at most 0.02"),
        (doctored("tolerance", -1e-9), "the tolerance -1e-09 is not above 0"),
        (doctored("tolerance", 2e-8, name="p1-s3"), "above 1e-08 and does not say `why`"),
        (doctored("why", "It is so.", name="p1-s3"), "says `why` of a tolerance that is not above"),
        (doctored("why", name="p1-s2", number=TOLERANT), "and does not say `why`"),
        (doctored("scope", 8), "scope is no text"),
        (doctored("grade", "identity"), "has a field grade"),
    ],
)
def test_the_schema_is_held(doctored_files, problem):
    assert any(problem in found for found in files.problems(doctored_files))


def test_a_verdict_that_is_changed_in_one_place_is_found():
    verdicts = {entry["id"]: entry["verdict"] for entry in ENTRIES}
    seen = set()
    for old, new in itertools.permutations(files.VERDICTS, 2):
        name = next(i for i, verdict in verdicts.items() if verdict == old)
        entries = [{**e, "verdict": new} if e["id"] == name else e for e in ENTRIES]
        (problem,) = verdict_problems(entries, TESTS)
        assert problem.startswith(f"{name} is {new!r} in claims/ and {old!r} in tests/paper")
        seen.add((old, new))
    assert len(seen) == 20


def changed(**fields):
    """The entries with the first one that has all these fields, changed."""
    entries = copy.deepcopy(ENTRIES)
    next(e for e in entries if fields.keys() <= e.keys()).update(fields)
    return entries


def carrying(*ids, verdict="reproduces"):
    marks = tuple((identifier, verdict) for identifier in ids)
    return [*TESTS, files.Carrier("tests/ours/test_one.py", "test_one", marks)]


@pytest.mark.parametrize(
    "found, problem",
    [
        (test_problems(ENTRIES[1:], TESTS), "a test carries p1-abs-1, which is no claim"),
        (test_problems(ENTRIES, TESTS[1:]), f"no test carries {TESTS[0].ids[0]}"),
        (test_problems(ENTRIES, carrying()), "tests/ours/test_one.py::test_one carries no claim"),
        (test_problems(ENTRIES, carrying("p1-eq-1")), "p1-eq-1 is carried by two tests"),
        (test_problems(ENTRIES, carrying("p1-a-1", "p1-a-2")), "test_one carries p1-a-1, p1-a-2"),
        (
            verdict_problems(ENTRIES, carrying("p1-eq-1", verdict=None)),
            "test_one says no verdict: write @claim('p1-eq-1', 'definition')",
        ),
        (verdict_problems(ENTRIES, carrying("p1-eq-1")), "p1-eq-1 is 'definition' in claims/ and"),
        (coverage_problems([e for e in ENTRIES if e["id"] != "p1-eq-3"]), "p1-eq-3 has no claim"),
        (coverage_problems([e for e in ENTRIES if e["id"] != "p2-eq-89"]), "p2-eq-89 has no claim"),
        (link_problems(changed(inherits=["p1-s9-9"]), ROOT), "p1-s9-9, which is no other claim"),
        (link_problems(changed(derived="As in p1-s9-9."), ROOT), "points to p1-s9-9"),
        (link_problems(changed(derived="As in ours-line-9."), ROOT), "points to ours-line-9"),
        (link_problems(changed(chapter="part1/nowhere"), ROOT), "no chapter part1/nowhere"),
        (heading_problems([*ENTRIES, {**ENTRIES[-1], "id": "p2-s9-77"}]), "is there twice"),
        (heading_problems(changed(title="coherence")), "has not 2 to 7 words"),
        (heading_problems(changed(title="one two three four five six seven eight")), "2 to 7"),
        (heading_problems(changed(title="growth with $J$")), "is not plain words"),
        (heading_problems(changed(title="growth with J.")), "is not plain words"),
        (heading_problems(changed(title=f"the {ENTRIES[0]['locus']}")), "repeats what stands"),
        (measured_problems(ENTRIES[1:], MEASURED), "was measured but is no claim"),
        (measured_problems(changed(id="p1-new-1"), MEASURED), "p1-new-1 was never measured"),
        (measured_problems(changed(tolerance=1e-300), MEASURED), "above its tolerance"),
        (measured_problems(changed(tolerance=1e-2), MEASURED), "which hides more"),
        (toc_problems(TOC, [*FILES, "ours-lines"]), "_toc.yml lacks book/ledger/ours-lines"),
        (toc_problems([*TOC, "book/ledger/p3-s1"], FILES), "claims/ lacks p3-s1.yml"),
        (toc_problems(TOC[::-1], FILES), "_toc.yml has another order"),
    ],
)
def test_checkers_find_what_is_wrong(found, problem):
    assert any(problem in sentence for sentence in found)


def proving(*marks):
    """A proof with these ids and grades, in place of all others."""
    return [files.Carrier("tests/proofs/ours/test_one.py", "test_one", marks)]


def without_scopes(**scopes):
    """The entries with these scopes alone, and without open questions."""
    bare = [{key: e[key] for key in e if key not in ("scope", "open")} for e in ENTRIES]
    return [{**e, "scope": scopes[e["id"]]} if e["id"] in scopes else e for e in bare]


@pytest.mark.parametrize(
    "proofs, scopes, problem",
    [
        (proving(("p1-eq-77", "identity")), {}, "proves p1-eq-77, which is no claim"),
        (proving(("p1-eq-1", "certain")), {}, "has the grade 'certain', not identity, exhaustive"),
        (proving(("p1-eq-1", None)), {}, "has the grade None, not identity, exhaustive"),
        (proving(("p1-eq-1", "sampled")), {}, "has the grade 'sampled', not identity, exhaustive"),
        (
            proving(("p1-eq-1", "proof"), ("p1-eq-1", "identity")),
            {},
            "the proofs of p1-eq-1 say identity and proof; keep one",
        ),
        (proving(("p1-eq-1", "exhaustive")), {}, "p1-eq-1 is proved by exhaustive and owes its"),
        (proving(("p1-eq-1", "enclosure")), {}, "p1-eq-1 is proved by enclosure and owes its"),
        ([], {"p1-eq-1": "up to eight atoms"}, "p1-eq-1 has a scope, but no proof"),
    ],
)
def test_a_proof_that_is_none_is_found(proofs, scopes, problem):
    (found,) = files.grade_problems(without_scopes(**scopes), proofs)
    assert problem in found


def test_an_open_question_with_a_proof_is_found():
    entries = [{"id": "p1-eq-1", "open": "Tried at some values."}]
    assert files.grade_problems(entries, proving(("p1-eq-1", "proof"))) == [
        "p1-eq-1 is called open, but has a proof: strike it off"
    ]
    assert files.grade_problems(entries, []) == []
    # A proof over a part of the range leaves the rest open.
    part = [{**entries[0], "scope": "Here."}]
    assert files.grade_problems(part, proving(("p1-eq-1", "enclosure"))) == []


@pytest.mark.parametrize("grade, scope", [("identity", {}), ("exhaustive", {"p1-eq-1": "Here."})])
def test_a_proof_with_what_it_owes_is_none_of_the_problems(grade, scope):
    assert files.grade_problems(without_scopes(**scope), proving(("p1-eq-1", grade))) == []


def test_the_list_of_sampled_equations_may_only_shrink():
    equations = [entry["id"] for entry in ENTRIES if files.is_equation(entry)]
    assert len(equations) > 120
    proofs = proving(("p1-eq-1", "identity"), ("p1-s1-1", "identity"))
    listed = [name for name in equations if name != "p1-eq-1"]
    assert files.ratchet_problems(ENTRIES, proofs, listed) == []
    assert files.ratchet_problems(ENTRIES, proofs, equations) == [
        "p1-eq-1 is on the list and not sampled: strike it off"
    ]
    assert files.ratchet_problems(ENTRIES, proofs, listed[1:]) == [
        f"{listed[0]} is sampled and not on the list, which may only shrink: prove it"
    ]


def test_the_strongest_proof_gives_the_grade():
    proofs = proving(("p1-a-1", "proof")) + proving(("p1-a-1", "exhaustive"), ("p1-a-2", "proof"))
    grades = [files.grade(f"p1-a-{number}", proofs) for number in (1, 2, 3)]
    assert grades == ["exhaustive", "proof", "sampled"]
    assert files.proofs_of("p1-a-1", proofs) == proofs[::-1]


def test_every_tolerance_that_is_loosened_is_found():
    for entry in ENTRIES:
        loose = {**entry, "tolerance": 1000 * entry["tolerance"]}
        if loose["tolerance"] <= files.LARGEST:
            assert measured_problems([loose], {entry["id"]: MEASURED[entry["id"]]}), entry["id"]


@pytest.mark.parametrize(
    "deviation, largest",
    [(0.0, 1e-12), (2e-14, 1e-10), (1e-13, 1e-10), (9e-11, 1e-9), (1e-8, 1e-7), (3e-4, 1e-2)],
)
def test_a_tolerance_is_at_most_the_power_of_ten_above_what_agrees(deviation, largest):
    assert files.largest_tolerance(deviation) == largest
    assert files.agree(deviation, 0.99 * largest / 10)
    assert not files.agree(deviation, 1.1 * largest)


def test_noise_in_the_measured_file_is_found():
    name = ENTRIES[0]["id"]
    measured = {**MEASURED, name: 0.98765 * ENTRIES[0]["tolerance"]}
    assert measured_problems(ENTRIES, measured) == [
        f"{name} was measured with more than two digits"
    ]


CONSTANT = """
@claim("ours-one-1", "fails")
def test_one(deviation):
    x = np.arange(3)
    deviation(x, 0.0)
    deviation(*pair(x))
    deviation(1.0, 1.0)
    deviation.counterexample(0.0, x[1])
    deviation.counterexample(x[1], 5.0)
    deviation.printed(2.0, x[1])
    deviation.broken(0, -1)
    deviation.evidence(2.0)
    deviation.evidence(x[2])
"""


def test_constants_in_place_of_what_is_computed_are_found(tmp_path):
    (tmp_path / "tests" / "ours").mkdir(parents=True)
    (tmp_path / "tests" / "ours" / "test_one.py").write_text(CONSTANT, encoding="utf-8")
    found = files.constants(tmp_path)
    place = "tests/ours/test_one.py::test_one has a constant in deviation"
    calls = ["(1.0, 1.0)", ".counterexample(x[1], 5.0)", ".printed(2.0, x[1])", ".broken(0, -1)"]
    assert found == [place + call for call in [*calls, ".evidence(2.0)"]]


# --- damaged files ---------------------------------------------------------------

WHOLE = """paper: ours
section: Lines
chapter: part3/lines

claims:
- id: ours-lines-1
  locus: Straight lines
"""


@pytest.mark.parametrize(
    "text, problem",
    [
        (WHOLE + "  locus: Curves\n", "ours-x.yml, line 8: 'locus' is there twice; keep one."),
        ("paper: ours\n" + WHOLE, "ours-x.yml, line 2: 'paper' is there twice; keep one."),
        (WHOLE + " title: [\n", r"ours-x.yml, line \d: .*; mend the YAML there."),
        (WHOLE + "  [a]: 1\n", r"ours-x.yml, line 8: .*unhashable key; mend the YAML there."),
        (WHOLE + "\0", "ours-x.yml.*; mend the YAML there."),
        ("", "ours-x.yml is empty; write chapter, claims, paper, section, or remove the file."),
        ("- paper: ours\n", "ours-x.yml is no mapping; write chapter"),
        ("Lines.\n", "ours-x.yml is no mapping; write chapter"),
        (WHOLE.partition("claims")[0], "ours-x.yml: `claims` is no list; begin each entry with"),
        (WHOLE.replace("- id", "  id"), "ours-x.yml: `claims` is no list; begin each entry with"),
        (WHOLE + "- ours-lines-2\n", "ours-x.yml, entry 2 .'ours-lines-2'. is no mapping"),
        (WHOLE + "-\n", "ours-x.yml, entry 2 .'None'. is no mapping; begin it with `- id:`."),
        (WHOLE.encode() + b"\xff", "ours-x.yml is no UTF-8 text .invalid start byte.; save it"),
    ],
)
def test_damaged_claims_say_where_and_what_to_do(tmp_path, capsys, text, problem):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "ours-x.yml").write_bytes(text if type(text) is bytes else text.encode())
    for read in (files.load, ledger_pages.pages):
        with pytest.raises(ValueError, match="^claims/" + problem):
            read(tmp_path)
    assert one_claim.show(tmp_path, "ours-lines-1") == 1
    assert re.match("claims/" + problem, capsys.readouterr().err)


@pytest.mark.parametrize(
    "text, problem",
    [
        (
            '{\n  "p1-a": 0.0,\n  "p1-a": 1.0\n}',
            ", line 3: 'p1-a' is there twice; keep one, or run",
        ),
        ('{\n  "p1-a": 0.0,\n}', ", line 3: .*; run"),
        ('{\n  "p1-a": -1\n}', ", line 2: 'p1-a' has -1, which is no number >= 0; run"),
        ('{\n  "p1-a": NaN\n}', ", line 2: 'p1-a' has nan, which is no number >= 0; run"),
        ('{\n  "p1-a": Infinity\n}', ", line 2: 'p1-a' has inf, which is no number >= 0; run"),
        ('{\n  "p1-a": "0"\n}', ", line 2: 'p1-a' has '0', which is no number >= 0; run"),
        ('{\n  "p1-a": true\n}', ", line 2: 'p1-a' has True, which is no number >= 0; run"),
        ("[1.0]", ": it is no mapping of claims to deviations; run"),
        ("", ", line 1: Expecting value; run"),
        (b"\xff", ": it is no UTF-8 text .invalid start byte.; run"),
    ],
)
def test_damaged_deviations_say_where_and_what_to_do(tmp_path, text, problem):
    path = tmp_path / "measured.json"
    path.write_bytes(text if type(text) is bytes else text.encode())
    with pytest.raises(ValueError, match=f"^measured.json{problem} `make ledger`.$"):
        files.read_measured(tmp_path)


# --- the mechanism ---------------------------------------------------------------

CLAIMS = {
    "p1-a-1": {"verdict": "reproduces", "tolerance": 1e-3},
    "p1-a-2": {"verdict": "reproduces", "tolerance": 1e-3, "evidence": 2.0},
    # Those that are stored otherwise than they are measured.
    "p1-a-3": {"verdict": "reproduces", "tolerance": 1e-3},
    "p1-a-4": {"verdict": "reproduces", "tolerance": 1e-3},
    "p1-a-5": {"verdict": "reproduces", "tolerance": 1e-3},
    "p1-d-1": {"verdict": "definition", "tolerance": 1e-6},
    "p1-m-1": {
        "verdict": "misprint",
        "tolerance": 1e-6,
        "readings": ["a factor of two", "a sign of the first", "a sign of the second"],
    },
    "p1-f-1": {"verdict": "fails", "tolerance": 1e-6},
    "p1-h-1": {"verdict": "holds under a condition", "tolerance": 1e-6},
}
STORED = {"p1-a-3": 0.0, "p1-a-4": 0.9, "p1-a-5": 3.3e-13}
PLUGIN = """
import importlib.util, pathlib
spec = importlib.util.spec_from_file_location("shared_conftest", {conftest!r})
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)
for name, value in vars(shared).items():
    if name.startswith("pytest_") or name == "deviation":
        globals()[name] = value
shared.claims.load = lambda: {{
    name: {{"id": name, **entry}} for name, entry in {claims!r}.items()
}}
shared.claims.ROOT = pathlib.Path({folder!r})
"""


def run_bodies(folder, cases, *arguments):
    """Run test bodies under claims, in one process; return what became of each."""
    conftest = str(ROOT / "tests" / "conftest.py")
    plugin = PLUGIN.format(conftest=conftest, folder=str(folder), claims=CLAIMS)
    (folder / "conftest.py").write_text(plugin, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        f"[pytest]\nmarkers = claim(id, verdict): a claim\npythonpath = {ROOT / 'tests'} {ROOT}\n",
        encoding="utf-8",
    )
    tests = [
        f"@pytest.mark.claim{mark}\ndef test_{number}(deviation):\n    {body}\n"
        for number, (body, mark) in enumerate(cases)
    ]
    text = "\n\n".join(["import pytest", *tests])
    (folder / "test_one.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=out.xml"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = ElementTree.parse(folder / "out.xml").iter("testcase")
    problems = [[p for p in case if p.tag in ("failure", "error")] for case in found]
    return [problem[0].get("message") if problem else "passed" for problem in problems]


# A test's body, the claim that it is run under, the verdict that it says if it is another one than
# the claim's, and what becomes of it.
CASES = [
    ("deviation([1.0, 2.0], [1.0, 2.0001])", "p1-a-1", "passed"),
    ("deviation([1.0, 2.0], [1.0, 2.1])", "p1-a-1", "deviate by 0.1, more than the tolerance"),
    ("deviation(float('nan'), 1.0)", "p1-a-1", "deviate by nan"),
    ("deviation([1.0, 2.0], [[1.0], [2.0]])", "p1-a-1", "shapes (2,) and (2, 1) differ"),
    ("assert True", "p1-a-1", "the test compared nothing"),
    ("deviation(1, 1); deviation.evidence(2.0)", "p1-a-1", "states no evidence"),
    ("deviation(1, 1)", "p1-a-2", "the test does not measure"),
    ("deviation(1, 1); deviation.evidence(2.01)", "p1-a-2", "passed"),
    ("deviation(1, 1); deviation.evidence(2.1)", "p1-a-2", "the evidence is 2.1, stated is 2"),
    ("deviation(1, 1)", "p1-b-1 reproduces", "no claim p1-b-1"),
    ("deviation(1, 1)", "p1-a-1 ", "needs a test that carries `@claim(id, verdict)`"),
    ("deviation(1, 1)", "p1-a-1 fails", "the test says 'fails', claims/ says 'reproduces'"),
    # What belongs to another verdict.
    ("deviation.counterexample(1, 2)", "p1-a-1", "is for 'fails', but the claim is 'reproduces'"),
    ("deviation.printed(1, 2)", "p1-a-1", "is for 'misprint', but the claim is 'reproduces'"),
    ("deviation.broken(1, 2)", "p1-f-1", "is for 'holds under a condition', but the claim is 'f"),
    ("deviation.definition(1, 1)", "p1-m-1", "is for 'definition', but the claim is 'misprint'"),
    ("deviation.counterexample(1, 2)", "p1-d-1", "is for 'fails', but the claim is 'definition'"),
    # A definition.
    ("deviation.definition(1, 1)", "p1-d-1", "passed"),
    ("deviation.definition(1, 2)", "p1-d-1", "deviate by 1, more than the tolerance 1e-06"),
    ("deviation(1, 1)", "p1-d-1", "does not show that what is coded has the property"),
    # A misprint.
    ("deviation(1, 1)", "p1-m-1", "does not show by how much the printed form is off"),
    (
        "deviation(1, 1); deviation.printed(1, 1 + 9e-4)",
        "p1-m-1",
        "differ by 0.0009 only, not by more than 1000 tolerances, 0.001",
    ),
    ("deviation.printed(1, 1)", "p1-m-1", "`deviation.printed` gets 1 and 1, which differ by 0"),
    ("deviation.printed(1, float('nan'))", "p1-m-1", "gets 1 and nan, which differ by nan only"),
    ("deviation.printed(1, float('inf'))", "p1-m-1", "gets 1 and inf, which differ by inf only"),
    ("deviation.printed(2, 1)", "p1-m-1", "the test compared nothing"),
    (
        "deviation(1, 1); deviation.printed(2, 1); deviation.printed(2, 1, reading='factor')",
        "p1-m-1",
        "leaves out the reading 'a sign of the first': name it by `reading=`",
    ),
    (
        "deviation(1, 1); deviation.printed(2, 1, reading='factor')",
        "p1-m-1",
        "does not show by how much the printed form is off",
    ),
    ("deviation.printed(2, 1, reading='sign')", "p1-m-1", "2 readings of the claim hold the words"),
    ("deviation.printed(2, 1, reading='plus')", "p1-m-1", "0 readings of the claim hold the words"),
    (
        "deviation(1, 1); deviation.printed(2, 1); deviation.printed(2, 1, reading='factor'); "
        "deviation(1, 1, reading='the first'); deviation.printed(2, 1, reading='the second')",
        "p1-m-1",
        "passed",
    ),
    # A statement that fails.
    ("deviation(1, 1)", "p1-f-1", "does not show where a computation contradicts what is stated"),
    ("deviation(1, 1); deviation.counterexample(2, [2, 3])", "p1-f-1", "passed"),
    ("deviation.counterexample(2, 2)", "p1-f-1", "`deviation.counterexample` gets 2 and 2, which"),
    ("deviation.counterexample(2, 3)", "p1-f-1", "the test compared nothing"),
    # A condition.
    ("deviation(1, 1)", "p1-h-1", "not show that the statement fails outside of its condition"),
    ("deviation(1, 1); deviation.broken(2, 3)", "p1-h-1", "passed"),
    ("deviation(1, 1); deviation.broken(2, 2)", "p1-h-1", "`deviation.broken` gets 2 and 2, which"),
    ("deviation.broken(2, 3)", "p1-h-1", "the test compared nothing"),
    # What is stored.
    ("deviation(1, 1.0009)", "p1-a-3", "the deviation is 0.0009, but measured.json has 0: find"),
    ("deviation(1, 1)", "p1-a-3", "passed"),
    ("deviation(1, 1.0009)", "p1-a-4", "the deviation is 0.0009, but measured.json has 0.9: find"),
    ("deviation(1, 1)", "p1-a-5", "passed"),
    ("deviation(1, 1 + 1e-11)", "p1-a-5", "passed"),
    ("deviation(1, 1 + 4e-10)", "p1-a-5", "but measured.json has 3.3e-13: find out which is right"),
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mechanism")
    (folder / "measured.json").write_text(json.dumps(STORED), encoding="utf-8")
    marks = []
    for body, said, _ in CASES:
        name, *verdict = said.split(" ", 1)
        mark = (name, *(verdict or [CLAIMS[name]["verdict"]]))
        marks.append((body, mark if mark[-1] else f"({name!r})"))
    found = run_bodies(folder, marks)
    # Nothing is stored unless it is asked for.
    assert json.loads((folder / "measured.json").read_text(encoding="utf-8")) == STORED
    return found


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_test_must_show_what_its_verdict_says(outcomes, number):
    assert CASES[number][-1] in outcomes[number]


@pytest.mark.parametrize("scale", [0.5, -0.5])
def test_a_negative_scale_hides_nothing(scale):
    entry = {"id": "p1-a-1", "verdict": "reproduces", "tolerance": 1e-3}
    with pytest.raises(pytest.fail.Exception, match="deviate by 2"):
        ledger.Deviation(entry, "reproduces")(1.0, 2.0, scale)


@pytest.mark.parametrize(
    "stored, fresh, contradicts",
    [
        (0.0, 9e-13, False),
        (0.0, 2e-12, True),
        (2e-12, 0.0, True),
        (3e-14, 2e-11, False),
        (3e-14, 4e-11, True),
        (4e-10, 2e-9, False),
        (4e-10, 3e-9, True),
        (3e-9, 4e-10, True),
        (1e-3, 1.0, True),
    ],
)
def test_rounding_may_differ_and_a_property_of_the_formulas_may_not(stored, fresh, contradicts):
    measured = ledger.Deviation({"id": "p1-a-1", "verdict": "fails", "tolerance": 2.0}, "fails")
    measured(fresh, 0.0)
    assert bool(measured.contradiction(stored)) == contradicts


def test_deviations_are_written_only_when_asked_and_only_when_all_is_well(tmp_path):
    measured = tmp_path / "measured.json"
    good, bad = (f"deviation(1.0, {x})" for x in (1.000123456, 3.0))
    mark = ("p1-a-1", "reproduces")
    run_bodies(tmp_path, [(bad, mark)], "--write-measured")
    assert not measured.exists()
    # What is stored does not keep itself: neither a wrong deviation, nor what is no claim.
    measured.write_text('{"p1-a-1": 0.0, "p1-a-2": 0.0, "p1-b-1": 0.0}', encoding="utf-8")
    assert run_bodies(tmp_path, [(good, mark)], "--write-measured") == ["passed"]
    assert measured.read_text(encoding="utf-8") == ('{\n  "p1-a-1": 0.00012,\n  "p1-a-2": 0.0\n}\n')


def test_a_run_of_all_claims_needs_nothing_of_a_damaged_file(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    monkeypatch.setattr(ledger, "load", lambda: dict.fromkeys(["p1-a-1", "p1-a-2"]))
    (tmp_path / "measured.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="^measured.json, line 1: "):
        ledger.write_measured({"p1-a-1": 0.0})
    ledger.write_measured({"p1-a-1": 0.0, "p1-a-2": 1.0})
    assert files.read_measured(tmp_path) == {"p1-a-1": 0.0, "p1-a-2": 1.0}


# --- the pages -------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages():
    return ledger_pages.pages(ROOT)


def test_pages_hold_every_claim_once(pages):
    ledger_text = "".join(text for name, text in pages.items() if name.startswith("ledger/"))
    for entry in ENTRIES:
        assert ledger_text.count(f"({entry['id']})=\n") == 1
        assert f"({entry['id']})=\n" in pages[f"ledger/{entry['file']}.md"]
        link = f"{{ref}}`{entry['id']} <{entry['id']}>`"
        # There is no print to correct beyond the papers.
        plain = entry["verdict"] in ("definition", "reproduces") or entry["paper"] == "ours"
        assert pages["errata.md"].count(f"with its test: {link}") == (0 if plain else 1)
        # The list of all claims has each, and the list of corrections those that are not plain.
        assert pages["ledger.md"].count(link) == (1 if plain else 2)
        assert f"{{place}}`{entry['id']}`" in pages[f"ledger/{entry['file']}.md"]
    written = ["ledger.md", "errata.md", "open.md"]
    assert list(pages) == [*written, *(f"ledger/{name}.md" for name in FILES)]


def test_the_page_of_open_questions_has_every_sampled_claim_once(pages):
    text = pages["open.md"]
    sampled = [e for e in ENTRIES if files.grade(e["id"], PROOFS) == "sampled"]
    for entry in ENTRIES:
        head = f"## {files.PAPERS[entry['paper']]}, {ledger_pages.heading(entry)}\n"
        assert text.count(head) == ("open" in entry)
    questions, _, rest = text.partition("## Sampled, and no question")
    for entry in ENTRIES:
        link = ledger_pages.linked(entry["id"])
        is_question = f"with its test: {link}. Grade of evidence: " in questions
        assert is_question == ("open" in entry)
        assert (link in rest) == (entry in sampled and "open" not in entry)


def test_the_errata_count_what_they_leave_out(pages):
    verdicts = [entry["verdict"] for entry in ENTRIES if entry["paper"] != "ours"]
    plain = [verdicts.count(verdict) for verdict in ("reproduces", "definition")]
    head = " ".join(pages["errata.md"].partition("##")[0].split())
    assert f"These are {len(verdicts) - sum(plain)} of the {len(verdicts)} claims" in head
    assert f"Of the others {plain[0]} agree with" in head
    assert f"and {plain[1]} are definitions" in head


def test_the_index_tells_the_errata_before_the_sections(pages):
    index = pages["ledger.md"]
    assert index.index("## What to correct") < index.index("## Sections")


def test_the_index_says_what_stands_behind_a_verdict_and_how_large_a_tolerance_may_be(pages):
    index = pages["ledger.md"]
    assert all(f"\n{verdict}\n: " in index for verdict in files.VERDICTS)
    assert "At most $10^{-8}$; " in index
    assert "none is above $0.02$." in index


def test_a_large_tolerance_stands_beside_its_reason(pages):
    assert r"tolerance $10^{-7}$ (The limit $\xi\to0$ is taken at" in pages["ledger/p1-s2.md"]
    reasons = [entry["why"] for entry in ENTRIES if "why" in entry]
    assert len(reasons) == sum(entry["tolerance"] > 1e-8 for entry in ENTRIES)
    text = "".join(pages.values())
    assert all(f"({reason.rstrip('.')}) · " in text for reason in reasons)


def test_the_grade_stands_beside_the_verdict_and_the_proof_below_the_test(pages):
    assert all(f"\n{grade}\n: " in pages["ledger.md"] for grade in files.GRADES)
    text = "".join(text for name, text in pages.items() if name.startswith("ledger/"))
    for proof in PROOFS:
        for name, grade in proof.marks:
            (entry,) = [e for e in ENTRIES if e["id"] == name]
            assert f"evidence: {ledger_pages.graded(entry, PROOFS)} · {{place}}`{name}`" in text
            assert ledger_pages.graded(entry, PROOFS).startswith(grade)
        assert text.count(f"/{proof.path}\n:language: text\n:pyobject: {proof.name}\n") == len(
            proof.marks
        )
    papers = [e for e in ENTRIES if e["paper"] != "ours"]
    wrong = [e for e in papers if e["verdict"] not in ("definition", "reproduces")]
    assert pages["errata.md"].count("Grade of evidence: ") == len(wrong)


def test_grades_are_counted_with_those_of_the_numbered_equations():
    entries = [
        {"id": "p1-eq-1", "paper": 1, "scope": "for $N \\leq 8$, as p1-s1-1."},
        {"id": "p1-s1-1", "paper": 1},
    ]
    proofs = proving(("p1-eq-1", "exhaustive"))
    assert ledger_pages.grades(entries, proofs).splitlines()[2:] == [
        "| Paper I |  | 1 |  |  | 1 |",
        "| **all** |  | 1 |  |  | 1 |",
        "| numbered equations |  | 1 |  |  |  |",
    ]
    assert ledger_pages.graded(entries[0], proofs) == (
        "exhaustive (for $N \\leq 8$, as {ref}`p1-s1-1 <p1-s1-1>`)"
    )
    assert ledger_pages.graded(entries[1], proofs) == "sampled"


def test_numbers_and_links_are_written_as_markdown():
    assert ledger_pages.number(1.2e-15) == r"$1.2\times 10^{-15}$"
    assert ledger_pages.number(1e-9) == "$10^{-9}$"
    assert ledger_pages.number(0.0) == "$0$"
    assert ledger_pages.number(-0.5) == "$-0.5$"
    assert ledger_pages.linked("see p1-s3b-2.") == "see {ref}`p1-s3b-2 <p1-s3b-2>`."
    assert ledger_pages.linked("ours-line-1") == "{ref}`ours-line-1 <ours-line-1>`"


def test_sections_are_read_in_the_order_of_the_paper():
    names = ["ours-lines", "p2-s1", "p1-appa", "p1-s10", "p1-s3a", "p1-s3", "p1-s4"]
    assert sorted(names, key=files.reading_order) == [
        "p1-s3", "p1-s3a", "p1-s4", "p1-s10", "p1-appa", "p2-s1", "ours-lines",
    ]  # fmt: skip


TESTED = """
import coherence_lib as cl
from coherence_lib import atoms, ring
from coherence_lib.ring import SourceRing
from coherence_lib.ring.model import energies
import numpy as np

def helper():
    return cl.thermal.photon_number(1.0, 2.0)

def test_doors(deviation):
    source = SourceRing(2, 1.0, 1.0, 1.0)
    deviation(np.sum(ring.transition.slope(source, 1.0)), energies(2))
    atoms.pair.evolve(atoms.AtomCluster.collective(2), helper())
    atoms._inner(atoms.solve.coherence(2), np.ring.coherence())

def test_helper(deviation):
    deviation(helper(), 1)

def test_nothing(deviation):
    deviation(1, 1)
"""


@pytest.mark.parametrize(
    "name, paths",
    [
        (
            "test_doors",
            ["ring.SourceRing", "ring.transition.slope", "atoms.pair.evolve"]
            + ["atoms.AtomCluster.collective"],
        ),
        ("test_helper", ["thermal.photon_number"]),
        ("test_nothing", []),
    ],
)
def test_what_a_test_calls_of_the_library_is_found(tmp_path, name, paths):
    (tmp_path / "test_one.py").write_text(TESTED, encoding="utf-8")
    found = ledger_pages.tested(
        files.Carrier("test_one.py", name, (("p1-a-1", "reproduces"),)), tmp_path
    )
    assert found == [f"coherence_lib.{path}" for path in paths]


# --- claims beyond the papers, and one claim at a time ---------------------------

OURS = """paper: ours
section: Lines
chapter: part3/lines

claims:
- id: ours-lines-1
  locus: Straight lines
  title: two points
  claim: Two points make a line.
  verdict: holds under a condition
  condition: If they differ.
  derived: There are two of them.
  evidence: 2.0
  tolerance: 1.0e-3
  why: A figure is read by eye.
"""
OURS_TEST = """
from claims import claim


@claim("ours-lines-1", "holds under a condition")
def test_lines(deviation):
    deviation([1.0, 2.0], [1.0, 2.0004])
    deviation.broken([1.0, 2.0], [1.0, 4.5])
    deviation.evidence({evidence})
"""


@pytest.fixture
def house(tmp_path):
    """A folder with the real fixtures and tools, one claim of our own, and its test."""
    for name in ("tests/ours", "claims", "book"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("tests/claims.py", "tests/proving.py", "tests/conftest.py", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    (tmp_path / "claims" / "ours-lines.yml").write_text(OURS, encoding="utf-8")
    write_test(tmp_path, 2.0)
    return tmp_path


def write_test(house, evidence):
    text = OURS_TEST.format(evidence=evidence)
    (house / "tests" / "ours" / "test_lines.py").write_text(text, encoding="utf-8")


def show(house, *arguments):
    command = [sys.executable, ROOT / "tools" / "claim.py", "--root", house, *arguments]
    done = subprocess.run(command, cwd=house, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout + done.stderr


def test_a_claim_is_run_and_shown(house):
    status, text = show(house, "ours-lines-1")
    assert status == 0, text
    rows = dict(re.findall(r"^([a-z]+(?: [a-z]+)?) {2,}(.*)$", text, re.MULTILINE))
    assert text.startswith("ours-lines-1: Beyond the papers, Straight lines, two points\n")
    assert rows == {
        "claim": "Two points make a line.",
        "as derived": "There are two of them.",
        "verdict": "holds under a condition",
        "condition": "If they differ.",
        "deviation": "0.0004",
        "tolerance": "0.001",
        "its reason": "A figure is read by eye.",
        "outside": "by 2.5: stated 2, found 4.5",
        "evidence": "stated 2, measured 2",
        "grade": "sampled",
        "chapter": "book/part3/lines",
        "test": "tests/ours/test_lines.py::test_lines",
        "result": "passed",
    }


OURS_PROOF = """
from proving import proves


@proves("ours-lines-1", "exhaustive")
def test_all_lines():
    assert [x + x for x in range(3)] == {expected}
"""


@pytest.mark.parametrize("expected, status", [([0, 2, 4], 0), ([0, 2, 5], 1)])
def test_a_proof_is_run_and_shown_with_its_scope(house, expected, status):
    (house / "tests" / "proofs" / "ours").mkdir(parents=True)
    proof = house / "tests" / "proofs" / "ours" / "test_lines.py"
    proof.write_text(OURS_PROOF.format(expected=expected), encoding="utf-8")
    scoped = OURS + "  scope: three lines\n"
    (house / "claims" / "ours-lines.yml").write_text(scoped, encoding="utf-8")
    found, text = show(house, "ours-lines-1")
    assert found == status, text
    for name, value in [
        ("grade", "exhaustive"),
        ("scope", "three lines"),
        ("test", "tests/ours/test_lines.py::test_lines"),
        ("proof", "tests/proofs/ours/test_lines.py::test_all_lines"),
        ("result", "failed" if status else "passed"),
    ]:
        assert re.search(rf"^{name} +{re.escape(value)}$", text, re.MULTILINE)


def test_a_claim_that_fails_is_shown_to_fail(house):
    write_test(house, 3.0)
    status, text = show(house, "ours-lines-1")
    assert status == 1
    assert "the evidence is 3, stated is 2" in text
    assert re.search(r"^result +failed$", text, re.MULTILINE)
    assert re.search(r"^deviation +not measured$", text, re.MULTILINE)


def test_what_print_or_statement_is_off_by_is_shown():
    shown = one_claim.apart("printed", "a sign, which would be one too many", 2.0, "1", "-1")
    assert (
        shown == 'print is off    by 2: printed 1, true -1 ("a sign, which would be one too many")'
    )
    shown = one_claim.apart("counterexample", None, 0.5, "0", "0.5")
    assert shown == "counterexample  by 0.5: stated 0, found 0.5"


def test_claims_are_listed_by_section_and_near_ids_are_named(house):
    assert show(house) == (0, "Beyond the papers, Lines\n    ours-lines-1\n")
    status, text = show(house, "ours-line-1")
    assert (status, text) == (1, "There is no claim ours-line-1. Near it: ours-lines-1.\n")
    assert show(house, "zeppelin")[1] == "There is no claim zeppelin. `make claim` lists all.\n"
    (house / "tests" / "ours" / "test_lines.py").unlink()
    assert show(house, "ours-lines-1") == (
        1,
        'No test carries @claim("ours-lines-1", ...).\n',
    )


def test_what_is_wrong_with_the_claims_is_said_before_a_page_is_written(house):
    ledger_pages.write(house)
    assert (house / "book" / "ledger" / "ours-lines.md").is_file()
    wrong = OURS.replace("verdict: holds", "verdict: hold")
    (house / "claims" / "ours-lines.yml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ValueError, match="ours-lines-1 has the verdict 'hold under a condition'"):
        ledger_pages.write(house)
    (house / "claims" / "ours-lines.yml").unlink()
    ledger_pages.write(house)
    assert list((house / "book" / "ledger").iterdir()) == []


def test_all_ids_are_listed():
    text = one_claim.listed(ENTRIES)
    assert re.findall(files.ID, text) == [entry["id"] for entry in ENTRIES]
