"""The claims: where they are kept, what an entry may say, which test carries it, what proves it.

A file of `claims/` is a section of a paper: paper, section and chapter are said once at its head,
and an entry repeats only a chapter that differs. No entry names its test: the test carries the
entry's id and verdict, `@claim("p1-eq-5", "reproduces")`, and is found by the id. Proofs are found
in the same way, `@proves("p1-eq-5", "identity")`: they give the claim its grade of evidence.
"""

import ast
import json
import math
import re
from dataclasses import dataclass

import yaml

PAPERS = {1: "Paper I", 2: "Paper II", "ours": "Beyond the papers"}
# What a verdict that is not plain owes its reader.
VERDICTS = {
    "definition": (),
    "reproduces": (),
    "holds under a condition": ("condition", "derived", "evidence"),
    "misprint": ("printed", "readings", "derived", "evidence"),
    "fails": ("printed", "readings", "derived", "evidence"),
}
# The largest tolerance of a statement that is computed as it stands: rounding, amplified. A limit
# approached, a derivative by differences or a number read off a figure may have a larger one and
# says `why`; one part in fifty tells an exponent from the next, and above it nothing is shown.
EXACT, LARGEST = 1e-8, 0.02
# A deviation up to NOISE is rounding, which differs by up to a thousand between processors and
# may cancel to nothing; a larger one is a property of the formulas.
NOISE, NOISE_FACTOR, CLEAR_FACTOR = 1e-10, 1000, 5
ROUNDING = 1e-15
# Grades of evidence from the strongest down; a claim that nothing proves is sampled by its test.
GRADES = ("identity", "exhaustive", "enclosure", "proof", "sampled")
# They hold over a range that the claim has to state.
SCOPED = ("exhaustive", "enclosure")
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
    "why",
    "scope",
    "open",
}
# What `load` adds to an entry from its file.
FROM_FILE = {"file", "paper", "section", "chapter"}
TEXTS = ("claim", "condition", "printed", "derived", "why", "scope", "open")
LISTS = ("readings", "inherits")
ID = r"(?:p[12]|ours)-[a-z0-9]+(?:-[a-z0-9]+)+"
# The tests that carry claims are here, and the proofs in folders of the same names.
FOLDERS = ("paper1", "paper2", "ours")
PROOFS = "proofs/"


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


def _loader():
    """PyYAML's safe loader, which takes the last of two equal keys, made to refuse them."""
    # The C parser is eight times faster; a PyYAML that was built without it has the other one.
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(parser):
        def construct_mapping(self, node, deep=False):
            seen = set()
            # A list or a mapping is no key, which the parser itself says.
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    problem = f"{key.value!r} is there twice; keep one"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


LOADER = _loader()


def read(root):
    """The files as they are, {name: content}, in reading order."""
    found = {path.stem: _content(path) for path in (root / "claims").glob("*.yml")}
    strange = [name for name in found if name.split("-")[0] not in prefixes()]
    if strange:
        raise ValueError(f"claims/{strange[0]}.yml belongs to none of {', '.join(prefixes())}.")
    return {name: found[name] for name in sorted(found, key=reading_order)}


