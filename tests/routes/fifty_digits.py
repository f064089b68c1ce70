"""Eq. (I.1) with as many digits as one likes, from its definition."""

import mpmath
import numpy as np


def evolved(cluster, nbar, rho0, time, digits=100):
    """rho(time) for a state without coherence between different numbers of excitations."""
    n = cluster.n_atoms
    excited = np.array([bin(~label & (2**n - 1)).count("1") for label in range(2**n)])
    rows, columns = np.nonzero(excited[:, None] == excited)
    with mpmath.workdps(digits):
        generator = _generator(cluster, nbar, rows, columns)
        start = mpmath.matrix(
            [mpmath.mpc(complex(rho0[a, b])) for a, b in zip(rows, columns, strict=True)]
        )
        numbers = _exponential(generator * mpmath.mpf(float(time))) * start
    rho = np.zeros((2**n, 2**n), complex)
    rho[rows, columns] = [complex(x) for x in numbers]
    return rho


def _generator(cluster, nbar, rows, columns):
    """Columns of Eqs. (I.1)-(I.3): what the equation makes of each element |a><b|."""
    n = cluster.n_atoms
    lower = [
        np.kron(np.kron(np.eye(2**i), [[0, 0], [1, 0]]), np.eye(2 ** (n - 1 - i))) for i in range(n)
    ]
    nbar = mpmath.mpf(float(nbar))
    generator = mpmath.zeros(len(rows))
    for k, (a, b) in enumerate(zip(rows, columns, strict=True)):
        unit = np.zeros((2**n, 2**n))
        unit[a, b] = 1
        for i in range(n):
            for j in range(n):
                up, down = lower[i].T, lower[j]
                terms = [
                    (
                        mpmath.mpf(float(cluster.gamma[i, j])) * (nbar + 1),
                        _dissipator(unit, down, up),
                    ),
                    (
                        mpmath.mpf(float(cluster.gamma[i, j])) * nbar,
                        _dissipator(unit, down.T, up.T),
                    ),
                ]
                if i != j:
                    hop = up @ down
                    terms.append(
                        (mpmath.mpc(0, -float(cluster.f[i, j])), 2 * (hop @ unit - unit @ hop))
                    )
                for factor, twice in terms:
                    for row in np.flatnonzero(twice[rows, columns]):
                        generator[int(row), k] += factor * int(twice[rows[row], columns[row]]) / 2
    return generator


def _dissipator(rho, left, right):
    """2 left rho right - {right left, rho}: whole numbers."""
    return 2 * left @ rho @ right - right @ left @ rho - rho @ right @ left


def _exponential(matrix):
    """By a series for a short step and squarings."""
    size = matrix.rows
    norm = max(mpmath.fsum(abs(matrix[i, j]) for i in range(size)) for j in range(size))
    doublings = max(0, int(mpmath.log(norm, 2)) + 12)
    matrix = matrix / mpmath.mpf(2) ** doublings
    result = term = mpmath.eye(size)
    order = 0
    while mpmath.norm(term, mpmath.inf) > mpmath.eps**2:
        order += 1
        term = term * matrix / order
        result = result + term
    for _ in range(doublings):
        result = result * result
    return result
