"""Change each claim's test by a little, and say where the test does not mind: `make claim-mutants`.

A mutant is the file of a test with one change, in the test itself or in a helper of the same file
that it calls: a number off by a hundredth, an exponent by one, a sign, a product for a quotient,
a comparison reversed, one function for its neighbour, an argument for the one before it, or a
compared value off by a hundredth. The test is run with it, and should fail. One that is not killed

- moved: both sides of a comparison changed alike, so that the statement was tested elsewhere;
- had slack: it changed an inequality by a hundredth, which still holds;
- is unseen: nothing that the test compares changed;
- changed a reading that is off, and still is;
- or survived: then it must be explained in `tests/repo/equivalent_claim_mutants.yml`.

One that breaks down, by an argument of the wrong type for example, is stillborn and shows nothing.
"""

import argparse
import ast
import copy
import json
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from tools import claims  # noqa: E402

EXPLAINED = "tests/repo/equivalent_claim_mutants.yml"
MOST = 8
# A number is changed by so much, or by twice the claim's tolerance where that is more.
SHARE = 0.01
# A change is seen if it is larger than this part of the tolerance, or of the value.
SEEN, DIGITS = 1e-3, 1e-9
# What is smaller than this is compared with zero.
NOTHING = 1e-9
SECONDS = 120
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
ORDERS = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
FUNCTIONS = dict(
    pair
    for one, other in (
        ("cos", "sin"),
        ("cosh", "sinh"),
        ("exp", "expm1"),
        ("log", "log1p"),
        ("maximum", "minimum"),
        ("max", "min"),
        ("argmax", "argmin"),
        ("real", "imag"),
    )
    for pair in ((one, other), (other, one))
) | {"tanh": "arctan", "log2": "log1p", "sqrt": "cbrt", "abs": "float"}
# Arguments that say how to compute or to compare, and not what.
SETTINGS = {"rel", "abs", "atol", "rtol", "xtol", "rcond", "scale", "reading", "digits", "h", "p"}
SETTINGS |= {"floor", "loss", "repeat", "size", "axis", "order", "k", "dtype", "max_denominator"}
# Their arguments are no formula's: a range, or a sample that is drawn.
PLAIN = {"range", "linspace", "geomspace", "logspace", "uniform", "integers", "normal", "choice"}
PLAIN |= {"zip", "isinstance", "print", "default_rng", "reshape", "zeros", "full", "samples"}
# A test that breaks down shows nothing.
STILLBORN = (TypeError, NameError, AttributeError, LookupError, SyntaxError)
# Of these, one that nothing but the input of a statement shows has tested it elsewhere.
INPUTS = ("input", "argument")
RESULTS = ("killed", "survived", "moved", "slack", "unseen", "off", "stillborn")


# --- making mutants ---------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """A change of one node, the one at `place` of its module's tree in the order of `ast.walk`."""

    kind: str
    function: str
    line: int
    change: str
    place: int
    apply: object


def reached(tree, name, inputs=()):
    """The functions and classes of a module that one of them uses, itself first."""
    known = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    known = {name: node for name, node in known.items() if name not in inputs}
    found = [name]
    for current in found:
        names = [n.id for n in ast.walk(known[current]) if isinstance(n, ast.Name)]
        found += [n for n in dict.fromkeys(names) if n in known and n not in found]
    return [known[n] for n in found]


def called(node):
    """The last part of the name of what is called, or None."""
    if not isinstance(node, ast.Call):
        return None
    return getattr(node.func, "attr", getattr(node.func, "id", None))


def is_comparison(node):
    """Whether a node is a call of the fixture `deviation`, and of which of its methods."""
    if not isinstance(node, ast.Call):
        return None
    first, *rest = ast.unparse(node.func).split(".")
    return (rest or ["__call__"])[0] if first == "deviation" else None


def is_margin(node):
    """Whether a side of a comparison is a number, however it is written."""
    modules = ("np", "mp", "math")
    return not any(isinstance(n, ast.Name) and n.id not in modules for n in ast.walk(node))


