"""The ledger is complete: claims, tests, equations and measured deviations belong together.

Each checker returns what is wrong; a doctored ledger shows that it finds it.
"""

import copy
import re
import subprocess
import sys
from pathlib import Path

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


def test_problems(entries, proofs):
    """Every claim is carried by one test, and every test carries one claim."""
    found = [f"{test} carries no claim" for test in proofs if not test.ids]
    found += [f"{test} carries {', '.join(test.ids)}" for test in proofs if len(test.ids) > 1]
    carried = [identifier for test in proofs for identifier in test.ids]
    found += [f"{i} is carried by two tests" for i in set(carried) if carried.count(i) > 1]
    ids = [entry["id"] for entry in entries]
    found += [f"no test carries {i}" for i in ids if i not in carried]
    return found + [f"a test carries {i}, which is no claim" for i in carried if i not in ids]


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
PROOFS = files.tests(ROOT)
TOC = toc_pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
MEASURED = files.read_measured(ROOT)
CHECKERS = {
    "schema": lambda: files.problems(FILES),
    "tests": lambda: test_problems(ENTRIES, PROOFS),
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


def doctored(field=None, value=None, *, verdict=None, name="p1-s1"):
    """The files, with a field of one entry changed, or taken away where the value is None.

    It is the first entry of the file `name` that has the verdict.
    """
    changed = copy.deepcopy(FILES)
    entry = next(e for e in changed[name]["claims"] if verdict in (None, e["verdict"]))
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
    ],
)
def test_the_schema_is_held(doctored_files, problem):
    assert any(problem in found for found in files.problems(doctored_files))


def changed(**fields):
    """The entries with the first one that has all these fields, changed."""
    entries = copy.deepcopy(ENTRIES)
    next(e for e in entries if fields.keys() <= e.keys()).update(fields)
    return entries


def carrying(*ids):
    return [*PROOFS, files.Proof("tests/ours/test_one.py", "test_one", ids)]


@pytest.mark.parametrize(
    "found, problem",
    [
        (test_problems(ENTRIES[1:], PROOFS), "a test carries p1-abs-1, which is no claim"),
        (test_problems(ENTRIES, PROOFS[1:]), f"no test carries {PROOFS[0].ids[0]}"),
        (test_problems(ENTRIES, carrying()), "tests/ours/test_one.py::test_one carries no claim"),
        (test_problems(ENTRIES, carrying("p1-eq-1")), "p1-eq-1 is carried by two tests"),
        (test_problems(ENTRIES, carrying("p1-a-1", "p1-a-2")), "test_one carries p1-a-1, p1-a-2"),
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
        (toc_problems(TOC, [*FILES, "ours-lines"]), "_toc.yml lacks book/ledger/ours-lines"),
        (toc_problems([*TOC, "book/ledger/p3-s1"], FILES), "claims/ lacks p3-s1.yml"),
        (toc_problems(TOC[::-1], FILES), "_toc.yml has another order"),
    ],
)
def test_checkers_find_what_is_wrong(found, problem):
    assert any(problem in sentence for sentence in found)


def test_noise_in_the_measured_file_is_found():
    name = ENTRIES[0]["id"]
    measured = {**MEASURED, name: 1.2345e-15}
    assert measured_problems(ENTRIES, measured) == [
        f"{name} was measured with more than two digits"
    ]


# --- the mechanism ---------------------------------------------------------------

PLUGIN = """
import importlib.util, pathlib
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
shared.claims.ROOT = pathlib.Path({folder!r})
"""


@pytest.fixture
def run(tmp_path):
    """Run one test body under the claim `p1-a-1` or `p1-a-2`; return its output."""

    def run_body(body, identifier="p1-a-1", arguments=()):
        conftest = str(ROOT / "tests" / "conftest.py")
        (tmp_path / "conftest.py").write_text(
            PLUGIN.format(conftest=conftest, folder=str(tmp_path)), encoding="utf-8"
        )
        (tmp_path / "pytest.ini").write_text(
            f"[pytest]\nmarkers = claim(id): a claim\npythonpath = {ROOT / 'tests'} {ROOT}\n",
            encoding="utf-8",
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
    pages = ledger_pages.pages(ROOT)
    ledger_text = "".join(text for name, text in pages.items() if name.startswith("ledger/"))
    for entry in ENTRIES:
        assert ledger_text.count(f"({entry['id']})=\n") == 1
        assert f"({entry['id']})=\n" in pages[f"ledger/{entry['file']}.md"]
        link = f"{{ref}}`{entry['id']} <{entry['id']}>`"
        plain = entry["verdict"] in ("definition", "reproduces")
        assert pages["errata.md"].count(f"with its test: {link}") == (0 if plain else 1)
        # The list of all claims has each, and the list of corrections those that are not plain.
        assert pages["ledger.md"].count(link) == (1 if plain else 2)
        assert f"{{doc}}`/book/{entry['chapter']}`" in pages[f"ledger/{entry['file']}.md"]
    assert list(pages) == ["ledger.md", "errata.md", *(f"ledger/{name}.md" for name in FILES)]


def test_the_index_tells_the_errata_before_the_sections():
    index = ledger_pages.pages(ROOT)["ledger.md"]
    assert index.index("## What to correct") < index.index("## Sections")


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
    found = ledger_pages.tested(files.Proof("test_one.py", name, ("p1-a-1",)), tmp_path)
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
"""
OURS_TEST = """
from claims import claim


@claim("ours-lines-1")
def test_lines(deviation):
    deviation([1.0, 2.0], [1.0, 2.0004])
    deviation.evidence({evidence})
"""


@pytest.fixture
def house(tmp_path):
    """A folder with the real fixtures and tools, one claim of our own, and its test."""
    for name in ("tests/ours", "claims", "book"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("tests/claims.py", "tests/conftest.py", "pyproject.toml"):
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
        "evidence": "stated 2, measured 2",
        "chapter": "book/part3/lines",
        "test": "tests/ours/test_lines.py::test_lines",
        "result": "passed",
    }


def test_a_claim_that_fails_is_shown_to_fail(house):
    write_test(house, 3.0)
    status, text = show(house, "ours-lines-1")
    assert status == 1
    assert "the evidence is 3, stated is 2" in text
    assert re.search(r"^result +failed$", text, re.MULTILINE)
    assert re.search(r"^deviation +not measured$", text, re.MULTILINE)


def test_claims_are_listed_by_section_and_near_ids_are_named(house):
    assert show(house) == (0, "Beyond the papers, Lines\n    ours-lines-1\n")
    status, text = show(house, "ours-line-1")
    assert (status, text) == (1, "There is no claim ours-line-1. Near it: ours-lines-1.\n")
    assert show(house, "zeppelin")[1] == "There is no claim zeppelin. `make claim` lists all.\n"
    (house / "tests" / "ours" / "test_lines.py").unlink()
    assert show(house, "ours-lines-1") == (1, 'No test carries @claim("ours-lines-1").\n')


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
