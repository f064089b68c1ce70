"""The curves of an explorer: at its start, at every value of its grids, and between."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Array, Floats
from coherence_lib.explore.checks import Compute, Curves, Grid, at_text, row, telling, x_of


def combinations(sliders: Mapping[str, Grid]) -> list[dict[str, float]]:
    """All combinations of the grids' values, the last slider moving fastest."""
    return [
        dict(zip(sliders, values, strict=True)) for values in itertools.product(*sliders.values())
    ]


def first_x(compute: Compute, start: Mapping[str, float]) -> dict[str, Floats]:
    """Labels of the curves and the x of each, from the start values."""
    x, curves = _computed(compute, start)
    if not curves:
        raise ValueError("`compute` must return at least one curve, but got none.")
    first = {label: row(f"x of {label}", x_of(x, label), start) for label in curves}
    for label, points in first.items():
        if points.size == 0:
            raise ValueError(f"`compute` must return points, but got none for {label!r}.")
        if np.any(np.isnan(points)):
            raise ValueError(f"`compute` must return an x without gaps, but got NaN for {label!r}.")
    return first


def curves_at(
    compute: Compute, first: Mapping[str, Floats], values: Mapping[str, float]
) -> dict[str, Floats]:
    """{label: y} at these values, with the labels and the x that were `first`."""
    x, curves = _computed(compute, values)
    at = at_text(values)
    if list(curves) != list(first):
        raise ValueError(
            f"`compute` must return the curves {list(first)} for every value, but got "
            f"{list(curves)} at {at}."
        )
    for label, expected in first.items():
        if not np.array_equal(row(f"x of {label}", x_of(x, label), values), expected):
            raise ValueError(
                f"`compute` must return the same x for every value, but got another one for "
                f"{label!r} at {at}."
            )
    rows = {label: row(label, y, values) for label, y in curves.items()}
    for label, points in rows.items():
        if points.shape != first[label].shape:
            raise ValueError(
                f"`compute` must return as many y as x, but got {points.size} for {label!r} at "
                f"{at}."
            )
    return rows


def _computed(compute: Compute, values: Mapping[str, float]) -> tuple[Array | Curves, Curves]:
    with telling(values):
        result = compute(**values)
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], Mapping):
        raise TypeError(
            f"`compute` must return x and a mapping of curves, but got "
            f"{_checks.shown(result)} at {at_text(values)}."
        )
    return result
