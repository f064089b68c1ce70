"""Which way to the thermal state: the sum over the magnetisations, or the integral.

The sum costs as many terms as carry it, the integral the same for any number of sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _progress
from coherence_lib._types import Bools, Floats
from coherence_lib.ring import integral, thermal_sum
from coherence_lib.ring.graph import Ring
from coherence_lib.ring.target import COHERENCE, EXCITED, INCOHERENCE

if TYPE_CHECKING:
    from coherence_lib.ring.graph import Graph
    from coherence_lib.ring.model import Columns
    from coherence_lib.ring.target import Observable

__all__ = ["log_mean", "log_partition", "slopes"]

# From here on the integral: some milliseconds for any number, and it knows its own error. The sum
# takes longer from 20 000 sources on for many temperatures, from 300 000 on for a single one, and
# for a cold one, of few terms, from ten millions on.
INTEGRAL_FROM = 2**16
# And from here on the covariance of the sum has too few digits for a slope.
SLOPES_FROM = 200
_COLUMNS_AT_ONCE = 256
# Colder than this against its energies a ring is in few states: the sum has few terms, and takes
# differences of energies before it divides by T. It looks for them among many, though.
_COLD, _COLDEST = 1e-9, 1e-13
_SEARCHED_UP_TO = 10**10
# Central differences of eighth order, and their step in ln T over the largest of 1 and E/T: so
# small since an exponent that grows with N may add to how fast C turns.
_DIFFERENCES = np.array([4 / 5, -1 / 5, 4 / 105, -1 / 280])
_STEP = 0.001
# A slope that is smaller, in units of what the differences could see, is left to the sum.
_SEEN = 1e-4
# Of what the integral says of its own error; beyond it the sum is taken.
_PROMISED = 1e-10
# The integral knows populations to the last digits of one.
_FEW_EXCITED = 1e-4
_NAMES = {COHERENCE: "coherence", INCOHERENCE: "incoherence", EXCITED: "excited"}


def log_mean(graph: Graph, columns: Columns, observable: Observable, progress: bool) -> Floats:
    """Logarithm of an observable's thermal mean for each column, T >= 0."""

    def summed(some: Columns) -> Floats:
        return thermal_sum.log_mean(graph, some, observable, progress)

    return _by_either(graph, columns, _NAMES[observable], summed, progress)


def log_partition(graph: Graph, columns: Columns, progress: bool) -> Floats:
    """Logarithm of the partition function for each column, T > 0."""

    def summed(some: Columns) -> Floats:
        return thermal_sum.log_partition(graph, some, progress)

    return _by_either(graph, columns, "partition", summed, progress)


def _by_either(
    graph: Graph, columns: Columns, name: str, summed: Callable[[Columns], Floats], progress: bool
) -> Floats:
    """By the integral where it is asked and keeps its promise, else by the sum."""
    if not isinstance(graph, Ring):
        return summed(columns)
    n = graph.n_sources
    by_sum = _sums(n, columns)
    logs = np.empty(columns.temperature.shape)
    if not np.all(by_sum):
        asked = ~by_sum
        found = _integrals(n, columns[asked], progress)
        logs[asked] = found[name]
        by_sum[asked] = found["error"] > _PROMISED
        if name == "excited":
            by_sum |= asked & (logs < np.log(_FEW_EXCITED))
    if np.any(by_sum):
        logs[by_sum] = summed(columns[by_sum])
    return logs


def slopes(n: int, columns: Columns, progress: bool) -> tuple[Floats, Bools]:
    """dC/d ln T of many sources by differences of the integral, T > 0, and where it is resolved.

    Of ln C or of ln(1 - C), of which one is no constant: neither loses digits near its end.
    """
    steps = np.arange(1, len(_DIFFERENCES) + 1)
    steps = np.concatenate([[0], -steps, steps])
    stiff = np.maximum(_largest(columns) / columns.temperature, 1.0)
    h = _STEP / stiff
    T = columns.temperature * np.exp(h * steps[:, None])
    every = columns[np.tile(np.arange(len(columns.J)), len(steps))]
    every = replace(every, temperature=T.ravel())
    seen = columns.temperature > _COLD * _largest(columns)
    found = _integrals(n, every, progress)
    weights = np.concatenate([[0.0], -_DIFFERENCES, _DIFFERENCES])[:, None]
    with np.errstate(invalid="ignore"):
        of_C, of_rest = (
            np.sum(weights * found[name].reshape(T.shape), axis=0) / h
            for name in ("coherence", "incoherence")
        )
    log_C, log_rest = (found[name].reshape(T.shape)[0] for name in ("coherence", "incoherence"))
    by_rest = log_rest < log_C
    relative = np.where(by_rest, of_rest, of_C)
    values = np.where(by_rest, -np.exp(log_rest), np.exp(log_C)) * relative
    error = found["error"].reshape(T.shape).max(axis=0)
    return values, seen & (error <= _PROMISED) & (np.abs(relative) > _SEEN * stiff)


def _sums(n: int, p: Columns) -> Bools:
    """Which columns the sum takes."""
    if n < INTEGRAL_FROM:
        return np.ones(p.temperature.shape, dtype=bool)
    cold = _COLD if n <= _SEARCHED_UP_TO else _COLDEST
    return p.temperature <= cold * _largest(p)


def _largest(p: Columns) -> Floats:
    """The largest energy of each column."""
    return np.max(np.abs([p.omega_a, p.gamma, p.J, p.omega]), axis=0)


def _integrals(n: int, columns: Columns, progress: bool) -> dict[str, Floats]:
    # C, 1 - C and the populations are even in omega_a and in gamma.
    columns = replace(columns, omega_a=np.abs(columns.omega_a), gamma=np.abs(columns.gamma))
    starts = range(0, len(columns.J), _COLUMNS_AT_ONCE)
    parts = [
        integral.means(n, columns[k : k + _COLUMNS_AT_ONCE])
        for k in _progress.bar(starts, progress, "batches of integrals")
    ]
    names = ("coherence", "incoherence", "excited", "partition", "error")
    return {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
