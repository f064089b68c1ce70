r"""Bounds and limits of the coherence, Eqs. (II.32)-(II.47).

For any J the coherence grows with J, :math:`|\omega_a|` and :math:`|\gamma|`, so the limits
of large and small parameters bound it. Every limit holds for either sign of
:math:`\omega_a` and :math:`\gamma`; :math:`\Omega_M = \sqrt{\omega^2 + 4\gamma^2M^2}`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal, overload

import numpy as np

from coherence_lib import _checks, _labels
from coherence_lib._types import Array, Floats, Labelled, Number, Real, Value
from coherence_lib.ring import free, target
from coherence_lib.ring.ground import ground_levels
from coherence_lib.ring.model import HUGE, SourceRing, check_ring

__all__ = [
    "free_magnetisation",
    "ground_state_coherence",
    "high_temperature",
    "large_gap_limit",
    "lower_bound",
    "strong_coupling_limit",
    "upper_bound",
    "upper_bound_high_temperature",
    "weak_coupling_limit",
]


@overload
def upper_bound(ring: SourceRing, temperature: Number) -> float: ...
@overload
def upper_bound(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def upper_bound(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def upper_bound(ring: SourceRing, temperature: Real) -> Value:
    r"""Largest coherence at a given temperature, that of J -> inf, Eqs. (II.35)-(II.36).

    .. math::
        C_{J\to\infty} = \frac{2N\gamma}{\Omega_N}
            \tanh\frac{\beta N\omega_a}2\,\tanh\frac{\beta\Omega_N}2

    One source with the gap N omega_a and the coupling N gamma would induce the same.

    Parameters
    ----------
    ring : SourceRing
        Its `J` plays no role.
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> round(upper_bound(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 1.0), 6)
    0.719988
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(upper_bound, ring), temperature=temperature)
    return _single_source(ring, ring.n_sources, temperature)


