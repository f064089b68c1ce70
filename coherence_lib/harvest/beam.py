r"""A beam of clusters that arrive at random: the qubit's exact and second-order generators.

A cluster never returns: each collision meets a fresh one. Arrivals at the rate p are a Poisson
process, so that :math:`\dot\rho_q = p\,(\text{collision} - 1)\rho_q` holds for any strength.
"""

from __future__ import annotations

from functools import partial
from typing import overload

import numpy as np
import scipy.linalg

from coherence_lib import _checks, _labels, _progress
from coherence_lib._types import (
    Complexes,
    Floats,
    Labelled,
    Matrices,
    Matrix,
    Number,
    Order,
    State,
    Times,
    Whole,
)
from coherence_lib.harvest.collision import (
    blocks_of,
    cluster_state,
    collective_raise,
    strength,
    weak_strength,
)
from coherence_lib.harvest.qubit import LOWER, bloch_form, bloch_vector, inside, sandwich, states
from coherence_lib.harvest.transfer import bloch_change

__all__ = ["beam_evolve", "beam_liouvillian", "beam_steady_state", "random_arrivals"]

# Digits are lost by this factor at most: 1e-15 becomes 1e-8.
_WORST_CONDITION = 1e7
# Weaker beams end where this one does, but for 1e-50, and their third order is no float any more.
_WEAKEST = 1e-50
# Numbers that are held at once while runs are averaged.
_LARGEST_BATCH = 4_000_000


def beam_liouvillian(
    rho_pair: State, rate: Number, g_tau: Number, order: Order = "exact"
) -> Matrix:
    r"""Generator of a qubit in a beam whose pairs arrive at random, Eq. (I.10).

    Arrivals at the rate p are a Poisson process, so

    .. math::
        \dot\rho_q = p\,\bigl(\operatorname{Tr}_{pair}[U(\rho_{pair}\otimes\rho_q)U^\dagger]
            - \rho_q\bigr)

    holds exactly for any collision strength. With ``order=2`` the collision is
    expanded to :math:`(g\tau)^2`, which is Eqs. (I.11)-(I.16).

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (2**N, 2**N)
        State of each pair, or cluster of any N atoms, of the beam.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.
    order : {"exact", 2}, optional
        Whether to expand the collision.

    Returns
    -------
    ndarray, shape (4, 4)
        Superoperator on qubit states stacked column by column, as in QuTiP.

    Raises
    ------
    TypeError, ValueError
        If the pair is no density matrix, `rate` <= 0, `g_tau` not finite, or `order`
        neither "exact" nor 2.

    Examples
    --------
    >>> import numpy as np
    >>> L = beam_liouvillian(np.diag([0.0, 0, 0, 1]), rate=1.0, g_tau=0.1, order=2)
    >>> print(L.real.round(6)[:, 0])   # pairs in |gg> take the excitation at 2 (g tau)^2
    [-0.02  0.    0.    0.02]
    """
    rate = _checks.scalar(rate, "rate", above_zero=True)
    with np.errstate(over="ignore", invalid="ignore"):
        generator = rate * _change(rho_pair, g_tau, order)
    return _checks.outcome(generator, "rate", "the generator")


def _change(rho_pair: State, g_tau: Number, order: Order, name: str = "rho_pair") -> Complexes:
    """What one collision changes, on stacked columns."""
    rho_pair = cluster_state(rho_pair, name)
    if _checks.choice(order, ("exact", 2), "order") == 2:
        return _second_order_change(rho_pair, weak_strength(g_tau))
    return _exact_change(rho_pair, strength(g_tau))


