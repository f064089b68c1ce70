"""One table of bad values for every argument of every public function."""

import contextlib
import copy
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas
import public_api
import pytest
import qutip
import xarray
from bad_value_rows import OPEN, PAIR, RING, ROWS

import coherence_lib
from coherence_lib.atoms import DegenerateSteadyStateError

LIBRARY = Path(coherence_lib.__file__).parent
NAN, INF = float("nan"), float("inf")
HUGE = 2**63 + 1
MASKED = np.ma.masked_array([1.0, 2.0], [False, True])

# No real number, nor an array of them.
STRANGE = {
    "None": None,
    "a string": "1",
    "bytes": b"1",
    "True": True,
    "numpy's True": np.True_,
    "booleans": [True, False],
    "complex": 1j,
    "complex numbers": np.array([1 + 0j, 2]),
    "an object": object(),
    "a class": float,
    "a function": len,
    "a dict": {"a": 1.0},
    "objects": np.array([1.0, None], dtype=object),
    "ragged": [1.0, [2.0, 3.0]],
    "pandas' NA": pandas.NA,
    "pandas' NA among numbers": [1.0, pandas.NA],
    "a series with NA": pandas.Series([1, None], dtype="Int64"),
    "a date": np.datetime64("2026-01-01"),
    "masked": MASKED,
    "masked, one number": np.ma.masked,
    "a list with a masked number": [1.0, np.ma.masked],
    "a list of masked": [MASKED, MASKED],
    "masked, without a masked number": np.ma.masked_array([1.0, 2.0]),
    "a mask in nested lists": [[1.0, np.ma.masked], [1.0, 2.0]],
    "a Qobj": qutip.sigmaz(),
    "a data set": xarray.Dataset({"x": ("t", [1.0, 2.0])}),
    "NaN": NAN,
    "NaN among numbers": [1.0, NAN],
    "minus infinity": -INF,
    "a number beyond all floats": -(10**400),
}
NEGATIVE = {"-1": -1.0, "tiny and negative": -5e-324, "negative among numbers": [1.0, -1.0]}
ZERO = {"0": 0.0, "-0": -0.0, "0 among numbers": [1.0, 0]}
INFINITE = {"infinity": INF, "infinity among numbers": [1.0, INF]}
SEVERAL = {"a list of one": [1.0], "an empty list": [], "a matrix": np.ones((2, 2))}
REAL = STRANGE | INFINITE
NO_GRID = {
    "one number": 1.0,
    "an empty list": [],
    "an empty array": np.zeros(0),
    "a matrix": [[0.0, 1.0]],
    "falling": [1.0, 0.5],
}
NO_INTEGER = {
    key: STRANGE[key] for key in STRANGE if "beyond" not in key and key != "NaN among numbers"
} | {"1.5": 1.5, "1.0": 1.0, "infinity": INF, "floats": np.array([1.0, 2.0])}
BEYOND = {"unsigned beyond 2**63": np.uint64(HUGE), "beyond 2**63": HUGE, "10**400": 10**400}
NO_STATE = {
    "None": None,
    "a string": "rho",
    "True": True,
    "one number": 1.0,
    "an object": object(),
    "pandas' NA": pandas.NA,
    "a data set": xarray.Dataset({"x": ("t", [1.0, 2.0])}),
    "a vector": [1.0, 0.0],
    "ragged": [[1.0, 0], [0.0]],
    "not square": np.ones((2, 3)),
    "of no dimension": np.zeros((0, 0)),
    "booleans": [[True, False], [False, False]],
    "objects": np.array([[1.0, None], [None, 0.0]], dtype=object),
    "masked": np.ma.masked_array(np.eye(2) / 2, np.eye(2) > 0),
    "a mask in nested lists": [[0.5, np.ma.masked], [0.0, 0.5]],
    "a list of masked": [np.ma.masked_array(np.eye(2) / 2, np.eye(2) > 0)] * 2,
    "a bra": qutip.bra("g"),
    "a superoperator": qutip.to_super(qutip.sigmaz()),
    "Qobj and None": [qutip.fock_dm(2, 0), None],
    "Qobj of two dimensions": [qutip.fock_dm(2, 0), qutip.fock_dm(4, 0)],
}
# Of what is neither a number nor a state.
OTHERS = {
    "edges": NO_INTEGER
    | BEYOND
    | {
        "one number": 3,
        "an empty list": [],
        "labels": [0, 1],
        "triples": [(0, 1, 2)],
        "a loop": [(0, 1), (1, 1)],
        "negative": [(0, -1)],
        "beyond all graphs": [(0, 10**6)],
    },
    "couplings": REAL | {"of another length": [1.0, 2.0, 3.0], "a matrix": np.ones((2, 2))},
    "derivative": NO_STATE
    | {
        "of trace one": np.eye(2) / 2,
        "not Hermitian": [[0, 1], [0, 0]],
        "an imaginary diagonal": np.diag([1j, -1j]),
        "of another dimension": np.diag([1.0, -1.0, 0.0]),
        "two of them": np.array([np.diag([1.0, -1.0])] * 2),
        "NaN in it": np.diag([NAN, 1.0]),
        "1e308": np.diag([1e308, -1e308]),
    },
    "function": {"None": None, "a string": "sin", "one number": 1.0, "a list": [len], "len": len},
    "executor": {"4": 4, "a string": "dask", "the class": ThreadPoolExecutor, "True": True},
    "folder": {
        "1": 1,
        "bytes": b"sweep",
        "True": True,
        "an empty string": "",
        "a null": "\0",
        "a list": ["sweep"],
        "a file": __file__,
        "a folder of other things": str(LIBRARY),
    },
    "mapping": {"1": 1, "a string": "J", "pairs": [("J", 1)], "another name": {"K": 1}},
    "axis": {
        label: value
        for label, value in (STRANGE | NO_GRID).items()
        if label not in ("minus infinity", "a number beyond all floats", "falling")
    },
}


