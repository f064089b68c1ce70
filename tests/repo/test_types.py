"""The type hints: complete, true, and of use to whoever calls the library."""

import ast
import inspect
import os
import re
import subprocess
import sys
import typing
from functools import partial
from importlib import resources
from pathlib import Path

import numpy as np
import public_api
import pytest
import xarray

import coherence_lib
from coherence_lib import _types, atoms, drawings, explore, figures, measures, ring, thermal
from coherence_lib.atoms import solve

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "coherence_lib"


def run_mypy(*arguments):
    command = [sys.executable, "-m", "mypy", *arguments]
    found = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=found, capture_output=True, text=True, encoding="utf-8"
    )
    assert not done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A function that returns what mypy says of a script, at its strictest, as a user has it."""
    folder = tmp_path_factory.mktemp("mypy")
    settings, script = folder / "mypy.ini", folder / "script.py"
    # What is installed is not judged, and QuTiP has no hints.
    text = "[mypy]\nstrict = True\nfollow_imports = silent\n[mypy-qutip.*]\n"
    settings.write_text(text + "ignore_missing_imports = True\n", encoding="utf-8")

    def ask(code):
        script.write_text(code, encoding="utf-8")
        return run_mypy("--config-file", settings, "--cache-dir", folder / "cache", script)

    return ask


# --- the library -----------------------------------------------------------------

# `make types` finds it sound; here it is spoiled in some places, all in one run.
ENTROPY = "def _entropy(probabilities: NDArray[np.floating]) -> Floats:"
SUM = "def sum_of_off_diagonals(array: Complexes) -> float | Floats:"
ROWS = "def rows(self) -> int:\n        return window.rows(self.n_sources)"
CHOICE = '_checks.choice(order, (1, 2), "order")'
NEEDS = 'needs="two atoms with gamma_12 = gamma0"'
SPOILED = [
    ("measures.py", ENTROPY, "def _entropy(probabilities):", "[no-untyped-def]"),
    ("measures.py", SUM, SUM.replace(" -> float | Floats", ""), "[no-untyped-def]"),
    ("ring/bounds.py", CHOICE, "_checks.choice(order, (1, 2))", "[call-arg]"),
    ("ring/graph.py", ROWS, ROWS.replace("int", "str"), "[return-value]"),
    ("atoms/pair.py", NEEDS, "needs=2", "[arg-type]"),
]


def test_each_wrong_hint_or_call_is_found(tmp_path):
    texts, shadows = {}, []
    for module, old, new, _ in SPOILED:
        text = texts.get(module) or (LIBRARY / module).read_text(encoding="utf-8")
        assert text.count(old) == 1
        texts[module] = text.replace(old, new)
    for number, (module, text) in enumerate(texts.items()):
        other = tmp_path / f"{number}.py"
        other.write_text(text, encoding="utf-8")
        shadows += ["--shadow-file", LIBRARY / module, other]
    printed = run_mypy("--cache-dir", tmp_path, *shadows).splitlines()
    for module, _, new, error in SPOILED:
        line = texts[module][: texts[module].index(new)].count("\n") + 1 + new.count("\n")
        place = f"coherence_lib/{module}:{line}: error: "
        assert any(text.startswith(place) and error in text for text in printed), (module, printed)


# --- its callers -----------------------------------------------------------------

CALLS = """
import numpy as np
import qutip
import xarray
from numpy.typing import NDArray

import coherence_lib as cl

pair = cl.atoms.AtomCluster([[0, 1], [1, 0]], np.ones((2, 2)))
ring = cl.ring.SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
labelled = xarray.DataArray([0.5, 1.0], dims="T")

one: float = cl.thermal.photon_number(1.0, 2)
many: NDArray[np.float64] = cl.thermal.photon_number(1.0, [1.0, 2.0])
named: xarray.DataArray = cl.thermal.photon_number(1.0, labelled)
cold: float = cl.ring.coherence(ring, np.float64(0.5))
curve: NDArray[np.float64] = cl.ring.coherence(ring, np.geomspace(0.1, 10, 50), log=True)
course: xarray.DataArray = cl.ring.coherence(ring, labelled)
local: float = cl.ring.local_coherence(1.0, 6, 0.5, 0.2, 0.25)
maps: NDArray[np.float64] = cl.ring.local_coherence(1.0, [2, 4], 0.5, 0.2, np.zeros(2))
top: float = max(peak.temperature for peak in cl.ring.transition.extrema(ring))
phase: str = cl.ring.transition.ground_state(ring).phase
bound: float = cl.ring.bounds.upper_bound(ring, 1.0) - cl.ring.bounds.lower_bound(ring, 1.0)

