r"""Thermal sums over the magnetisations of the sources of one target, Eqs. (II.26)-(II.31).

With :math:`u = \beta|\omega_a|M/2`, :math:`v = \beta\lambda_M` and the probabilities

.. math:: p_M \propto W_M\cosh u\,\cosh v \quad (M > 0), \qquad
          p_0 \propto \tfrac12 W_0\cosh v,

every `target.Observable` is a mean over :math:`p_M` of positive terms, here by their
logarithms. What the weights W are is the sources' business, a `graph.Graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _progress
from coherence_lib._types import Floats, Integers
from coherence_lib.ring import target
from coherence_lib.ring.model import Columns

if TYPE_CHECKING:
    from coherence_lib.ring.graph import Graph
    from coherence_lib.ring.target import Observable

__all__ = ["Terms", "log_mean", "log_partition", "log_sum"]

# Terms held at once; more columns are summed one batch after another.
_LARGEST_BATCH = 2_000_000


@dataclass(frozen=True)
class Terms:
    """Terms of the thermal sums: one row for each M, one column for each parameter set.

    `log_w` are the graph's weights, and `log_p` the probabilities up to a constant of each
    column; -inf beyond the last M.
    """

    columns: Columns
    M: Floats
    log_w: Floats
    log_p: Floats
    peak_energy: Floats


def log_mean(graph: Graph, columns: Columns, observable: Observable, progress: bool) -> Floats:
    """Logarithm of an observable's thermal mean for each column; T = 0 from the ground states."""
    logs = np.empty(columns.temperature.shape)
    cold = columns.temperature == 0
    if np.any(cold):
        with np.errstate(divide="ignore"):
            logs[cold] = np.log(graph.ground_means(columns[cold], observable))
    if not np.all(cold):

        def mean(terms: Terms) -> Floats:
            return _log_mean_of_batch(terms, observable)

        logs[~cold] = _in_batches(graph, columns[~cold], mean, progress, [observable])
    return logs


def log_partition(graph: Graph, columns: Columns, progress: bool) -> Floats:
    """Logarithm of the partition function for each column, T > 0."""

    def log_z(terms: Terms) -> Floats:
        energy, log = graph.unit(terms)
        with np.errstate(over="ignore"):
            total = log_sum(terms.log_p)
            total = total + (energy + terms.peak_energy) / terms.columns.temperature
        return total + log

    return _in_batches(graph, columns, log_z, progress, [])


def log_sum(logs: Floats) -> Floats:
    """ln sum exp along the first axis; SciPy's own takes most of a short sum's time."""
    peak = logs.max(axis=0)
    # Of a column of -inf nothing can be subtracted.
    peak = np.where(peak > -np.inf, peak, 0.0)
    return peak + np.log(np.exp(logs - peak).sum(axis=0))


def _in_batches(
    graph: Graph,
    columns: Columns,
    function: Callable[[Terms], Floats],
    progress: bool,
    observables: Sequence[Observable],
) -> Floats:
    """Apply `function` to the terms of all columns, a bounded number of them at a time."""
    # C, 1 - C and the populations are even in omega_a and in gamma.
    columns = replace(columns, omega_a=np.abs(columns.omega_a), gamma=np.abs(columns.gamma))
    first, last, start = _windows(graph, columns, observables)
    batches = _batches(last - first)
    # One bar: over the batches, or over the terms of a single one.
    by_terms = progress and len(batches) == 1
    result = np.empty(len(first))
    for batch in _progress.bar(batches, progress and not by_terms, "batches of thermal sums"):
        terms = _terms(graph, columns[batch], first[batch], last[batch], start[batch], by_terms)
        result[batch] = function(terms)
    return result


def _windows(
    graph: Graph, columns: Columns, observables: Sequence[Observable]
) -> tuple[Integers, Integers, Floats]:
    """The graph's windows of all columns, a bounded number of grid points at a time."""

    def log_values(M: Floats, p: Columns) -> list[Floats]:
        return [observable.log_thermal(M, p) for observable in observables]

    at_once = max(1, _LARGEST_BATCH // graph.rows())
    found = [
        graph.window(columns[k : k + at_once], log_values)
        for k in range(0, len(columns.J), at_once)
    ]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    first, last, start = zip(*found, strict=True)
    return np.concatenate(first), np.concatenate(last), np.concatenate(start)


def _batches(steps: Integers) -> list[Integers]:
    """Indices of columns, the longest sums first: the longest sets the length of its batch."""
    order, batches = np.argsort(steps), []
    while order.size:
        batches.append(order[-max(1, _LARGEST_BATCH // (int(steps[order[-1]]) + 1)) :])
        order = order[: -len(batches[-1])]
    return batches


def _terms(
    graph: Graph, p: Columns, first: Integers, last: Integers, start: Floats, progress: bool
) -> Terms:
    n, steps = graph.n_sources, int(np.max(last - first))
    log_w = graph.log_weights(p, first, steps, start, progress)
    down = first + np.arange(steps + 1)[:, None]
    M = np.maximum(n - 2 * down, 0).astype(float)
    split = target.half_splitting(M, p.gamma, p.omega)
    # In units of energy first and over T once, so that nothing large is subtracted.
    energy = graph.bond_energy(down, p.J) + p.omega_a * M / 2 + split
    inside = down <= last
    peak = np.where(inside, energy, -np.inf).max(axis=0)
    with np.errstate(over="ignore"):
        log_p = log_w + (energy - peak) / p.temperature
        log_p += np.log1p(np.exp(-p.omega_a * M / p.temperature))
        log_p += np.log1p(np.exp(-2 * split / p.temperature))
    log_p = np.where(M == 0, log_p - np.log(2), log_p)
    log_p = np.where(inside, log_p, -np.inf)
    return Terms(p, M, log_w, log_p, peak)


def _log_mean_of_batch(terms: Terms, observable: Observable) -> Floats:
    logs = observable.log_thermal(terms.M, terms.columns)
    with np.errstate(divide="ignore"):
        mean = log_sum(terms.log_p + logs) - log_sum(terms.log_p)
    # No value exceeds one; its mean may by rounding.
    return np.minimum(mean, 0.0)
