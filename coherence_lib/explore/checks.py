"""What an explorer accepts, and what its author's functions may return."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Array, Floats

# Values of a slider, ascending.
Grid: TypeAlias = tuple[float, ...]
Curves: TypeAlias = Mapping[str, Array]
# What an author writes: `compute(**values) -> x, {label: y}` and `readout(values, curves) -> str`.
Compute: TypeAlias = Callable[..., tuple[Array | Curves, Curves]]
Readout: TypeAlias = Callable[[Mapping[str, float], Mapping[str, Floats]], str]


def expect(name: str, value: object, fits: Callable[[Any], bool], kind: str) -> None:
    """Raise unless the value `fits`."""
    if not fits(value):
        raise TypeError(f"`{name}` must be {kind}, but got {_checks.shown(value)}.")


@contextmanager
def telling(values: Mapping[str, float]) -> Iterator[None]:
    """Errors from the author's functions tell at which values they occurred."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was at {at_text(values)}.")
        raise


def slider_grid(name: str, values: Array, argument: str = "sliders") -> Grid:
    """The grid of one slider as a tuple of numbers."""
    # ASCII, since a browser writes other letters of a link in its own way.
    if not (str(name).isidentifier() and str(name).isascii()):
        raise ValueError(f"`{argument}` must be named as arguments of `compute`, but got {name!r}.")
    # Adding zero makes a negative zero positive.
    grid = _checks.real(values, f"{argument}[{name!r}]") + 0.0
    if grid.ndim != 1 or grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise ValueError(
            f"`{argument}[{name!r}]` must be two or more ascending values, but got "
            f"{_checks.shown(values)}."
        )
    whole = np.asarray(values).dtype.kind in "iu"
    grid = tuple(int(v) for v in grid) if whole else tuple(float(v) for v in grid)
    for one, other in itertools.pairwise(grid):
        if shown(one) == shown(other):
            raise ValueError(
                f"`{argument}[{name!r}]` must differ in the four digits that are shown, but got "
                f"{one!r} and {other!r}."
            )
    return grid


def start_value(name: str, grid: Grid, start: Mapping[str, float]) -> float:
    """Where a slider stands at first."""
    value = start.get(name, grid[len(grid) // 2])
    if np.ndim(value) != 0 or value not in grid:
        raise ValueError(f"`start[{name!r}]` must be a value of its grid, but got {value!r}.")
    return type(grid[0])(value)


def x_of(x: Array | Mapping[str, Array], label: str) -> Array:
    """The x of one curve."""
    if not isinstance(x, Mapping):
        return x
    if label not in x:
        raise ValueError(f"`compute` must return an x for every curve, but got none for {label!r}.")
    return x[label]


def row(label: str, values: Array, at: Mapping[str, float]) -> Floats:
    """What `compute` returned for one curve as floats, NaN for a gap."""
    array = np.asarray(values)
    if isinstance(values, np.ma.MaskedArray) and array.dtype.kind in "iuf":
        array = np.ma.filled(values.astype(float), np.nan)
    if array.dtype.kind not in "iuf" or array.ndim != 1:
        raise TypeError(
            f"`compute` must return one-dimensional arrays of real numbers, but got "
            f"{_checks.shown(values)} for {label!r} at {at_text(at)}."
        )
    if np.any(np.isinf(array)):
        raise ValueError(
            f"`compute` must return finite numbers or NaN, but got infinity for {label!r} at "
            f"{at_text(at)}."
        )
    return array.astype(float)


def at_text(values: Mapping[str, float]) -> str:
    """Text of the sliders' values."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in values.items())


def shown(value: float) -> str:
    """Text of a slider's value."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
