r"""Ground states of a ring and its target, with their exact degeneracies.

The lowest level of each M, target's branch and sign is known, Eq. (II.51). Between the ends of
:math:`|M| < N` it is concave in :math:`|M|` in the lower branch, convex in the upper one: what
counts as degenerate with the ground level lies at the ends, and is found without a table of all M.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from coherence_lib import _checks
from coherence_lib._types import Bools, Floats, Integers, Numeric
from coherence_lib.ring import target
from coherence_lib.ring.model import (
    binomial_bits,
    count_configurations,
    degeneracy_tolerance,
)
from coherence_lib.ring.sources import SignedLevels, SourceGraph, check_sources

if TYPE_CHECKING:
    from coherence_lib.ring.model import Columns, SourceRing
    from coherence_lib.ring.sources import Sources
    from coherence_lib.ring.target import Observable

__all__ = ["GroundState", "ground_state"]

# Up to this size shares come from exact integers, beyond from logarithms.
_EXACT_SHARES_UP_TO = 1000
# The rounding of larger logarithms shows in what they are logarithms of.
_LARGEST_LOG = 1e5
# Bits of the numbers of states that are summed exactly.
_MOST_BITS = 100_000_000
# Parts into which a range is cut in the search for where it ends to count.
_PARTS = np.arange(65)

# How far the lowest levels of some M in a branch are from where they would count no longer.
Room: TypeAlias = Callable[[NDArray[np.integer | np.floating], Numeric], Floats]

# From here on levels of neighbouring M may be the same float.
_NEIGHBOURS_MERGE = 10**9


@dataclass(frozen=True)
class GroundState:
    """Ground state of a ring and its target, all degenerate levels included.

    Attributes
    ----------
    phase : str
        "ferromagnetic" (all sources parallel), "antiferromagnetic" (none such; on a ring as
        few of them as possible unpaired), or "degenerate" where both have the lowest energy.
    magnetisation : float
        Mean magnetisation of the sources in the equal mixture of the ground states.
    degeneracy : int
        Number of ground states.
    energy : float
        Lowest energy.
    """

    phase: Literal["ferromagnetic", "antiferromagnetic", "degenerate"]
    magnetisation: float
    degeneracy: int
    energy: float


@dataclass(frozen=True)
class GroundLevels:
    """Levels that count as degenerate with the lowest one.

    `room` is how far each is from where it would count no longer, and `J` the coupling of the
    `n_sources` sources: both decide how many of its configurations count.
    """

    n_sources: int
    J: float
    energy: float
    magnetisation: Integers
    branch: Integers
    room: Floats

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of states, exact."""
        n = self.n_sources
        rows = list(zip(self._down.tolist(), self._numbers.tolist(), strict=True))
        if n > _EXACT_SHARES_UP_TO:
            bits = sum(number * _bits(n, down, self.J, number) for down, number in rows)
            if bits > _MOST_BITS:
                raise _too_many(n, "exact numbers", f"up to {bits:.3g} bits")
        return tuple(_states(n, down, self.J, number) for down, number in rows)

    @property
    def weights(self) -> Floats:
        """Share of each level in the equal mixture of all ground states."""
        if len(self.magnetisation) == 1:
            return np.ones(1)
        if self.n_sources <= _EXACT_SHARES_UP_TO:
            counts = self.counts
            total = sum(counts)
            return np.array([count / total for count in counts])
        logs = _log_states(self.n_sources, self._down, self.J, self._numbers)
        shares = np.exp(logs - logs.max())
        return shares / shares.sum()

    @property
    def _down(self) -> Integers:
        """Sources of the rarer direction: up and down count alike."""
        return (self.n_sources - np.abs(self.magnetisation)) // 2

    @property
    def _numbers(self) -> Integers:
        """How many values of l are degenerate with the lowest one of each level."""
        most = np.maximum(self._down, 1)
        with np.errstate(divide="ignore", over="ignore"):
            further = np.minimum(self.room / (4 * abs(self.J)), 2.0**53) if self.J else 2.0**53
        return np.minimum(np.floor(further).astype(np.int64) + 1, most)