def broken_states(d):
    """Almost density matrices of dimension d."""
    good = np.eye(d) / d
    skewed, negative, lost = good.copy(), good.copy(), good.copy()
    skewed[0, 1] = 1e-3
    negative[0, 0], negative[1, 1] = -0.1, good[1, 1] + good[0, 0] + 0.1
    lost[0, 0] = NAN
    return {
        "trace d": np.eye(d),
        "not Hermitian": skewed,
        "an imaginary diagonal": good + 1e-3j * np.diag([1, -1] + [0] * (d - 2)),
        "negative": negative,
        "NaN in it": lost,
        "1e308": 1e308 * np.ones((d, d)),
        "one of the stack is none": np.array([good, negative]),
        "a ket of length 2": qutip.Qobj(2 * np.eye(d)[0]),
    }


def bad_values(kind, name):
    """Values that no function may take for an argument of this kind."""
    if kind.endswith(" or none"):
        found = bad_values(kind.removesuffix(" or none"), name)
        return {label: value for label, value in found.items() if label != "None"}
    kind, _, detail = kind.partition(" ")
    if kind in ("integer", "integers", "whole"):
        least = int(detail)
        found = (
            NO_INTEGER
            | ({} if kind == "whole" else BEYOND)
            | {"one too few": least - 1, "far too few": -(10**30)}
        )
        if kind != "integers":
            return found | {"a list": [3], "an empty list": [], "an array": np.array([3, 4])}
        arrays = {
            "unsigned beyond 2**63 in an array": np.array([3, HUGE], dtype=np.uint64),
            "one too few in an array": np.array([3, least - 1]),
            "floats, none of them": np.zeros(0),
        }
        return found | arrays
    if kind in ("state", "states"):
        d = int(detail) if detail else 4
        found = NO_STATE | broken_states(d)
        if detail:
            found = found | {"of another dimension": np.eye(d + 1) / (d + 1)}
        if kind == "state":
            found = found | {"two states": np.array([np.eye(d) / d] * 2), "no state": []}
        return found
    if kind == "choice":
        return {
            "None": None,
            "another string": "fast",
            "an array": np.array([2, 2]),
            "an array of strings": np.array(["exact", "auto"]),
            "a list": ["exact"],
            "a dict": {},
            "True": True,
            "3": 3,
            "NaN": NAN,
            "masked": MASKED,
            "pandas' NA": pandas.NA,
        }
    if kind == "flag":
        return {"1": 1, "None": None, "a string": "yes", "an array": np.array([True, False])}
    if kind in OTHERS:
        return OTHERS[kind]
    if kind in ("ring", "cluster"):
        other = PAIR if kind == "ring" else RING
        return {"6": 6, "None": None, "a string": "six", "the class": type(other), "other": other}
    found = {
        "real": REAL,
        "number": REAL | SEVERAL,
        "positive": REAL | NEGATIVE | ZERO,
        "nonnegative": REAL | NEGATIVE,
        "probability": REAL | NEGATIVE | {"above one": 1.1},
        "temperature": STRANGE | NEGATIVE,
        "one": STRANGE | NEGATIVE | SEVERAL,
        "warm": STRANGE | NEGATIVE | ZERO,
        "grid": REAL | NEGATIVE | NO_GRID,
        "matrix": REAL | {"one number": 1.0, "a vector": [1.0, 2.0], "empty": np.zeros((0, 0))},
        "vector": REAL | {"one number": 1.0, "of another length": [1.0], "empty": []},
    }[kind]
    return found | SEVERAL if detail == "number" else found