@overload
def lower_bound(ring: SourceRing, temperature: Number) -> float: ...
@overload
def lower_bound(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def lower_bound(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def lower_bound(ring: SourceRing, temperature: Real) -> Value:
    r"""Smallest coherence at a given temperature, that of J -> -inf, Eqs. (II.37)-(II.39).

    Zero for an even number of sources. For an odd number one source stays unpaired:

    .. math::
        C_{J\to-\infty} = \frac{2\gamma}{\Omega_1}
            \tanh\frac{\beta\omega_a}2\,\tanh\frac{\beta\Omega_1}2

    Parameters
    ----------
    ring : SourceRing
        Its `J` plays no role.
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> lower_bound(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 1.0)
    0.0
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(lower_bound, ring), temperature=temperature)
    return _single_source(ring, ring.n_sources % 2, temperature)


def ground_state_coherence(ring: SourceRing) -> float:
    r"""Coherence at T = 0, exact for any J, Eqs. (II.41), (II.49)-(II.50) and (II.56)-(II.57).

    .. math::
        C(0) = \frac{2N\gamma}{\Omega_N}\ \text{(ferromagnetic)}, \qquad
        0\ \text{or}\ \frac{2\gamma}{\Omega_1}\ \text{(antiferromagnetic, N even or odd)}

    and the mean over the ground states where they are degenerate: a third of the
    ferromagnetic value on the crossing line of an even ring, zero for omega_a = 0.

    Parameters
    ----------
    ring : SourceRing

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If `ring` is no SourceRing.
    ValueError
        If so many ground states are degenerate that they cannot be counted.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> round(13 * ground_state_coherence(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)), 12)
    12.0
    """
    check_ring(ring)
    if ring.gamma == 0:
        # However many levels there are.
        return 0.0
    return float(target.COHERENCE.ground(ground_levels(ring), ring.gamma, ring.omega))


@overload
def high_temperature(
    ring: SourceRing, temperature: Number, order: Literal[1, 2] = ...
) -> float: ...
@overload
def high_temperature(
    ring: SourceRing, temperature: Array, order: Literal[1, 2] = ...
) -> Floats: ...
@overload
def high_temperature(
    ring: SourceRing, temperature: Labelled, order: Literal[1, 2] = ...
) -> Labelled: ...
def high_temperature(ring: SourceRing, temperature: Real, order: Literal[1, 2] = 2) -> Value:
    r"""Decay of the coherence at high temperature, Eq. (II.42).

    .. math:: C \simeq \frac{N\gamma\omega_a}{2T^2}\Bigl(1 + \frac{2J}{T}\Bigr)

    Each source contributes on its own, each bond corrects two of them; a single source
    has no bond. The next term is of the order 1/T^4.

    Parameters
    ----------
    ring : SourceRing
    temperature : array_like, shape (...)
        Temperature T > 0; infinity is allowed.
    order : {1, 2}, optional
        Number of terms.

    Returns
    -------
    float or ndarray, shape (...)
        An expansion, not a bound: where T is not large it may be above one or negative.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, `temperature` not made of numbers > 0, or `order`
        not 1 or 2.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing, coherence
    >>> ring = SourceRing(6, omega_a=0.5, gamma=0.2, J=1.0)
    >>> print(*[f"{c:.6g}" for c in (high_temperature(ring, 50.0), coherence(ring, 50.0))])
    0.0001248 0.000124891
    """
    check_ring(ring)
    order = _checks.choice(order, (1, 2), "order")
    if _labels.among(temperature):
        return _labels.apply(partial(high_temperature, ring, order=order), temperature=temperature)
    T = _checks.warm(temperature)
    with np.errstate(over="ignore", invalid="ignore"):
        leading = _over_twice(ring.n_sources * abs(ring.gamma), ring.omega_a, T)
        if order == 1 or ring.n_sources == 1:
            return _checks.plain(leading)
        return _checks.plain(np.where(leading == 0, 0.0, leading * (1 + 2 * ring.J / T)))


@overload
def upper_bound_high_temperature(ring: SourceRing, temperature: Number) -> float: ...
@overload
def upper_bound_high_temperature(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def upper_bound_high_temperature(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def upper_bound_high_temperature(ring: SourceRing, temperature: Real) -> Value:
    r"""Decay of the upper bound at high temperature, Eq. (II.43).

    .. math:: C_{J\to\infty} \simeq \frac{N^2\gamma\omega_a}{2T^2}

    N times larger than the leading term of Eq. (II.42): the limits J -> inf and T -> inf
    do not commute.

    Parameters
    ----------
    ring : SourceRing
    temperature : array_like, shape (...)
        Temperature T > 0; infinity is allowed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers > 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> ring = SourceRing(6, omega_a=0.5, gamma=0.2, J=1.0)
    >>> round(upper_bound_high_temperature(ring, 50.0) / high_temperature(ring, 50.0, order=1), 12)
    6.0
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(upper_bound_high_temperature, ring), temperature=temperature)
    T = _checks.warm(temperature)
    n = ring.n_sources
    return _checks.plain(_over_twice(n * abs(ring.gamma), n * ring.omega_a, T))


def _over_twice(energy: float, other: float, T: Floats) -> Floats:
    """|energy other|/(2 T^2), infinite where T is far too small for an expansion."""
    with np.errstate(over="ignore", invalid="ignore"):
        product = (abs(energy) / T) * (abs(other) / T) / 2
    return np.zeros(T.shape) if energy == 0 or other == 0 else product


@overload
def strong_coupling_limit(ring: SourceRing, temperature: Number) -> float: ...
@overload
def strong_coupling_limit(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def strong_coupling_limit(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def strong_coupling_limit(ring: SourceRing, temperature: Real) -> Value:
    r"""Coherence for gamma -> inf, Eq. (II.44).

    .. math:: C_{\gamma\to\infty} = \tanh\frac{\beta N\omega_a}2

    Parameters
    ----------
    ring : SourceRing
        Its `gamma`, `J` and `omega` play no role.
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> round(strong_coupling_limit(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 1.0), 6)
    0.905148
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(strong_coupling_limit, ring), temperature=temperature)
    T = _checks.temperature(temperature)
    return _checks.plain(_tanh_over(ring.n_sources * abs(ring.omega_a) / 2, T))


@overload
def weak_coupling_limit(ring: SourceRing, temperature: Number) -> float: ...
@overload
def weak_coupling_limit(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def weak_coupling_limit(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def weak_coupling_limit(ring: SourceRing, temperature: Real) -> Value:
    r"""Coherence for gamma -> 0, linear in gamma, Eq. (II.45).

    .. math::
        C_{\gamma\to0} = \frac{2\gamma}{\omega}\tanh\frac{\beta\omega}2\;|\langle M\rangle|

    with the magnetisation of the ring without target, `free_magnetisation`.

    Parameters
    ----------
    ring : SourceRing
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)
        Not a bound; above one where gamma is not small.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> round(weak_coupling_limit(SourceRing(6, omega_a=0.5, gamma=0.001, J=0.25), 1.0), 6)
    0.002132
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(weak_coupling_limit, ring), temperature=temperature)
    T = _checks.temperature(temperature)
    mean = np.asarray(free_magnetisation(ring, T))
    with np.errstate(over="ignore", invalid="ignore"):
        linear = 2 * abs(ring.gamma) * (_tanh_over(ring.omega / 2, T) / ring.omega)
        return _checks.plain(np.where(mean == 0, 0.0, linear * mean))