def formulas(node, whole=False):
    """The nodes below one that say what is computed, and whether they count (an index, a size)."""
    yield node, whole
    if isinstance(node, ast.Compare):
        below = [side for side in (node.left, *node.comparators) if not is_margin(side)]
    elif isinstance(node, ast.Call):
        whole = whole or called(node) in PLAIN
        below = [node.func, *node.args[: 2 if is_comparison(node) else None]]
        below += [k.value for k in node.keywords if k.arg not in SETTINGS]
    elif isinstance(node, ast.Subscript):
        yield from formulas(node.value, whole)
        below, whole = [node.slice], True
    elif isinstance(node, ast.FunctionDef):
        below = node.body
    elif isinstance(node, ast.ClassDef):
        below = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    elif isinstance(node, ast.JoinedStr | ast.arguments):
        below = []
    else:
        below = ast.iter_child_nodes(node)
    for child in below:
        yield from formulas(child, whole)


def is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, complex)


def changes(node, whole, share):
    """Pairs (kind, change of the node in place)."""
    if isinstance(node, ast.BinOp):
        yield from arithmetic(node, whole, share)
    elif isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield "sign", swap_operator
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not whole:
        yield "sign", lambda n: setattr(n, "op", ast.UAdd())
    elif isinstance(node, ast.Compare):
        if type(node.ops[0]) in ORDERS:
            yield "order", lambda n: n.ops.__setitem__(0, ORDERS[type(n.ops[0])]())
    elif isinstance(node, ast.Attribute) and node.attr in ("real", "imag"):
        yield "function", lambda n: setattr(n, "attr", FUNCTIONS[n.attr])
    elif isinstance(node, ast.Call):
        yield from of_call(node, share)


def swap_operator(node):
    node.op = OPERATORS[type(node.op)]()


def scale_number(field, share):
    def apply(node):
        value = getattr(node, field).value
        setattr(node, field, ast.Constant(value * (1 + share)))

    return apply


def raise_exponent(node):
    node.right = ast.BinOp(node.right, ast.Add(), ast.Constant(1))


def arithmetic(node, whole, share):
    """Changes of a sum, product or power."""
    if isinstance(node.op, ast.Pow):
        yield "exponent", raise_exponent
    elif type(node.op) in OPERATORS:
        yield ("sign" if isinstance(node.op, ast.Add | ast.Sub) else "product"), swap_operator
    else:
        return
    for field in ("left", "right"):
        number = is_number(getattr(node, field)) and getattr(node, field).value
        if number and not whole and not (field == "right" and isinstance(node.op, ast.Pow)):
            yield "number", scale_number(field, share)


def of_call(node, share):
    """Changes of a call: of the function, of an argument, of a value that is compared."""
    method = is_comparison(node)
    if method in ("__call__", "definition", "evidence"):
        for place in range(min(len(node.args), 1 if method == "evidence" else 2)):
            if not isinstance(node.args[place], ast.Starred):
                yield "value", shift_argument(place)
    if method:
        return
    if called(node) in FUNCTIONS:
        yield "function", rename
    if called(node) in PLAIN:
        return
    for place, (one, other) in enumerate(zip(node.args, node.args[1:], strict=False), start=1):
        starred = isinstance(one, ast.Starred) or isinstance(other, ast.Starred)
        if not starred and ast.dump(one) != ast.dump(other):
            yield "argument", repeat_argument(place)
    for place, value in enumerate(node.args):
        if is_number(value) and isinstance(value.value, float) and value.value:
            yield "input", scale_argument(place, share)


def rename(node):
    if isinstance(node.func, ast.Attribute):
        node.func.attr = FUNCTIONS[node.func.attr]
    else:
        node.func.id = FUNCTIONS[node.func.id]


def repeat_argument(place):
    def apply(node):
        node.args[place] = node.args[place - 1]

    return apply


def scale_argument(place, share):
    def apply(node):
        node.args[place] = ast.Constant(node.args[place].value * (1 + share))

    return apply


def shift_argument(place):
    def apply(node):
        node.args[place] = ast.Call(ast.Name("_shifted", ast.Load()), [node.args[place]], [])

    return apply


