"""Argument checks with one message grammar: "`name` must ..., but got ..."."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

from coherence_lib._types import Complexes, Floats, Integers, Matrix, Number

if TYPE_CHECKING:
    import qutip

# A state is accepted when its trace, Hermiticity and positivity hold to this.
STATE_TOLERANCE = 1e-9
# An error of this size is a solver's: its tolerances can be asked for.
_SOLVER_ERROR = 1e-3
# Squares and sums of such numbers are floats.
_LARGEST_SQUARED = 1e150
# What an array of integers holds.
_LARGEST_INTEGER = 2**63 - 1
# More than this is not allocated, whatever the machine has.
LARGEST_MEMORY = 6 * 2**30
# Seconds on one core after which a call is refused: one that can show its progress, or cannot.
LONGEST_SHOWN, LONGEST_SILENT = 600, 100


# What most arguments are: no mask, no stranger's bytes.
_NEVER_MASKED = (float, int, np.ndarray, np.float64)

Kind = TypeVar("Kind")
Option = TypeVar("Option", bound=str | int)
Result = TypeVar("Result", bound=Number | np.ndarray)
KindOfNumber = TypeVar("KindOfNumber", bound=np.generic)


def is_qobj(value: object) -> TypeGuard[qutip.Qobj]:
    """Whether `value` is a `qutip.Qobj`; who has one has imported QuTiP, which takes a second."""
    qutip = sys.modules.get("qutip")
    return qutip is not None and isinstance(value, qutip.Qobj)


def shown(value: object) -> str:
    """Short text of a value for an error message."""
    try:
        text = repr(value)
    except ValueError:
        # Python does not write an integer of more than 4300 digits.
        text = f"an {type(value).__name__} that is too long to write"
    return text if len(text) <= 60 else f"{text[:57]}..."


def instance(value: object, kind: type[Kind], name: str) -> Kind:
    """Return `value` if it is an instance of the class `kind`."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(
            f"`{name}` must be {article} {kind.__name__}, but got {type(value).__name__}."
        )
    return value


def choice(value: object, options: Iterable[Option], name: str) -> Option:
    """Return the one of `options` (strings and numbers) that `value` is."""
    for option in options:
        kind = str if isinstance(option, str) else numbers.Real
        # Neither an array, whose comparison is an array, nor True for 1.
        if isinstance(value, kind) and not isinstance(value, bool) and value == option:
            return option
    allowed = [repr(option) for option in options]
    words = " or ".join(allowed) if len(allowed) == 2 else "one of " + ", ".join(allowed)
    raise ValueError(f"`{name}` must be {words}, but got {shown(value)}.")


def flag(value: object, name: str) -> bool:
    """Return `value` as a bool, if it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False, but got {shown(value)}.")
    return bool(value)


def memory(size: float, name: str, what: str, alternative: str) -> None:
    """Refuse what takes more than `LARGEST_MEMORY`, before it is allocated.

    `size` is in bytes, `what` takes them, and `alternative` is a sentence.
    """
    if size > LARGEST_MEMORY:
        raise ValueError(
            f"`{name}` must fit the memory, but {what} would take {size:.3g} bytes, and "
            f"{LARGEST_MEMORY:.3g} are allowed. {alternative}"
        )


def work(seconds: float, name: str, what: str, alternative: str, *, shown: bool = False) -> None:
    """Refuse what takes minutes without a sign of life, before it begins.

    `seconds` is an estimate for one core, `what` takes them, and `alternative` is a sentence.
    `shown` says whether the call can show its progress.
    """
    most = LONGEST_SHOWN if shown else LONGEST_SILENT
    if seconds > most:
        raise ValueError(
            f"`{name}` must ask for less work, but {what} would take some {seconds:.3g} s, and "
            f"{most} s are allowed. {alternative}"
        )


def power(base: float, exponent: int) -> float:
    """base^exponent as a float, for sizes; no exponent is too large."""
    return float(base) ** min(exponent, 400)


def unmasked(value: object, name: str) -> None:
    """Refuse masks: the numbers behind them are none."""
    if type(value) not in _NEVER_MASKED and _holds_mask(value):
        raise TypeError(f"`{name}` must not be masked, but got {shown(value)}.")


def _holds_mask(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_mask, value))
    return isinstance(value, np.ma.MaskedArray)


def _numbers(value: Any, name: str) -> Floats:
    """`value` as a float array that may hold NaN and infinity."""
    kind = type(value)
    if kind is float or kind is np.float64 or (kind is np.ndarray and value.dtype == float):
        # Adding 0 makes zero of minus zero, whose inverse is minus infinity.
        return np.add(value, 0.0)
    unmasked(value, name)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"`{name}` must be a rectangular array of real numbers, but got {shown(value)}."
        ) from None
    except TypeError:
        array = np.asarray(None)
    if array.dtype.kind == "O" and array.size and all(map(_is_real, array.flat)):
        # Python's integers beyond 64 bits, and fractions.
        array = np.reshape([_as_float(x) for x in array.flat], array.shape)
    if array.dtype.kind not in "iuf" or not _is_array(value):
        raise TypeError(f"`{name}` must be real numbers, but got {shown(value)}.")
    with np.errstate(over="ignore"):
        return array.astype(float) + 0.0


def _is_array(value: object) -> bool:
    """Whether NumPy takes the numbers from `value` and does not see a stranger's bytes."""
    return not (is_qobj(value) or isinstance(value, (bytes, bytearray, memoryview)))