charged = cl.atoms.steady_state(pair, 2.0, cl.atoms.ground_state(2))
number: float = cl.measures.l1_coherence(charged)
other: float = cl.measures.l1_coherence([[0.5, 0.25j], [-0.25j, 0.5]])
of_qutip: float = cl.measures.l1_coherence(qutip.bell_state("10"))
states = cl.atoms.evolve(pair, np.diag([0, 1, 0, 0]), range(5), nbar=1.0, method="full")
times: NDArray[np.float64] = cl.measures.l1_coherence(states)
numbers: list[float] = [cl.measures.l1_coherence(state) for state in states]
late: float = cl.atoms.long_time_coherence(pair, 10.0)
large: float = cl.atoms.ladder.long_time_coherence(10**4, 10.0, log=True)
after, qubit = cl.harvest.collide(charged, np.diag([0.0, 1.0]), 0.1)
heat: float = cl.harvest.heat_current(charged, qubit, rate=1.0, g_tau=0.1)
beam: NDArray[np.complex128] = cl.harvest.beam_steady_state(charged, 0.1, order=2)
table: xarray.DataArray = cl.sweep.sweep(cl.ring.coherence, temperature=[0.5], fixed={"ring": ring})
words: xarray.DataArray = cl.sweep.sweep(cl.atoms.evolve, method=["full"], nbar=np.ones(2))
try:
    cl.atoms.steady_state(pair, 1.0)
except cl.DegenerateSteadyStateError as error:
    print(error, cl.drawings.two_dipoles().axes)
"""


def test_typical_calls_are_accepted(asked):
    assert asked(CALLS).startswith("Success")


WRONG = """
cl.thermal.photon_number("one", 2.0)
cl.thermal.photon_number(1.0)
cl.thermal.temperature(1j)
cl.measures.l1_coherence("rho")
cl.measures.l1_coherence(0.5)
cl.ring.coherence(1.0, ring)
cl.ring.coherence(ring, None)
cl.ring.coherence(ring, phases)
cl.ring.coherence(ring, 1.0, logarithm=True)
cl.ring.SourceRing("six", 0.5, 0.2, 0.25)
cl.ring.bounds.high_temperature(ring, 1.0, order=3)
cl.ring.transition.extrema(ring).temperature
cl.atoms.evolve(pair, rho, [0.0], 1.0, method="exact")
cl.atoms.evolve(rho, pair, [0.0], 1.0)
cl.atoms.steady_state(pair, [1.0, 2.0])
cl.atoms.long_time_coherence(pair, 1.0).max()
cl.harvest.beam_steady_state(rho, 0.1, order=1)
cl.harvest.squeezed_bath(rho, 1.0, 0.1).rate
cl.sweep.sweep(0.5, J=[0.1, 0.2])
cl.sweep.sweep(cl.ring.coherence, temperature=0.5)
cl.sweep.sweep(cl.ring.coherence, temperature=[0.5], executor=4)
cl.sources
""".strip().splitlines()


def test_each_wrong_call_is_found(asked):
    head = """import numpy as np
