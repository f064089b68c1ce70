"""How hard the library is to break, in numbers, for the page that says so.

Each number is counted or measured here and stored in `tests/repo/trust.json`; the mutants of the
library and of the claims are those of their own targets, which take longer.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
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


def unit_tests(root):
    """Paths of the unit tests: folders, and the files beside them."""
    files = sorted(path.relative_to(root).as_posix() for path in (root / "tests").glob("test_*.py"))
    return [*UNIT, *files]


def coverage(root):
    """Lines and branches that the unit tests run, and the lines that none does."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "coverage.json"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
        command += ["--cov", "--cov-branch", f"--cov-report=json:{report}", *unit_tests(root)]
        environment = {**os.environ, "COVERAGE_FILE": str(Path(place) / "data")}
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8"
        )
        if done.returncode:
            raise SystemExit(f"The unit tests are red: {done.stdout[-2000:]}")
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


def measured(root, parts):
    """All numbers, those of the parts that are wanted new."""
    numbers = read(root, STORED)
    if "counts" in parts:
        kinds = {words: count(root, paths) for words, paths in KINDS.items()}
        kinds["unit tests and the library's examples"] = count(root, unit_tests(root))
        numbers["counts"] = kinds
        proofs = claims.proofs(root)
        entries = claims.load(root)
        numbers["grades"] = Counter(claims.grade(entry["id"], proofs) for entry in entries)
    if "coverage" in parts:
        numbers["coverage"] = coverage(root)
    return numbers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["counts", "coverage"])
    args = parser.parse_args()
    numbers = measured(ROOT, args.parts)
    _writing.write_text(ROOT / STORED, json.dumps(numbers, indent=1, sort_keys=True) + "\n")
    print(json.dumps({k: v for k, v in numbers.items() if k != "coverage"}, indent=1))
    for name, lines in numbers.get("coverage", {}).get("missed", {}).items():
        print(f"{name}: {', '.join(lines)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
