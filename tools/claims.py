"""The claims: where they are kept, what an entry may say, and which test proves it.

A file of `claims/` is a section of a paper: paper, section and chapter are said once at its head,
and an entry repeats only a chapter that differs. No entry names its test: the test carries the
entry's id, `@claim("p1-eq-5")`, and is found by it.
"""

import ast
import json
import re
from dataclasses import dataclass

import yaml

# The C parser is eight times faster; a PyYAML that was built without it has the other one.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PAPERS = {1: "Paper I", 2: "Paper II", "ours": "Beyond the papers"}
# What a verdict that is not plain owes its reader.
VERDICTS = {
    "definition": (),
    "reproduces": (),
    "holds under a condition": ("condition", "derived", "evidence"),
    "misprint": ("printed", "readings", "derived", "evidence"),
    "fails": ("printed", "readings", "derived", "evidence"),
}
HEAD = {"paper", "section", "chapter", "claims"}
REQUIRED = {"id", "locus", "title", "claim", "verdict", "tolerance"}
OPTIONAL = {
    "condition",
    "printed",
    "readings",
    "derived",
    "evidence",
    "inherits",
    "chapter",
}
# What `load` adds to an entry from its file.
FROM_FILE = {"file", "paper", "section", "chapter"}
TEXTS = ("claim", "condition", "printed", "derived")
ID = r"(?:p[12]|ours)-[a-z0-9]+(?:-[a-z0-9]+)+"
# The tests that carry claims are here.
FOLDERS = ("paper1", "paper2", "ours")


def prefix(paper):
    """How files and ids of a paper begin."""
    return "ours" if paper == "ours" else f"p{paper}"


def reading_order(name):
    """Sort key of a file's name: papers, ours last; sections before appendices; 9 before 10."""
    paper, _, rest = name.partition("-")
    parts = [part.zfill(4) if part.isdigit() else part for part in re.split(r"(\d+)", rest)]
    return [*prefixes()].index(paper), rest.startswith("app"), parts


def prefixes():
    """Of all papers, in their order."""
    return [prefix(paper) for paper in PAPERS]


# --- reading ---------------------------------------------------------------------


def read(root):
    """The files as they are, {name: content}, in reading order."""
    paths = (root / "claims").glob("*.yml")
    found = {path.stem: yaml.load(path.read_text(encoding="utf-8"), LOADER) for path in paths}
    strange = [name for name in found if name.split("-")[0] not in prefixes()]
    if strange:
        raise ValueError(f"claims/{strange[0]}.yml belongs to none of {', '.join(prefixes())}.")
    return {name: found[name] for name in sorted(found, key=reading_order)}


def merged(files):
    """The entries of all files in order, each with its file's name and head."""
    return [
        {
            "file": name,
            **{field: content.get(field) for field in sorted(HEAD - {"claims"})},
            **entry,
        }
        for name, content in files.items()
        for entry in content.get("claims") or []
    ]


def load(root):
    """The entries in order, checked."""
    files = read(root)
    found = problems(files)
    if found:
        raise ValueError(f"The claims are not in order: {'; '.join(found[:10])}.")
    return merged(files)


def read_measured(root):
    """The deviations last measured, by claim."""
    path = root / "measured.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


# --- the schema ------------------------------------------------------------------


def problems(files):
    """What is wrong with the files, as a list of sentences."""
    found = []
    for name, content in files.items():
        found += [f"{name}.yml has no {field}" for field in sorted(HEAD - set(content))]
        found += [f"{name}.yml has a field {field}" for field in sorted(set(content) - HEAD)]
        if content.get("paper") not in PAPERS:
            found.append(f"{name}.yml has the paper {content.get('paper')!r}")
        elif prefix(content["paper"]) != name.split("-")[0]:
            found.append(f"{name}.yml is no file of {PAPERS[content['paper']]}")
        for entry in content.get("claims") or []:
            found += field_problems(entry)
            found += id_problems(entry, name, files)
    ids = [entry.get("id") for entry in merged(files)]
    return found + [f"{i} is there twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]


def field_problems(entry):
    """What is wrong with the fields of an entry."""
    name, verdict = entry.get("id", "an entry"), entry.get("verdict")
    found = [f"{name} has no {field}" for field in sorted(REQUIRED - set(entry))]
    found += [f"{name} has a field {field}" for field in sorted(set(entry) - REQUIRED - OPTIONAL)]
    if verdict not in VERDICTS:
        found.append(f"{name} has the verdict {verdict!r}")
    owed = set(VERDICTS.get(verdict, ())) - set(entry)
    found += [f"{name} owes its {field}" for field in sorted(owed)]
    for field in ("tolerance", "evidence"):
        # YAML reads 1e-9, without a point, as text.
        if field in entry and not isinstance(entry[field], float):
            found.append(f"{name}: {field} is no number with a point")
    return found


def id_problems(entry, name, files):
    """What is wrong with the id of an entry in the file `name`."""
    identifier = str(entry.get("id"))
    if not re.fullmatch(ID, identifier):
        return [f"{identifier} is not an id"]
    if identifier.split("-")[0] != name.split("-")[0]:
        return [f"{identifier} does not belong in {name}.yml"]
    # p1-s3a-2 is the second sentence of Sec. III.A, whose file is p1-s3a.yml.
    section = identifier.rpartition("-")[0]
    if section in files and section != name:
        return [f"{identifier} belongs in {section}.yml, not in {name}.yml"]
    return []


# --- the tests -------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """A test that carries claims: its file, below the root, its name and the claims' ids."""

    path: str
    name: str
    ids: tuple

    def __str__(self):
        return f"{self.path}::{self.name}"


def tests(root):
    """Every test in the claims' folders, with the ids that it carries: one, if all is well."""
    found = []
    for path in sorted(p for name in FOLDERS for p in (root / "tests" / name).glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                place = path.relative_to(root).as_posix()
                found.append(Proof(place, node.name, _carried(node)))
    return found


def _carried(function):
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == "claim"]
    return tuple(ast.literal_eval(mark.args[0]) for mark in marks)


def proofs(root):
    """The test of each claim, {id: Proof}."""
    return {identifier: test for test in tests(root) for identifier in test.ids}