@dataclass(frozen=True)
class _Mixture:
    """Ground levels along the first axis, for many parameters at once."""

    magnetisation: Floats
    branch: Integers
    weights: Floats


def lowest_energies(
    n: int, M: NDArray[np.floating | np.integer], branch: Numeric, p: SourceRing | Columns
) -> Floats:
    """Lowest energy of each magnetisation M, with the target in a branch.

    `p` has the parameters omega_a, gamma, J and omega, which broadcast with M and the branch.
    """
    size = np.abs(M)
    domains = np.where(size == n, 0, np.where(p.J < 0, (n - size) / 2, 1))
    split = target.half_splitting(M, p.gamma, p.omega)
    return p.omega_a * M / 2 - p.J * (n - 4 * domains) + branch * split


def all_lowest_energies(ring: SourceRing) -> Floats:
    """`lowest_energies` for all M and both branches, as a table."""
    n = ring.n_sources
    _checks.memory(
        64.0 * n,
        "n_sources",
        f"the lowest levels of {n} sources",
        "Differences of `coherence` show the same.",
    )
    M = np.arange(-n, n + 1.0, 2)
    return lowest_energies(n, M, np.array([[-1.0], [1.0]]), ring)


def ground_levels(ring: SourceRing) -> GroundLevels:
    """The ground levels of a ring (or of what has its parameters as attributes)."""
    n = ring.n_sources
    M, beside = _ends(n)
    energies = lowest_energies(n, np.concatenate([M, beside]), -1, ring)
    energy = float(energies.min())
    tolerance = degeneracy_tolerance(energy, ring.omega)
    room = tolerance - (energies - energy)

    def room_of(M: NDArray[np.floating | np.integer], branch: Numeric) -> Floats:
        return tolerance - (lowest_energies(n, M, branch, ring) - energy)

    if ring.omega > tolerance and np.all(room[len(M) :] < 0):
        chosen = room[: len(M)] >= 0
        M, room = M[chosen].astype(np.int64), room[: len(M)][chosen]
        return GroundLevels(n, ring.J, energy, M, np.full(len(M), -1), room)
    # The upper branch is above the lower one by omega or more.
    branches = (-1, 1) if ring.omega <= tolerance else (-1,)
    found = [_levels_of(ring, branch, room_of) for branch in branches]
    branch = np.repeat(branches, [len(part) for part in found])
    M = np.concatenate(found)
    return GroundLevels(n, ring.J, energy, M, branch, room_of(M, branch))


def _ends(n: int) -> tuple[Floats, Floats]:
    """The ends of the ranges of M, among which the lowest is, and what lies next to them."""
    least = n % 2
    ends = [-n, *({-least, least} if n > 1 else ()), n]
    beside = [2 - n, -least - 2, least + 2, n - 2] if n > 3 else []
    return np.array(sorted(ends), dtype=float), np.array(beside, dtype=float)


def _levels_of(ring: SourceRing, branch: int, room: Room) -> Integers:
    """Those M of one branch whose lowest level counts, ascending."""
    n, least = ring.n_sources, ring.n_sources % 2
    parallel = np.array([-n, n])
    parts = [parallel[room(parallel, branch) >= 0]]
    for sign in (-1, 1):
        # Both signs of M = 0 are one.
        first, last = (2 if sign < 0 and least == 0 else least), n - 2
        if first > last:
            continue
        turn = _turn(ring, sign, branch, first, last)
        # On either side of the turn the energy rises or falls, but not both.
        pieces = [(first, turn)] if turn == last else [(first, turn), (turn + 2, last)]
        parts += [sign * _inside(room, sign, branch, low, high) for low, high in pieces]
    return np.sort(np.concatenate(parts))


