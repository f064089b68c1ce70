r"""One collision of a cluster of atoms with the qubit, exactly.

In the interaction picture a collision is :math:`U = e^{-ig\tau S}` with
:math:`S = J^+\sigma_0^- + J^-\sigma_0^+`, Eqs. (I.6)-(I.9) and (I.B1), and the
cluster's :math:`J^\pm = \sum_i\sigma_i^\pm`: two atoms in the paper, any number here. The qubit
is the LAST factor of every tensor product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Floats, Matrix, Number, State, Whole
from coherence_lib.harvest.qubit import LOWER

__all__ = ["collide", "collision_unitary", "collision_unitary_second_order"]

# Complex matrices on cluster and qubit that a collision holds at once.
_MATRICES = 7
# The phase g tau sqrt(k) of a collision is a float up to here.
_STRONGEST = 1e300
# Below it four terms of x - sin x are exact, above it the difference keeps thirteen digits.
_SMALL_PHASE = 0.1


def collision_unitary(g_tau: Number, n_atoms: Whole = 2) -> Matrix:
    r"""Evolution operator of one collision, Eq. (I.B1) [1]_, exactly.

    .. math::
        U = \exp\Bigl[-ig\tau\sum_{i=1}^{n}(\sigma_i^+\sigma_0^- + \sigma_i^-\sigma_0^+)\Bigr]

    Parameters
    ----------
    g_tau : float
        Coupling times collision time, of either sign, at most 1e300.
    n_atoms : int, optional
        Atoms of the cluster that collides, >= 1.

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
        If `g_tau` is not a finite number, beyond 1e300, `n_atoms` not an integer >= 1, or so
        many atoms do not fit the memory.

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
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    _check_size(n_atoms, "n_atoms")
    parts = blocks_of(n_atoms, g_tau)
    one = np.eye(2**n_atoms)
    unitary = np.empty((2**n_atoms, 2, 2**n_atoms, 2), np.complex128)
    unitary[:, 0, :, 0], unitary[:, 1, :, 1] = one - parts.lost_above, one - parts.lost_below
    unitary[:, 1, :, 0], unitary[:, 0, :, 1] = -1j * parts.up, -1j * parts.up.T
    return unitary.reshape(2 ** (n_atoms + 1), -1)


