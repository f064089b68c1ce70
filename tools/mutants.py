"""Put a fault into each line of the library and see whether a test minds, by mutmut.

Works in a copy, `_build/mutants`. Each mutant is met by the unit tests that run its function, the
quickest first and no more after one that is red; those of the claims are not among them. Which
tests run which function is found once and kept while the library stays as it is. What survives is
killed by a better test, or explained in a line of `tests/repo/equivalent_mutants.yml`.
"""

import argparse
import ast
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from coherence_lib import _writing  # noqa: E402
from tools import trust  # noqa: E402

SCORES, EXPLAINED = trust.MUTANTS, "tests/repo/equivalent_mutants.yml"
# Drawings and pages are compared with what is stored, by other tools.
LEFT_OUT = ("drawings", "explore", "figures")
# Tests of the library, without those of the house, the book and the claims: those of a package,
# those that all meet, and those of the modules that are in no package.
PACKAGES = ("atoms", "harvest", "ring")
COMMON = ("properties", "test_bad_values.py", "test_homogeneity.py", "test_labels.py")
OTHERS = ("test_checks.py", "test_measures.py", "test_operators.py", "test_origin.py")
OTHERS += ("test_progress.py", "test_sweep.py", "test_thermal.py", "test_writing.py")
# Left out by its name is the test that every public name has a row: the mutants have none. A mutant
# that hangs is ended by the plugin, long before mutmut would.
SETTINGS = """
[tool.mutmut]
source_paths = ["coherence_lib"]
only_mutate = {files}
also_copy = ["conftest.py", "tools", "tests", "claims", "measured.json", "book", "pyproject.toml"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-k", "not has_a_row", "-p", "tools.one_fault"]
timeout_constant = 60
"""
EVERYWHERE = "everywhere"
TIMES = "mutants/mutmut-stats.json"
BATCH = 100
# Outcomes that count as noticed: a test fails, hangs, or the process dies.
NOTICED = ("killed", "timeout", "suspicious", "segfault")


def parts_of(modules):
    """The packages of some modules, or "others"; all, if none is named."""
    parts = [module.split(".")[0] for module in modules]
    parts = {part if part in PACKAGES else "others" for part in parts}
    return [part for part in (*PACKAGES, "others") if not modules or part in parts]


def tests_of(modules):
    """The tests that may notice a fault in one of some modules; all, if none is named."""
    parts = parts_of(modules)
    own = [part for part in parts if part in PACKAGES]
    return [f"tests/{name}" for name in (*own, *COMMON, *(OTHERS if "others" in parts else ()))]


def files_of(known, modules):
    """The files of the library that get faults: those of whole packages, so that a copy is kept."""
    wanted = parts_of(modules)
    files = {name: name.split("/")[1] for name in known if name.startswith("coherence_lib/")}
    files = {name: part for name, part in files.items() if part not in LEFT_OUT}
    return [n for n, part in files.items() if n.endswith(".py") and parts_of([part])[0] in wanted]


