"""Argument checks with one message grammar: "`name` must ..., but got ..."."""

import numbers

import numpy as np
import qutip

# A state is accepted when its trace, Hermiticity and positivity hold to this.
STATE_TOLERANCE = 1e-9


def shown(value):
    """Short text of a value for an error message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def real(value, name):
    """Return `value` as a float array of finite real numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"`{name}` must be a rectangular array of real numbers, but got {shown(value)}."
        ) from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"`{name}` must be real numbers, but got {shown(value)}.")
    array = array.astype(float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"`{name}` must be finite, but got {shown(_first_bad(array))}.")
    return array


def _first_bad(array):
    return float(array[~np.isfinite(array)].flat[0])


def at_least(value, bound, name):
    """Return `value` as a float array of finite numbers >= `bound`."""
    array = real(value, name)
    if np.any(array < bound):
        raise ValueError(f"`{name}` must be >= {bound:g}, but got {float(array.min())!r}.")
    return array


def above(value, bound, name):
    """Return `value` as a float array of finite numbers > `bound`."""
    array = real(value, name)
    if np.any(array <= bound):
        raise ValueError(f"`{name}` must be > {bound:g}, but got {float(array.min())!r}.")
    return array


def scalar(value, name, *, minimum=None, above_zero=False):
    """Return `value` as one finite float."""
    array = real(value, name)
    if array.ndim != 0:
        raise ValueError(f"`{name}` must be one number, but got an array of shape {array.shape}.")
    if minimum is not None:
        at_least(array, minimum, name)
    if above_zero:
        above(array, 0, name)
    return float(array)


def temperature(value, name="temperature"):
    """Return temperatures >= 0 as a float array; infinity is one, NaN is not."""
    infinite = np.asarray(value, dtype=object) == np.inf
    if not np.any(infinite):
        return at_least(value, 0, name)
    return np.where(infinite, np.inf, at_least(np.where(infinite, 0.0, value), 0, name))


def whole(value, name, minimum):
    """Return `value` as a Python int >= `minimum`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"`{name}` must be an integer, but got {shown(value)}.")
    if value < minimum:
        raise ValueError(f"`{name}` must be >= {minimum}, but got {int(value)}.")
    return int(value)


def wholes(value, name, minimum):
    """Return `value` as an array of integers >= `minimum`."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"`{name}` must be an integer, but got {shown(value)}.")
    if np.any(array < minimum):
        raise ValueError(f"`{name}` must be >= {minimum}, but got {int(array.min())}.")
    return array.astype(np.int64)


def times(value):
    """Return `value` as absolute times: finite and >= 0, of any shape."""
    return at_least(value, 0, "times")


def time_grid(value):
    """Return `value` as a one-dimensional grid of non-decreasing times >= 0."""
    grid = times(value)
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(
            f"`times` must be a non-empty one-dimensional array, but got shape {grid.shape}."
        )
    drops = np.flatnonzero(np.diff(grid) < 0)
    if drops.size:
        i = drops[0]
        raise ValueError(
            f"`times` must be non-decreasing, but got {float(grid[i])!r} before "
            f"{float(grid[i + 1])!r}."
        )
    return grid


def square(value, name):
    """Return an operator (Qobj or array of shape (..., d, d)) as a complex array."""
    if isinstance(value, qutip.Qobj):
        if not value.isoper:
            raise TypeError(f"`{name}` must be an operator, but got a Qobj of type {value.type!r}.")
        return value.full()
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "iufc":
        raise TypeError(f"`{name}` must be a Qobj or an array of numbers, but got {shown(value)}.")
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
        raise ValueError(f"`{name}` must have shape (..., d, d), but got {array.shape}.")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"`{name}` must be finite, but it holds NaN or infinity.")
    return array.astype(complex)


def states(value, name="rho", dimension=None):
    """Return density matrices as a complex array of shape (..., d, d).

    Trace, Hermiticity and positivity must hold to 1e-9. A ket given as a Qobj
    stands for its projector, as it does throughout QuTiP.
    """
    if isinstance(value, qutip.Qobj) and value.isket:
        value = value.proj()
    array = square(value, name)
    d = array.shape[-1]
    if dimension is not None and d != dimension:
        raise ValueError(f"`{name}` must be {dimension} x {dimension}, but got {d} x {d}.")
    traces = np.trace(array, axis1=-2, axis2=-1)
    trace_error = np.abs(traces - 1)
    if np.any(trace_error > STATE_TOLERANCE):
        worst = np.ravel(traces)[np.argmax(trace_error)]
        raise ValueError(f"`{name}` must have trace 1, but got {worst:.12g}.")
    skew = np.max(np.abs(array - array.conj().swapaxes(-1, -2)), initial=0.0)
    if skew > STATE_TOLERANCE:
        raise ValueError(f"`{name}` must be Hermitian, but differs from its adjoint by {skew:.3g}.")
    lowest = np.min(np.linalg.eigvalsh(array), initial=0.0)
    if lowest < -STATE_TOLERANCE:
        raise ValueError(f"`{name}` must be positive, but has the eigenvalue {lowest:.3g}.")
    return array


def state(value, name, dimension):
    """Return one density matrix as a complex (dimension, dimension) array."""
    array = states(value, name, dimension)
    if array.ndim != 2:
        raise ValueError(f"`{name}` must be one state, but got an array of shape {array.shape}.")
    return array


def broadcast(**arrays):
    """Broadcast named arrays, with an error that gives their shapes."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        names = " and ".join(f"`{name}`" for name in arrays)
        shapes = " and ".join(str(np.shape(a)) for a in arrays.values())
        raise ValueError(f"{names} must broadcast, but got shapes {shapes}.") from None


def plain(value):
    """Return a 0-d array as a float, anything else as it is: scalars out where scalars went in."""
    return float(value) if np.ndim(value) == 0 else value
