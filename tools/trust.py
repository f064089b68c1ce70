"""How hard the library is to break, in numbers, for the page that says so.

Each number is counted or measured here and stored in `tests/repo/trust.json`; the mutants of the
library and of the claims are those of their own targets, which take longer.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from coherence_lib import _writing  # noqa: E402
from tools import claims  # noqa: E402

STORED, MUTANTS = "tests/repo/trust.json", "tests/repo/mutants.json"
FIGURE_MUTANTS = "tests/repo/figure_mutants.json"
# What writes each of them.
REMEDIES = {STORED: "make trust", MUTANTS: "make mutants", FIGURE_MUTANTS: "make figure-mutants"}
# What each part of the unit tests runs; a part is measured anew only if it or the library changed.
MEASURED = "_build/coverage"
CLAIM_MUTANTS = "tests/repo/claim_mutants.json"
# Tests that know the library alone: no claim, no chapter, no page.
UNIT = ("tests/atoms", "tests/drawings", "tests/figures", "tests/harvest", "tests/properties")
UNIT += ("tests/ring", "coherence_lib")
# What is collected, and in which words it is told.
KINDS = {
    "unit tests and the library's examples": UNIT,
    "properties, each with 25 examples (1000 in the weekly run)": ("tests/properties",),
    "calls with bad values": ("tests/test_bad_values.py",),
    "tests of claims": ("tests/paper1", "tests/paper2", "tests/ours"),
    "proofs": ("tests/proofs",),
    "tests of the house: checkers and their negative controls": ("tests/repo",),
    "kills, full disks and second runs": ("tests/test_writing.py",),
}


def count(root, paths):
    """How many tests pytest finds below some paths."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", *paths]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    found = re.search(r"^(\d+)(?:/\d+)? tests? collected", done.stdout, re.MULTILINE)
    if not found:
        raise SystemExit(f"pytest finds nothing in {', '.join(paths)}: {done.stdout[-500:]}")
    return int(found[1])


def parts(root):
    """The unit tests by parts: folders, and each of the files beside them."""
    files = sorted(path.relative_to(root).as_posix() for path in (root / "tests").glob("test_*.py"))
    return {Path(path).stem: [path] for path in (*UNIT, *files)}


def unit_tests(root):
    """Paths of the unit tests."""
    return [path for paths in parts(root).values() for path in paths]


def key(root, paths):
    """A word that changes with the library, with some tests, and with what all tests share."""
    shared = [*(root / "tests").glob("*.py"), *(root / "tests" / "routes").glob("*.py")]
    shared = [path for path in shared if not path.name.startswith("test_")]
    shared += [root / "conftest.py", root / "pyproject.toml"]
    own = [root / path for path in ("coherence_lib", *paths)]
    files = {file for path in own for file in ([path] if path.is_file() else path.rglob("*.*"))}
    digest = hashlib.sha256()
    for file in sorted({*files, *shared}):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def command(root, data, *arguments):
    """Run Python in the repository, with the coverage in one file; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env={**os.environ, "COVERAGE_FILE": str(data)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise SystemExit(f"`{' '.join(arguments[:2])}` of {data.name} fails: {said}")
    return done.stdout


def run_part(root, name, paths, jobs):
    """What a part of the unit tests runs, in a file of its own."""
    data = root / MEASURED / f"{name}-{key(root, paths)}"
    if not data.exists():
        for old in data.parent.glob(f"{name}-*"):
            old.unlink()
        print(f"{name} ...", flush=True)
        fresh = data.with_name(f"new-{data.name}")
        spread = ["-n", str(jobs), "--dist", "loadfile"] if jobs > 1 else []
        command(
            root, fresh, "pytest", "-q", *spread, "--cov", "--cov-branch", "--cov-report=", *paths
        )
        fresh.rename(data)
    return data


def coverage(root, jobs, chosen=None):
    """Lines and branches that the unit tests run, all parts or some, and what none does."""
    place = root / MEASURED
    place.mkdir(parents=True, exist_ok=True)
    found = [run_part(root, name, paths, jobs) for name, paths in (chosen or parts(root)).items()]
    whole, report = place / "whole", place / "whole.json"
    command(root, whole, "coverage", "combine", "--keep", "-q", *map(str, found))
    command(root, whole, "coverage", "json", "-q", "-o", str(report))
    content = json.loads(report.read_text(encoding="utf-8"))
    missed = {
        name: [str(line) for line in said["missing_lines"]]
        + [f"{a}->{b}" for a, b in said["missing_branches"]]
        for name, said in content["files"].items()
        if said["missing_lines"] or said["missing_branches"]
    }
    totals = content["totals"]
    return {
        "lines": totals["num_statements"],
        "lines run": totals["covered_lines"],
        "branches": totals["num_branches"],
        "branches run": totals["covered_branches"],
        "missed": missed,
    }


def read(root, name):
    """A stored file of numbers, or nothing; a damaged one is told with its remedy."""
    path = root / name
    if not path.exists():
        return {}
    remedy = f"restore it from the repository, or delete it and run `{REMEDIES[name]}`"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{name}, line {error.lineno}: {error.msg}; {remedy}.") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: it is no UTF-8 text ({error.reason}); {remedy}.") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name}: it is no mapping; {remedy}.")
    return found


def measured(root, wanted, jobs):
    """All numbers, those of the parts that are wanted new."""
    numbers = read(root, STORED)
    if "counts" in wanted:
        kinds = {words: count(root, paths) for words, paths in KINDS.items()}
        kinds["unit tests and the library's examples"] = count(root, unit_tests(root))
        numbers["counts"] = kinds
        proofs = claims.proofs(root)
        entries = claims.load(root)
        numbers["grades"] = Counter(claims.grade(entry["id"], proofs) for entry in entries)
    if "coverage" in wanted:
        numbers["coverage"] = coverage(root, jobs)
    return numbers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["counts", "coverage"])
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    numbers = measured(ROOT, args.parts, args.jobs)
    _writing.write_text(ROOT / STORED, json.dumps(numbers, indent=1, sort_keys=True) + "\n")
    print(json.dumps({k: v for k, v in numbers.items() if k != "coverage"}, indent=1))
    for name, lines in numbers.get("coverage", {}).get("missed", {}).items():
        print(f"{name}: {', '.join(lines)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
