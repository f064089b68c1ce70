"""Eqs. (I.1)-(I.3) word for word: NumPy matrices and double sums, nothing of the library."""

from functools import reduce

import numpy as np
import scipy.linalg

SINGLET = np.array([0, 1, -1, 0]) / np.sqrt(2)
TRIPLET = np.array([0, 1, 1, 0]) / np.sqrt(2)


def lowering(n_atoms):
    """sigma_i^- = |g><e| of each atom, with |e> = (1, 0)."""
    one, lower = np.eye(2), np.array([[0, 0], [1, 0]])
    return [
        reduce(np.kron, [lower if site == i else one for site in range(n_atoms)])
        for i in range(n_atoms)
    ]


def number(n_atoms):
    """Number of excitations."""
    return sum(s.T @ s for s in lowering(n_atoms))


def hamiltonian(f):
    """H_d: every ordered pair i != j."""
    s = lowering(len(f))
    pairs = [(i, j) for i in range(len(f)) for j in range(len(f)) if i != j]
    return sum((f[i][j] * s[i].T @ s[j] for i, j in pairs), np.zeros_like(s[0]))


def sandwich(left, right):
    """rho -> left rho right, on density matrices stacked column by column."""
    return np.kron(np.transpose(right), left)


def commutator(h):
    """rho -> [h, rho]."""
    one = np.eye(len(h))
    return sandwich(h, one) - sandwich(one, h)


def dissipator(rates, operators):
    """Double sum of rates_ij (A_j rho A_i^+ - {A_i^+ A_j, rho}/2) for real A_i."""
    one, total = np.eye(len(operators[0])), 0
    for i, a in enumerate(operators):
        for j, b in enumerate(operators):
            loss = a.T @ b
            total = total + rates[i][j] * (
                sandwich(b, a.T) - 0.5 * (sandwich(loss, one) + sandwich(one, loss))
            )
    return total


def emission(gamma, nbar):
    """Eq. (I.2)."""
    return (nbar + 1) * dissipator(gamma, lowering(len(gamma)))


def absorption(gamma, nbar):
    """Eq. (I.3)."""
    return nbar * dissipator(gamma, [s.T for s in lowering(len(gamma))])


def liouvillian(f, gamma, nbar):
    """Eq. (I.1)."""
    return -1j * commutator(hamiltonian(f)) + emission(gamma, nbar) + absorption(gamma, nbar)


def together(n_atoms, nbar, f0=0.0, gamma0=1.0):
    """Eq. (I.1) for identical couplings."""
    ones = np.ones((n_atoms, n_atoms))
    return liouvillian(f0 * (ones - np.eye(n_atoms)), gamma0 * ones, nbar)


def apply(generator, rho):
    """The superoperator on one density matrix."""
    return (generator @ rho.ravel(order="F")).reshape(rho.shape, order="F")


def evolve(generator, rho0, times):
    """exp(L t) rho0 at each time, one dense exponential after the other."""
    return np.array([apply(scipy.linalg.expm(generator * t), rho0) for t in times])


def l1(rho):
    """Sum of |rho_ij| over i != j, element by element."""
    d = len(rho)
    return sum(abs(rho[i][j]) for i in range(d) for j in range(d) if i != j)


def coherence(generator, rho0, times):
    """C_l1 along the evolution."""
    return np.array([l1(rho) for rho in evolve(generator, rho0, times)])


def ground(n_atoms):
    """|gg..g><gg..g|."""
    rho = np.zeros((2**n_atoms, 2**n_atoms), complex)
    rho[-1, -1] = 1
    return rho


def end(generator, rho0):
    """The limit of exp(L t) rho0, from the null vectors of a dense L (an SVD)."""
    u, values, v = np.linalg.svd(generator)
    null = values < 1e-11 * values[0]
    # A gap, or the number of null vectors would be a guess.
    assert np.all(values[~null] > 1e-8 * values[0])
    right, left = v[null].conj().T, u[:, null]
    overlap = left.conj().T @ rho0.ravel(order="F")
    vector = right @ np.linalg.solve(left.conj().T @ right, overlap)
    return vector.reshape(rho0.shape, order="F")
