"""Change each constant of a chapter by a hundred-thousandth: does its figure or table mind?

A cell that only checks compares two routes, which agree at any value, and has no figure to lose:
its constants are left out, as are limits in assertions, the looks of a figure, and what a solver is
told about its own precision. All others are changed one at a time. The chapter then runs on from
there in a process of its own, until something is shown or said that was not before, or an error
comes. Where nothing minds, the constant is changed by a hundredth: of a table's number with three
digits, or one that a curve hardly feels, no more can be asked. What nothing minds then is explained
in `tests/repo/equivalent_figure_mutants.yml`, or is a gap.
"""

import argparse
import ast
import contextlib
import copy
import dis
import io
import json
import os
import random
import re
import signal
import sys
import types
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from coherence_lib import _writing  # noqa: E402
from tools import trust  # noqa: E402
from tools.notebook_checks import code_cells, numbers_call  # noqa: E402

SCORES = trust.FIGURE_MUTANTS
EXPLAINED = "tests/repo/equivalent_figure_mutants.yml"
# The relative change, and the one after it that is tried where nothing minds.
STEP, COARSE = 1e-5, 1e-2
# Seconds of a run; one that hangs is noticed.
PATIENCE = 120
# Arguments that say how a figure looks, or how precise a solver is to be.
LOOKS = {"figsize", "lw", "ms", "s", "size", "fontsize", "alpha", "framealpha", "zorder", "ls"}
LOOKS |= {"ncols", "bbox_to_anchor", "width", "spacing", "height_ratios", "width_ratios"}
LOOKS |= {"markerscale", "columnspacing", "handlelength", "linewidth", "markersize", "pad"}
PRECISION = {"atol", "rtol", "xtol", "maxsteps", "extraprec", "repeat"}
# What became of one: a number or a text is another, an assertion fails, it is refused with an
# error, it is noticed as the coarse change alone, or nothing changes.
RESULTS = ("shown", "asserted", "refused", "coarse", "survived")


@dataclass(frozen=True)
class Mutant:
    """One changed constant: the cell's place, and that of the constant in it."""

    cell: int
    constant: int
    line: str
    value: complex

    @property
    def name(self):
        """How people find it, and how it is explained."""
        return f"{self.line} [{self.value!r}]"


# --- which constants ---------------------------------------------------------------------------


def constants(tree):
    """Numbers of a piece of code that can be changed in relation to themselves, in its order."""
    found = []

    def walk(node):
        if isinstance(node, ast.Assert):
            return
        if isinstance(node, ast.keyword) and node.arg in LOOKS | PRECISION:
            return
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            if node.value:
                found.append(node)
            return
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(tree)
    return found


def names(tree):
    """Names that a cell reads from other cells, those that it makes, and those it may change."""
    read, made = set(), set()

    def walk(code):
        for step in dis.get_instructions(code):
            if step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in made:
                read.add(step.argval)
            if step.opname == "STORE_NAME":
                made.add(step.argval)
            if isinstance(step.argval, types.CodeType):
                walk(step.argval)

    walk(compile(copy.deepcopy(tree), "cell", "exec"))
    return read, made, {name for node in ast.walk(tree) for name in _changed_in_place(node)}


def _changed_in_place(node):
    """The name of what a piece of code writes into, or calls a method of for what it does."""
    place = None
    if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        place = node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        place = node.value.func
    while isinstance(place, (ast.Subscript, ast.Attribute)):
        place = place.value
    return [place.id] if isinstance(place, ast.Name) else []


def shows(cell):
    """Whether something that a reader sees comes out of a cell."""
    return any(output.output_type != "error" for output in cell.outputs)


def leading(cells):
    """Places of the cells that lead to something that is shown."""
    wanted, found = set(), []
    for place in reversed(range(len(cells))):
        read, made, changed = names(ast.parse(cells[place].source))
        if shows(cells[place]) or (made | changed) & wanted:
            found.append(place)
            wanted |= read
    return found[::-1]


def mutants(cells):
    """Every mutant of a chapter's cells."""
    found = []
    for place in leading(cells):
        lines = cells[place].source.splitlines()
        for number, node in enumerate(constants(ast.parse(cells[place].source))):
            line = lines[node.lineno - 1].strip()
            found.append(Mutant(place, number, line, node.value))
    return found


def mutated(source, constant, step=STEP):
    """A cell's code with one constant changed."""
    tree = ast.parse(source)
    node = constants(tree)[constant]
    node.value = node.value * (1 + step)
    return tree


# --- a run -------------------------------------------------------------------------------------


def run(tree, scope):
    """Run a cell; return all that a reader would see of it but pictures, as text."""
    body, last = tree.body, None
    if body and isinstance(body[-1], ast.Expr):
        body, last = body[:-1], ast.Expression(body[-1].value)
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(ast.Module(body, []), "cell", "exec"), scope)
        value = eval(compile(last, "cell", "eval"), scope) if last else None
    if value is None:
        return text.getvalue()
    markdown = getattr(value, "_repr_markdown_", None)
    return text.getvalue() + (str(markdown()) if markdown else repr(value) + _spoken(value))


def _spoken(value):
    """What a slider says at each of its places, which is no part of its digest."""
    data = re.search(r'"application/json">(.*?)</script>', getattr(value, "block", ""), re.DOTALL)
    return str(json.loads(data[1])["texts"]) if data else ""