def mutants(tree, test, share, inputs=()):
    """All mutants of a test, in the order of their lines."""
    places = {id(node): place for place, node in enumerate(ast.walk(tree))}
    found, seen = [], Counter()
    for function in reached(tree, test, inputs):
        for node, whole in formulas(function):
            for kind, apply in changes(node, whole, share):
                other = copy.deepcopy(node)
                apply(other)
                change = f"{ast.unparse(node)} -> {ast.unparse(other)}"
                key = function.name, change
                seen[key] += 1
                if seen[key] > 1:
                    change += f" (no. {seen[key]})"
                found.append(
                    Mutant(kind, function.name, node.lineno, change, places[id(node)], apply)
                )
    return found


def chosen(found, most):
    """At most so many: of each kind in turn, spread over the lines."""
    if most is None or len(found) <= most:
        return found
    kinds = {}
    for mutant in found:
        kinds.setdefault(mutant.kind, []).append(mutant)
    quotas, left = dict.fromkeys(kinds, 0), most
    while left:
        for kind in kinds:
            if left and quotas[kind] < len(kinds[kind]):
                quotas[kind] += 1
                left -= 1
    picked = [
        kinds[kind][i * len(kinds[kind]) // quota]
        for kind, quota in quotas.items()
        for i in range(quota)
    ]
    return sorted(picked, key=lambda mutant: (mutant.line, mutant.place, mutant.change))


class Watch(ast.NodeTransformer):
    """Hand what a comparison or an assertion is made of to `_seen`, which returns it."""

    def __init__(self):
        self.inside = False

    def visit_Call(self, node):
        was, self.inside = self.inside, self.inside or is_comparison(node) is not None
        node.args = [self._watched(value) for value in map(self.visit, node.args)]
        node.func = self.visit(node.func)
        self.inside = was
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        node.left = self._watched(node.left)
        node.comparators = [self._watched(value) for value in node.comparators]
        return node

    def visit_Assert(self, node):
        was, self.inside = self.inside, True
        self.generic_visit(node)
        self.inside = was
        return node

    def _watched(self, value):
        if not self.inside or isinstance(value, ast.Starred | ast.GeneratorExp | ast.Constant):
            return value
        return ast.Call(ast.Name("_seen", ast.Load()), [value], [])


def compiled(tree, path, test, mutant, names):
    """The test of a module with one change, or with none."""
    tree = copy.deepcopy(tree)
    if mutant is not None:
        node = next(n for place, n in enumerate(ast.walk(tree)) if place == mutant.place)
        mutant.apply(node)
    functions = {function.name for function in reached(tree, test)}
    for part in tree.body:
        if getattr(part, "name", None) in functions:
            Watch().visit(part)
    module = {"__name__": path.stem, "__file__": str(path), **names}
    exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), module)
    return module[test]


# --- running them -----------------------------------------------------------------


class Record:
    """What one run of a test has compared: pairs of sides, and all that they are made of."""

    def __init__(self):
        self.pairs, self.parts, self.error, self.passed = [], [], None, False

    def seen(self, value):
        self.parts.append(_numbers(value))
        return value


def _numbers(value):
    """A value as an array of numbers; None for what is not made of them."""
    import numpy as np

    try:
        array = np.asarray(value)
        if array.dtype == object:
            array = np.vectorize(complex, otypes=[complex])(array)
        return array.astype(complex) if array.size < 100_000 else None
    except (TypeError, ValueError, OverflowError):
        return None


def shifted(value):
    """A compared value off by a hundredth; by a hundredth of one where it is all zero."""
    import numpy as np
    from claims import _array

    array = _array(value)
    nothing = not array.size or float(np.max(np.abs(array))) < NOTHING
    return array * (1 + SHARE) + (SHARE if nothing else 0)


def _differ(one, other, limit):
    import numpy as np

    if one is None or other is None:
        return one is not other
    if one.shape != other.shape:
        return True
    with np.errstate(all="ignore"):
        same = (np.abs(one - other) <= limit) | (one == other) | (np.isnan(one) & np.isnan(other))
    return not bool(np.all(same))