def _content(path):
    """A file of claims, whose shape is right: a mapping with a list of mappings."""
    place = f"claims/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    except UnicodeDecodeError as error:
        raise ValueError(f"{place} is no UTF-8 text ({error.reason}); save it as such.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}, line {mark.line + 1}" if mark else place
        problem = getattr(error, "problem", None) or str(error).replace("\n", " ")
        remedy = "" if problem.endswith("keep one") else "; mend the YAML there"
        raise ValueError(f"{where}: {problem}{remedy}.") from None
    if not isinstance(content, dict):
        kind = "is empty" if content is None else "is no mapping"
        raise ValueError(f"{place} {kind}; write {', '.join(sorted(HEAD))}, or remove the file.")
    entries = content.get("claims")
    if not isinstance(entries, list):
        raise ValueError(f"{place}: `claims` is no list; begin each entry with `- id:`.")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            said = f"{place}, entry {number} ({str(entry)[:40]!r})"
            raise ValueError(f"{said} is no mapping; begin it with `- id:`.")
    return content


def merged(files):
    """The entries of all files in order, each with its file's name and head."""
    return [
        {
            "file": name,
            **{field: content.get(field) for field in sorted(HEAD - {"claims"})},
            **entry,
        }
        for name, content in files.items()
        for entry in content["claims"]
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
    if not path.exists():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, object_pairs_hook=lambda pairs: _single(pairs, text))
    except UnicodeDecodeError as error:
        raise _damaged("", f"it is no UTF-8 text ({error.reason})") from None
    except json.JSONDecodeError as error:
        raise _damaged(f", line {error.lineno}", error.msg) from None
    if not isinstance(content, dict):
        raise _damaged("", "it is no mapping of claims to deviations")
    for name, value in content.items():
        if not is_deviation(value):
            line = _lines(text, name)[0]
            raise _damaged(f", line {line}", f"{name!r} has {value!r}, which is no number >= 0")
    return content


def is_deviation(value):
    """Whether a value can be the largest of some distances."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value < math.inf


def _damaged(place, problem, remedy="run `make ledger`"):
    return ValueError(f"measured.json{place}: {problem}; {remedy}.")


def _single(pairs, text):
    """A mapping of JSON, which must not have a key twice."""
    names = [name for name, _ in pairs]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            line = _lines(text, name)[1]
            remedy = "keep one, or run `make ledger`"
            raise _damaged(f", line {line}", f"{name!r} is there twice", remedy)
    return dict(pairs)


def _lines(text, name):
    """The lines of a JSON text on which a key stands."""
    keys = re.finditer(rf"{re.escape(json.dumps(name))}\s*:", text)
    return [text.count("\n", 0, key.start()) + 1 for key in keys]


def agree(one, other):
    """Whether two runs, perhaps on two processors, may measure these deviations."""
    low, high = sorted((one, other))
    factor = NOISE_FACTOR if high <= NOISE else CLEAR_FACTOR
    return high <= factor * max(low, ROUNDING)


def largest_tolerance(deviation):
    """The power of ten at or above all deviations that agree with one: more would only hide."""
    rounding = min(NOISE_FACTOR * max(deviation, ROUNDING), NOISE)
    largest = max(rounding, CLEAR_FACTOR * deviation)
    # Exact powers, as they are written: 1e-12 is not 10.0**-12.
    return float(f"1e{math.ceil(math.log10(largest) - 1e-9)}")


# --- the schema ------------------------------------------------------------------


def problems(files):
    """What is wrong with the files, as a list of sentences."""
    found = []
    for name, content in files.items():
        found += [f"{name}.yml has no {field}" for field in sorted(HEAD - set(content))]
        found += [f"{name}.yml has a field {field}" for field in strange(content, HEAD)]
        if content.get("paper") not in [*PAPERS]:
            found.append(f"{name}.yml has the paper {content.get('paper')!r}")
        elif prefix(content["paper"]) != name.split("-")[0]:
            found.append(f"{name}.yml is no file of {PAPERS[content['paper']]}")
        for entry in content["claims"]:
            found += field_problems(entry)
            found += type_problems(entry)
            found += tolerance_problems(entry)
            found += id_problems(entry, name, files)
    ids = [entry.get("id") for entry in merged(files)]
    return found + [f"{i} is there twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]


def strange(content, known):
    """The fields that are not known, in order, whatever they are."""
    return sorted(map(str, set(content) - known))


def field_problems(entry):
    """Which fields of an entry are missing or too many."""
    name, verdict = entry.get("id", "an entry"), entry.get("verdict")
    found = [f"{name} has no {field}" for field in sorted(REQUIRED - set(entry))]
    found += [f"{name} has a field {field}" for field in strange(entry, REQUIRED | OPTIONAL)]
    if verdict not in [*VERDICTS]:
        return [*found, f"{name} has the verdict {verdict!r}"]
    owed = set(VERDICTS[verdict]) - set(entry)
    return found + [f"{name} owes its {field}" for field in sorted(owed)]


def type_problems(entry):
    """Which fields of an entry are not what they should be: text, list or number."""
    name, found = entry.get("id", "an entry"), []
    for field in ("locus", "title", "chapter", *TEXTS):
        if field in entry and not isinstance(entry[field], str):
            found.append(f"{name}: {field} is no text")
    for field in LISTS:
        value = entry.get(field, [])
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            found.append(f"{name}: {field} is no list of texts")
    for field in ("tolerance", "evidence"):
        # YAML reads 1e-9, without a point, as text.
        value = entry.get(field, 0.0)
        if not (isinstance(value, float) and math.isfinite(value)):
            found.append(f"{name}: {field} is no number with a point")
    return found


def tolerance_problems(entry):
    """Whether a tolerance is below its ceiling, and a large one says why it is."""
    name, tolerance = entry.get("id", "an entry"), entry.get("tolerance")
    if not isinstance(tolerance, float):
        return []
    if not 0 < tolerance <= LARGEST:
        return [f"{name}: the tolerance {tolerance:g} is not above 0 and at most {LARGEST:g}"]
    if tolerance > EXACT and not entry.get("why"):
        return [f"{name}: the tolerance {tolerance:g} is above {EXACT:g} and does not say `why`"]
    if tolerance <= EXACT and "why" in entry:
        return [f"{name} says `why` of a tolerance that is not above {EXACT:g}"]
    return []


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
class Carrier:
    """A test that carries claims: its file, below the root, its name, and (id, word) of each.

    The word is the verdict, or of a proof the grade; None where the test says none.
    """

    path: str
    name: str
    marks: tuple

    @property
    def ids(self):
        return tuple(identifier for identifier, _ in self.marks)

    def __str__(self):
        return f"{self.path}::{self.name}"


def tests(root):
    """Every test in the claims' folders, with the claims that it carries: one, if all is well."""
    return [Carrier(place, n.name, _carried(n, "claim")) for place, n in _functions(root)]


def _functions(root, below=""):
    folders = [root / f"tests/{below}{name}" for name in FOLDERS]
    for path in sorted(path for folder in folders for path in folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.relative_to(root).as_posix(), node


def _carried(function, marker):
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == marker]
    said = [[ast.literal_eval(value) for value in mark.args] for mark in marks]
    return tuple((identifier, word[0] if word else None) for identifier, *word in said)


def carriers(root):
    """The test of each claim, {id: Carrier}."""
    return {identifier: test for test in tests(root) for identifier in test.ids}


# Of a call of `deviation`, the arguments that the test must compute; of the others one suffices.
COMPUTED = {"printed": 0, "counterexample": 1, "broken": 1, "evidence": 0}


def constants(root):
    """Calls of `deviation` that are handed a constant for what the test has to compute."""
    found = []
    for place, function in _functions(root):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            first, *rest = ast.unparse(call.func).split(".")
            if first == "deviation" and not _computes(call, *rest):
                found.append(f"{place}::{function.name} has a constant in {ast.unparse(call)}")
    return found


def _computes(call, method=None):
    place = COMPUTED.get(method)
    values = call.args[:2] if place is None else call.args[place : place + 1]
    # One that is starred stands for several.
    values += [value for value in call.args if isinstance(value, ast.Starred)]
    return any(isinstance(node, ast.Name) for value in values for node in ast.walk(value))


# --- the proofs ------------------------------------------------------------------


def proofs(root):
    """Every test in the proofs' folders, with the claims that it proves."""
    return [Carrier(place, n.name, _carried(n, "proves")) for place, n in _functions(root, PROOFS)]


def proofs_of(identifier, proofs):
    """The proofs of one claim, the strongest first."""
    found = [
        (_rank(grade), proof)
        for proof in proofs
        for name, grade in proof.marks
        if name == identifier
    ]
    return [proof for _, proof in sorted(found, key=lambda pair: pair[0])]


def grade(identifier, proofs):
    """The grade of evidence of a claim: that of its strongest proof, or sampled."""
    grades = [said for proof in proofs for name, said in proof.marks if name == identifier]
    return min(grades, key=_rank, default="sampled")


def _rank(grade):
    return GRADES.index(grade) if grade in GRADES else len(GRADES)


def grade_problems(entries, proofs):
    """What is wrong with the proofs, and with the scopes that the claims state for them."""
    ids, said, found = {entry["id"] for entry in entries}, {}, []
    # One without a mark is a lemma, or shows that a false statement is refused.
    for proof in proofs:
        for name, word in proof.marks:
            said.setdefault(name, set()).add(str(word))
            if name not in ids:
                found.append(f"{proof} proves {name}, which is no claim")
            # What is only sampled has no proof.
            if word not in GRADES[:-1]:
                found.append(f"{proof} has the grade {word!r}, not {', '.join(GRADES[:-1])}")
    for name, words in said.items():
        if len(words) > 1:
            found.append(f"the proofs of {name} say {' and '.join(sorted(words))}; keep one")
    for entry in entries:
        found += scope_problems(entry, grade(entry["id"], proofs))
    return found


def scope_problems(entry, grade):
    """Whether a claim states the range of its proof, and calls open only what has none."""
    if grade in SCOPED and "scope" not in entry:
        return [f"{entry['id']} is proved by {grade} and owes its scope"]
    if grade == "sampled" and "scope" in entry:
        return [f"{entry['id']} has a scope, but no proof"]
    if grade not in ("sampled", *SCOPED) and "open" in entry:
        return [f"{entry['id']} is called open, but has a proof: strike it off"]
    return []


def is_equation(entry):
    """Whether a claim is a numbered equation of a paper, or a part of one."""
    return re.match(r"p[12]-eq-", entry["id"]) is not None


def ratchet_problems(entries, proofs, listed):
    """Where the list of numbered equations that are still sampled is not what it says."""
    left = [e["id"] for e in entries if is_equation(e) and grade(e["id"], proofs) == "sampled"]
    found = [
        f"{i} is sampled and not on the list, which may only shrink: prove it"
        for i in left
        if i not in listed
    ]
    return found + [
        f"{i} is on the list and not sampled: strike it off" for i in listed if i not in left
    ]
