r"""Identical atoms from the ground state: a ladder of N + 1 rungs, for any N.

Atoms with identical couplings (one f, and gamma_ij = gamma0) that start in their
ground state stay in the N + 1 symmetric states with k excitations. Their populations
obey a birth-death process with the superradiant rates

.. math::
    k \to k+1:\ \gamma_0\,\bar n\,(k+1)(N-k),\qquad
    k \to k-1:\ \gamma_0\,(\bar n+1)\,k\,(N-k+1),

and a symmetric state with k excitations has :math:`\binom Nk` equal amplitudes, so

.. math:: C_{l_1} = \sum_k p_k \Bigl[\binom Nk - 1\Bigr].

The hopping f only shifts the rungs: it changes nothing here.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, overload

import numpy as np
import scipy.sparse as sp
from scipy.special import gammaln, logsumexp

from coherence_lib import _checks, _labels, _progress
from coherence_lib._types import (
    Floats,
    Labelled,
    Matrices,
    Matrix,
    Number,
    Numbers,
    Real,
    Times,
    Value,
    Whole,
    WholeNumbers,
    Wholes,
)
from coherence_lib.atoms.basis import is_ground, sectors
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

__all__ = ["coherence", "long_time_coherence", "populations", "steady_populations"]

# The rate matrix has three diagonals; below this size a dense product is faster.
_DENSE_UP_TO = 100
# exp(x) is a float up to here.
_LARGEST_EXPONENT = 709.0


def steady_populations(n_atoms: Whole, nbar: Number) -> Floats:
    r"""Long-time populations of the ladder, thermal over its rungs.

    .. math:: p_k = \frac{r^k}{\sum_{j=0}^N r^j},\qquad r = \frac{\bar n}{\bar n+1}

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, >= 1.
    nbar : float
        Mean number of thermal photons, >= 0.

    Returns
    -------
    ndarray, shape (N + 1,)
        Populations by the number of excitations k.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer >= 1 or `nbar` is not a finite number >= 0.

    Examples
    --------
    >>> print(steady_populations(2, nbar=1.0).round(6))   # 4/7, 2/7, 1/7
    [0.571429 0.285714 0.142857]
    """
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    memory = 3 * 8 * float(min(n_atoms, 10**100))
    _checks.memory(memory, "n_atoms", "the populations", "`long_time_coherence` needs none.")
    weights = (nbar / (nbar + 1)) ** np.arange(n_atoms + 1)
    return weights / weights.sum()


@overload
def populations(
    times: Times, n_atoms: Whole, nbar: Number, gamma0: Number = ..., progress: bool = ...
) -> Floats: ...
@overload
def populations(
    times: Labelled, n_atoms: Whole, nbar: Number, gamma0: Number = ..., progress: bool = ...
) -> Labelled: ...
def populations(
    times: Times | Labelled,
    n_atoms: Whole,
    nbar: Number,
    gamma0: Number = 1.0,
    progress: bool = False,
) -> Floats | Labelled:
    r"""Populations of the ladder at given times, from all atoms in the ground state.

    The exponential of the rate matrix Q is computed from
    :math:`e^{Qt} = e^{-\lambda t}e^{(Q+\lambda)t}` with :math:`Q+\lambda \ge 0`: a sum
    and then squarings of non-negative numbers only. No digit is lost to
    cancellation, so even a population of 1e-200 is right to 1e-12. (The eigenvectors
    of Q would be useless: at nbar = 0.1 their condition number passes 1e16 near N = 25.)

    Parameters
    ----------
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing, in units of ``1/gamma0`` when `gamma0`
        is left at 1.
    n_atoms : int
        Number of atoms N, >= 1.
    nbar : float
        Mean number of thermal photons, >= 0.
    gamma0 : float, optional
        Decay rate of one atom, > 0.
    progress : bool, optional
        Show a bar: from a few thousand atoms on this takes longer than a few seconds.

    Returns
    -------
    ndarray, shape (T, N + 1)
        Populations by the number of excitations k.

    Raises
    ------
    TypeError, ValueError
        If a time is negative or decreasing, `n_atoms` is no integer >= 1, `nbar` is
        negative, `gamma0` <= 0, N is so large that the propagator of (N + 1)^2
        numbers does not fit (nothing is allocated then), or a rate or its product with
        a time overflows.

    Examples
    --------
    >>> print(populations([0.0, 100.0], 2, nbar=1.0).round(6))
    [[1.       0.       0.      ]
     [0.571429 0.285714 0.142857]]
    """
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    if _labels.among(times):
        whole = partial(populations, n_atoms=n_atoms, nbar=nbar, gamma0=gamma0, progress=progress)
        rungs = {"excitations": np.arange(n_atoms + 1)}
        return _labels.apply(whole, grids=("times",), output=rungs, times=times)
    times = _checks.time_grid(times)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    rungs = float(min(n_atoms, 10**100)) + 1
    _checks.memory(
        3 * 8 * rungs * (rungs + len(times)),
        "n_atoms",
        f"the ladder's propagator for {len(times)} times",
        "`long_time_coherence` has no such limit.",
    )
    scaled_times, rates = scaled(times, n_atoms, nbar, gamma0)
    return exponential_of_rates(rates, scaled_times, progress=progress)


@overload
def coherence(
    times: Times,
    n_atoms: Whole,
    nbar: Number,
    gamma0: Number = ...,
    log: bool = ...,
    progress: bool = ...,
) -> Floats: ...
@overload
def coherence(
    times: Labelled,
    n_atoms: Whole,
    nbar: Number,
    gamma0: Number = ...,
    log: bool = ...,
    progress: bool = ...,
) -> Labelled: ...
def coherence(
    times: Times | Labelled,
    n_atoms: Whole,
    nbar: Number,
    gamma0: Number = 1.0,
    log: bool = False,
    progress: bool = False,
) -> Floats | Labelled:
    r"""l1 norm of coherence at given times, from all atoms in the ground state.

    .. math:: C_{l_1}(t) = \sum_k p_k(t)\Bigl[\binom Nk - 1\Bigr]

    Parameters
    ----------
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing.
    n_atoms : int
        Number of atoms N, >= 1.
    nbar : float
        Mean number of thermal photons, >= 0.
    gamma0 : float, optional
        Decay rate of one atom, > 0.
    log : bool, optional
        Return the natural logarithm, -inf where the coherence vanishes.
    progress : bool, optional
        As for `populations`.

    Returns
    -------
    ndarray, shape (T,)
        Relative error below 1e-12 for times from 1e-6/gamma0 on.

    Raises
    ------
    TypeError, ValueError
        As `populations`; and if the coherence is too large for a float and `log` is
        False.

    Examples
    --------
    >>> print(coherence([0.0, 0.05, 10.0], 2, nbar=10.0).round(6))
    [0.       0.311281 0.332326]
    """
    if _labels.among(times):
        options = {"gamma0": gamma0, "log": log, "progress": progress}
        whole = partial(coherence, n_atoms=n_atoms, nbar=nbar, **options)
        return _labels.apply(whole, grids=("times",), times=times)
    log = _checks.flag(log, "log")
    p = populations(times, n_atoms, nbar, gamma0, progress)
    if not log and n_atoms < 1000:
        weights = np.array([float(math.comb(n_atoms, k) - 1) for k in range(n_atoms + 1)])
        return p @ weights
    with np.errstate(divide="ignore"):
        return _as_asked(logsumexp(np.log(p) + _log_weights(n_atoms), axis=1), n_atoms, log)


@overload
def long_time_coherence(n_atoms: Whole, nbar: Number, log: bool = ...) -> float: ...
@overload
def long_time_coherence(n_atoms: WholeNumbers, nbar: Numbers, log: bool = ...) -> Floats: ...
@overload
def long_time_coherence(n_atoms: Labelled, nbar: Real, log: bool = ...) -> Labelled: ...
@overload
def long_time_coherence(n_atoms: Wholes, nbar: Labelled, log: bool = ...) -> Labelled: ...
def long_time_coherence(n_atoms: Wholes, nbar: Real, log: bool = False) -> Value:
    r"""Long-time l1 norm of coherence from the ground state, in closed form for any N.

    .. math::
        C_{l_1}(\infty) = \frac{(1+r)^N\,(1-r)}{1-r^{N+1}} - 1,
        \qquad r = \frac{\bar n}{\bar n+1}

    For many photons this is :math:`2^N/(N+1) - 1`: exponential in N. The cubic of
    paper I is a fit to N <= 7.

    Parameters
    ----------
    n_atoms : array_like of int, shape (...)
        Number of atoms N, >= 1.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0; broadcasts with `n_atoms`.
    log : bool, optional
        Return the natural logarithm, -inf where the coherence vanishes.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is no integer >= 1, `nbar` is negative or not finite, `log` is
        neither True nor False, the shapes do not broadcast, or the coherence is too
        large for a float and `log` is False.

    Examples
    --------
    >>> round(long_time_coherence(7, nbar=10.0), 6)
    14.749442
    >>> round(long_time_coherence(10**4, nbar=10.0, log=True), 2)
    6463.87
    """
    if _labels.among(n_atoms, nbar):
        return _labels.apply(long_time_coherence, n_atoms=n_atoms, nbar=nbar, log=log)
    log = _checks.flag(log, "log")
    n: Floats = _checks.wholes(n_atoms, "n_atoms", 1).astype(float)
    nbar = _checks.at_least(nbar, 0, "nbar")
    n, nbar = _checks.broadcast(n_atoms=n, nbar=nbar)
    exponent = _log_of_one_plus_coherence(n, nbar)
    # C = e^L - 1: for small L by expm1, for large L through 1 - e^-L.
    with np.errstate(divide="ignore", over="ignore"):
        if not log and np.all(exponent < _LARGEST_EXPONENT):
            return _checks.plain(np.expm1(exponent))
        small = np.minimum(exponent, 1.0)
        logarithm = np.where(
            exponent < 1, np.log(np.expm1(small)), exponent + np.log1p(-np.exp(-exponent))
        )
    return _checks.plain(_as_asked(logarithm, int(n.max()), log))


def _log_of_one_plus_coherence(n: Floats, nbar: Floats) -> Floats:
    """N ln(1 + r) + ln[(1 - r)/(1 - r^(N + 1))], each term without cancellation."""
    r = nbar / (nbar + 1)
    with np.errstate(divide="ignore"):
        log_r = -np.log1p(1 / np.maximum(nbar, np.finfo(float).tiny))
        many = np.log(np.expm1(log_r) / np.expm1((n + 1) * log_r))
    few = np.log1p(-np.minimum(r, 0.5)) - np.log1p(-(np.minimum(r, 0.5) ** (n + 1)))
    exponent = n * np.log1p(r) + np.where(r < 0.5, few, many)
    return np.where((n == 1) | (nbar == 0), 0.0, exponent)


def _as_asked(logarithm: Floats, n_atoms: Whole, log: bool) -> Floats:
    if log:
        return logarithm
    if np.any(logarithm > _LARGEST_EXPONENT):
        raise ValueError(
            "`n_atoms` must be small enough for the coherence to fit a float, but got "
            f"{n_atoms}; `log=True` returns the logarithm."
        )
    return np.exp(logarithm)


def _log_weights(n_atoms: Whole) -> Floats:
    """ln[binom(N, k) - 1], -inf at k = 0 and k = N."""
    k = np.arange(n_atoms + 1)
    log_binomial = gammaln(n_atoms + 1) - gammaln(k + 1) - gammaln(n_atoms - k + 1)
    log_binomial[[0, -1]] = 0.0
    return log_binomial + np.log(-np.expm1(-log_binomial))


def scaled(times: Floats, n_atoms: int, nbar: float, gamma0: float) -> tuple[Floats, Floats]:
    """Times and the matrix of rates in units of gamma0, if both are finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        rates, scaled_times = _rates(n_atoms, nbar), gamma0 * times
        finite = np.all(np.isfinite(4 * rates.sum(axis=0)))
    if not finite:
        raise ValueError(f"`nbar` must leave all rates finite, but got {nbar!r}.")
    if not np.all(np.isfinite(scaled_times)):
        raise ValueError(f"`times` must leave gamma0 t finite, but got {float(times[-1])!r}.")
    return scaled_times, rates


