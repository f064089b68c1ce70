r"""One collision of an atom pair with the qubit, exactly, and a beam of them.

In the interaction picture a collision is :math:`U = e^{-ig\tau S}` with
:math:`S = J^+\sigma_0^- + J^-\sigma_0^+`, Eqs. (6)-(9) and (B1) of paper I, and the
pair's :math:`J^\pm = \sigma_1^\pm + \sigma_2^\pm`. The qubit is the LAST factor of every
tensor product here. The pair never returns: each collision meets a fresh one.
"""

from dataclasses import dataclass

import numpy as np

from coherence_lib import _checks, _progress

__all__ = [
    "beam_liouvillian",
    "beam_steady_state",
    "collide",
    "collision_unitary",
    "collision_unitary_second_order",
    "random_arrivals",
]

_LOWER = np.array([[0.0, 0.0], [1.0, 0.0]])  # |g><e|
_LARGEST_CLUSTER = 10
# The phase g tau sqrt(k) of a collision is a float up to here.
_STRONGEST = 1e300
# Digits are lost by this factor at most: 1e-15 becomes 1e-8.
_WORST_CONDITION = 1e7
# Numbers that are held at once while runs are averaged.
_LARGEST_BATCH = 4_000_000


def collision_unitary(g_tau, n_atoms=2):
    r"""Evolution operator of one collision, Eq. (B1) of paper I [1]_, exactly.

    .. math::
        U = \exp\Bigl[-ig\tau\sum_{i=1}^{n}(\sigma_i^+\sigma_0^- + \sigma_i^-\sigma_0^+)\Bigr]

    Parameters
    ----------
    g_tau : float
        Coupling times collision time, of either sign, at most 1e300.
    n_atoms : int, optional
        Atoms of the cluster that collides, 1 to 10.

    Returns
    -------
    ndarray, shape (2**(n + 1), 2**(n + 1))
        Cluster first, qubit last. Unitary to 1e-13 at any strength: the exchange has the
        frequencies :math:`g\sqrt k` with whole k alone. Each phase :math:`g\tau\sqrt k` is
        right to the last digit of `g_tau`, so that beyond :math:`g\tau\approx 10^{15}` it is
        that of one of the numbers which `g_tau` may stand for.

    Raises
    ------
    TypeError, ValueError
        If `g_tau` is not a finite number, beyond 1e300, or `n_atoms` not an integer from 1 to 10.

    References
    ----------
    .. [1] B. Cakmak, A. Manatuly and O. E. Mustecaplioglu, Phys. Rev. A 96,
       032117 (2017).

    Examples
    --------
    One atom and the qubit swap their excitation at g tau = pi/2:

    >>> print(abs(collision_unitary(1.5707963267948966, n_atoms=1)).round(6)[1])
    [0. 0. 1. 0.]
    """
    g_tau = strength(g_tau)
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1, _LARGEST_CLUSTER)
    parts = _collision(n_atoms, g_tau)
    one = np.eye(2**n_atoms)
    unitary = np.empty((2**n_atoms, 2, 2**n_atoms, 2), complex)
    unitary[:, 0, :, 0], unitary[:, 1, :, 1] = one - parts.lost_above, one - parts.lost_below
    unitary[:, 1, :, 0], unitary[:, 0, :, 1] = -1j * parts.up, -1j * parts.up.T
    return unitary.reshape(2 ** (n_atoms + 1), -1)


def collision_unitary_second_order(g_tau):
    r"""Evolution operator of a pair's collision to second order, Eqs. (B2)-(B5) of paper I.

    .. math:: U \approx 1 - ig\tau S - \tfrac12 (g\tau)^2 S^2

    It is not unitary: it misses by :math:`(g\tau)^4 S^4/4`.

    Parameters
    ----------
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    ndarray, shape (8, 8)
        Pair first, qubit last.

    Raises
    ------
    TypeError, ValueError
        If `g_tau` is not a finite number, or its square is not.

    Examples
    --------
    >>> print(collision_unitary_second_order(0.1)[0, 0].real)   # |ee>|e> cannot do anything
    1.0
    """
    g_tau = weak_strength(g_tau)
    exchange = _exchange(2)
    return np.eye(8) - 1j * g_tau * exchange - 0.5 * g_tau**2 * (exchange @ exchange)