def beam_steady_state(rho_pair: State, g_tau: Number, order: Order = "exact") -> Matrix:
    """State in which a beam of pairs leaves the qubit; the arrival rate does not enter.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (2**N, 2**N)
        State of each pair, or cluster of any N atoms, of the beam.
    g_tau : float
        Coupling times collision time.
    order : {"exact", 2}, optional
        As for `beam_liouvillian`.

    Returns
    -------
    ndarray, shape (2, 2)
        Accurate to 1e-8, and to some 1e-15 where no part of the state is much slower than
        another of its kind. However weakly a beam with a drive collides, x and y, which are of the
        order of `g_tau`, keep their digits; z, of its square, those that a density matrix holds.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If the cluster is no state of atoms or does not fit the memory, `g_tau` is not
        finite, `order` is neither "exact" nor 2, or the beam leaves part of the qubit's state
        untouched, so that the steady state depends on the initial one (no coupling, a
        collision that returns everything, pairs in the singlet), or does so within 1e-7
        of the fastest change of its kind, drive or damping, where its digits are lost.

    Examples
    --------
    >>> import numpy as np
    >>> beam = np.diag([0.25, 0.125, 0.125, 0.5])
    >>> print(beam_steady_state(beam, 0.05).real.round(4))
    [[0.375 0.   ]
     [0.    0.625]]

    Atoms with a dipole, and collisions of almost no strength:

    >>> driving = np.full((4, 4), 0.2) + np.diag([0.0, 0, 0, 0.2])
    >>> print((beam_steady_state(driving, 1e-12)[0, 1] / 1e-12).round(6))
    -0.125j
    """
    rho_pair = cluster_state(rho_pair, "rho_pair")
    order = _checks.choice(order, ("exact", 2), "order")
    g_tau = weak_strength(g_tau) if order == 2 else strength(g_tau)
    check_unique(g_tau != 0)
    g_tau = float(np.copysign(max(abs(g_tau), _WEAKEST), g_tau))
    if order == 2:
        matrix, vector = bloch_form(_second_order_change(rho_pair, g_tau))
        # The drive turns a mixed qubit into itself; what is left of it here is rounding.
        vector = vector * [0.0, 0.0, 1.0]
    else:
        matrix, vector = bloch_change(rho_pair, g_tau)
    bloch = _fixed_point_by_orders(matrix, vector, g_tau)
    return _checks.delivered(states(bloch), "rho_pair", "the steady state")


@overload
def beam_evolve(
    rho_cluster: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Times,
    order: Order = ...,
) -> Matrices: ...
@overload
def beam_evolve(
    rho_cluster: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Labelled,
    order: Order = ...,
) -> Labelled: ...
def beam_evolve(
    rho_cluster: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Times | Labelled,
    order: Order = "exact",
) -> Matrices | Labelled:
    r"""States of the qubit in the beam, the solution of Eq. (I.10) at given times.

    .. math:: \rho_q(t) = e^{\mathcal L t}\rho_q(0)

    with the generator of `beam_liouvillian`: the mean over all arrival times.

    Parameters
    ----------
    rho_cluster : Qobj or array_like, shape (2**N, 2**N)
        State of each pair, or cluster of any N atoms, of the beam.
    rho_qubit : Qobj or array_like, shape (2, 2)
        Qubit at t = 0, whatever ``times[0]`` is.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing, in the units of 1/`rate`.
    order : {"exact", 2}, optional
        As for `beam_liouvillian`.

    Returns
    -------
    ndarray, shape (T, 2, 2)
        Complex, accurate to 1e-8 at any time.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix of its size, `rate` <= 0, `g_tau` is not finite, a time
        is negative or decreasing, `order` is neither "exact" nor 2, or a beam that
        leaves part of the qubit untouched turns it for so long (more than 1e7 radians)
        that its phase is not known.

    Examples
    --------
    A cold qubit on its way to the beam's temperature:

    >>> import numpy as np
    >>> beam, cold = np.diag([0.25, 0.125, 0.125, 0.5]), np.diag([0.0, 1])
    >>> rho = beam_evolve(beam, cold, rate=1.0, g_tau=0.1, times=[0.0, 20.0, 1e9])
    >>> print(rho[:, 0, 0].real.round(3))
    [0.    0.123 0.375]
    """
    if _labels.among(times):
        whole = partial(beam_evolve, rho_cluster, rho_qubit, rate, g_tau, order=order)
        state = {"row": ["e", "g"], "column": ["e", "g"]}
        return _labels.apply(whole, grids=("times",), output=state, times=times)
    matrix, vector = bloch_form(_change(rho_cluster, g_tau, order, "rho_cluster"))
    start = bloch_vector(_checks.state(rho_qubit, "rho_qubit", 2))
    rate = _checks.scalar(rate, "rate", above_zero=True)
    times = _checks.time_grid(times)
    with np.errstate(over="ignore"):
        arrivals = rate * times
    if not np.all(np.isfinite(arrivals)):
        raise ValueError(f"`times` must leave rate t finite, but got {float(times[-1])!r}.")
    norm = max(np.abs(matrix).sum(axis=0).max(), np.finfo(float).tiny)
    if _condition(matrix) < _WORST_CONDITION:
        end = fixed_point(matrix, vector)
        # What is left of the deviation decays, and so does its error: long before this
        # time nothing is left.
        arrivals = np.minimum(arrivals, 1e3 * _WORST_CONDITION / norm)
        bloch = end + _propagated(matrix, start - end, arrivals, norm)
    else:
        _check_turns(norm, arrivals[-1], times)
        step = np.zeros((4, 4))
        step[:3, :3], step[:3, 3] = matrix, vector
        norm = np.abs(step).sum(axis=0).max()
        bloch = _propagated(step, np.append(start, 1.0), arrivals, norm)[:, :3]
    return _checks.delivered(states(inside(bloch)), "times", "the qubit in the beam")


