"""The ring of paper II for exact algebra: its definition, and what follows from it, in symbols.

Nothing of the library is used. Operators are sparse matrices over the polynomials in omega,
omega_a, gamma and J; factor 0 of a product is the target, |e> comes before |g>, and a source's
first state is up. A block is what the whole does to the target beside one configuration.
"""

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import comb

import sympy as sp
from sympy.polys.rings import ring

POLYNOMIALS, OMEGA, OMEGA_A, GAMMA, J = ring("omega,omega_a,gamma,J", sp.QQ)


@dataclass(frozen=True)
class Operator:
    """A square matrix by its elements that are not zero."""

    size: int
    elements: dict

    def __add__(self, other):
        return _clean(self.size, _added(self.elements, other.elements))

    def __sub__(self, other):
        return self + other * -1

    def __mul__(self, number):
        return _clean(self.size, {place: v * number for place, v in self.elements.items()})

    def __matmul__(self, other):
        rows = {}
        for (k, j), value in other.elements.items():
            rows.setdefault(k, []).append((j, value))
        total = {}
        for (i, k), value in self.elements.items():
            for j, factor in rows.get(k, ()):
                total[i, j] = total.get((i, j), POLYNOMIALS.zero) + value * factor
        return _clean(self.size, total)


def _added(one, other):
    return {p: one.get(p, 0) + other.get(p, 0) for p in one.keys() | other.keys()}


def _clean(size, elements):
    return Operator(size, {place: value for place, value in elements.items() if value != 0})


def operator(rows):
    """A matrix of numbers or polynomials, given by its rows."""
    elements = {(i, j): POLYNOMIALS(v) for i, row in enumerate(rows) for j, v in enumerate(row)}
    return _clean(len(rows), elements)


IDENTITY = operator([[1, 0], [0, 1]])
SIGMA_X = operator([[0, 1], [1, 0]])
SIGMA_Z = operator([[1, 0], [0, -1]])


def kron(*factors):
    """Product of operators, the first factor being the slowest index."""
    result = factors[0]
    for factor in factors[1:]:
        elements = {
            (i * factor.size + k, j * factor.size + m): u * v
            for (i, j), u in result.elements.items()
            for (k, m), v in factor.elements.items()
        }
        result = Operator(result.size * factor.size, elements)
    return result


def on_site(n, site, matrix):
    """`matrix` at one of the sites 0 (target), 1..n (sources), and nothing elsewhere."""
    return kron(*(matrix if place == site else IDENTITY for place in range(n + 1)))


def total(operators):
    """Sum of at least one operator."""
    first, *rest = operators
    return sum(rest, start=first)


def magnetisation_operator(n):
    """Eq. (II.8)."""
    return total(on_site(n, j, SIGMA_Z) for j in range(1, n + 1))


def interaction(n):
    """Eq. (II.2): -J times the sum of neighbouring products, site n + 1 being site 1."""
    bonds = (on_site(n, j, SIGMA_Z) @ on_site(n, j % n + 1, SIGMA_Z) for j in range(1, n + 1))
    return total(bonds) * -J


def hamiltonian(n):
    """Eq. (II.1), term by term."""
    sites = range(1, n + 1)
    target = on_site(n, 0, SIGMA_Z) * (OMEGA / 2)
    sources = total(on_site(n, j, SIGMA_Z) for j in sites) * (OMEGA_A / 2)
    coupling = total(on_site(n, 0, SIGMA_X) @ on_site(n, j, SIGMA_Z) for j in sites) * GAMMA
    return target + sources + coupling + interaction(n)


# --- configurations ---------------------------------------------------------------


def configurations(n):
    """All +-1 assignments to the sources, in the order of the basis."""
    return itertools.product((1, -1), repeat=n)


def bond_sum(spins):
    """Sum of neighbouring products round the ring."""
    return sum(s * spins[(j + 1) % len(spins)] for j, s in enumerate(spins))


def down_domains(spins):
    """Number of maximal runs of spins down: 0 for all up, and for all down by convention."""
    return sum(spins[j - 1] == 1 and spins[j] == -1 for j in range(len(spins)))


@cache
def counted(n):
    """How many configurations have each (M, bond sum): every one is looked at."""
    return Counter((sum(spins), bond_sum(spins)) for spins in configurations(n))


def degeneracy(n, m, wells):
    """Eq. (II.25) as rebuilt, exact: configurations with magnetisation m and `wells` domains."""
    up, down = (n + m) // 2, (n - m) // 2
    if wells == 0:
        return int(abs(m) == n)
    if up == 0 or down == 0:
        return 0
    return n * comb(up - 1, wells - 1) * comb(down - 1, wells - 1) // wells


# --- the block of a configuration ---------------------------------------------------

# The angle of the target's eigenvectors: omega/2 = lam (1 - u^2)/(1 + u^2) and
# gamma M = lam 2u/(1 + u^2) reach every pair with lam = sqrt(omega^2/4 + gamma^2 M^2) > 0,
# |e| being left out only by gamma M = 0 < -omega, so that all below is rational.
LAM, U, SHIFT = sp.symbols("lambda u epsilon", real=True)
HALF_GAP = LAM * (1 - U**2) / (1 + U**2)
FIELD = LAM * 2 * U / (1 + U**2)


def block():
    """H on the target beside a configuration: SHIFT is omega_a M/2 - J (bond sum)."""
    return sp.Matrix([[SHIFT + HALF_GAP, FIELD], [FIELD, SHIFT - HALF_GAP]])


def vanishes(expression):
    """Is a rational function, or every element of a matrix of them, identically zero?"""
    elements = expression if isinstance(expression, sp.MatrixBase) else [expression]
    return all(sp.cancel(sp.together(sp.expand(e))) == 0 for e in elements)


# --- sums over the whole ring --------------------------------------------------------

X = sp.Symbol("x", positive=True)


def functions(m):
    """Symbols (sinh, cosh) of beta omega_a m/2, (sinh, cosh) of beta lambda_m, and r_m, m > 0."""
    return sp.symbols(f"s{m} c{m} S{m} C{m} r{m}", positive=True)


@cache
def sums(n):
    """The numerator of C and Z over exp(beta J n), as sums over all configurations.

    X is exp(-4 beta J). By the exponential of the block, each configuration adds
    -exp(-beta omega_a M/2) r_M sinh(beta lambda_M) to the off-diagonal element and twice the same
    with cosh to the trace; C is twice the modulus of the first over the second.
    """
    top = partition = sp.Integer(0)
    for (m, bonds), count in counted(n).items():
        weight = count * X ** ((n - bonds) // 4)
        s, c, S, C, r = functions(abs(m))
        if m == 0:
            s, c, r = 0, 1, 0
        sign = 1 if m > 0 else -1
        boltzmann = c - sign * s
        top += -2 * weight * boltzmann * sign * r * S
        partition += 2 * weight * boltzmann * C
    return sp.expand(top), sp.expand(partition)