def _is_real(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def real(value: object, name: str) -> Floats:
    """Return `value` as a float array of finite real numbers."""
    array = _numbers(value, name)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be finite, but got {shown(_first_bad(array))}.")
    return array


def _first_bad(array: Floats) -> float:
    return float(array[~np.isfinite(array)].flat[0])


def at_least(value: object, bound: float, name: str) -> Floats:
    """Return `value` as a float array of finite numbers >= `bound`."""
    array = real(value, name)
    if (array < bound).any():
        raise ValueError(f"`{name}` must be >= {bound:g}, but got {float(array.min())!r}.")
    return array


def above(value: object, bound: float, name: str) -> Floats:
    """Return `value` as a float array of finite numbers > `bound`."""
    array = real(value, name)
    if (array <= bound).any():
        raise ValueError(f"`{name}` must be > {bound:g}, but got {float(array.min())!r}.")
    return array


def scalar(
    value: object, name: str, *, minimum: float | None = None, above_zero: bool = False
) -> float:
    """Return `value` as one finite float."""
    array = real(value, name)
    if array.ndim != 0:
        raise ValueError(f"`{name}` must be one number, but got an array of shape {array.shape}.")
    number = float(array)
    if minimum is not None and number < minimum:
        at_least(number, minimum, name)
    if above_zero and number <= 0:
        above(number, 0, name)
    return number


def temperature(value: object, name: str = "temperature") -> Floats:
    """Return temperatures >= 0 as a float array; infinity is one, NaN is not."""
    array = _numbers(value, name)
    if np.isfinite(array).all():
        return np.asarray(at_least(array, 0, name))
    infinite = array == np.inf
    return np.where(infinite, np.inf, at_least(np.where(infinite, 0.0, array), 0, name))


def warm(value: object, name: str = "temperature") -> Floats:
    """Return temperatures > 0 as a float array; infinity is one."""
    array = temperature(value, name)
    if (array == 0).any():
        raise ValueError(f"`{name}` must be > 0, but got 0.0.")
    return array


def whole(value: object, name: str, minimum: int, maximum: int | None = None) -> int:
    """Return `value` as a Python int >= `minimum`, and <= `maximum` if there is one."""
    unmasked(value, name)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"`{name}` must be an integer, but got {shown(value)}.")
    number = int(value)
    if number < minimum:
        raise ValueError(f"`{name}` must be >= {minimum}, but got {shown(number)}.")
    if maximum is not None and number > maximum:
        raise ValueError(f"`{name}` must be <= {maximum}, but got {shown(number)}.")
    return number


def wholes(value: object, name: str, minimum: int, maximum: int = _LARGEST_INTEGER) -> Integers:
    """Return `value` as an array of 64-bit integers from `minimum` to `maximum`."""
    if isinstance(value, numbers.Integral):
        # One beyond 64 bits is no integer for NumPy.
        return np.asarray(whole(value, name, minimum, maximum), dtype=np.int64)
    unmasked(value, name)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.size == 0 and array.dtype.kind == "f" and isinstance(value, (list, tuple)):
        # NumPy takes an empty list for one of floats.
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu" or not _is_array(value):
        raise TypeError(f"`{name}` must be an integer, but got {shown(value)}.")
    if np.any(array < minimum):
        raise ValueError(f"`{name}` must be >= {minimum}, but got {int(array.min())}.")
    if np.any(array > maximum):
        raise ValueError(f"`{name}` must be <= {maximum}, but got {int(array.max())}.")
    return array.astype(np.int64)


