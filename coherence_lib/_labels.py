"""xarray's named dimensions: what is labelled is broadcast by name and comes back labelled.

A function that broadcasts begins with

    if _labels.among(omega, temperature):
        return _labels.apply(photon_number, omega=omega, temperature=temperature)

and is then called again with plain arrays. xarray is imported only where a labelled array
has been given, so that its import costs nobody else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks
from coherence_lib._types import Integers, Labelled


def among(*values: object) -> bool:
    """Whether one of the values is an `xarray.DataArray`."""
    xarray = sys.modules.get("xarray")
    return xarray is not None and any(isinstance(value, xarray.DataArray) for value in values)


def apply(
    function: Callable[..., object],
    *,
    matrices: Sequence[str] = (),
    grids: Sequence[str] = (),
    output: Mapping[str, Sequence[str] | Integers | None] | None = None,
    **arguments: Any,
) -> Labelled:
    """Call `function(**arguments)` on plain arrays and label what it returns.

    Parameters
    ----------
    function : callable
        Takes the arguments by name as plain arrays, and broadcasts over them.
    matrices : tuple of str
        Arguments whose last two dimensions are a matrix, over which it does not broadcast.
    grids : tuple of str
        Arguments of one dimension, such as a grid of times, that the function wants whole and
        whose dimension comes first in its result.
    output : dict of str to sequence, optional
        Dimensions that it adds at the end, with their coordinates (or None).
    **arguments
        Labelled arrays and single numbers, at least one of the former; for `matrices` also
        plain matrices.
    """
    import xarray

    output = output or {}
    labelled = {k: v.compute() for k, v in arguments.items() if among(v)}
    for name, value in arguments.items():
        if name not in labelled and np.ndim(_plain(value)) != (2 if name in matrices else 0):
            raise TypeError(
                f"`{name}` must be labelled too, or single, beside labelled arguments, but got "
                f"{_checks.shown(value)}."
            )
    core, outer = [], []
    kept: list[Hashable] = []
    for name, value in labelled.items():
        if name in matrices and value.ndim < 2:
            raise ValueError(f"`{name}` must have shape (..., d, d), but got {value.shape}.")
        if name in grids and value.ndim != 1:
            raise ValueError(f"`{name}` must have one dimension, but got {value.dims}.")
        core.append(value.dims[-2:] if name in matrices else value.dims if name in grids else ())
        kept += value.dims if name in grids else ()
        outer.append(value.drop_vars(core[-1], errors="ignore") if name in matrices else value)
    single = {name: value for name, value in arguments.items() if name not in labelled}
    try:
        xarray.align(*outer, join="exact", copy=False)
    except ValueError:
        names = " and ".join(f"`{name}`" for name in labelled)
        raise ValueError(
            f"{names} must have the same coordinates along their common dimensions, but got "
            "different ones."
        ) from None

    def call(*arrays: Any) -> NDArray[Any]:
        return np.asarray(function(**dict(zip(labelled, arrays, strict=True)), **single))

    result = xarray.apply_ufunc(
        call, *outer, input_core_dims=core, output_core_dims=[(*kept, *output)]
    )
    known = {dim: labels for dim, labels in output.items() if labels is not None}
    return result.assign_coords(known).rename(getattr(function, "func", function).__name__)


def _plain(value: Any) -> Any:
    return value.full() if hasattr(value, "full") and hasattr(value, "isoper") else value