def _propagated(matrix: Floats, vector: Floats, times: Floats, norm: float) -> Floats:
    """exp(matrix t) vector, each time for itself."""
    return np.array([_exponential(matrix, t, norm) @ vector for t in times])


def _exponential(matrix: Floats, time: float, norm: float) -> Floats:
    """By a step of a norm below one, and squarings."""
    doublings = max(0, int(np.frexp(norm * time)[1]))
    result = scipy.linalg.expm(matrix * np.ldexp(time, -doublings))
    with np.errstate(under="ignore"):
        for _ in range(doublings):
            result = result @ result
    return result


def _check_turns(norm: float, arrivals: float, times: Floats) -> None:
    with np.errstate(over="ignore"):
        changes = norm * arrivals
    if changes > _WORST_CONDITION:
        raise ValueError(
            "`times` must be smaller for a beam that leaves part of the qubit untouched, but got "
            f"{float(times[-1])!r}: the roundings of {changes:.3g} collisions add up."
        )


@overload
def random_arrivals(
    rho_pair: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Times,
    n_runs: Whole = ...,
    seed: Whole = ...,
    progress: bool = ...,
) -> tuple[Floats, Floats]: ...
@overload
def random_arrivals(
    rho_pair: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Labelled,
    n_runs: Whole = ...,
    seed: Whole = ...,
    progress: bool = ...,
) -> tuple[Labelled, Labelled]: ...
def random_arrivals(
    rho_pair: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    times: Times | Labelled,
    n_runs: Whole = 1000,
    seed: Whole = 0,
    progress: bool = False,
) -> tuple[Floats, Floats] | tuple[Labelled, Labelled]:
    """Monte Carlo of a beam: pairs arrive at random times, and runs are averaged.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (2**N, 2**N)
        State of each pair, or cluster of any N atoms, of the beam.
    rho_qubit : Qobj or array_like, shape (2, 2)
        Qubit at t = 0.
    rate : float
        Arrivals per time, > 0.
    g_tau : float
        Coupling times collision time.
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing.
    n_runs : int, optional
        Number of runs, >= 2.
    seed : int, optional
        Seed of the arrivals, >= 0: the same seed gives the same runs.
    progress : bool, optional
        Whether to show a bar.

    Returns
    -------
    mean : ndarray, shape (T, 3)
        Mean Bloch vector over the runs, full Pauli expectation values.
    error : ndarray, shape (T, 3)
        Its standard error. Both are labelled, as ``pauli``, where `times` are.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix of its size, `rate` <= 0, `g_tau` is not finite, a time
        is negative or decreasing, `n_runs` < 2, `seed` < 0, or there are more
        collisions, times or runs than fit the memory.

    Examples
    --------
    >>> import numpy as np
    >>> beam, cold = np.diag([0.4, 0.1, 0.1, 0.4]), np.diag([0.0, 1])
    >>> mean, error = random_arrivals(beam, cold, 1.0, 0.5, [0.0, 50.0], n_runs=100)
    >>> print(mean[0], bool(abs(mean[1, 2]) < 0.01))
    [ 0.  0. -1.] True
    """
    if _labels.among(times):
        whole = partial(_mean_and_error, rho_pair, rho_qubit, rate, g_tau, n_runs, seed, progress)
        outputs = {"statistic": ["mean", "error"], "pauli": ["x", "y", "z"]}
        both = _labels.apply(whole, grids=("times",), output=outputs, times=times)
        mean, error = (both.sel(statistic=k, drop=True).rename(k) for k in ("mean", "error"))
        return mean, error
    matrix, vector = bloch_form(_change(rho_pair, g_tau, "exact"))
    rho_qubit = _checks.state(rho_qubit, "rho_qubit", 2)
    rate = _checks.scalar(rate, "rate", above_zero=True)
    times = _checks.time_grid(times)
    n_runs = _checks.whole(n_runs, "n_runs", 2, 2**53)
    seed = _checks.whole(seed, "seed", 0)
    _check_memory(rate, times, n_runs)
    random = np.random.default_rng(seed)
    mean_arrivals = rate * np.diff(times, prepend=0.0)
    at_once = max(1, _LARGEST_BATCH // (4 * len(times)))
    sizes = [min(at_once, n_runs - k) for k in range(0, n_runs, at_once)]
    after = bloch_vector(rho_qubit)[None]
    total, squares = np.zeros((len(times), 3)), np.zeros((len(times), 3))
    for size in _progress.bar(sizes, progress, "runs of the beam"):
        arrivals = random.poisson(mean_arrivals, size=(size, len(times))).cumsum(axis=1)
        after = _continued(after, matrix, vector, int(arrivals.max()) + 1)
        vectors = after[arrivals]
        if size == sizes[0] and not total.any():
            # Deviations from a first mean, so that small ones keep their digits.
            center = vectors.mean(axis=0)
        total += (vectors - center).sum(axis=0)
        squares += ((vectors - center) ** 2).sum(axis=0)
    shift = total / n_runs
    variance = np.maximum(squares - n_runs * shift**2, 0.0) / (n_runs - 1)
    return center + shift, np.sqrt(variance / n_runs)


def _mean_and_error(
    rho_pair: State,
    rho_qubit: State,
    rate: Number,
    g_tau: Number,
    n_runs: Whole,
    seed: Whole,
    progress: bool,
    times: Times,
) -> Floats:
    """`random_arrivals` as one array, shape (T, 2, 3)."""
    both = random_arrivals(rho_pair, rho_qubit, rate, g_tau, times, n_runs, seed, progress)
    return np.stack(both, axis=1)


def _check_memory(rate: float, times: Floats, n_runs: int) -> None:
    """Refuse what cannot be held, before anything is allocated."""
    with np.errstate(over="ignore"):
        expected = rate * float(times[-1])
        collisions = float(expected + 10 * np.sqrt(expected) + 10)
    mean = "The mean over all runs has no noise: it is the exponential of `beam_liouvillian`."
    _checks.memory(48 * collisions, "rate", f"{collisions:.3g} collisions in a row", mean)
    # Of all runs only a batch is held, but of at least one.
    _checks.memory(200.0 * len(times), "times", f"{len(times)} of them", mean)
    _checks.memory(n_runs, "n_runs", f"a byte for each of {n_runs} runs", mean)


def _continued(after: Floats, matrix: Floats, vector: Floats, length: int) -> Floats:
    """The Bloch vectors after 0, 1, 2, ... collisions, in doubling steps, to `length` or more."""
    step = np.eye(4)
    step[:3, :3], step[:3, 3] = np.eye(3) + matrix, vector
    power = np.linalg.matrix_power(step, len(after))
    while len(after) < length:
        after = np.concatenate([after, after @ power[:3, :3].T + power[:3, 3]])
        power = power @ power
    return after


def _exact_change(rho_pair: Matrix, g_tau: float) -> Complexes:
    r"""Qubit map Tr_pair[U (rho_pair x .) U^+] of Eq. (I.10), less the identity.

    With :math:`U_{ca} = \delta_{ca} + D_{ca}` in the qubit's basis, an element is
    :math:`\delta_{ca}\operatorname{Tr}\rho D_{db}^\dagger + \delta_{db}\operatorname{Tr}
    D_{ca}\rho + \operatorname{Tr}D_{ca}\rho D_{db}^\dagger`: the identity is taken out
    first, so that weak collisions keep their digits.
    """
    parts = blocks_of(len(rho_pair).bit_length() - 1, g_tau)
    change = np.array([[-parts.lost_above, -1j * parts.up.T], [-1j * parts.up, -parts.lost_below]])
    one_side = np.einsum("caij,ji->ca", change, rho_pair)
    both = np.einsum("caik,dbik->cdab", change @ rho_pair, change.conj())
    one = np.eye(2)
    both += np.einsum("ca,db->cdab", one, one_side.conj())
    both += np.einsum("ca,db->cdab", one_side, one)
    # Stacked by columns the first index runs fastest.
    return both.transpose(1, 0, 3, 2).reshape(4, 4)


def _second_order_change(rho_pair: Matrix, g_tau: float) -> Complexes:
    """-i g tau <[S, .]> + (g tau)^2 (<S . S> - {<S^2>, .}/2), the pair traced out."""
    up = collective_raise(len(rho_pair).bit_length() - 1)
    raising, lowering, one = LOWER.T, LOWER, np.eye(2)
    drive = np.trace(rho_pair @ up) * lowering + np.trace(rho_pair @ up.T) * raising
    change = -1j * g_tau * (sandwich(drive, one) - sandwich(one, drive))
    for pair_left, left in ((up, lowering), (up.T, raising)):
        for pair_right, right in ((up, lowering), (up.T, raising)):
            # Cyclic trace over the pair: S rho S takes the right factor first.
            change = change + g_tau**2 * np.trace(pair_right @ pair_left @ rho_pair) * sandwich(
                left, right.conj().T
            )
            both = np.trace(pair_left @ pair_right @ rho_pair) * (left @ right)
            loss = np.kron(one, both) + np.kron(both.T, one)
            change = change - 0.5 * g_tau**2 * loss
    return change


def fixed_point(matrix: Floats, vector: Floats) -> Floats:
    """The Bloch vector where A <sigma> + b = 0, right to 1e-8 or refused."""
    check_unique(_condition(matrix) < _WORST_CONDITION)
    # In units of its own, in which no product underflows.
    unit = np.abs(matrix).max()
    return inside(np.linalg.solve(matrix / unit, -vector / unit))


def _fixed_point_by_orders(matrix: Floats, vector: Floats, g_tau: float) -> Floats:
    r"""The same where a drive of the order g tau stands beside a damping of the order (g tau)^2.

    The drive leaves x and y of the order g tau, and z of the order (g tau)^2, so that each
    is solved for in units of its own, in which no number is small because the collision is weak.
    """
    unit = min(abs(g_tau), 1.0)
    damping, push = matrix[:2, :2] / unit / unit, vector[:2] / unit / unit / unit
    tilt, lift = matrix[:2, 2] / unit, matrix[2, :2] / unit
    decay, gain = matrix[2, 2] / unit / unit, vector[2] / unit / unit
    slow = np.abs(damping).max()
    check_unique(slow > 0)
    # Which of drive and damping is larger, in z.
    fast = max(np.abs(tilt).max(), np.abs(lift).max(), unit * slow)
    scaled = np.empty((3, 3))
    scaled[:2, :2], scaled[:2, 2] = damping / slow, tilt / fast
    scaled[2, :2], scaled[2, 2] = lift / fast, decay / slow * (unit * slow / fast) ** 2
    check_unique(_condition(scaled) < _WORST_CONDITION)
    # x = unit X/slow .. , z = (unit^2/fast) Z: what multiplies X, Y and Z is of order one.
    solved = np.linalg.solve(scaled, -np.append(push, gain * slow / fast))
    return inside(solved * unit * np.array([1 / slow, 1 / slow, unit / fast]))


def _condition(matrix: Floats) -> float:
    """Largest singular value over the smallest, infinite where there is none."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return values[0] / values[-1] if values[-1] > 0 else np.inf


def check_unique(is_unique: bool) -> None:
    """Refuse a beam that leaves part of the qubit untouched."""
    if not is_unique:
        raise ValueError(
            "`rho_pair` must reach every part of the qubit's state, but these collisions leave "
            "some of it untouched, so the steady state is not unique."
        )