def sweep_grid(value: Any, name: str) -> NDArray[Any]:
    """Return `value` as a non-empty array of one dimension: real numbers, or words.

    Whole numbers stay whole, infinity is a number, and NaN is none.
    """
    listed = isinstance(value, (list, tuple)) or isinstance(value, np.ndarray) and value.ndim == 1
    if listed and len(value) and all(isinstance(word, str) for word in value):
        return np.asarray(value, dtype=str)
    array: NDArray[Any] = _numbers(value, name)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"`{name}` must be a non-empty one-dimensional grid, but got shape {array.shape}."
        )
    if np.isnan(array).any():
        raise ValueError(f"`{name}` must hold numbers, but got nan.")
    plain = np.asarray(value)
    return wholes(plain, name, -_LARGEST_INTEGER) if plain.dtype.kind in "iu" else array


def times(value: object) -> Floats:
    """Return `value` as absolute times: finite and >= 0, of any shape."""
    return at_least(value, 0, "times")


def time_grid(value: object) -> Floats:
    """Return `value` as a one-dimensional grid of non-decreasing times >= 0."""
    grid = times(value)
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(
            f"`times` must be a non-empty one-dimensional array, but got shape {grid.shape}."
        )
    drops = grid[1:] < grid[:-1]
    if drops.any():
        i = int(np.argmax(drops))
        raise ValueError(
            f"`times` must be non-decreasing, but got {float(grid[i])!r} before "
            f"{float(grid[i + 1])!r}."
        )
    return grid


def square(value: object, name: str) -> Complexes:
    """Return operators (a Qobj, a list of them, or an array (..., d, d)) as a complex array."""
    unmasked(value, name)
    if is_qobj(value):
        return _operator(value, name)
    if isinstance(value, (list, tuple)) and any(map(is_qobj, value)):
        return _stack(value, name)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "iufc" or not _is_array(value):
        raise TypeError(f"`{name}` must be a Qobj or an array of numbers, but got {shown(value)}.")
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
        raise ValueError(f"`{name}` must have shape (..., d, d), but got {array.shape}.")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"`{name}` must be finite, but it holds NaN or infinity.")
    return array.astype(np.complex128)


def _operator(value: qutip.Qobj, name: str) -> Matrix:
    """The matrix of one Qobj; a ket stands for its projector, as it does throughout QuTiP."""
    if value.isket:
        # Not QuTiP's product, which drops what is small.
        ket = value.full()
        return ket @ ket.conj().T
    if not value.isoper or value.shape[0] != value.shape[1]:
        raise TypeError(f"`{name}` must be an operator, but got a Qobj of type {value.type!r}.")
    matrix = value.full()
    if not np.all(np.isfinite(matrix)):
        raise ValueError(f"`{name}` must be finite, but it holds NaN or infinity.")
    return matrix


def _stack(values: Sequence[object], name: str) -> Complexes:
    """Matrices of a list of Qobj, such as the states of a QuTiP result."""
    for value in values:
        if not is_qobj(value):
            raise TypeError(f"`{name}` must be all Qobj or none, but got {shown(value)} too.")
    matrices = [_operator(value, name) for value in values]
    sizes = {len(matrix) for matrix in matrices}
    if len(sizes) > 1:
        raise ValueError(f"`{name}` must be of one dimension, but got {sorted(sizes)}.")
    return np.array(matrices)