def outcome(kind, before, after):
    """What became of a mutant: before and after are the records without and with it."""
    import numpy as np

    if isinstance(after.error, STILLBORN):
        return "stillborn"
    if not after.passed:
        return "killed"
    if [name for name, *_ in before.pairs] != [name for name, *_ in after.pairs]:
        return "moved"
    alike = alone = off = elsewhere = False
    for (call, *old, limit), (_, *new, _) in zip(before.pairs, after.pairs, strict=True):
        sides = [_differ(one, other, limit) for one, other in zip(old, new, strict=True)]
        alike |= all(sides)
        if any(sides) and not all(sides):
            off |= call[1] is not None or call[0] == "broken"
            held = old[1] if sides[0] else old[0]
            zero = kind in INPUTS and held is not None and np.all(np.abs(held) < NOTHING)
            elsewhere |= bool(zero)
            alone |= call[1] is None and call[0] in ("__call__", "definition") and not zero
    if alone:
        return "survived"
    if alike or elsewhere:
        return "moved"
    if off:
        return "off"
    for one, other in zip(before.parts, after.parts, strict=False):
        limit = 0 if one is None or other is None else DIGITS * (np.abs(one) + 1e-300)
        if _differ(one, other, limit):
            return {"number": "slack"}.get(kind, "moved" if kind in INPUTS else "survived")
    return "unseen" if len(before.parts) == len(after.parts) else "survived"


class Runner:
    """A plugin of pytest that runs a claim's test once as it is, and then with every mutant."""

    def __init__(self, most, inputs=()):
        self.most, self.inputs = most, inputs
        self.record, self.records, self.mutants, self.problem = None, [], [], None

    def pytest_collection_modifyitems(self, items):
        import claims as helper
        import pytest

        helper.stored = dict  # A test must mind by itself, and not by the number last measured.
        item = items[0]
        path, test = Path(item.path), item.originalname
        tree = ast.parse(path.read_text(encoding="utf-8"))
        entry = helper.load()[item.get_closest_marker("claim").args[0]]
        share = max(SHARE, 2 * entry["tolerance"])
        self.mutants = chosen(mutants(tree, test, share, self.inputs), self.most)
        names = {"_seen": lambda value: self.record.seen(value), "_shifted": shifted}
        self._watch(helper.Deviation)
        made = []
        for number, mutant in enumerate([None, *self.mutants]):
            try:
                function = compiled(tree, path, test, mutant, names)
            except Exception as error:
                function = _broken(error, item.obj)
            made.append(
                pytest.Function.from_parent(
                    item.parent, name=f"{test}[{number}]", callobj=function, originalname=test
                )
            )
        items[:] = made

    def _watch(self, deviation):
        """Record both sides of every comparison, and which call makes it."""
        plain, runner = deviation._distance, self

        def distance(this, one, other, scale):
            import numpy as np

            frame = sys._getframe(1)
            call = frame.f_locals.get("call", frame.f_code.co_name)
            sides = [_numbers(one), _numbers(other)]
            limit = SEEN * this.entry["tolerance"] * np.abs(np.asarray(scale, dtype=float))
            runner.record.pairs.append(((call, frame.f_locals.get("reading")), *sides, limit))
            return plain(this, one, other, scale)

        deviation._distance = distance

    def pytest_runtest_setup(self, item):
        self.record = Record()
        self.records.append(self.record)

    def pytest_runtest_makereport(self, item, call):
        if call.when == "call":
            self.record.passed = call.excinfo is None
            self.record.error = call.excinfo.value if call.excinfo else None

    def pytest_runtest_call(self, item):
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, _out_of_time)
            signal.alarm(SECONDS)

    def pytest_runtest_teardown(self, item):
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)

    def results(self):
        """Pairs of a mutant and what became of it."""
        if not self.records or not self.records[0].passed:
            raise RuntimeError(f"the test fails without any change: {self.records[0].error}")
        before, *rest = self.records
        return [(m, outcome(m.kind, before, r)) for m, r in zip(self.mutants, rest, strict=True)]


def _broken(error, like):
    def function(deviation):
        raise error

    function.pytestmark = like.pytestmark
    return function


def _out_of_time(number, frame):
    raise TimeoutError(f"The test took more than {SECONDS} s.")


