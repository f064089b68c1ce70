"""Time and memory of each route against the number of atoms or sources, for the book.

    .venv/bin/python benchmarks/scaling.py

writes `benchmarks/measured.json` and puts the same numbers into the cell `measured` of the chapter
on numerics, which reads no file and so can be downloaded alone. Each point is measured in a
process of its own: the processor's time of the shortest of several runs on one core, and what the
first of them adds to the memory in use at its peak. That peak is reset through /proc, so this needs
Linux.
"""

if __name__ == "__main__":
    import one_core  # noqa: F401 - before NumPy is imported

# isort: split
import json
import multiprocessing
import os
import platform
import time
from importlib import metadata
from pathlib import Path
from textwrap import wrap

import numpy as np

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, ladder
from coherence_lib.ring import SourceRing, integral, thermal_sum
from coherence_lib.ring.graph import Ring
from coherence_lib.ring.model import Columns
from coherence_lib.ring.target import COHERENCE

ROOT = Path(__file__).parents[1]
MEASURED = ROOT / "benchmarks" / "measured.json"
CHAPTER = ROOT / "book" / "part3" / "numerics.ipynb"
CELL = "measured"
# Seconds over which runs are repeated: short ones often, long ones once.
ENOUGH = 1.0
NBAR = 10.0
TIMES = np.linspace(0, 0.3, 31)
# Close atoms, and times long after all that floats can follow step by step.
NEAR, LATE = 0.02, np.geomspace(1, 1e12, 31)


def somewhere(n, spread=0.5):
    """Atoms at places of their own: no two couplings are the same."""
    places = spread * np.random.default_rng(7).normal(size=(n, 3))
    return AtomCluster.from_positions(places, dipole=[0, 0, 1])


def ring_of(n):
    return SourceRing(n, omega_a=0.5, gamma=0.2, J=0.25)


def column(n):
    return Columns.of(ring_of(n), np.array([1.0]))


def by_levels(n):
    levels = ring_of(n).levels()
    return levels.mean(levels.coherence, 1.0)


# {route: (what a size asks of it, the sizes)}; all of a column end in one answer.
ROUTES = {
    "full": (lambda n: atoms.coherence(somewhere(n), TIMES, NBAR, method="full"), (4, 5, 6, 7)),
    "blocks": (
        lambda n: atoms.coherence(somewhere(n), TIMES, NBAR, method="blocks"),
        (3, 4, 5, 6, 7, 8),
    ),
    "modes": (
        lambda n: atoms.coherence(somewhere(n, NEAR), LATE, NBAR, method="modes"),
        (3, 4, 5, 6),
    ),
    "near_field": (
        lambda n: atoms.coherence(somewhere(n, NEAR), TIMES, NBAR, method="near_field"),
        (5, 6, 7),
    ),
    "ladder": (lambda n: ladder.coherence(TIMES, n, NBAR), (10, 30, 100, 300, 1000)),
    "dense state": (lambda n: ring_of(n).gibbs_state(1.0).ptrace(0), (6, 7, 8, 9, 10)),
    "table of levels": (by_levels, (30, 60, 100, 200, 400)),
    "sum": (
        lambda n: thermal_sum.log_mean(Ring(n), column(n), COHERENCE, False),
        (10**2, 10**3, 10**4, 10**5, 10**6, 10**7, 10**8, 10**9),
    ),
    "integral": (
        lambda n: integral.means(n, column(n)),
        (10**2, 10**4, 10**6, 10**8, 10**10, 10**14, 10**18),
    ),
}


def _status(field):
    """Bytes of a field of this process's status."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(field + ":"):
            return 1024 * int(line.split()[1])
    raise ValueError(f"`field` must be one of the status, but got {field!r}.")


def _measure(route, n, queue):
    question, sizes = ROUTES[route]
    # What is imported on the first call is not the route's cost.
    question(sizes[0])
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before, seconds, peak = _status("VmRSS"), [], None
    while sum(seconds) < ENOUGH:
        start = time.process_time()
        question(n)
        seconds.append(time.process_time() - start)
        peak = _status("VmHWM") if peak is None else peak
    queue.put((min(seconds), max(peak - before, 0)))


def measure(route, n):
    """Seconds and bytes of one point."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_measure, args=(route, n, queue))
    child.start()
    point = queue.get()
    child.join()
    return point


def rounded(x):
    """Three digits: more are no property of the route."""
    return float(f"{x:.3g}")


def all_measured():
    routes = {}
    for route, (_, sizes) in ROUTES.items():
        points = [measure(route, n) for n in sizes]
        routes[route] = {
            "N": list(sizes),
            "seconds": [rounded(s) for s, _ in points],
            "megabytes": [rounded(b / 1e6) for _, b in points],
        }
        for n, (seconds, size) in zip(sizes, points, strict=True):
            print(f"{route}, {n:g}: {seconds:.3g} s, {size / 1e6:.3g} MB")
    return {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count()},
        "conditions": "processor's time on one core, the shortest of several runs",
        "versions": {
            "Python": platform.python_version(),
            **{name: metadata.version(name) for name in ("numpy", "scipy", "qutip")},
        },
        "routes": routes,
    }


def cell(measured):
    """The source of the chapter's cell that holds these numbers."""
    machine = measured["machine"]
    versions = " ".join(f"{name} {v}" for name, v in measured["versions"].items())
    lines = [
        f"# {machine['processor']}, {machine['cores']} cores; {measured['conditions']}",
        f"# {versions}",
        "measured = {                  # route: N, seconds, megabytes",
    ]
    for route, columns in measured["routes"].items():
        first, second, third = (
            "[" + ", ".join(f"{x:g}" for x in columns[name]) + "]"
            for name in ("N", "seconds", "megabytes")
        )
        row = f'"{route}": ({first}, {second}, {third}),'
        lines += wrap(row, 82, initial_indent=" " * 4, subsequent_indent=" " * 8)
    return "\n".join([*lines, "}"])


def put(measured, path):
    """Write the numbers into the chapter's cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (found,) = [c for c in notebook["cells"] if c.get("id") == CELL]
    found["source"] = cell(measured).splitlines(keepends=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    found = all_measured()
    MEASURED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    put(found, CHAPTER)