class Chapter:
    """A chapter that runs cell by cell, as a notebook does, without a kernel."""

    def __init__(self, path):
        self.path = path
        self.cells = code_cells(nbformat.read(path, 4))
        self.trees = [ast.parse(cell.source) for cell in self.cells]

    def step(self, place, scope, tree=None):
        """Run one cell; return what it says."""
        import matplotlib.pyplot as plt

        # The figure just shown is the current one of pyplot, until its numbers are compared.
        if numbers_call(self.cells[place]) is None:
            plt.close("all")
        return run(copy.deepcopy(self.trees[place]) if tree is None else tree, scope)

    def texts(self):
        """What each cell says without a change; all must agree with the references."""
        scope, found = new_scope(), []
        for place in range(len(self.cells)):
            found.append(self.step(place, scope))
            if "DIFFERS" in found[-1] or "NOT COMPARED" in found[-1]:
                raise SystemExit(f"{self.path.name} differs without a change: {found[-1]}")
        return found

    def needed(self, start):
        """Places of the cells that a change in one may reach, and of those that they need."""
        reached = self.reached(start)
        wanted, found, figure = set(), [], None
        for place in range(len(self.cells) - 1, start, -1):
            read, made, inside = names(self.trees[place])
            if place in reached or place == figure or (made | inside) & wanted:
                found.append(place)
                wanted |= read
                # What compares a figure needs it shown.
                figure = place - 1 if numbers_call(self.cells[place]) else None
        return [start, *found[::-1]]

    def reached(self, start):
        """Places of the cells that a change in one may reach, by the names that they read."""
        _, made, inside = names(self.trees[start])
        other, found = made | inside, [start]
        for place in range(start + 1, len(self.cells)):
            read, made, inside = names(self.trees[place])
            # What compares a figure reads it from the cell before.
            after_it = numbers_call(self.cells[place]) is not None and found[-1] == place - 1
            if read & other or after_it:
                found.append(place)
                other |= made | inside
            else:
                # What a cell makes that nothing reached is as it was.
                other -= made
        return found

    def outcome(self, mutant, scope, texts, step):
        """What becomes of a mutant, from a scope in which all cells before have run."""
        tree = mutated(self.cells[mutant.cell].source, mutant.constant, step)
        try:
            for place in self.needed(mutant.cell):
                if self.step(place, scope, tree) != texts[place]:
                    return "shown"
                tree = None
        except AssertionError:
            return "asserted"
        except Exception:
            return "refused"
        return "survived"

    def outcomes(self, chosen):
        """{mutant: result}. Each has a process of its own, that begins where its cell does."""
        texts = self.texts()
        scope, found = new_scope(), {}
        for place in range(len(self.cells)):
            here = [mutant for mutant in chosen if mutant.cell == place]
            # The control: from here on nothing is noticed where nothing is changed.
            if here and in_a_child(partial(self.outcome, here[0], scope, texts, 0)) != "survived":
                raise SystemExit(f"{self.path.name} is red from cell {place} on without a change")
            for mutant in here:
                result = in_a_child(partial(self.outcome, mutant, scope, texts, STEP))
                if result == "survived":
                    again = in_a_child(partial(self.outcome, mutant, scope, texts, COARSE))
                    result = "survived" if again == "survived" else "coarse"
                found[mutant] = result
            self.step(place, scope)
        return found


def new_scope():
    """Names of a fresh kernel, and figures that no window shows."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    plt.show = lambda: None
    return {"__name__": "__main__"}


def in_a_child(task):
    """Run a task that returns a word in a process that is a copy of this one."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        word = "refused"
        try:
            signal.alarm(PATIENCE)
            sys.stderr = open(os.devnull, "w", encoding="utf-8")
            word = task()
        finally:
            os.write(theirs, word.encode())
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answer:
        word = answer.read().decode()
    os.waitpid(child, 0)
    # A child that was stopped has not answered.
    return word or "refused"


# --- the score ---------------------------------------------------------------------------------


def sampled(found, most, seed):
    """At most so many, the same for the same seed, in the chapter's order."""
    if not most or len(found) <= most:
        return found
    drawn = set(random.Random(seed).sample(range(len(found)), most))
    return [mutant for number, mutant in enumerate(found) if number in drawn]


def explained(root):
    """{chapter: {mutant: reason}}."""
    path = root / EXPLAINED
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def score(outcomes, made, reasons):
    """What is stored of a chapter: how many there are and were run, the results, the survivors."""
    left = [m.name for m, result in outcomes.items() if result == "survived"]
    known = [name for name in left if name in reasons]
    row = {"there": made, "made": len(outcomes)}
    row |= {result: list(outcomes.values()).count(result) for result in RESULTS[:-1]}
    row["explained"] = len(known)
    survived = [name for name in left if name not in reasons]
    return {**row, "survived": survived} if survived else row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help='such as "exact"; all')
    parser.add_argument("--most", type=int, help="mutants of a chapter, drawn at random; all")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    paths = sorted((ROOT / "book").glob("**/*.ipynb"))
    paths = [path for path in paths if not args.chapters or path.stem in args.chapters]
    stored, table = ROOT / SCORES, trust.read(ROOT, SCORES)
    for path in paths:
        chapter = Chapter(path)
        found = mutants(chapter.cells)
        with contextlib.chdir(path.parent):
            outcomes = chapter.outcomes(sampled(found, args.most, args.seed))
        row = score(outcomes, len(found), explained(ROOT).get(path.stem) or {})
        table[path.stem] = row
        counts = ", ".join(f"{row[name]} {name}" for name in (*RESULTS[:-1], "explained"))
        print(f"{path.stem:<20} {row['made']:>4} of {len(found):<4} {counts}", flush=True)
        for name in row.get("survived", []):
            print(f"    {name}", flush=True)
        _writing.write_text(stored, json.dumps(table, indent=1, ensure_ascii=False) + "\n")
    return 1 if any(row.get("survived") for row in table.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