def run(root, carrier, most=MOST, inputs=()):
    """Mutants of one claim's test and what became of them, as dictionaries."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import contextlib
    import io

    import pytest
    from hypothesis import HealthCheck, Phase, settings

    # Without shrinking: a mutant is killed by any example.
    settings.register_profile(
        "mutants",
        deadline=None,
        max_examples=25,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    runner = Runner(most, inputs)
    command = ["-q", "-p", "no:cacheprovider", "--rootdir", str(root), "--tb=no"]
    command += ["-p", "no:randomly", "-c", str(root / "pyproject.toml")]
    command += ["--hypothesis-profile=mutants", f"{root}/{carrier}"]
    began, report = time.perf_counter(), io.StringIO()
    with contextlib.redirect_stdout(report), contextlib.redirect_stderr(report):
        pytest.main(command, plugins=[runner])
    try:
        found = runner.results()
    except (RuntimeError, IndexError) as error:
        return {"problem": f"{error}\n{report.getvalue()[-2000:]}", "seconds": 0, "mutants": []}
    listed = [
        {"function": m.function, "line": m.line, "kind": m.kind, "change": m.change, "result": r}
        for m, r in found
    ]
    return {"seconds": time.perf_counter() - began, "mutants": listed}


# --- what is said of them ---------------------------------------------------------


def read_explained(root):
    """The reasons {claim or helper: {what is changed: why}}, and the helpers that make inputs.

    What is changed is the whole change, `a + b -> a - b`, or `a + b` alone for each change of it.
    """
    path = root / EXPLAINED
    return yaml.load(path.read_text(encoding="utf-8"), claims.LOADER) or {}


def reason(explained, identifier, mutant):
    """Why a mutant may survive, or None."""
    for name in (identifier, mutant["function"]):
        reasons, change = explained.get(name) or {}, mutant["change"]
        found = reasons.get(change) or reasons.get(change.split(" -> ")[0])
        if found:
            return found
    return None


def problems(identifier, result, explained, complete=False):
    """The survivors that nothing explains; of a claim that is run whole, what explains nothing."""
    if "problem" in result:
        return [f"{identifier}: {result['problem']}"]
    survived = [m for m in result["mutants"] if m["result"] == "survived"]
    found = [
        f"{identifier}, line {m['line']} ({m['function']}): {m['change']}"
        for m in survived
        if not reason(explained, identifier, m)
    ]
    changes = {text for m in survived for text in (m["change"], m["change"].split(" -> ")[0])}
    idle = [key for key in explained.get(identifier) or {} if key not in changes]
    return found + [f"{identifier}: no survivor is {key!r}" for key in idle if complete]


def row(identifier, result, explained):
    """A line of the table."""
    counts = Counter(m["result"] for m in result["mutants"])
    made = counts["killed"] + counts["survived"]
    others = ", ".join(f"{counts[name]} {name}" for name in RESULTS[2:] if counts[name])
    known = sum(
        m["result"] == "survived" and reason(explained, identifier, m) is not None
        for m in result["mutants"]
    )
    others += f"{', ' if others else ''}{known} explained" if known else ""
    return f"{identifier:<14} {counts['killed']:>3}/{made:<3} {others}"


def _task(arguments):
    identifier, *rest = arguments
    return identifier, run(*rest)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "ids", nargs="*", help="claims with all their mutants; none takes all claims"
    )
    parser.add_argument("--most", type=int, help=f"mutants of a claim: {MOST} if all are run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all that was found to this file")
    parser.add_argument("--root", type=Path, default=ROOT)
    args = parser.parse_args()
    root = args.root.resolve()
    carriers, explained = claims.carriers(root), read_explained(root)
    unknown = [name for name in args.ids if name not in carriers]
    if unknown:
        print(f"There is no claim {', '.join(unknown)}.", file=sys.stderr)
        return 1
    most = args.most or (None if args.ids else MOST)
    inputs = tuple(explained.get("inputs", ()))
    tasks = [(name, root, carriers[name], most, inputs) for name in args.ids or carriers]
    found, everything = [], {}
    # A mutant may leave anything behind: no process runs many claims.
    with multiprocessing.get_context("spawn").Pool(args.jobs, maxtasksperchild=40) as pool:
        for identifier, result in pool.imap_unordered(_task, tasks):
            print(row(identifier, result, explained), flush=True)
            new = problems(identifier, result, explained, most is None)
            for line in new:
                print(f"    {line}", flush=True)
            found += new
            everything[identifier] = result
    if args.json:
        args.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    counts = Counter(m["result"] for r in everything.values() for m in r["mutants"])
    print(", ".join(f"{counts[name]} {name}" for name in RESULTS))
    if found:
        print(f"{len(found)} that nothing explains, or that explain nothing", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
