"""Routes to the ring of sources that share no code with the library.

Written from the Hamiltonian of Eqs. (II.1)-(II.2), and as slowly as clarity asks. The target is
the first factor, |e> = (1, 0), and site N + 1 is site 1, also for N = 1 and 2.
"""

import itertools
from collections import Counter
from fractions import Fraction
from math import comb

import mpmath as mp
import numpy as np
import qutip


def hamiltonian(n, omega_a, gamma, J, omega=1.0):
    """Dense Hamiltonian from Kronecker products of Pauli matrices, Eqs. (II.1)-(II.2)."""
    one, sz, sx = qutip.qeye(2), qutip.sigmaz(), qutip.sigmax()

    def at(operator, site):
        return qutip.tensor([operator if k == site else one for k in range(n + 1)])

    total = omega / 2 * at(sz, 0)
    for j in range(1, n + 1):
        total += omega_a / 2 * at(sz, j) + gamma * at(sx, 0) * at(sz, j)
        total -= J * at(sz, j) * at(sz, j % n + 1)
    return total


def dense_target(n, omega_a, gamma, J, T, omega=1.0):
    """Target's density matrix from the dense Gibbs state and QuTiP's partial trace."""
    energies, states = hamiltonian(n, omega_a, gamma, J, omega).eigenstates()
    if T == 0:
        weights = (energies - energies[0] < 1e-9).astype(float)
    else:
        weights = np.exp(-(energies - energies[0]) / T)
    rho = sum(w * state.proj() for w, state in zip(weights, states, strict=True) if w > 0)
    return (rho / weights.sum()).ptrace(0).full()


def configurations(n):
    """Multiplicity of every (M, sum_j s_j s_(j+1)) over all 2^N source configurations."""
    found = Counter()
    for spins in itertools.product((1, -1), repeat=n):
        bonds = sum(spins[j] * spins[(j + 1) % n] for j in range(n))
        found[sum(spins), bonds] += 1
    return found


def enumerated_target(n, omega_a, gamma, J, T, omega=1.0):
    """Target's density matrix from numerically diagonalised 2 x 2 blocks of all configurations."""
    blocks = []
    for (m, bonds), count in configurations(n).items():
        block = np.array([[omega / 2, gamma * m], [gamma * m, -omega / 2]])
        energies, vectors = np.linalg.eigh(block)
        blocks.append((count, energies + omega_a * m / 2 - J * bonds, vectors))
    ground = min(energies.min() for _, energies, _ in blocks)
    rho = np.zeros((2, 2))
    for count, energies, vectors in blocks:
        gap = energies - ground
        weights = (gap < 1e-9).astype(float) if T == 0 else np.exp(-gap / T)
        rho += count * (vectors * weights) @ vectors.T
    return rho / np.trace(rho)


def degeneracy(n, m, domains):
    """g(M, l) of Eq. (II.25) as a fraction that turns out whole."""
    up, down = (n + m) // 2, (n - m) // 2
    if domains == 0:
        return int(abs(m) == n)
    if up == 0 or down == 0:
        return 0
    value = Fraction(n, domains) * comb(up - 1, domains - 1) * comb(down - 1, domains - 1)
    assert value.denominator == 1
    return int(value)


def double_sum(n, omega_a, gamma, J, T, omega=1.0, digits=40):
    """Signed 2 rho_eg, rho_ee and ln Z from the sum over (M, l), Eqs. (II.20)-(II.28), by mpmath.

    `digits` must exceed the digits that the sum over M and -M loses.
    """
    with mp.workdps(digits):
        omega_a, gamma, J, T, omega = (mp.mpf(x) for x in (omega_a, gamma, J, T, omega))
        z = off = excited = mp.mpf(0)
        for m in range(-n, n + 1, 2):
            lam = mp.sqrt(omega**2 / 4 + gamma**2 * m**2)
            for domains in range(n // 2 + 1):
                g = degeneracy(n, m, domains)
                if g == 0:
                    continue
                base = g * mp.exp(-(omega_a * m / 2 - J * (n - 4 * domains)) / T)
                low, high = base * mp.exp(lam / T), base * mp.exp(-lam / T)
                z += low + high
                off += (high - low) * gamma * m / lam
                excited += low * (1 - omega / (2 * lam)) / 2 + high * (1 + omega / (2 * lam)) / 2
        return off / z, excited / z, mp.log(z)


def coherence(n, omega_a, gamma, J, T, omega=1.0, digits=40):
    """C of Eq. (II.28) as an mpmath number."""
    with mp.workdps(digits):
        return abs(double_sum(n, omega_a, gamma, J, T, omega, digits)[0])


def hypergeometric_weight(n, m, beta_J, digits=40):
    """W_M of Eq. (II.30) with mpmath's 2F1."""
    with mp.workdps(digits):
        beta_J = mp.mpf(beta_J)
        if abs(m) == n:
            return mp.exp(beta_J * n)
        up, down = (n + m) // 2, (n - m) // 2
        x = mp.exp(-4 * beta_J)
        return mp.exp(beta_J * n) * n * x * mp.hyp2f1(1 - up, 1 - down, 2, x)


def levels(n, omega_a, gamma, J, omega=1.0):
    """All 2^(N+1) energies, ascending, from the enumerated blocks."""
    found = []
    for (m, bonds), count in configurations(n).items():
        lam = np.sqrt(omega**2 / 4 + gamma**2 * m**2)
        base = omega_a * m / 2 - J * bonds
        found += [base - lam, base + lam] * count
    return np.sort(found)
