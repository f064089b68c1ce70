r"""Which magnetisations carry a thermal sum, for rings too large to sum them all.

A saddle point of the double sum over (M, l) gives ln W_M to within a few times ln N: not
enough for a result, plenty for finding the terms that matter. With a sources up,
b = N - a down and :math:`x = e^{-4\beta J}`, the sum over l is carried by

.. math:: l^* = \frac{2ab}{N + s},\qquad s = \sqrt{M^2 + 4ab/x},

and the ratio of neighbouring weights is :math:`R = (s+M)/(s-M)`. The recurrence forgets
an error of its start as the product of :math:`R^{-2}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr

from coherence_lib import _checks
from coherence_lib._types import Floats, Integers
from coherence_lib.ring import target

if TYPE_CHECKING:
    from coherence_lib.ring.model import Columns

# Up to this size all terms are summed.
SUM_ALL_UP_TO = 512
# Terms below exp(-DEPTH) of the largest are left out; the saddle point is wrong by some 20.
_DEPTH = 65.0
# The start's error is to fall by exp(-FORGET) on the way to the first term that counts.
_FORGET = 45.0
# What a term of the sum takes on its way.
_BYTES_A_TERM = 320


def find(
    n: int, parameters: Columns, log_values: Callable[[Floats, Columns], Iterable[Floats]]
) -> tuple[Integers, Integers, Floats]:
    """First and last number of sources down, and starting ratio, for each column of `parameters`.

    `parameters` is a `Columns` of the sum; `log_values(M, parameters)` yields the arrays of
    logarithms whose weighted sums are wanted, so that a sum that lives elsewhere than the
    partition function is covered too.
    """
    if n <= SUM_ALL_UP_TO:
        zeros = np.zeros(len(parameters.J), dtype=np.int64)
        return zeros, zeros + n // 2, np.ones(len(zeros))
    _checks.memory(
        200.0 * rows(n),
        "n_sources",
        f"the search for the terms that matter of {n} sources",
        "`bounds` holds for any number.",
    )
    down = _grid(n)
    log_p, log_ratio = _saddle(n, down[:, None].astype(float), parameters)
    wanted = [
        log_p,
        *(log_p + log for log in log_values((n - 2 * down.astype(float))[:, None], parameters)),
    ]
    inside = np.zeros(log_p.shape, dtype=bool)
    for log in wanted:
        inside |= log > log.max(axis=0) - _DEPTH
    low = np.maximum(np.argmax(inside, axis=0) - 1, 0)
    high = np.minimum(len(down) - np.argmax(inside[::-1], axis=0), len(down) - 1)
    start = _forgotten(down, log_ratio, low)
    steps = int(np.max(down[high] - down[start]))
    _checks.memory(
        _BYTES_A_TERM * float(steps),
        "n_sources",
        f"a sum of {steps} terms, since the sources' correlations reach so far,",
        "`bounds` holds for any number.",
    )
    columns = np.arange(len(low))
    # The recurrence works with R/max(x, 1).
    scaled = log_ratio[start, columns] - np.maximum(-4 * parameters.beta_J, 0)
    with np.errstate(over="ignore"):
        return down[start], down[high], np.exp(np.where(down[start] == 0, 0.0, scaled))


def rows(n: int) -> int:
    """About how many numbers of sources down are looked at for each column."""
    return 600 + int(np.sqrt(n)) if n > SUM_ALL_UP_TO else 1


def _grid(n: int) -> Integers:
    """Numbers down from 0 to N/2, finer than the width sqrt(N) and dense at both ends."""
    half = n // 2
    steps = np.unique(np.geomspace(1, half, 120).astype(np.int64))
    uniform = np.linspace(0, half, 64 + int(np.sqrt(n))).astype(np.int64)
    return np.unique(np.concatenate([[0, half], steps, half - steps, uniform]))


def _saddle(n: int, down: Floats, p: Columns) -> tuple[Floats, Floats]:
    """ln of the terms of Z up to a constant, and ln R, by the saddle point."""
    up, M = n - down, n - 2 * down
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        s = np.sqrt(M**2 + 4 * up * down * np.exp(4 * p.beta_J))
        domains = 2 * up * down / (n + s)
        # s - M cancels for J < 0, and s overflows for J > 0.
        log_ratio = np.where(
            p.beta_J < 0,
            2 * np.log(s + M) - np.log(4 * up * down) - 4 * p.beta_J,
            2 * np.arctanh(M / s),
        )
    few = (domains < 1) & (down > 0)
    domains = np.where(few, 1.0, domains)
    entropy = np.where(few, np.log(n), _mixing(domains, up) + _mixing(domains, np.maximum(down, 1)))
    split = target.half_splitting(M, p.gamma, p.omega)
    energy = -4 * p.J * np.where(down == 0, 0.0, domains) + p.omega_a * M / 2 + split
    with np.errstate(over="ignore"):
        return (
            np.where(down == 0, 0.0, entropy) + (energy - energy.max(axis=0)) / p.temperature,
            np.maximum(log_ratio, 0),
        )


def _mixing(part: Floats, whole: Floats) -> Floats:
    """Entropy of choosing `part` out of `whole`."""
    share = np.minimum(part / whole, 1.0)
    return whole * (entr(share) + entr(1 - share))


def _forgotten(down: Integers, log_ratio: Floats, low: Integers) -> Integers:
    """Grid index from which the recurrence has forgotten its start when it reaches `low`."""
    # ln R falls with the number down: the value at the larger one is the smaller one.
    gain = 2 * np.minimum(log_ratio[1:], _FORGET) * np.diff(down)[:, None]
    total = np.concatenate([np.zeros((1, gain.shape[1])), np.cumsum(gain, axis=0)])
    reached = total[low, np.arange(len(low))] - total > _FORGET
    # The last index whose distance suffices; none means none down, where the start is exact.
    last = reached.shape[0] - 1 - np.argmax(reached[::-1], axis=0)
    return np.where(np.any(reached, axis=0), last, 0)
