r"""One collision of an atom pair with the qubit, exactly, and a beam of them.

In the interaction picture a collision is :math:`U = e^{-ig\tau S}` with
:math:`S = J^+\sigma_0^- + J^-\sigma_0^+`, Eqs. (6)-(9) and (B1) of paper I, and the
pair's :math:`J^\pm = \sigma_1^\pm + \sigma_2^\pm`. The qubit is the LAST factor of every
tensor product here. The pair never returns: each collision meets a fresh one.
"""

import numpy as np
import scipy.linalg

from coherence_lib import _checks

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
# Below this, two steady states cannot be told from one slow decay.
_SINGULAR = 1e-13


def collision_unitary(g_tau, n_atoms=2):
    r"""Evolution operator of one collision, Eq. (B1) of paper I [1]_, exactly.

    .. math::
        U = \exp\Bigl[-ig\tau\sum_{i=1}^{n}(\sigma_i^+\sigma_0^- + \sigma_i^-\sigma_0^+)\Bigr]

    Parameters
    ----------
    g_tau : float
        Coupling times collision time, of either sign.
    n_atoms : int, optional
        Atoms of the cluster that collides, 1 to 10.

    Returns
    -------
    ndarray, shape (2**(n + 1), 2**(n + 1))
        Cluster first, qubit last.

    Raises
    ------
    TypeError, ValueError
        If `g_tau` is not a finite number or `n_atoms` not an integer from 1 to 10.

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
    g_tau = _checks.scalar(g_tau, "g_tau")
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    if n_atoms > _LARGEST_CLUSTER:
        raise ValueError(
            f"`n_atoms` must be <= {_LARGEST_CLUSTER} for a dense collision, but got {n_atoms}."
        )
    return scipy.linalg.expm(-1j * g_tau * _exchange(n_atoms))


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
        If `g_tau` is not a finite number.

    Examples
    --------
    >>> print(collision_unitary_second_order(0.1)[0, 0].real)   # |ee>|e> cannot do anything
    1.0
    """
    g_tau = _checks.scalar(g_tau, "g_tau")
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
    return np.einsum("iaja->ij", after), np.einsum("aiaj->ij", after)


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
    rho_pair = _checks.state(rho_pair, "rho_pair", 4)
    rate = _checks.scalar(rate, "rate", above_zero=True)
    g_tau = _checks.scalar(g_tau, "g_tau")
    if isinstance(order, str) and order == "exact":
        change = _partial_map(collision_unitary(g_tau), rho_pair) - np.eye(4)
    elif not isinstance(order, (bool, str)) and order == 2:
        change = _second_order_change(rho_pair, g_tau)
    else:
        raise ValueError(f"`order` must be 'exact' or 2, but got {_checks.shown(order)}.")
    return rate * change


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
        Accurate to 1e-15 divided by the change that one collision makes, about
        (g tau)^2.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If an argument is not valid, or the beam leaves part of the qubit's state
        untouched, so that the steady state depends on the initial one (no coupling, a
        collision that returns everything, pairs in the singlet).

    Examples
    --------
    >>> import numpy as np
    >>> beam = np.diag([0.25, 0.125, 0.125, 0.5])
    >>> print(beam_steady_state(beam, 0.05).real.round(4))
    [[0.375 0.   ]
     [0.    0.625]]
    """
    generator = beam_liouvillian(rho_pair, 1.0, g_tau, order)
    matrix, vector = _bloch_form(generator)
    strength = np.linalg.svd(matrix, compute_uv=False)
    if strength[-1] <= _SINGULAR * max(1.0, strength[0]):
        raise ValueError(
            "`rho_pair` must reach every part of the qubit's state, but these collisions leave "
            "some of it untouched, so the steady state is not unique."
        )
    return _state(np.linalg.solve(matrix, -vector))


def random_arrivals(rho_pair, rho_qubit, rate, g_tau, times, n_runs=1000, seed=0):
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

    Returns
    -------
    mean : ndarray, shape (T, 3)
        Mean Bloch vector over the runs, full Pauli expectation values.
    error : ndarray, shape (T, 3)
        Its standard error.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid.

    Examples
    --------
    >>> import numpy as np
    >>> beam, cold = np.diag([0.4, 0.1, 0.1, 0.4]), np.diag([0.0, 1])
    >>> mean, error = random_arrivals(beam, cold, 1.0, 0.5, [0.0, 50.0], n_runs=100)
    >>> print(mean[0], bool(abs(mean[1, 2]) < 0.01))
    [ 0.  0. -1.] True
    """
    generator = beam_liouvillian(rho_pair, 1.0, g_tau)
    rate = _checks.scalar(rate, "rate", above_zero=True)
    rho_qubit = _checks.state(rho_qubit, "rho_qubit", 2)
    times = _checks.time_grid(times)
    n_runs = _checks.whole(n_runs, "n_runs", 2)
    random = np.random.default_rng(_checks.whole(seed, "seed", 0))
    steps = np.diff(times, prepend=0.0)
    arrivals = random.poisson(rate * steps, size=(n_runs, len(times))).cumsum(axis=1)
    matrix, vector = _bloch_form(generator)
    after = np.empty((arrivals.max() + 1, 3))
    after[0] = _bloch_vector(rho_qubit)
    for k in range(1, len(after)):
        after[k] = after[k - 1] + matrix @ after[k - 1] + vector
    vectors = after[arrivals]
    return vectors.mean(axis=0), vectors.std(axis=0, ddof=1) / np.sqrt(n_runs)


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


def _partial_map(unitary, rho_pair):
    """Qubit map Tr_pair[U (rho_pair x .) U^+] on stacked columns: the sum in Eq. (10)."""
    size = len(rho_pair)
    blocks = unitary.reshape(size, 2, size, 2).transpose(0, 2, 1, 3)  # U_{ni}, qubit operators
    weights, states = np.linalg.eigh(rho_pair)
    kraus = np.einsum("niab,ik->nkab", blocks, states * np.sqrt(np.clip(weights, 0, None)))
    return sum(_sandwich(k, k) for k in kraus.reshape(-1, 2, 2))


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


def _bloch_vector(rho):
    return np.einsum("kij,ji->k", PAULI, rho).real


def _bloch_form(generator):
    """A and b of d<sigma>/dt = A <sigma> + b for a superoperator on stacked columns."""
    images = [(generator @ m.ravel(order="F")).reshape(2, 2, order="F") for m in PAULI / 2]
    center = (generator @ (np.eye(2) / 2).ravel(order="F")).reshape(2, 2, order="F")
    return np.array([_bloch_vector(image) for image in images]).T, _bloch_vector(center)


def _state(bloch):
    return 0.5 * (np.eye(2) + np.einsum("k,kij->ij", bloch, PAULI))