def listed(root):
    """What git knows or will know, and is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8")
    return [name for name in done.stdout.split("\0") if name and (root / name).is_file()]


def undecorated(source):
    """A module with its properties made by calls: what is decorated, mutmut leaves as it is."""
    lines = source.splitlines(keepends=True)
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(found, key=lambda node: -node.lineno):
        names = [ast.unparse(decorator) for decorator in node.decorator_list]
        if names in (["property"], ["cached_property"]):
            lines.insert(
                node.end_lineno, f"{' ' * node.col_offset}{node.name} = {names[0]}({node.name})\n"
            )
            del lines[node.decorator_list[0].lineno - 1]
    return "".join(lines)


def copied(root, name):
    """A file as it stands in the copy."""
    content = (root / name).read_bytes()
    if name.startswith("coherence_lib/") and name.endswith(".py"):
        return undecorated(content.decode("utf-8")).encode("utf-8")
    return content


def prepare(root, work, modules):
    """A copy of what git knows, with the settings of mutmut.

    A copy with the same library is kept with what was found in it, but for the tests that changed.
    """
    content = {name: copied(root, name) for name in listed(root)}
    settings = SETTINGS.format(
        files=json.dumps(files_of(content, modules)), tests=json.dumps(tests_of(modules))
    )
    content["pyproject.toml"] += settings.encode("utf-8")
    changed = {
        name
        for name, new in content.items()
        if not (work / name).is_file() or (work / name).read_bytes() != new
    }
    if any(name.startswith(("coherence_lib/", "pyproject.toml")) for name in changed):
        shutil.rmtree(work, ignore_errors=True)
        changed = set(content)
    for name in changed:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(content[name])
    forget(work / TIMES, changed)


def forget(path, changed):
    """Forget what was found about the tests in files that changed: they are timed anew."""
    if path.exists():
        times = json.loads(path.read_text(encoding="utf-8"))
        spent = times["duration_by_test"]
        kept = {test: time for test, time in spent.items() if test.split("::")[0] not in changed}
        times["duration_by_test"] = kept
        path.write_text(json.dumps(times), encoding="utf-8")


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
    return found


def module_of(name):
    """The module of a mutant, "coherence_lib.thermal.x_photon_number__mutmut_3"."""
    return re.split(r"\.(?:x_|xǁ)", name)[0]


def function_of(name):
    """Its function or method, as it is called."""
    rest = name.removeprefix(f"{module_of(name)}.").rpartition("__mutmut_")[0]
    return rest.removeprefix("x").removeprefix("_").replace("ǁ", ".").strip(".")


def groups(found):
    """{module: its mutants}."""
    by_module = {}
    for name in found:
        by_module.setdefault(module_of(name), []).append(name)
    return by_module


def sampled(found, most, seed):
    """At most so many mutants of each module, the same for the same seed."""
    return [
        name
        for module, group in groups(found).items()
        for name in (
            sorted(random.Random(f"{seed} {module}").sample(group, most))
            if most and len(group) > most
            else group
        )
    ]


def batches(chosen):
    """Whole modules together, up to a hundred mutants: what is finished is stored."""
    parts = [[]]
    for group in groups(chosen).values():
        if parts[-1] and len(parts[-1]) + len(group) > BATCH:
            parts.append([])
        parts[-1] += group
    return parts


def is_wanted(name, modules):
    """Whether a mutant is of a module or package that was named; of any, if none was."""
    module = module_of(name).removeprefix("coherence_lib.")
    return not modules or any(module == m or module.startswith(f"{m}.") for m in modules)


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
    """{function: {change: reason}}, and "everywhere" {pattern of changes: reason}."""
    path = root / EXPLAINED
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def is_explained(change, function, reasons):
    """Whether there is a reason why a change of a function is not noticed."""
    patterns = reasons.get(EVERYWHERE) or {}
    return change in (reasons.get(function) or {}) or any(
        re.fullmatch(pattern, change) for pattern in patterns
    )


def scores(outcomes, changes, reasons, possible):
    """By module: how many are possible, were made, noticed and explained, and the survivors."""
    found = {}
    for name, outcome in outcomes.items():
        module = module_of(name)
        row = found.setdefault(module, {"possible": possible[module], "made": 0, "noticed": 0})
        row["made"] += 1
        row["noticed"] += outcome in NOTICED
        if outcome not in NOTICED:
            key = f"{module}.{function_of(name)}"
            known = is_explained(changes[name], key, reasons)
            row["explained"] = row.get("explained", 0) + known
            if not known:
                row.setdefault("survived", []).append(f"{key}: {changes[name]}")
    return found


def renewed(row, reasons):
    """A row whose survivors are counted as explained where there is a reason since."""
    survived, known = [], row.get("explained", 0)
    for line in row.get("survived", []):
        function, _, change = line.partition(": ")
        if is_explained(change, function, reasons):
            known += 1
        else:
            survived.append(line)
    others = {key: value for key, value in row.items() if key not in ("explained", "survived")}
    counted = {"explained": known} if "explained" in row else {}
    return others | counted | ({"survived": survived} if survived else {})


def stored(root):
    """The scores of each module, as they were last measured."""
    known, reasons = trust.read(root, SCORES), explained(root)
    files = {module: root / module.replace(".", "/") for module in known}
    return {
        module: renewed(row, reasons)
        for module, row in known.items()
        if files[module].is_dir() or files[module].with_suffix(".py").exists()
    }


def meet(work, batch, jobs):
    """Put each mutant of a batch to its tests; return what became of it."""
    times = json.loads((work / TIMES).read_text(encoding="utf-8"))
    reached = {name for name, tests in times["tests_by_mangled_function_name"].items() if tests}
    # Of a function that no test reaches mutmut knows nothing.
    met = [name for name in batch if name.rpartition("__mutmut_")[0] in reached]
    outcomes = dict.fromkeys(batch, "no tests")
    said, done = mutmut(work, "run", "--max-children", str(jobs), *met)
    outcomes |= results(work, met)
    if "not checked" in outcomes.values():
        raise SystemExit(f"The tests are red without a fault:\n{said[-999:]}{done.stderr[-999:]}")
    return outcomes


def shown(table):
    """Print a line for each module, and what survived."""
    for module, row in table.items():
        print(f"{module:<36} {row['noticed']:>4}/{row['made']:<4} of {row['possible']}", flush=True)
        for line in row.get("survived", []):
            print(f"    {line}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help='such as "thermal", "atoms.pair", "ring"; all')
    parser.add_argument("--most", type=int, help="mutants of a module, drawn at random; all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    work = ROOT / "_build" / "mutants" / "_".join(parts_of(args.modules))
    prepare(ROOT, work, args.modules)
    # No mutant has this name: they are made, and the tests of each function are found.
    _, done = mutmut(work, "run", "--max-children", str(args.jobs), "none")
    found = [name for name in names(work) if is_wanted(name, args.modules)]
    if not found:
        print(f"There is no mutant:\n{done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)
        return 1
    possible = Counter(map(module_of, found))
    chosen = sampled(found, args.most, args.seed)
    print(f"{len(chosen)} of {len(found)} mutants", flush=True)
    survived = False
    for batch in batches(chosen):
        outcomes = meet(work, batch, args.jobs)
        changes = {n: change(work, n) for n, outcome in outcomes.items() if outcome not in NOTICED}
        table = scores(outcomes, changes, explained(ROOT), possible)
        shown(table)
        survived |= any(row.get("survived") for row in table.values())
        kept = dict(sorted({**stored(ROOT), **table}.items()))
        _writing.write_text(ROOT / SCORES, json.dumps(kept, indent=1) + "\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