def _turn(ring: SourceRing, sign: int, branch: int, first: int, last: int) -> int:
    """Where the lowest energy, as a function of |M| < N, turns; an end if it does not."""
    gamma = abs(ring.gamma)
    rise = -branch * (sign * ring.omega_a / 2 + 2 * max(-ring.J, 0.0))
    if rise <= 0:
        return first
    if rise >= gamma:
        return last
    # Where d lambda/d|M| = gamma^2 |M|/lambda is the rise.
    share = rise / gamma
    turn = share / math.sqrt((1 - share) * (1 + share)) * (ring.omega / 2 / gamma)
    return first + 2 * int((min(max(turn, first), last) - first) // 2)


def _inside(room: Room, sign: int, branch: int, low: int, high: int) -> Integers:
    """Those |M| of low, low + 2, ..., high that count: none, all, or an end of the range."""

    def counts(size: Integers) -> Bools:
        return room(sign * size, branch) >= 0

    at_low, at_high = counts(np.array([low, high]))
    if not (at_low or at_high):
        return np.zeros(0, dtype=np.int64)
    if not (at_low and at_high):
        # The number of the last one that counts, seen from the end that does.
        origin, step = (low, 2) if at_low else (high, -2)
        inside, outside = 0, (high - low) // 2
        while outside - inside > 1:
            cuts = inside + (outside - inside) * _PARTS // _PARTS[-1]
            last = np.flatnonzero(~counts(origin + step * cuts))[0]
            inside, outside = int(cuts[last - 1]), int(cuts[last])
        low, high = (low, low + 2 * inside) if at_low else (high - 2 * inside, high)
    number = (high - low) // 2 + 1
    _checks.memory(
        200.0 * number,
        "n_sources",
        f"{number} degenerate ground levels",
        "A temperature above zero needs only the levels that matter.",
    )
    return np.arange(low, high + 1, 2)


# --- many parameters at once -------------------------------------------------------------------


def ground_means(n: int, columns: Columns, observable: Observable) -> Floats:
    """Value of an observable at T = 0 for each column of parameters."""
    mixture, known = _at_the_ends(n, columns)
    means = observable.ground(mixture, columns.gamma, columns.omega)
    for k in np.flatnonzero(~known):
        one = columns.ring(n, int(k))
        levels = ground_levels(one)
        means[k] = observable.ground(levels, one.gamma, one.omega)
    return means


def _at_the_ends(n: int, p: Columns) -> tuple[_Mixture, Bools]:
    """Mixtures of the ground levels at the ends of M, and where there are no others."""
    M, beside = (part[:, None] for part in _ends(n))
    energies = lowest_energies(n, M, -1, p)
    lowest = energies.min(axis=0)
    tolerance = degeneracy_tolerance(lowest, p.omega)
    gaps = energies - lowest
    # There is room beside the ends, or in the upper branch, only if there is next to them.
    known = p.omega > tolerance
    known &= np.all(lowest_energies(n, beside, -1, p) - lowest > tolerance, axis=0)
    if n > 3:
        # And none for another number of domains.
        room = tolerance - gaps[1:-1].min(axis=0)
        known &= (room < 0) | (room < 4 * np.abs(p.J))
    if n > _NEIGHBOURS_MERGE:
        # The energy is concave between the ends: a single lowest end has no equal beside it,
        # though their difference is less than a rounding of either.
        known |= (gaps <= tolerance).sum(axis=0) == 1
    # The target does not see sources to which it is not coupled.
    known |= (p.gamma == 0) & (p.omega > tolerance)
    states = np.where(np.abs(M) == n, 1.0, n if n % 2 else 2.0) * (gaps <= tolerance)
    return _Mixture(M, np.full(M.shape, -1), states / states.sum(axis=0)), known


# --- numbers of states -------------------------------------------------------------------------


def _states(n: int, down: int, J: float, number: int) -> int:
    """Configurations of one M with the `number` lowest energies, exact."""
    if down == 0:
        return 1
    if number == down:
        return math.comb(n, down)
    domains, step = (1, 1) if J > 0 else (down, -1)
    up, term = n - down, count_configurations(n, n - 2 * down, domains)
    total = term
    for _ in range(number - 1):
        if step > 0:
            term = term * (up - domains) * (down - domains) // (domains * (domains + 1))
        else:
            term = term * domains * (domains - 1) // ((up - domains + 1) * (down - domains + 1))
        domains += step
        total += term
    return total


def _bits(n: int, down: int, J: float, number: int) -> float:
    """Bits of the largest of the numbers that `_states` adds up, from above."""
    if number >= down:
        return (1 + binomial_bits(n, down)) / number
    up = n - down
    most = number + (up - down if J < 0 else 0)
    return math.log2(n) + binomial_bits(up, most) + binomial_bits(down, number)


def _log_states(n: int, down: Integers, J: float, number: Integers) -> Floats:
    """Logarithms of the same, for arrays of `down` and `number`."""
    every = (number == down) | (down == 0)
    most = int(np.max(np.where(every, 1, number)))
    _checks.memory(
        100.0 * most * len(down),
        "n_sources",
        f"the numbers of degenerate ground states, of {most * len(down)} terms,",
        "A temperature above zero needs none of them.",
    )
    domains = np.arange(1, most)[:, None] if J > 0 else down - np.arange(1, most)[:, None]
    inside = (np.arange(1, most)[:, None] < number) & ~every
    # From each number of domains to the next, l to l + 1: (a - l)(b - l)/(l (l + 1)).
    lower = np.where(inside, domains, 1).astype(float)
    rise = (n - down - lower) * (np.maximum(down, 2) - lower) / (lower * (lower + 1))
    logs = np.cumsum(np.log(rise) if J > 0 else -np.log(rise), axis=0)
    logs = np.concatenate([np.zeros((1, len(down))), np.where(inside, logs, -np.inf)])
    peak = logs.max(axis=0)
    total = peak + np.log(np.exp(logs - peak).sum(axis=0))
    rest = np.maximum(down, 1)
    first = 1 if J > 0 else rest
    total = total + np.log(n) - np.log(first)
    total = total + _log_binomial(n - rest - 1, first - 1) + _log_binomial(rest - 1, first - 1)
    logs = np.where(every, _log_binomial(n, down), total)
    if logs.max() > _LARGEST_LOG:
        raise _too_many(n, "numbers", f"some {logs.max() / math.log(2):.3g} bits")
    return logs


def _log_binomial(of: int | Integers, choose: int | Integers) -> Floats:
    fewer = np.minimum(choose, of - choose)
    return np.where(fewer <= 0, 0.0, -betaln(of - fewer + 1.0, fewer + 1.0) - np.log1p(of))


def _too_many(n: int, what: str, size: str) -> ValueError:
    return ValueError(
        f"`n_sources` must be smaller where so many ground states are degenerate, but got {n}: "
        f"their {what} would have {size}. A temperature above zero needs none of them."
    )


def _counted_levels(ring: SourceGraph) -> SignedLevels:
    return SignedLevels.of(ring.counts, ring.omega_a, ring.gamma, ring.unit, ring.omega).ground(
        ring.omega
    )


def ground_state(ring: Sources) -> GroundState:
    r"""Ground state of the sources and their target, Eqs. (II.40), (II.48)-(II.57).

    On a ring with J < 0 the energy of the lowest level of each \|M\| is concave in \|M\|,
    Eq. (II.51), so the minimum is at one of the ends: all sources parallel, or \|M\| = 0
    (N even), 1 (N odd). Levels within 1e-10 max(omega, \|E_0\|) of the lowest count as degenerate.

    Parameters
    ----------
    ring : SourceRing or SourceGraph

    Returns
    -------
    GroundState
        With `phase`, `magnetisation`, `degeneracy` and `energy`.

    Raises
    ------
    TypeError
        If `ring` is no SourceRing or SourceGraph.
    ValueError
        If so many ground states are degenerate that their number cannot be written down.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> ground_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)).phase
    'ferromagnetic'
    >>> neel = ground_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=-0.25))
    >>> neel.phase, neel.degeneracy, neel.magnetisation
    ('antiferromagnetic', 2, 0.0)
    """
    check_sources(ring)
    levels = _counted_levels(ring) if isinstance(ring, SourceGraph) else ground_levels(ring)
    parallel = np.abs(levels.magnetisation) == ring.n_sources
    phase: Literal["ferromagnetic", "antiferromagnetic", "degenerate"]
    if np.all(parallel):
        phase = "ferromagnetic"
    else:
        phase = "degenerate" if np.any(parallel) else "antiferromagnetic"
    mean = float(levels.weights @ levels.magnetisation)
    return GroundState(phase, mean, sum(levels.counts), levels.energy)