def collide(rho_pair, rho_qubit, g_tau):
    r"""States of pair and qubit after one collision.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of the pair before.
    rho_qubit : Qobj or array_like, shape (2, 2)
        State of the qubit before.
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    rho_pair, rho_qubit : ndarray, shapes (4, 4) and (2, 2)
        Reduced states after the collision.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix or `g_tau` not a finite number.

    Examples
    --------
    >>> import numpy as np
    >>> pair, qubit = collide(np.diag([1.0, 0, 0, 0]), np.diag([0.0, 1]), 0.1)
    >>> print(qubit[0, 0].real.round(6))   # close to 2 (g tau)^2
    0.019867
    """
    rho_pair = _checks.state(rho_pair, "rho_pair", 4)
    rho_qubit = _checks.state(rho_qubit, "rho_qubit", 2)
    unitary = collision_unitary(g_tau)
    after = unitary @ np.kron(rho_pair, rho_qubit) @ unitary.conj().T
    after = after.reshape(4, 2, 4, 2)
    return (
        _checks.delivered(np.einsum("iaja->ij", after), "the pair after the collision"),
        _checks.delivered(np.einsum("aiaj->ij", after), "the qubit after the collision"),
    )


def beam_liouvillian(rho_pair, rate, g_tau, order="exact"):
    r"""Generator of a qubit in a beam whose pairs arrive at random, Eq. (10) of paper I.

    Arrivals at the rate p are a Poisson process, so

    .. math::
        \dot\rho_q = p\,\bigl(\operatorname{Tr}_{pair}[U(\rho_{pair}\otimes\rho_q)U^\dagger]
            - \rho_q\bigr)

    holds exactly for any collision strength. With ``order=2`` the collision is
    expanded to :math:`(g\tau)^2`, which is Eqs. (11)-(16).

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
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


def _change(rho_pair, g_tau, order):
    """What one collision changes, on stacked columns."""
    rho_pair = _checks.state(rho_pair, "rho_pair", 4)
    if _checks.choice(order, ("exact", 2), "order") == 2:
        return _second_order_change(rho_pair, weak_strength(g_tau))
    return _exact_change(rho_pair, strength(g_tau))


def beam_steady_state(rho_pair, g_tau, order="exact"):
    """State in which a beam of pairs leaves the qubit; the arrival rate does not enter.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    g_tau : float
        Coupling times collision time.
    order : {"exact", 2}, optional
        As for `beam_liouvillian`.

    Returns
    -------
    ndarray, shape (2, 2)
        Accurate to 1e-8, and to some 1e-15 where no part of the state is much slower than
        another.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If an argument is not valid, or the beam leaves part of the qubit's state
        untouched, so that the steady state depends on the initial one (no coupling, a
        collision that returns everything, pairs in the singlet), or does so within 1e-7
        of the fastest change, where its digits are lost.

    Examples
    --------
    >>> import numpy as np
    >>> beam = np.diag([0.25, 0.125, 0.125, 0.5])
    >>> print(beam_steady_state(beam, 0.05).real.round(4))
    [[0.375 0.   ]
     [0.    0.625]]
    """
    bloch = fixed_point(*_bloch_form(_change(rho_pair, g_tau, order)))
    return _checks.delivered(_state(bloch), "the steady state")


def random_arrivals(rho_pair, rho_qubit, rate, g_tau, times, n_runs=1000, seed=0, progress=False):
    """Monte Carlo of a beam: pairs arrive at random times, and runs are averaged.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
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
        Its standard error.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid, or there are more collisions, times or runs than fit the
        memory.

    Examples
    --------
    >>> import numpy as np
    >>> beam, cold = np.diag([0.4, 0.1, 0.1, 0.4]), np.diag([0.0, 1])
    >>> mean, error = random_arrivals(beam, cold, 1.0, 0.5, [0.0, 50.0], n_runs=100)
    >>> print(mean[0], bool(abs(mean[1, 2]) < 0.01))
    [ 0.  0. -1.] True
    """
    matrix, vector = _bloch_form(_change(rho_pair, g_tau, "exact"))
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
    after = _bloch_vector(rho_qubit)[None]
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


def _check_memory(rate, times, n_runs):
    """Refuse what cannot be held, before anything is allocated."""
    with np.errstate(over="ignore"):
        expected = rate * float(times[-1])
        collisions = float(expected + 10 * np.sqrt(expected) + 10)
    mean = "The mean over all runs has no noise: it is the exponential of `beam_liouvillian`."
    _checks.memory(48 * collisions, "rate", f"{collisions:.3g} collisions in a row", mean)
    # Of all runs only a batch is held, but of at least one.
    _checks.memory(200.0 * len(times), "times", f"{len(times)} of them", mean)
    _checks.memory(n_runs, "n_runs", f"a byte for each of {n_runs} runs", mean)


def _continued(after, matrix, vector, length):
    """The Bloch vectors after 0, 1, 2, ... collisions, in doubling steps, to `length` or more."""
    step = np.eye(4)
    step[:3, :3], step[:3, 3] = np.eye(3) + matrix, vector
    power = np.linalg.matrix_power(step, len(after))
    while len(after) < length:
        after = np.concatenate([after, after @ power[:3, :3].T + power[:3, 3]])
        power = power @ power
    return after


# --- the qubit's superoperators ----------------------------------------------------

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def _collective_raise(n_atoms):
    """sum_i sigma_i^+ of the cluster alone."""
    total = np.zeros((2**n_atoms, 2**n_atoms))
    for i in range(n_atoms):
        total += np.kron(np.kron(np.eye(2**i), _LOWER.T), np.eye(2 ** (n_atoms - 1 - i)))
    return total


def _exchange(n_atoms):
    """S = J^+ sigma_0^- + J^- sigma_0^+, qubit last, as in Eq. (B4)."""
    up = _collective_raise(n_atoms)
    return np.kron(up, _LOWER) + np.kron(up.T, _LOWER.T)


def _sandwich(left, right):
    """rho -> left rho right^dagger on stacked columns."""
    return np.kron(right.conj(), left)


@dataclass(frozen=True)
class _Collision:
    r"""The blocks of :math:`e^{-ig\tau S}`, real and without cancellation.

    `up` is :math:`J^+ \sin(g\tau\Omega)/\Omega` with :math:`\Omega = \sqrt{J^-J^+}`: the qubit
    gives its excitation away. `lost_above` and `lost_below` are one minus the cosines
    :math:`\cos g\tau\sqrt{J^-J^+}` and :math:`\cos g\tau\sqrt{J^+J^-}`: what the excited and
    the ground qubit lose.
    """

    up: np.ndarray
    lost_above: np.ndarray
    lost_below: np.ndarray


def _collision(n_atoms, g_tau):
    raising = _collective_raise(n_atoms)
    squares, vectors = np.linalg.eigh(raising.T @ raising)
    # J^- J^+ has the eigenvalues (j - m)(j + m + 1), whole numbers.
    squares = np.rint(squares)
    coupled = squares > 0
    right, frequency = vectors[:, coupled], np.sqrt(squares[coupled])
    left = raising @ right / frequency
    sine, lost = np.sin(g_tau * frequency), 2 * np.sin(g_tau * frequency / 2) ** 2
    return _Collision((left * sine) @ right.T, (right * lost) @ right.T, (left * lost) @ left.T)


def _exact_change(rho_pair, g_tau):
    r"""Qubit map Tr_pair[U (rho_pair x .) U^+] of Eq. (10), less the identity.

    With :math:`U_{ca} = \delta_{ca} + D_{ca}` in the qubit's basis, an element is
    :math:`\delta_{ca}\operatorname{Tr}\rho D_{db}^\dagger + \delta_{db}\operatorname{Tr}
    D_{ca}\rho + \operatorname{Tr}D_{ca}\rho D_{db}^\dagger`: the identity is taken out
    first, so that weak collisions keep their digits.
    """
    parts = _collision(2, g_tau)
    change = np.array([[-parts.lost_above, -1j * parts.up.T], [-1j * parts.up, -parts.lost_below]])
    one_side = np.einsum("caij,ji->ca", change, rho_pair)
    both = np.einsum("caij,jk,dbik->cdab", change, rho_pair, change.conj())
    one = np.eye(2)
    both += np.einsum("ca,db->cdab", one, one_side.conj())
    both += np.einsum("ca,db->cdab", one_side, one)
    # Stacked by columns the first index runs fastest.
    return both.transpose(1, 0, 3, 2).reshape(4, 4)


def _second_order_change(rho_pair, g_tau):
    """-i g tau <[S, .]> + (g tau)^2 (<S . S> - {<S^2>, .}/2), the pair traced out."""
    up = _collective_raise(2)
    raising, lowering, one = _LOWER.T, _LOWER, np.eye(2)
    drive = np.trace(rho_pair @ up) * lowering + np.trace(rho_pair @ up.T) * raising
    change = -1j * g_tau * (_sandwich(drive, one) - _sandwich(one, drive))
    for pair_left, left in ((up, lowering), (up.T, raising)):
        for pair_right, right in ((up, lowering), (up.T, raising)):
            # Cyclic trace over the pair: S rho S takes the right factor first.
            change = change + g_tau**2 * np.trace(pair_right @ pair_left @ rho_pair) * _sandwich(
                left, right.conj().T
            )
            both = np.trace(pair_left @ pair_right @ rho_pair) * (left @ right)
            loss = np.kron(one, both) + np.kron(both.T, one)
            change = change - 0.5 * g_tau**2 * loss
    return change


def fixed_point(matrix, vector):
    """The Bloch vector where A <sigma> + b = 0, right to 1e-8 or refused."""
    values = np.linalg.svd(matrix, compute_uv=False)
    check_unique(values[-1] * _WORST_CONDITION > values[0])
    # In units of its own, in which no product underflows.
    return inside(np.linalg.solve(matrix / values[0], -vector / values[0]))


def check_unique(is_unique):
    """Refuse a beam that leaves part of the qubit untouched."""
    if not is_unique:
        raise ValueError(
            "`rho_pair` must reach every part of the qubit's state, but these collisions leave "
            "some of it untouched, so the steady state is not unique."
        )


def inside(bloch):
    """A Bloch vector of a pure state may be a rounding outside of the sphere."""
    return bloch / max(1.0, np.linalg.norm(bloch))


def strength(g_tau):
    """Check the strength of an exact collision."""
    g_tau = _checks.scalar(g_tau, "g_tau")
    if abs(g_tau) > _STRONGEST:
        raise ValueError(f"`g_tau` must be at most {_STRONGEST:g} in modulus, but got {g_tau!r}.")
    return g_tau


def weak_strength(g_tau):
    """Check the strength of a collision that is expanded to second order."""
    g_tau = _checks.scalar(g_tau, "g_tau")
    if not np.isfinite(16 * g_tau * g_tau):
        raise ValueError(
            f"`g_tau` must have a finite square for the second order, but got {g_tau!r}."
        )
    return g_tau


def _bloch_vector(rho):
    return np.einsum("kij,ji->k", PAULI, rho).real


def _bloch_form(generator):
    """A and b of d<sigma>/dt = A <sigma> + b for a superoperator on stacked columns."""
    images = [(generator @ m.ravel(order="F")).reshape(2, 2, order="F") for m in PAULI / 2]
    center = (generator @ (np.eye(2) / 2).ravel(order="F")).reshape(2, 2, order="F")
    return np.array([_bloch_vector(image) for image in images]).T, _bloch_vector(center)


def _state(bloch):
    return 0.5 * (np.eye(2) + np.einsum("k,kij->ij", bloch, PAULI))