def states(value: object, name: str = "rho", dimension: int | None = None) -> Complexes:
    """Return density matrices as a complex array of shape (..., d, d).

    Trace, Hermiticity and positivity must hold to 1e-9. A ket given as a Qobj
    stands for its projector, and a list of Qobj for a stack of states.
    """
    array = square(value, name)
    d = array.shape[-1]
    if dimension is not None and d != dimension:
        raise ValueError(f"`{name}` must be {dimension} x {dimension}, but got {d} x {d}.")
    with np.errstate(over="ignore", invalid="ignore"):
        traces = np.trace(array, axis1=-2, axis2=-1)
        trace_error = np.abs(traces - 1)
    largest = np.max(trace_error, initial=0.0)
    # The trace of huge elements may be none.
    if not largest <= STATE_TOLERANCE:
        worst = np.ravel(traces)[np.argmax(trace_error)]
        raise ValueError(f"`{name}` must have trace 1, but got {worst:.12g}{_advice(largest)}.")
    # In halves, so that the difference of the largest floats is one.
    skew = 2 * np.max(np.abs(array / 2 - array.conj().swapaxes(-1, -2) / 2), initial=0.0)
    if skew > STATE_TOLERANCE:
        raise ValueError(
            f"`{name}` must be Hermitian, but differs from its adjoint by {skew:.3g}"
            f"{_advice(skew)}."
        )
    lowest = np.min(np.linalg.eigvalsh(array), initial=0.0)
    if lowest < -STATE_TOLERANCE:
        raise ValueError(
            f"`{name}` must be positive, but has the eigenvalue {lowest:.3g}{_advice(-lowest)}."
        )
    return array


def _advice(error: float) -> str:
    """What to do about a state that a solver made nearly right."""
    if error > _SOLVER_ERROR:
        return ""
    return (
        "; a solver's error of this size falls with its tolerances, as by QuTiP's "
        "options={'atol': 1e-12, 'rtol': 1e-10}"
    )


def state(value: object, name: str, dimension: int) -> Matrix:
    """Return one density matrix as a complex (dimension, dimension) array."""
    array = states(value, name, dimension)
    if array.ndim != 2:
        raise ValueError(f"`{name}` must be one state, but got an array of shape {array.shape}.")
    return array


def traceless(value: object, name: str, shape: tuple[int, ...]) -> Complexes:
    """Return what is added to density matrices of a shape: Hermitian and without trace."""
    array = square(value, name)
    if array.shape != shape:
        raise ValueError(f"`{name}` must have the shape {shape}, but got {array.shape}.")
    size = np.abs(array).max(axis=(-2, -1), initial=0.0)
    if np.any(size > _LARGEST_SQUARED):
        raise ValueError(
            f"`{name}` must have elements with finite squares, but got {float(size.max())!r}."
        )
    skew = np.abs(array - array.conj().swapaxes(-1, -2)).max(axis=(-2, -1), initial=0.0)
    trace = np.abs(np.trace(array, axis1=-2, axis2=-1))
    # Of all of them: a small one may be a difference that has rounded.
    if not np.all(np.maximum(skew, trace) <= STATE_TOLERANCE * np.max(size, initial=0.0)):
        raise ValueError(
            f"`{name}` must be Hermitian and without trace to {STATE_TOLERANCE:g}, but is not by "
            f"{float(np.max(np.maximum(skew, trace))):.3g}."
        )
    return array


def broadcast(**arrays: NDArray[KindOfNumber]) -> tuple[NDArray[KindOfNumber], ...]:
    """Broadcast named arrays, with an error that gives their shapes."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        names = " and ".join(f"`{name}`" for name in arrays)
        shapes = " and ".join(str(np.shape(a)) for a in arrays.values())
        raise ValueError(f"{names} must broadcast, but got shapes {shapes}.") from None


def delivered(array: Complexes, name: str, what: str) -> Complexes:
    """Return states that were computed, after a look at them: finite, Hermitian, of trace 1.

    Else say that the argument `name` is beyond what the solver can do.
    """
    skew = np.abs(array - array.conj().swapaxes(-1, -2)).max(initial=0.0)
    error = max(skew, np.abs(np.trace(array, axis1=-2, axis2=-1) - 1).max(initial=0.0))
    # NaN is not below anything.
    if not error <= STATE_TOLERANCE:
        raise ValueError(
            f"`{name}` must leave {what} a density matrix, but got one that differs from any by "
            f"{error:.3g}."
        )
    return array


def outcome(array: Result, name: str, what: str) -> Result:
    """Return a result that is finite; else say that `name` is beyond what floats can do."""
    if not np.all(np.isfinite(array)):
        raise ValueError(
            f"`{name}` must leave {what} finite, but got a result that is beyond the largest float."
        )
    return array


def plain(value: float | Floats) -> float | Floats:
    """Return a 0-d array as a float, anything else as it is: scalars out where scalars went in."""
    return float(value) if np.ndim(value) == 0 else value