def _rates(n_atoms: int, nbar: float) -> Floats:
    """Matrix of the ladder's rates, without its diagonal, in units of gamma0: [to, from]."""
    k = np.arange(n_atoms + 1.0)
    up = nbar * (k + 1) * (n_atoms - k)
    down = (nbar + 1) * k * (n_atoms - k + 1)
    return np.diag(up[:-1], -1) + np.diag(down[1:], 1)


def exponential_of_rates(
    rates: Floats, times: Floats, start: Floats | None = None, progress: bool = False
) -> Floats:
    """Populations at all times at once, by default from the first rung.

    Each time is a whole number of short steps and a remainder. The remainder is a
    Taylor series; the whole number is read bit by bit while the propagator of the
    step is squared, until that changes nothing any more.
    """
    losses = rates.sum(axis=0)
    fastest = losses.max()
    columns = np.zeros((len(rates), len(times)))
    columns[0] = 1.0
    if start is not None:
        columns[:] = np.asarray(start)[:, None]
    if fastest == 0:
        return columns.T
    with np.errstate(over="ignore", invalid="ignore"):
        steps, remainder = np.divmod(times * fastest, 1.0)
    if not np.all(np.isfinite(steps)):
        raise ValueError(
            "`times` must be small enough for a finite number of jumps, but got "
            f"{float(times[-1])!r} at a rate of {fastest:.3g}."
        )
    positive = rates / fastest + np.diag(1 - losses / fastest)
    if len(rates) > _DENSE_UP_TO:
        positive = sp.csr_array(positive)
    # One series for all remainders and, beside them, for the propagator of a whole step.
    both = np.hstack([columns, np.eye(len(rates))])
    both = _taylor(positive, both, np.append(remainder, np.ones(len(rates))))
    columns, propagator = both[:, : len(times)], both[:, len(times) :]
    doublings = int(np.frexp(steps.max())[1]) if len(steps) else 0
    for left in _progress.bar(range(doublings, 0, -1), progress, "doubling the time"):
        odd = steps % 2 == 1
        columns[:, odd] = propagator @ columns[:, odd]
        steps = steps // 2
        if left == 1:
            break
        squared = propagator @ propagator
        # Probability is conserved; a rounding of it would double with each squaring.
        squared /= squared.sum(axis=0)
        if _is_same(squared[:, 0], propagator[:, 0]) and _is_same(squared, propagator):
            columns[:, steps > 0] = squared @ columns[:, steps > 0]
            break
        propagator = squared
    return columns.T


