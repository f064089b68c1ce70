r"""Ground-state crossing of the antiferromagnetic ring and the shape of C(T), Eqs. (II.48)-(II.57).

For J < 0 two ground states compete: all sources parallel, or as many as possible in
antiparallel pairs. Where their energies cross, the temperature dependence of the
coherence changes its shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from coherence_lib import _checks, _labels, _progress
from coherence_lib._types import (
    Array,
    Floats,
    Labelled,
    Number,
    Numbers,
    Real,
    Value,
    Whole,
    WholeNumbers,
    Wholes,
)
from coherence_lib.ring import routes, target
from coherence_lib.ring.coherence import coherence
from coherence_lib.ring.ground import (
    GroundLevels,
    GroundState,
    all_lowest_energies,
    ground_levels,
    ground_state,
)
from coherence_lib.ring.model import (
    Columns,
    SourceRing,
    degeneracy_tolerance,
    numbers_of_sources,
)
from coherence_lib.ring.sources import (
    SignedLevels,
    SourceGraph,
    Sources,
    check_sources,
)
from coherence_lib.ring.thermal_sum import log_sum
from coherence_lib.ring.weights import scaled_weights

__all__ = [
    "Extremum",
    "GroundState",
    "OptimalTemperature",
    "critical_coupling",
    "critical_gap",
    "extrema",
    "ground_state",
    "optimal_temperature",
    "slope",
]

# Temperatures per decade that are searched for a change of the slope's sign.
_PER_DECADE = 200
# The search covers exp(-gap/T) from the smallest gap over this ...
_COLD = 60.0
# ... to this times the largest energy, where C falls as 1/T^2.
_HOT = 20.0
# Rings up to this size have all gaps between their levels resolved.
_RESOLVE_UP_TO = 40
_LARGEST_BATCH = 1_000_000
# A smaller slope, in units of its largest term, has no sign.
_NOISE = 1e-13


@dataclass(frozen=True)
class Extremum:
    """A local extremum of C(T) at 0 < T < inf; `kind` is "maximum" or "minimum"."""

    temperature: float
    coherence: float
    kind: Literal["maximum", "minimum"]


@dataclass(frozen=True)
class OptimalTemperature:
    """Where C(T) is largest; `temperature` is 0.0 when that is at T = 0."""

    temperature: float
    coherence: float


@overload
def critical_gap(n_sources: Whole, gamma: Number, J: Number, omega: Number = ...) -> float: ...
@overload
def critical_gap(
    n_sources: WholeNumbers, gamma: Numbers, J: Numbers, omega: Numbers = ...
) -> Floats: ...
@overload
def critical_gap(n_sources: Wholes, gamma: Real, J: Real, omega: Real = ...) -> Value: ...
def critical_gap(n_sources: Wholes, gamma: Real, J: Real, omega: Real = 1.0) -> Value:
    r"""Gap of the sources at which the two ground states cross, Eqs. (II.48) and (II.54).

    .. math::
        \omega_a = -4J - \frac{\Omega_N - \omega}N\ (N\text{ even}), \qquad
        \omega_a = -4J - \frac{\Omega_N - \Omega_1}{N-1}\ (N\text{ odd})

    Parameters
    ----------
    n_sources : array_like of int, shape (...)
        Number of sources N, >= 2.
    gamma, J : array_like, shape (...)
        Coupling to the target and of neighbouring sources, of either sign.
    omega : array_like, shape (...), optional
        Gap of the target, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Above it the ground state is ferromagnetic. A negative value means that it is so at
        any gap: there is no crossing then.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid; a single source has no crossing.

    Examples
    --------
    >>> round(15 * critical_gap(6, gamma=0.2, J=-0.25), 12)
    11.0
    """
    if _labels.among(n_sources, gamma, J, omega):
        return _labels.apply(critical_gap, n_sources=n_sources, gamma=gamma, J=J, omega=omega)
    n, gamma, J, omega = _arguments(n_sources, "J", gamma, J, omega)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = -4 * J - _shift(n, gamma, omega)
    return _checks.plain(_finite(gap, gamma=gamma, J=J, omega=omega))


@overload
def critical_coupling(
    n_sources: Whole, gamma: Number, omega_a: Number, omega: Number = ...
) -> float: ...
@overload
def critical_coupling(
    n_sources: WholeNumbers, gamma: Numbers, omega_a: Numbers, omega: Numbers = ...
) -> Floats: ...
@overload
def critical_coupling(
    n_sources: Wholes, gamma: Real, omega_a: Real, omega: Real = ...
) -> Value: ...
def critical_coupling(n_sources: Wholes, gamma: Real, omega_a: Real, omega: Real = 1.0) -> Value:
    r"""Coupling of the sources at which the two ground states cross, Eqs. (II.48) and (II.54).

    .. math::
        J = -\frac14\Bigl(|\omega_a| + \frac{\Omega_N-\omega}N\Bigr)\ (N\text{ even}), \qquad
        J = -\frac14\Bigl(|\omega_a| + \frac{\Omega_N-\Omega_1}{N-1}\Bigr)\ (N\text{ odd})

    Parameters
    ----------
    n_sources : array_like of int, shape (...)
        Number of sources N, >= 2.
    gamma, omega_a : array_like, shape (...)
        Coupling to the target and gap of a source, of either sign.
    omega : array_like, shape (...), optional
        Gap of the target, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Never positive. Above it the ground state is ferromagnetic.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid; a single source has no crossing.

    Examples
    --------
    >>> round(120 * critical_coupling(6, gamma=0.2, omega_a=0.5), 12)
    -23.0
    """
    if _labels.among(n_sources, gamma, omega_a, omega):
        return _labels.apply(
            critical_coupling, n_sources=n_sources, gamma=gamma, omega_a=omega_a, omega=omega
        )
    n, gamma, omega_a, omega = _arguments(n_sources, "omega_a", gamma, omega_a, omega)
    with np.errstate(over="ignore", invalid="ignore"):
        coupling = -np.abs(omega_a) / 4 - _shift(n, gamma, omega) / 4
    return _checks.plain(_finite(coupling, gamma=gamma, omega_a=omega_a, omega=omega))


def _finite(result: Floats, **energies: NDArray[Any]) -> Floats:
    """Return a result that is finite, or name the largest energy."""
    name = max(energies, key=lambda k: np.abs(energies[k]).max(initial=0.0))
    return _checks.outcome(result, name, "the crossing")


def _arguments(
    n_sources: Wholes, name: str, gamma: Real, third: Real, omega: Real
) -> tuple[NDArray[Any], ...]:
    arguments: dict[str, NDArray[Any]] = {
        "n_sources": numbers_of_sources(n_sources, 2),
        "gamma": _checks.real(gamma, "gamma"),
        name: _checks.real(third, name),
        "omega": _checks.above(omega, 0, "omega"),
    }
    return _checks.broadcast(**arguments)


def _shift(n: NDArray[Any], gamma: NDArray[Any], omega: NDArray[Any]) -> Floats:
    """(Omega_N - Omega_p)/(N - p) with p = 0 or 1 the parity of N, without cancellation."""
    p = n % 2
    large, small = (target.half_splitting(M, gamma, omega) for M in (n, p))
    # Squares of gamma may be no floats where this is one.
    return 2 * np.abs(gamma) / (large + small) * np.abs(gamma) * (n + p)


@overload
def slope(ring: Sources, temperature: Number, progress: bool = ...) -> float: ...
@overload
def slope(ring: Sources, temperature: Array, progress: bool = ...) -> Floats: ...
@overload
def slope(ring: Sources, temperature: Labelled, progress: bool = ...) -> Labelled: ...
def slope(ring: Sources, temperature: Real, progress: bool = False) -> Value:
    r"""Slope dC/dT of the coherence.

    .. math::
        \frac{dC}{dT} = \frac{\langle E c\rangle - \langle E\rangle\langle c\rangle}{T^2},

    the covariance of energy and coherence over the levels. Its sign is right also where
    the slope is exponentially small: what the ground state contributes is subtracted
    before anything is computed. At temperatures far above all energies E digits are lost,
    about T/E in units of the last. Large rings take eighth-order differences of the integral
    instead, to about 1e-10 of the slope and at one cost for any N; where these do not resolve
    it, the sum, whose cost grows as N.

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    temperature : array_like, shape (...)
        Temperature, 0 < T < inf.
    progress : bool, optional
        Whether to show a bar while large rings are summed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing or SourceGraph, or `temperature` not made of finite numbers > 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing, coherence
    >>> ring = SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
    >>> h = 1e-4
    >>> difference = (coherence(ring, 1 + h) - coherence(ring, 1 - h)) / (2 * h)
    >>> print(f"{slope(ring, 1.0):.6f} {difference:.6f}")
    -0.730632 -0.730632
    """
    check_sources(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(slope, ring, progress=progress), temperature=temperature)
    T = _checks.above(temperature, 0, "temperature")
    value, unit = _covariance(ring, T.ravel(), _checks.flag(progress, "progress"))
    with np.errstate(over="ignore"):
        return _checks.plain((value * np.exp(unit)).reshape(T.shape) / T / T)


def extrema(ring: Sources, progress: bool = False) -> tuple[Extremum, ...]:
    """Local extrema of C(T) at 0 < T < inf, however many, ordered by T.

    The sign of the exact `slope` is followed over all temperatures at which the levels of the
    ring compete, 200 to a decade, and each change of sign is refined. What lies between
    two neighbouring temperatures in pairs would be missed. Beyond 40 sources the lowest
    temperature is set by the gaps above the ground level only.

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    progress : bool, optional
        Whether to show a bar while large rings are summed.

    Returns
    -------
    tuple of Extremum
        Each with `temperature`, `coherence` and `kind`; empty for a coherence that falls
        from T = 0 on or vanishes.

    Raises
    ------
    TypeError
        If `ring` is no SourceRing or SourceGraph.
    ValueError
        If it is too large for the table of its lowest levels.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> peak, = extrema(SourceRing(6, omega_a=0.5, gamma=0.2, J=-0.25))
    >>> print(f"{peak.kind} of {peak.coherence:.6f} at {peak.temperature:.6f}")
    maximum of 0.392840 at 0.323503
    """
    check_sources(ring)
    progress = _checks.flag(progress, "progress")
    if ring.omega_a == 0 or ring.gamma == 0:
        return ()
    T = _temperatures(ring)
    value, _ = _covariance(ring, T, progress)
    known = np.abs(value) > _NOISE
    T, rises = T[known], value[known] > 0
    turns = np.flatnonzero(rises[1:] != rises[:-1])
    return tuple(_refined(ring, T[k], T[k + 1], rises[k]) for k in turns)


def optimal_temperature(ring: Sources, progress: bool = False) -> OptimalTemperature:
    """Temperature at which the coherence is largest.

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    progress : bool, optional
        Whether to show a bar while large rings are summed.

    Returns
    -------
    OptimalTemperature
        With `temperature`, 0.0 when the largest value is at T = 0, and `coherence`.

    Raises
    ------
    TypeError
        If `ring` is no SourceRing or SourceGraph.
    ValueError
        If it is too large for the table of its lowest levels.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> optimal_temperature(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)).temperature
    0.0
    """
    check_sources(ring)
    peaks = [(e.coherence, -e.temperature) for e in extrema(ring, progress) if e.kind == "maximum"]
    value, negative = max([(coherence(ring, 0.0), 0.0), *peaks])
    return OptimalTemperature(abs(negative), value)


@dataclass(frozen=True)
class _Favoured:
    """A ring with omega_a, gamma >= 0, of the same coherence, and its ground levels."""

    ring: SourceRing
    levels: GroundLevels
    element: float

    @classmethod
    def of(cls, ring: SourceRing) -> _Favoured:
        n = ring.n_sources
        _checks.memory(
            250.0 * n,
            "ring",
            f"the levels of {n} sources",
            "Differences of `coherence` need fewer of them.",
        )
        ring = replace(ring, omega_a=abs(ring.omega_a), gamma=abs(ring.gamma))
        levels = ground_levels(ring)
        element = float(target.ground_element(levels, ring.gamma, ring.omega))
        return cls(ring, levels, element)


def _refined(ring: Sources, low: float, high: float, rises: bool) -> Extremum:
    def value(y: float) -> float:
        return float(_covariance(ring, np.array([np.exp(y)]), False)[0][0])

    temperature = float(np.exp(brentq(value, np.log(low), np.log(high), xtol=1e-13)))
    kind: Literal["maximum", "minimum"] = "maximum" if rises else "minimum"
    return Extremum(temperature, coherence(ring, temperature), kind)


def _temperatures(ring: Sources) -> Floats:
    """Logarithmic grid over the temperatures at which levels compete."""
    n = ring.n_sources
    if isinstance(ring, SourceGraph):
        energies = np.unique(_favoured_levels(ring).energies)
        gaps = np.diff(energies) if n <= _RESOLVE_UP_TO else energies - energies[0]
        largest = energies[-1] - energies[0]
    else:
        energies = np.sort(all_lowest_energies(ring), axis=None)
        gaps = energies - energies[0]
        if n <= _RESOLVE_UP_TO:
            gaps = np.diff(np.unique(ring.levels().energies))
        largest = energies[-1] - energies[0] + 4 * abs(ring.J) * n
    smallest = gaps[gaps > degeneracy_tolerance(energies[0], ring.omega)].min(initial=largest)
    decades = np.log10(_HOT * largest / (smallest / _COLD))
    return np.geomspace(smallest / _COLD, _HOT * largest, int(decades * _PER_DECADE) + 1)


def _covariance(ring: Sources, temperature: Floats, progress: bool) -> tuple[Floats, Floats]:
    """<E c> - <E><c> as a number of order one and the logarithm of its unit."""
    if isinstance(ring, SourceGraph):
        return _counted(ring, temperature, progress)
    value, unit = np.empty(temperature.shape), np.zeros(temperature.shape)
    summed = np.ones(temperature.shape, dtype=bool)
    if ring.n_sources >= routes.SLOPES_FROM and temperature.size:
        columns = Columns.of(ring, temperature)
        slopes, seen = routes.slopes(ring.n_sources, columns, progress)
        value[seen] = (slopes * temperature)[seen]
        summed = ~seen
    if np.any(summed):
        value[summed], unit[summed] = _summed(_Favoured.of(ring), temperature[summed], progress)
    return value, unit


def _summed(favoured: _Favoured, temperature: Floats, progress: bool) -> tuple[Floats, Floats]:
    """The same by the sum, which knows also what is exponentially small."""
    batch = max(1, _LARGEST_BATCH // (favoured.ring.n_sources // 2 + 1))
    parts = [
        _covariance_of_batch(favoured, temperature[k : k + batch])
        for k in _progress.bar(range(0, len(temperature), batch), progress, "temperatures")
    ]
    values, units = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(units)


def _favoured_levels(ring: SourceGraph) -> SignedLevels:
    """The levels with omega_a, gamma >= 0, of the same coherence."""
    return SignedLevels.of(ring.counts, abs(ring.omega_a), abs(ring.gamma), ring.unit, ring.omega)


def _counted(ring: SourceGraph, temperature: Floats, progress: bool) -> tuple[Floats, Floats]:
    """The same over the table of all levels."""
    levels, gamma = _favoured_levels(ring), abs(ring.gamma)
    ground = levels.ground(ring.omega)
    element = levels.branch * target.tilt(levels.magnetisation, gamma, ring.omega)
    element = element - target.ground_element(ground, gamma, ring.omega)
    excess = levels.energies - levels.energy
    excess[excess <= degeneracy_tolerance(levels.energy, ring.omega)] = 0.0
    batch = max(1, _LARGEST_BATCH // len(excess))
    value, unit = np.empty(temperature.shape), np.empty(temperature.shape)
    for k in _progress.bar(range(0, len(temperature), batch), progress, "temperatures"):
        here = slice(k, k + batch)
        with np.errstate(over="ignore"):
            log_p = np.log(levels.states)[:, None] - excess[:, None] / temperature[here]
        value[here], unit[here] = _of_shifted(log_p, excess[:, None], element[:, None])
    return value, unit


def _covariance_of_batch(favoured: _Favoured, T: Floats) -> tuple[Floats, Floats]:
    ring, levels = favoured.ring, favoured.levels
    n, omega, omega_a, gamma = ring.n_sources, ring.omega, ring.omega_a, ring.gamma
    first = np.zeros(len(T), dtype=np.int64)
    with np.errstate(over="ignore"):
        weights = scaled_weights(n, first, n // 2, ring.J / T, domains=True)
    # They were asked for.
    assert weights.domains is not None
    down = np.arange(n // 2 + 1.0)[:, None]
    M = n - 2 * down
    split = target.half_splitting(M, gamma, omega)
    tolerance = degeneracy_tolerance(levels.energy, omega)
    tilt = target.tilt(M, gamma, omega)
    log_p, excess, element = [], [], []
    for side, branch in ((1, -1), (1, 1), (-1, -1), (-1, 1)):
        # Energy of the lowest level of -side M, but for the walls that the weights count.
        energy = -side * omega_a * M / 2 + branch * split - ring.J * n
        energy = energy - 4 * max(-ring.J, 0) * down - levels.energy
        energy = np.where(energy <= tolerance, 0.0, energy)
        with np.errstate(over="ignore"):
            log = weights.log - energy / T
        # Both signs of M = 0 are one.
        log_p.append(np.where((side < 0) & (M == 0), -np.inf, log))
        excess.append(energy + 4 * abs(ring.J) * weights.domains)
        element.append(-side * branch * tilt - favoured.element)
    # Shifted to the ground state, no element is there that the low temperature does not damp.
    log_p, excess, element = (np.concatenate(a) for a in (log_p, excess, element))
    return _of_shifted(log_p, excess, element)


def _of_shifted(log_p: Floats, excess: Floats, element: Floats) -> tuple[Floats, Floats]:
    """The covariance of levels along the first axis, energies and elements from the ground's."""
    log_p = log_p - log_sum(log_p)
    with np.errstate(divide="ignore"):
        log_excess = log_p + np.log(excess)
    unit = log_excess.max(axis=0)
    unit = np.where(np.isfinite(unit), unit, 0.0)
    parts = np.exp(log_excess - unit)
    mean = np.sum(np.exp(log_p) * element, axis=0)
    return np.sum(parts * element, axis=0) - np.sum(parts, axis=0) * mean, unit