import coherence_lib as cl
pair, rho, phases = cl.atoms.AtomCluster.collective(2), np.eye(4) / 4, np.ones(2, np.complex128)
ring = cl.ring.SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
"""
    printed = asked(head + "\n".join(WRONG) + "\n")
    found = {int(line) for line in re.findall(r":(\d+): error: ", printed)}
    first = head.count("\n") + 1
    assert found == set(range(first, first + len(WRONG))), printed


# --- what is said is what comes back ---------------------------------------------

PAIR = atoms.AtomCluster.collective(2, f0=1.0)
RING = ring.SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
ROW = np.diag([1.0, 1.0], 1) + np.diag([1.0, 1.0], -1)
BROADCAST = {
    "thermal.photon_number": lambda x: thermal.photon_number(1.0, x),
    "thermal.temperature": thermal.temperature,
    "thermal.qubit_temperature": lambda x: thermal.qubit_temperature(0.2, x),
    "ring.coherence": lambda x: ring.coherence(RING, x),
    "ring.incoherence": lambda x: ring.incoherence(RING, x),
    "ring.log_partition_function": lambda x: ring.log_partition_function(RING, x),
    "ring.local_coherence": lambda x: ring.local_coherence(x, 6, 0.5, 0.2, 0.25),
    "ring.Levels.mean": lambda x: RING.levels().mean(RING.levels().energies, x),
    "ring.transition.slope": lambda x: ring.transition.slope(RING, x),
    "ring.transition.critical_gap": lambda x: ring.transition.critical_gap(6, 0.2, x),
    "ring.transition.critical_coupling": lambda x: ring.transition.critical_coupling(6, 0.2, x),
    "atoms.long_time_coherence": lambda x: atoms.long_time_coherence(PAIR, x),
    "atoms.ladder.long_time_coherence": lambda x: atoms.ladder.long_time_coherence(3, x),
    "atoms.pair.coherence_from_ground": lambda x: atoms.pair.coherence_from_ground(x, 1.0),
    "atoms.pair.long_time_coherence": lambda x: atoms.pair.long_time_coherence(np.eye(4) / 4, x),
    "atoms.pair.slow_rate": lambda x: atoms.pair.slow_rate(x, 1e-3),
    "atoms.pair.time_integral": lambda x: atoms.pair.time_integral(x, 1e-3),
    "atoms.symmetry.long_time_coherence": lambda x: atoms.symmetry.long_time_coherence(ROW, x),
    **{
        f"ring.bounds.{name}": lambda x, name=name: getattr(ring.bounds, name)(RING, x)
        for name in ring.bounds.__all__
        if name != "ground_state_coherence"
    },
}


@pytest.mark.parametrize("name", BROADCAST)
def test_the_form_of_what_comes_back_is_that_of_what_goes_in(name):
    call = BROADCAST[name]
    assert type(call(0.5)) is float
    assert type(call([0.5, 1.0])) is np.ndarray
    assert call(np.array([0.5, 1.0])).dtype == np.float64
    assert type(call(xarray.DataArray([0.5, 1.0], dims="x"))) is xarray.DataArray


def test_every_function_that_says_so_is_among_them():
    single = {f"measures.{name}" for name in measures.__all__}
    said = {
        name
        for name, function in public().items()
        if "float" in [over.__annotations__["return"] for over in overloads(function)]
    }
    assert said == BROADCAST.keys() - {"ring.Levels.mean"} | single


def measure_and_change(measure, rho):
    """A measure of a state and a derivative, of states alone: the state moves to |e>."""
    towards = np.diag([1.0, -1.0])
    return measure(rho, towards.tolist() if isinstance(rho, list) else 0 * rho + towards)


@pytest.mark.parametrize("name", measures.__all__)
def test_a_measure_is_a_number_for_one_state_and_an_array_for_many(name):
    measure, rho = getattr(measures, name), np.eye(2) / 2
    if name == "quantum_fisher_information":
        measure = partial(measure_and_change, measure)
    assert type(measure(rho)) is float
    assert type(measure(rho.tolist())) is float
    assert type(measure(np.array([rho, rho]))) is np.ndarray
    labelled = xarray.DataArray([rho, rho], dims=("x", "row", "column"))
    assert type(measure(labelled)) is xarray.DataArray


def test_the_methods_are_the_routes():
    assert typing.get_args(_types.Method) == ("auto", *(route.name for route in solve.ROUTES))


# --- complete, and readable ------------------------------------------------------


def public():
    """Every public function and method, those of the book's figures included."""
    found = public_api.functions()
    for part in (drawings, explore, figures):
        for name in part.__all__:
            value, label = getattr(part, name), f"{part.__name__.split('.')[1]}.{name}"
            found[label] = value
            for method, inner in vars(value).items() if inspect.isclass(value) else ():
                if not method.startswith("_") and inspect.isfunction(inner):
                    found[f"{label}.{method}"] = inner
    return found


def overloads(function):
    return typing.get_overloads(function) if inspect.isroutine(function) else []


def signed(function):
    """The function that has the signature, and all of its overloads."""
    if inspect.isclass(function):
        function = function.__init__
    return [inspect.unwrap(function), *overloads(function)]


def names_for_hints():
    """What the modules import for their hints alone."""
    found = {}
    for path in sorted(LIBRARY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                imported = [n for n in node.body if isinstance(n, (ast.Import, ast.ImportFrom))]
                exec(compile(ast.Module(imported, []), str(path), "exec"), found)
    return found


def test_every_public_function_is_annotated_in_full():
    for name, function in public().items():
        for one in signed(function):
            signature = inspect.signature(one)
            given = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
            assert all(p.annotation is not p.empty for p in given), name
            assert signature.return_annotation is not signature.empty, name


def test_all_annotations_can_be_resolved():
    names = names_for_hints()
    assert {"qutip", "DataArray", "Figure", "Columns"} <= names.keys()
    for name, function in public().items():
        for one in signed(function):
            hints = typing.get_type_hints(one, localns={**names, **one.__globals__})
            assert hints.keys() >= one.__annotations__.keys(), name


def test_no_public_function_takes_or_returns_just_anything():
    # What a style sheet holds is matplotlib's.
    for name, function in public().items():
        for one in signed(function):
            texts = " ".join(map(str, one.__annotations__.values()))
            assert "Any" not in texts or name == "figures.style", name


def test_errors_that_are_ignored_are_few_and_have_a_reason():
    found = []
    for path in LIBRARY.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for k, line in enumerate(lines):
            if "type: ignore" in line:
                assert "type: ignore[" in line
                assert lines[k - 1].lstrip().startswith("# ")
                found.append(path.name)
    assert len(found) <= 3


def test_hints_are_shipped_and_cost_no_import():
    assert (resources.files(coherence_lib) / "py.typed").is_file()
    heavy = "'numpy', 'qutip', 'xarray', 'matplotlib', 'typing'"
    code = f"import sys; old = set(sys.modules); import coherence_lib; print([m for m in ({heavy})"
    code += " if m in set(sys.modules) - old])"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True,
                          text=True, encoding="utf-8", check=True)  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_aliases_are_told_in_one_line_each():
    lines = (LIBRARY / "_types.py").read_text(encoding="utf-8").splitlines()
    aliases = [k for k, line in enumerate(lines) if ": TypeAlias =" in line]
    assert len(aliases) > 15
    assert all(lines[k - 1].startswith("# ") for k in aliases)