def cases():
    for name, (_, arguments) in ROWS.items():
        for argument, (kind, _) in arguments.items():
            yield name, argument, kind


def outcome(name, argument, value):
    """What happens: "taken", a complaint as it should be, or what is wrong with it."""
    call, arguments = ROWS[name]
    usual = {key: valid for key, (_, valid) in arguments.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = call(**usual | {argument: value})
        except Exception as error:
            return complaint(error, argument)
    return result


class Refused(str):
    """A message of our own."""


class Wrong(str):
    """What should not have happened."""


def complaint(error, argument):
    traceback = error.__traceback__
    while traceback.tb_next:
        traceback = traceback.tb_next
    here = Path(traceback.tb_frame.f_code.co_filename)
    if type(error) not in (TypeError, ValueError, DegenerateSteadyStateError):
        return Wrong(f"{type(error).__name__}: {error}")
    if LIBRARY not in here.parents:
        return Wrong(f"raised in {here.name}: {error}")
    pattern = rf"`{argument}`( and `\w+`)* must .+, but .+\.|(`\w+` and )+`{argument}` must .+\."
    if not re.fullmatch(pattern, str(error), re.DOTALL) or len(str(error)) > 400:
        return Wrong(f"not in our grammar: {error}")
    return Refused(error)


def faults(name, argument, kind):
    found = {}
    for label, value in bad_values(kind, argument).items():
        result = outcome(name, argument, value)
        if not isinstance(result, Refused):
            found[label] = result if isinstance(result, Wrong) else "was taken"
    return found


# Legal numbers at the ends of what a float is: a number or a word, never a warning or NaN.
EXTREME = [0.0, 5e-324, 1e-308, 1e-200, 1e-30, 1e30, 1e100, 1e200, 1e307, 1.7e308]
NUMBERS = ("real", "number", "positive", "nonnegative", "temperature", "one", "warm", "probability")
ARRAYS = (
    "real",
    "probability",
    "positive",
    "nonnegative",
    "temperature",
    "warm",
    "integers 1",
    "integers 2",
)


def numbers_in(result):
    """All numbers of a result, whatever it is made of."""
    if isinstance(result, qutip.Qobj):
        return result.full().ravel()
    if hasattr(result, "__dataclass_fields__"):
        result = [getattr(result, field) for field in result.__dataclass_fields__]
    if isinstance(result, (tuple, list)):
        return np.concatenate([[0.0], *(numbers_in(part) for part in result)])
    array = np.asarray(result)
    return array.ravel().astype(complex) if array.dtype.kind in "iufc" else np.zeros(1)


def faults_of_extremes(name, argument, kind):
    found = {}
    for value in EXTREME + [-x for x in EXTREME] if kind.split()[0] in NUMBERS else []:
        result = outcome(name, argument, value)
        if isinstance(result, Wrong):
            # Another argument may be the one to blame, in our words.
            if not re.match(r"not in our grammar: `\w+` must .*\.", result, re.DOTALL):
                found[value] = result
        elif not isinstance(result, Refused) and np.any(np.isnan(numbers_in(result))):
            found[value] = "NaN"
    return found


def faults_of_nothing(name, argument, kind):
    """An empty array in, an empty array out."""
    if kind not in ARRAYS:
        return {}
    call, arguments = ROWS[name]
    # Arrays of the others would not broadcast with an empty one.
    usual = {
        key: valid.flat[0] if isinstance(valid, np.ndarray) and kind in ARRAYS else valid
        for key, (kind, valid) in arguments.items()
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = call(**usual | {argument: []})
    except Exception as error:
        return {"[]": repr(error)}
    return {} if np.size(result) == 0 else {"[]": result}


KINDS_OF_FAULTS = (faults, faults_of_extremes, faults_of_nothing)


@pytest.mark.parametrize("look", KINDS_OF_FAULTS)
@pytest.mark.parametrize(
    "name, argument, kind",
    [
        pytest.param(*case, id=f"{case[0]}: {case[1]}")
        for case in cases()
        if f"{case[0]}: {case[1]}" not in OPEN
    ],
)
def test_bad_values_are_refused_and_extreme_ones_are_numbers(name, argument, kind, look):
    assert look(name, argument, kind) == {}


def test_what_is_open_is_open():
    kinds = {f"{name}: {argument}": (name, argument, kind) for name, argument, kind in cases()}
    mended = [row for row in OPEN if not any(look(*kinds[row]) for look in KINDS_OF_FAULTS)]
    assert mended == []


def test_every_public_function_and_argument_has_a_row():
    api = public_api.functions()
    assert sorted(ROWS) == sorted(api)
    for name, function in api.items():
        expected = public_api.parameters(function)
        assert sorted(ROWS[name][1]) == sorted(expected), name


def read_only(value):
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.setflags(write=False)
    return value


@pytest.mark.parametrize("name", ROWS)
def test_valid_calls_are_quiet_and_leave_their_arguments_alone(name):
    call, arguments = ROWS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(**{key: read_only(value) for key, (_, value) in arguments.items()})


def as_others(value):
    """An argument as lists and as a QuTiP object, where it is an array."""
    if isinstance(value, np.ndarray):
        yield value.tolist()
        if value.ndim == 2 and value.shape in ((2, 2), (4, 4)):
            yield qutip.Qobj(value)


def numbers_of(value):
    return value.full().tolist() if isinstance(value, qutip.Qobj) else value


def changed_in_place(call, arguments):
    """Arguments that are others after a call that takes them as lists or as QuTiP objects."""
    usual = {key: valid for key, (_, valid) in arguments.items()}
    found = []
    for key, (_, valid) in arguments.items():
        for value in as_others(valid):
            before = copy.deepcopy(numbers_of(value))
            with contextlib.suppress(TypeError, ValueError):
                call(**usual | {key: value})
            found += [key] if numbers_of(value) != before else []
    return found


@pytest.mark.parametrize("name", ROWS)
def test_lists_and_qutip_objects_are_left_alone_too(name):
    assert changed_in_place(*ROWS[name]) == []


def test_an_argument_that_is_changed_is_seen():
    def doubled(x):
        x[0] = 2.0

    assert changed_in_place(doubled, {"x": ("grid", np.array([1.0, 3.0]))}) == ["x"]


# Every kind of bad value that is asked for, by what the table calls it: (kind, label).
KINDS = {
    "wrong type": ("real", "an object"),
    "NaN": ("real", "NaN"),
    "infinity": ("real", "infinity"),
    "negative": ("nonnegative", "-1"),
    "negative zero": ("positive", "-0"),
    "complex": ("real", "complex"),
    "bool": ("real", "True"),
    "string": ("real", "a string"),
    "masked": ("real", "masked"),
    "masked state": ("state 4", "masked"),
    "empty": ("grid", "an empty list"),
    "wrong shape": ("state 4", "of another dimension"),
    "object array": ("real", "objects"),
    "object array of a state": ("state 4", "objects"),
    "not Hermitian": ("state 4", "not Hermitian"),
    "not normalised": ("state 4", "trace d"),
    "not positive": ("state 4", "negative"),
    "unsorted times": ("grid", "falling"),
    "too large to hold": ("integer 1", "10**400"),
    "too large for a float": ("real", "a number beyond all floats"),
    "1e308 in a state": ("state 4", "1e308"),
}


def test_the_table_has_every_kind_of_bad_value():
    missing = {w: k for w, (k, label) in KINDS.items() if label not in bad_values(k, "x")}
    assert missing == {}
    assert {1.7e308, 5e-324, 0.0} <= set(EXTREME)


def absent(**arguments):
    """A function without checks, for the controls."""
    return np.asarray(arguments["x"]) * 2


@pytest.mark.parametrize("label", ["None", "NaN", "masked", "a string"])
def test_a_function_without_checks_is_seen(monkeypatch, label):
    monkeypatch.setitem(ROWS, "absent", (absent, {"x": ("real", 1.0)}))
    assert label in faults("absent", "x", "real")