def _is_same(new: Floats, old: Floats) -> bool:
    """Whether a doubling of the time has changed nothing but roundings."""
    return bool(np.all(np.abs(new - old) <= 1e-14 * new))


def _taylor(positive: Floats | sp.csr_array, columns: Floats, x: Floats) -> Floats:
    """exp(x (P - 1)) for a stochastic P >= 0 and 0 <= x <= 1; every term is >= 0."""
    term = columns
    total = columns.copy()
    # A rung is reached with weight binom(N, k) at most 2^k, and 2^26/26! is below 1e-18.
    for order in range(1, 27):
        term = (positive @ term) * (x / order)
        total += term
    # Populations add up to what they were; of a start beside the ladder that is nothing.
    before, after = columns.sum(axis=0), total.sum(axis=0)
    return total * np.divide(before, after, out=np.zeros_like(before), where=after > 0)


# --- the route -------------------------------------------------------------------


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return cluster.is_identical and is_ground(rho0)


def _evolve_route(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    n = cluster.n_atoms
    p = populations(times, n, nbar, cluster.gamma[0, 0], progress)
    rho = np.zeros((len(times), 2**n, 2**n), np.complex128)
    for k, labels in enumerate(sectors(n)):
        rho[:, labels[:, None], labels] = p[:, k, None, None] / len(labels)
    return rho


def _coherence_route(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    return coherence(times, cluster.n_atoms, nbar, cluster.gamma[0, 0], progress=progress)


ROUTE = Route(
    name="ladder",
    needs="atoms with identical couplings that start in the ground state",
    fits=_fits,
    numbers=lambda n_atoms: 1.5 * (n_atoms + 1) ** 2,
    evolve=_evolve_route,
    coherence=_coherence_route,
    # It is exact and the quickest where it fits, up to thousands of atoms.
    seconds=lambda cluster, nbar, times: 1e-9 * cluster.n_atoms**3,
)