@overload
def free_magnetisation(ring: SourceRing, temperature: Number) -> float: ...
@overload
def free_magnetisation(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def free_magnetisation(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def free_magnetisation(ring: SourceRing, temperature: Real) -> Value:
    r"""Modulus of the mean magnetisation of the ring without its target, Eq. (II.46).

    .. math::
        |\langle M\rangle| = \frac{N\sinh h}{\sqrt{\sinh^2h + e^{-4\beta J}}}\;
            \frac{\lambda_+^N - \lambda_-^N}{\lambda_+^N + \lambda_-^N},
        \qquad h = \tfrac12\beta|\omega_a|

    The sums of Eq. (II.46) in closed form, from the transfer matrix.

    Parameters
    ----------
    ring : SourceRing
        Its `gamma` and `omega` play no role.
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and N.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> print(free_magnetisation(SourceRing(6, 0.5, 0.2, 0.25), [0.0, 1.0]).round(6))
    [6.       2.306298]
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(free_magnetisation, ring), temperature=temperature)
    T = _checks.temperature(temperature)
    gap, n = abs(ring.omega_a), ring.n_sources
    with np.errstate(over="ignore"):
        # A ratio that overflows stands for one that is as good as infinite.
        beta_J, h = (
            np.clip(energy / np.where(T == 0, 1.0, T), -HUGE, HUGE) for energy in (ring.J, gap / 2)
        )
    mean = free.magnetisation(n, beta_J, h)
    if np.any(T == 0):
        mean = np.where(T == 0, _free_ground_magnetisation(ring), mean)
    return _checks.plain(mean)


def _free_ground_magnetisation(ring: SourceRing) -> float:
    if ring.omega_a == 0:
        # M and -M are alike, however many levels there are.
        return 0.0
    free_ring = SourceRing(ring.n_sources, abs(ring.omega_a), 0.0, ring.J, ring.omega)
    levels = ground_levels(free_ring)
    return float(abs(levels.weights @ levels.magnetisation))


@overload
def large_gap_limit(ring: SourceRing, temperature: Number) -> float: ...
@overload
def large_gap_limit(ring: SourceRing, temperature: Array) -> Floats: ...
@overload
def large_gap_limit(ring: SourceRing, temperature: Labelled) -> Labelled: ...
def large_gap_limit(ring: SourceRing, temperature: Real) -> Value:
    r"""Coherence for omega_a -> inf, Eq. (II.47).

    .. math:: C_{\omega_a\to\infty} = \frac{2N\gamma}{\Omega_N}\tanh\frac{\beta\Omega_N}2

    Parameters
    ----------
    ring : SourceRing
        Its `omega_a` and `J` play no role.
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> round(large_gap_limit(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 1.0), 6)
    0.795437
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(large_gap_limit, ring), temperature=temperature)
    return _checks.plain(_saturated(ring, ring.n_sources, _checks.temperature(temperature)))


def _single_source(ring: SourceRing, size: int, temperature: Real) -> float | Floats:
    """Coherence that one source with the gap size*omega_a and coupling size*gamma induces."""
    T = _checks.temperature(temperature)
    return _checks.plain(_tanh_over(size * abs(ring.omega_a) / 2, T) * _saturated(ring, size, T))


def _saturated(ring: SourceRing, size: int, T: Floats) -> Floats:
    split = target.half_splitting(size, ring.gamma, ring.omega)
    return target.tilt(size, abs(ring.gamma), ring.omega) * _tanh_over(split, T)


def _tanh_over(energy: float, T: Floats) -> Floats:
    """tanh(energy / T) for energy >= 0, with its limits at T = 0: one, or zero for no energy."""
    with np.errstate(over="ignore"):
        warm = np.tanh(energy / np.where(T == 0, 1.0, T))
    return np.where(T == 0, np.sign(energy), warm)
