"""Put a fault into each line of the library and see whether a test minds, by mutmut.

Works in a copy, `_build/mutants`. Each mutant is met by the unit tests that run its function, those
of the claims not among them. What survives is killed by a better test, or explained in a line of
`tests/repo/equivalent_mutants.yml`.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from coherence_lib import _writing  # noqa: E402
from tools import trust  # noqa: E402

SCORES, EXPLAINED = trust.MUTANTS, "tests/repo/equivalent_mutants.yml"
# Drawings and pages are compared with what is stored, by other tools.
LEFT_OUT = ("coherence_lib.drawings.*", "coherence_lib.explore.*", "coherence_lib.figures.*")
# Tests of the library, without those of the house, the book and the claims: those of a package, and
# those that every module meets.
PACKAGES = ("atoms", "harvest", "ring")
FILES = ("properties", "test_bad_values.py", "test_checks.py", "test_homogeneity.py")
FILES += ("test_labels.py", "test_measures.py", "test_sweep.py", "test_thermal.py")
SETTINGS = """
[tool.mutmut]
source_paths = ["coherence_lib"]
also_copy = ["conftest.py", "tools", "tests", "claims", "measured.json", "book", "pyproject.toml"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-k", "not has_a_row"]
"""
# Left out by its name is the test that every public name has a row: the mutants have none.
# Outcomes that count as noticed: a test fails, hangs, or the process dies.
NOTICED = ("killed", "timeout", "suspicious", "segfault")


def tests_of(modules):
    """The tests that may notice a fault in one of some modules; all, if none is named."""
    packages = [name for name in PACKAGES if any(m.split(".")[0] == name for m in modules)]
    return [f"tests/{name}" for name in (*(packages if modules else PACKAGES), *FILES)]


def prepare(root, work, modules):
    """A copy of what git knows, with the settings of mutmut."""
    shutil.rmtree(work, ignore_errors=True)
    names = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout
    for name in filter(None, names.split("\0")):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, work / name)
    with (work / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(tests=json.dumps(tests_of(modules))))


def mutmut(work, *arguments):
    """Run mutmut in the copy; return what it prints."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, encoding="utf-8")
    return done.stdout, done


def names(work):
    """Every mutant that was made."""
    found = []
    for path in sorted((work / "mutants").rglob("*.meta")):
        found += json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return [name for name in found if not any(fnmatch(name, left) for left in LEFT_OUT)]


def module_of(name):
    """The module of a mutant, "coherence_lib.thermal.x_photon_number__mutmut_3"."""
    return re.split(r"\.(?:x_|xǁ)", name)[0]


def function_of(name):
    """Its function or method, as it is called."""
    rest = name.removeprefix(f"{module_of(name)}.").rpartition("__mutmut_")[0]
    return rest.removeprefix("x").removeprefix("_").replace("ǁ", ".").strip(".")


def sampled(found, most, seed):
    """At most so many mutants of each module, the same for the same seed."""
    groups = {}
    for name in found:
        groups.setdefault(module_of(name), []).append(name)
    rng = random.Random(seed)
    return [
        name
        for group in groups.values()
        for name in (sorted(rng.sample(group, most)) if most and len(group) > most else group)
    ]


def results(work, chosen):
    """What became of each mutant."""
    text, _ = mutmut(work, "results", "--all", "true")
    said = dict(re.findall(r"^\s+(\S+): (.+)$", text, re.MULTILINE))
    return {name: said.get(name, "not checked") for name in chosen}


def change(work, name):
    """What a mutant changes: the lines taken out and put in."""
    text, _ = mutmut(work, "show", name)
    lines = [line for line in text.splitlines() if re.match(r"[-+](?![-+])", line)]
    old = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    new = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return f"{old} -> {new}"


def explained(root):
    """{function: {change: reason}}."""
    path = root / EXPLAINED
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def scores(outcomes, changes, reasons):
    """By module: how many were made, noticed and explained, and the survivors."""
    found = {}
    for name, outcome in outcomes.items():
        row = found.setdefault(module_of(name), {**Counter(), "made": 0, "noticed": 0})
        row["made"] += 1
        row["noticed"] += outcome in NOTICED
        if outcome not in NOTICED:
            key = f"{module_of(name)}.{function_of(name)}"
            known = changes[name] in (reasons.get(key) or {})
            row["explained"] = row.get("explained", 0) + known
            if not known:
                row.setdefault("survived", []).append(f"{key}: {changes[name]}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help='such as "thermal" or "atoms.pair"; all')
    parser.add_argument("--most", type=int, help="mutants of a module, drawn at random; all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    work = ROOT / "_build" / "mutants"
    prepare(ROOT, work, args.modules)
    # No mutant has this name: they are made, and the tests of each function are found.
    _, done = mutmut(work, "run", "none")
    wanted = [f"coherence_lib.{module}" for module in args.modules]
    found = [name for name in names(work) if not wanted or module_of(name) in wanted]
    if not found:
        print(f"There is no mutant:\n{done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)
        return 1
    chosen = sampled(found, args.most, args.seed)
    print(f"{len(chosen)} of {len(found)} mutants", flush=True)
    for start in range(0, len(chosen), 500):
        batch = chosen[start : start + 500]
        said, _ = mutmut(work, "run", "--max-children", str(args.jobs), *batch)
    outcomes = results(work, chosen)
    if "not checked" in outcomes.values():
        print(f"The tests are red without a fault:\n{said[-2000:]}", file=sys.stderr)
        return 1
    changes = {n: change(work, n) for n, outcome in outcomes.items() if outcome not in NOTICED}
    table = scores(outcomes, changes, explained(ROOT))
    for module, row in table.items():
        print(f"{module:<36} {row['noticed']:>4}/{row['made']:<4}")
        for line in row.get("survived", []):
            print(f"    {line}")
    kept = trust.read(ROOT, SCORES) if wanted else {}
    _writing.write_text(ROOT / SCORES, json.dumps({**kept, **table}, indent=1) + "\n")
    return 1 if any(row.get("survived") for row in table.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