def collision_unitary_second_order(g_tau: Number) -> Matrix:
    r"""Evolution operator of a pair's collision to second order, Eqs. (I.B2)-(I.B5).

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
    coupling = exchange(2)
    first = np.complex128(1j * g_tau) * coupling
    return np.eye(8) - first - 0.5 * g_tau**2 * (coupling @ coupling)


def collide(rho_pair: State, rho_qubit: State, g_tau: Number) -> tuple[Matrix, Matrix]:
    r"""States of cluster and qubit after one collision.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (2**N, 2**N)
        State of the pair, or of a cluster of any N atoms, before.
    rho_qubit : Qobj or array_like, shape (2, 2)
        State of the qubit before.
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    rho_pair, rho_qubit : ndarray, shapes (2**N, 2**N) and (2, 2)
        Reduced states after the collision.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix of such a size, or `g_tau` not a finite number.

    Examples
    --------
    >>> import numpy as np
    >>> pair, qubit = collide(np.diag([1.0, 0, 0, 0]), np.diag([0.0, 1]), 0.1)
    >>> print(qubit[0, 0].real.round(6))   # close to 2 (g tau)^2
    0.019867
    """
    rho_pair = cluster_state(rho_pair, "rho_pair")
    rho_qubit = _checks.state(rho_qubit, "rho_qubit", 2)
    size = len(rho_pair)
    unitary = collision_unitary(g_tau, size.bit_length() - 1)
    after = unitary @ np.kron(rho_pair, rho_qubit) @ unitary.conj().T
    after = after.reshape(size, 2, size, 2)
    return (
        _checks.delivered(np.einsum("iaja->ij", after), "g_tau", "the cluster after the collision"),
        _checks.delivered(np.einsum("aiaj->ij", after), "g_tau", "the qubit after the collision"),
    )


# --- what a collision is made of ---------------------------------------------------


def cluster_state(value: object, name: str) -> Matrix:
    """Return the state of a cluster, one that can collide, as an array."""
    rho = _checks.states(value, name)
    if rho.ndim != 2:
        raise ValueError(f"`{name}` must be one state, but got an array of shape {rho.shape}.")
    n_atoms = len(rho).bit_length() - 1
    if n_atoms < 1 or len(rho) != 2**n_atoms:
        raise ValueError(
            f"`{name}` must be a state of one or more atoms, but got dimension {len(rho)}."
        )
    _check_size(n_atoms, name)
    return rho


def _check_size(n_atoms: int, name: str) -> None:
    _checks.memory(
        16 * _MATRICES * _checks.power(4, n_atoms + 1),
        name,
        f"a collision of {_checks.shown(n_atoms)} atoms",
        "Identical atoms collide alike in fewer, if their state is symmetric.",
    )


def strength(g_tau: object) -> float:
    """Check the strength of an exact collision."""
    g_tau = _checks.scalar(g_tau, "g_tau")
    if abs(g_tau) > _STRONGEST:
        raise ValueError(f"`g_tau` must be at most {_STRONGEST:g} in modulus, but got {g_tau!r}.")
    return g_tau


def weak_strength(g_tau: object) -> float:
    """Check the strength of a collision that is expanded to second order."""
    g_tau = _checks.scalar(g_tau, "g_tau")
    if not np.isfinite(16 * g_tau * g_tau):
        raise ValueError(
            f"`g_tau` must have a finite square for the second order, but got {g_tau!r}."
        )
    return g_tau


def collective_raise(n_atoms: int) -> Floats:
    """sum_i sigma_i^+ of the cluster alone."""
    total = np.zeros((2**n_atoms, 2**n_atoms))
    for i in range(n_atoms):
        total += np.kron(np.kron(np.eye(2**i), LOWER.T), np.eye(2 ** (n_atoms - 1 - i)))
    return total


def exchange(n_atoms: int) -> Floats:
    """S = J^+ sigma_0^- + J^- sigma_0^+, qubit last, as in Eq. (I.B4)."""
    up = collective_raise(n_atoms)
    return np.kron(up, LOWER) + np.kron(up.T, LOWER.T)


@dataclass(frozen=True)
class Collision:
    r"""The blocks of :math:`e^{-ig\tau S}`, real and without cancellation.

    `up` is :math:`J^+ \sin(g\tau\Omega)/\Omega` with :math:`\Omega = \sqrt{J^-J^+}`: the qubit
    gives its excitation away. `lost_above` and `lost_below` are one minus the cosines
    :math:`\cos g\tau\sqrt{J^-J^+}` and :math:`\cos g\tau\sqrt{J^+J^-}`: what the excited and
    the ground qubit lose. `bent` is :math:`g\tau J^+` less `up`, of third order.
    """

    up: Floats
    lost_above: Floats
    lost_below: Floats
    bent: Floats


def blocks_of(n_atoms: int, g_tau: float) -> Collision:
    raising = collective_raise(n_atoms)
    squares, vectors = np.linalg.eigh(raising.T @ raising)
    # J^- J^+ has the eigenvalues (j - m)(j + m + 1), whole numbers.
    squares = np.rint(squares)
    coupled = squares > 0
    right, frequency = vectors[:, coupled], np.sqrt(squares[coupled])
    left = raising @ right / frequency
    phase = g_tau * frequency
    sine, lost = np.sin(phase), 2 * np.sin(phase / 2) ** 2
    return Collision(
        (left * sine) @ right.T,
        (right * lost) @ right.T,
        (left * lost) @ left.T,
        (left * _less_its_sine(phase)) @ right.T,
    )


def _less_its_sine(x: Floats) -> Floats:
    """x - sin x, small ones by their series."""
    near = np.where(np.abs(x) < _SMALL_PHASE, x, 0.0)
    square = near * near
    series = 1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110)))
    return np.where(np.abs(x) < _SMALL_PHASE, near * square / 6 * series, x - np.sin(x))
