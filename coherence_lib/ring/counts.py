r"""How many configurations of sources on a graph have which magnetisation and which bonds.

A configuration :math:`s_j = \pm1` has the magnetisation M, here the number of sources down, and
the bonds :math:`B = \sum_{jk} w_{jk} s_js_k`. It is all that a thermal sum asks of it. Two ways
to count: each of the :math:`2^{N-1}` configurations with the last source up, or, where all bonds
are equal, source after source, with a table for each orientation of those that still wait for a
neighbour. The second way goes on to a hundred sources on chains, stars, trees and ladders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Floats, Integers

__all__ = ["Counts", "count"]

Edges: TypeAlias = Sequence[tuple[int, int]]

# Bytes and seconds that a configuration takes with one bond more, and an element of a table.
_BYTES_CONFIGURATION = 60
_SECONDS_CONFIGURATION = 4e-8
_BYTES_ELEMENT = 24
_SECONDS_ELEMENT = 3e-9
# NumPy's arrays have no more axes than this, two of which are the table's.
_MOST_WAITING = 28
_ELSEWHERE = "Rings and graphs of few neighbours go further: number the sources along them."


@dataclass(frozen=True)
class Counts:
    """Rows of equal down and bonds, sorted by down; M = N - 2 down >= 0.

    `states` counts the configurations of M, not those of -M, which are as many. They are floats:
    whole up to 2^53, right to rounding beyond.
    """

    n_sources: int
    down: Integers
    bonds: Floats
    states: Floats

    @property
    def starts(self) -> Integers:
        """First row of each number down."""
        return np.searchsorted(self.down, np.arange(self.n_sources // 2 + 1))

    def best(self, sign: int) -> Floats:
        """Largest (sign > 0) or smallest bonds of each number down."""
        ufunc = np.maximum if sign > 0 else np.minimum
        return ufunc.reduceat(self.bonds, self.starts)


def count(n: int, edges: Edges, weights: Floats) -> Counts:
    """Count all configurations of n sources whose bonds have these weights."""
    waiting = _most_waiting(n, edges)
    size = _checks.power(2, waiting + 1) * (n + 1.0) * (len(edges) + 1.0)
    one_by_one = _checks.power(2, n - 1)
    uniform = bool(np.all(weights == weights[0]))
    if uniform and waiting <= _MOST_WAITING and size < one_by_one:
        _check(size * _BYTES_ELEMENT, size * (n + len(edges)) * _SECONDS_ELEMENT, n)
        return _by_transfer(n, edges, float(weights[0]))
    seconds = one_by_one * (len(edges) + 30) * _SECONDS_CONFIGURATION
    _check(one_by_one * _BYTES_CONFIGURATION, seconds, n)
    return _by_enumeration(n, edges, weights)


def _check(size: float, seconds: float, n: int) -> None:
    _checks.memory(size, "edges", f"the configurations of {n} sources", _ELSEWHERE)
    _checks.work(seconds, "edges", f"counting the configurations of {n} sources", _ELSEWHERE)


def _by_enumeration(n: int, edges: Edges, weights: Floats) -> Counts:
    labels = np.arange(2 ** (n - 1))
    down = np.zeros(len(labels), dtype=np.int64)
    for j in range(n - 1):
        down += labels >> j & 1
    bonds = np.zeros(len(labels))
    for (j, k), weight in zip(edges, weights.tolist(), strict=True):
        bonds += weight * (1 - 2 * ((labels >> j ^ labels >> k) & 1))
    # Reversed configurations have the same bonds: those of M < 0 stand for their reverse, and
    # of M = 0 each second one is there.
    states = np.where(2 * down == n, 2.0, 1.0)
    return _merged(n, np.minimum(down, n - down), bonds, states)


def _merged(n: int, down: Integers, bonds: Floats, states: Floats) -> Counts:
    order = np.lexsort((bonds, down))
    down, bonds, states = down[order], bonds[order], states[order]
    new = np.append(True, (np.diff(down) != 0) | (np.diff(bonds) != 0))
    first = np.flatnonzero(new)
    return Counts(n, down[first], bonds[first], np.add.reduceat(states, first))


def _neighbours(n: int, edges: Edges) -> list[list[int]]:
    """Of each source those with a lower label, as often as there are bonds."""
    lower: list[list[int]] = [[] for _ in range(n)]
    for j, k in edges:
        lower[max(j, k)].append(min(j, k))
    return lower


def _last_needed(n: int, edges: Edges) -> list[int]:
    """The highest label among each source and its neighbours."""
    last = list(range(n))
    for j, k in edges:
        low, high = min(j, k), max(j, k)
        last[low] = max(last[low], high)
    return last


def _most_waiting(n: int, edges: Edges) -> int:
    """How many sources at most wait for a neighbour of a higher label."""
    ends = np.zeros(n + 1, dtype=np.int64)
    for label, last in enumerate(_last_needed(n, edges)):
        if last > label:
            ends[label] += 1
            ends[last] -= 1
    return int(np.cumsum(ends).max())


def _by_transfer(n: int, edges: Edges, weight: float) -> Counts:
    lower, last = _neighbours(n, edges), _last_needed(n, edges)
    # Axes: the orientation of each waiting source, the number down, the bonds that are broken.
    table = np.zeros((n + 1, len(edges) + 1))
    table[0, 0] = 1.0
    waiting: list[int] = []
    for label in range(n):
        table = np.stack([table, _shifted(table, -2, 1)])
        waiting.insert(0, label)
        for neighbour in lower[label]:
            axis = waiting.index(neighbour)
            for up, other in ((0, 1), (1, 0)):
                where: tuple[int | slice, ...] = (up, *[slice(None)] * (axis - 1), other)
                table[where] = _shifted(table[where], -1, 1)
        for done in [source for source in waiting if last[source] <= label]:
            table = table.sum(axis=waiting.index(done))
            waiting.remove(done)
    down, broken = np.nonzero(table)
    half = 2 * down <= n
    bonds: Floats = np.asarray(weight * (len(edges) - 2.0 * broken), dtype=float)
    return _merged(n, down[half], bonds[half], table[down, broken][half])


def _shifted(table: Floats, axis: int, by: int) -> Floats:
    """The table moved up along an axis; what leaves it is zero."""
    moved = np.zeros_like(table)
    source, place = [slice(None)] * table.ndim, [slice(None)] * table.ndim
    source[axis], place[axis] = slice(None, -by), slice(by, None)
    moved[tuple(place)] = table[tuple(source)]
    return moved
