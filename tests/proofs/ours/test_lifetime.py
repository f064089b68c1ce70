"""How long the coherence of close atoms lives: a pair, three atoms, and hot clusters."""

from fractions import Fraction
from itertools import permutations
from math import comb

import numpy as np
import sympy
from proofs import algebra
from proving import proves

g, k, lam = sympy.symbols("g k lambda", real=True)
n = (k - 1) / 2
# |gg>, |T>, |S>, |ee> of the rate equation, and what it makes of them.
P = sympy.Matrix(sympy.symbols("pg pt ps pe", real=True))
UP, DOWN = n, n + 1
RATES = sympy.Matrix(
    [
        [-2 * UP, DOWN * (1 + g), DOWN * (1 - g), 0],
        [UP * (1 + g), -k * (1 + g), 0, DOWN * (1 + g)],
        [UP * (1 - g), 0, -k * (1 - g), DOWN * (1 - g)],
        [0, UP * (1 + g), UP * (1 - g), -2 * DOWN],
    ]
)
# x, y and w of the chapter, with the sum of the populations in place of one.
INVERSION, ZZ = P[3] - P[0], P[3] + P[0] - P[1] - P[2]
CHOSEN = sympy.Matrix([P[1] - P[2], k * ZZ + INVERSION, -sum(P) - k * INVERSION])
SYSTEM = sympy.Matrix([[-k, g, 0], [g * (2 * k**2 - 1), -2 * k, 1], [k * g, 0, -k]])
# (I.1) on a pair with any shared rate: the elements of a generic state as symbols.
STATE = algebra.generic("a", 4)


def model():
    """(I.1) for two atoms with gamma_ii = 1, gamma_12 = b12 and hopping f12, of a state."""
    s = algebra.SYMBOLS
    down = algebra.lowering(2)
    up = [algebra.dagger(one) for one in down]
    hopping = (up[0] @ down[1] + up[1] @ down[0]) * s.f12
    change = algebra.commutator(hopping, STATE) * -algebra.IMAG
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        rate = algebra.UNIT if i == j else s.b12
        change = change + algebra.transfer(down[j], down[i], STATE) * (rate * (s.nbar + 1))
        change = change + algebra.transfer(up[j], up[i], STATE) * (rate * s.nbar)
    return change


def populations(matrix):
    """Twice the populations of |gg>, |T>, |S>, |ee>."""
    middle, mixed = matrix[1, 1] + matrix[2, 2], matrix[1, 2] + matrix[2, 1]
    return [2 * matrix[3, 3], middle + mixed, middle - mixed, 2 * matrix[0, 0]]


def check_rate_equation():
    """Of every state, hopping included, the four populations move by RATES alone."""
    s = algebra.SYMBOLS
    up, down, both = s.nbar, s.nbar + 1, 2 * s.nbar + 1
    pg, pt, ps, pe = populations(STATE)
    gained = up * pg + down * pe
    through = pt * (1 + s.b12) + ps * (1 - s.b12)
    wanted = [
        -2 * up * pg + down * through,
        (1 + s.b12) * (gained - both * pt),
        (1 - s.b12) * (gained - both * ps),
        -2 * down * pe + up * through,
    ]
    for found, expected in zip(populations(model()), wanted, strict=True):
        assert algebra.is_zero(found - expected)


@proves("ours-lifetime-1", "identity")
def test_the_populations_of_a_pair_have_a_cubic_without_hopping():
    check_rate_equation()
    eps = 1 - g**2
    cubic = lam**3 - 4 * k * lam**2 + (3 * k**2 + 1 + eps * (2 * k**2 - 1)) * lam - 2 * k**3 * eps
    whole = (RATES + lam * sympy.eye(4)).det(method="berkowitz")
    assert sympy.expand(whole - lam * cubic) == 0
    assert sympy.expand(whole - lam * cubic.subs(k, k + 1)) != 0


@proves("ours-lifetime-2", "identity")
def test_the_slow_root_is_linear_in_what_is_missing_and_that_quadratic_in_the_distance():
    m, xi, p2 = sympy.symbols("m xi P2")
    eps = m * (2 - m)
    cubic = lam**3 - 4 * k * lam**2 + (3 * k**2 + 1 + eps * (2 * k**2 - 1)) * lam - 2 * k**3 * eps
    at = {lam: 0, m: 0}
    assert cubic.subs(at) == 0
    slope = -sympy.diff(cubic, m).subs(at) / sympy.diff(cubic, lam).subs(at)
    assert sympy.simplify(slope - 4 * k**3 / (3 * k**2 + 1)) == 0
    j0 = sympy.sin(xi) / xi
    j2 = (3 / xi**2 - 1) * j0 - 3 * sympy.cos(xi) / xi**2
    cosine = sympy.symbols("c")
    missing = (1 - j0 - (3 * cosine**2 - 1) / 2 * j2).series(xi, 0, 4).removeO()
    assert sympy.simplify(missing - xi**2 * (2 - cosine**2) / 10) == 0


@proves("ours-lifetime-3", "identity")
def test_the_coherence_adds_up_to_two_factors():
    check_rate_equation()
    moved = RATES * P
    # No more than the difference is left, and its integral is what the two weights have gained.
    balance = moved[1] / (1 + g) - moved[2] / (1 - g) + k * (P[1] - P[2])
    assert sympy.simplify(balance) == 0
    end = sympy.Matrix([DOWN**2, UP * DOWN, UP * DOWN, UP**2]) / k**2
    assert sympy.simplify(RATES * end) == sympy.zeros(4, 1)
    added = end[1] / k * (1 / (1 - g) - 1 / (1 + g))
    assert sympy.simplify(added - 2 * g / (1 - g**2) * UP * DOWN / k**3) == 0


@proves("ours-lifetime-4", "identity")
def test_the_best_bath_is_the_same_for_every_pair():
    positive = sympy.symbols("k", positive=True)
    photons = (positive**2 - 1) / (4 * positive**3)
    assert sympy.solve(sympy.diff(photons, positive), positive) == [sympy.sqrt(3)]
    assert sympy.diff(photons, positive, 2).subs(positive, sympy.sqrt(3)) < 0
    best = (sympy.sqrt(3) - 1) / 2
    # nbar/(nbar + 1) = exp(-1/T).
    assert sympy.simplify((best + 1) / best - (2 + sympy.sqrt(3))) == 0
    height, rate = (
        (positive**2 - 1) / (3 * positive**2 + 1),
        4 * positive**3 / (3 * positive**2 + 1),
    )
    assert height.subs(positive, sympy.sqrt(3)) == sympy.Rational(1, 5)
    assert sympy.simplify(rate.subs(positive, sympy.sqrt(3)) * 5 / (6 * sympy.sqrt(3))) == 1


@proves("ours-lifetime-5", "proof")
def test_three_combinations_feed_one_another():
    check_rate_equation()
    moved = CHOSEN.subs(dict(zip(P, RATES * P, strict=True)), simultaneous=True)
    assert (moved - SYSTEM * CHOSEN).applyfunc(sympy.expand) == sympy.zeros(3, 1)
    # Off the diagonal nothing is negative for g >= 0 and k >= 1, and neither is the start.
    off = [SYSTEM[i, j] for i in range(3) for j in range(3) if i != j]
    shift = sympy.symbols("s", nonnegative=True)
    positive = sympy.symbols("g", nonnegative=True)
    for entry in off:
        terms = sympy.Poly(entry.subs({k: 1 + shift, g: positive}), shift, positive).coeffs()
        assert all(term >= 0 for term in terms)
    ground = CHOSEN.subs(dict(zip(P, [1, 0, 0, 0], strict=True)))
    assert ground.T == sympy.Matrix([[0, k - 1, k - 1]])
    # The other sign of g is the other sign of x.
    mirror = sympy.diag(-1, 1, 1)
    assert mirror * SYSTEM * mirror == SYSTEM.subs(g, -g)


def permuted(order):
    """A permutation of atoms as a matrix of integers."""
    size = len(order)
    states = np.arange(2**size)
    bits = (states[:, None] >> np.arange(size)) & 1
    matrix = np.zeros((2**size,) * 2, dtype=np.int64)
    matrix[(bits[:, list(order)] << np.arange(size)).sum(axis=1), states] = 1
    return matrix


def replaced_by_random(matrix, atom):
    """Twice Tr_i of a matrix times the identity over two."""
    size = len(matrix)
    high = size // 2 ** (atom + 1)
    shaped = matrix.reshape([high, 2, 2**atom] * 2)
    rest = np.einsum("aibcid->abcd", shaped)
    whole = np.einsum("abcd,ij->aibcjd", rest, np.eye(2, dtype=np.int64))
    return whole.reshape(size, size)


def rank(matrices):
    """The exact rank over a prime field, which no rational rank is below."""
    prime, found = 1_000_003, 0
    rows = np.array(matrices, dtype=np.int64) % prime
    for column in range(rows.shape[1]):
        places = np.flatnonzero(rows[found:, column])
        if not len(places):
            continue
        pivot = found + places[0]
        rows[[found, pivot]] = rows[[pivot, found]]
        rows[found] = rows[found] * pow(int(rows[found, column]), -1, prime) % prime
        others = np.flatnonzero(rows[:, column])
        others = others[others != found]
        rows[others] = (rows[others] - np.outer(rows[others, column], rows[found])) % prime
        found += 1
        if found == len(rows):
            break
    return found


def riordan(size):
    """Scalars made of so many vectors: the states of three-valued spins with sum 0, less sum 1."""
    sums = np.ones(1, dtype=np.int64)
    for _ in range(size):
        sums = np.convolve(sums, [1, 1, 1])
    return int(sums[size] - (sums[size + 1] if size else 0))


def without(order, atom):
    """The permutation with an atom taken out of its cycle."""
    found = list(order)
    found[found.index(atom)] = order[atom]
    found[atom] = atom
    return tuple(found)


@proves("ours-lifetime-7", "exhaustive")
def test_hot_clusters_replace_atoms_one_by_one():
    # The bath of one atom, turned every way: a sum over three axes, on each basis operator.
    pauli = [algebra.X, algebra.Y, algebra.Z]
    for operator in (algebra.ONE, *pauli):
        turned = sum(axis @ operator @ axis for axis in pauli)
        trace = operator[0, 0] + operator[1, 1]
        replaced = algebra.ONE * trace * Fraction(1, 2)
        algebra.identical(turned - operator * 3, (replaced - operator) * 4)
    for size in range(2, 6):
        orders = list(permutations(range(size)))
        matrices = {order: permuted(order) for order in orders}
        for order in orders if size < 5 else orders[::7]:
            for atom in range(size):
                fixed = order[atom] == atom
                found = replaced_by_random(matrices[order], atom)
                assert np.array_equal(found, matrices[without(order, atom)] * (2 if fixed else 1))
        # What j atoms share: of all sums of permutations within a set, less those of its subsets.
        for chosen in range(size + 1):
            moved = [o for o in orders if all(o[i] == i for i in range(chosen, size))]
            spanned = rank([matrices[order].ravel() for order in moved])
            assert spanned == sum(comb(chosen, j) * riordan(j) for j in range(chosen + 1))
            assert spanned == comb(2 * chosen, chosen) // (chosen + 1)
    assert [riordan(j) for j in range(7)] == [1, 0, 1, 1, 3, 6, 15]


@proves("ours-lifetime-9", "identity")
def test_three_different_hoppings_leave_nothing():
    a, b, c = sympy.symbols("a b c")
    hops = sympy.Matrix([[0, a, b], [a, 0, c], [b, c, 0]])
    s = sympy.ones(3, 1)
    spanned = sympy.Matrix.hstack(s, hops * s, hops * hops * s).det()
    assert sympy.expand(spanned) != 0
    ratio = sympy.cancel(spanned / ((a - b) * (b - c) * (c - a)))
    assert abs(ratio) == 2
    # A sum of permutations of three atoms is known by what it does to one excitation ..
    orders = list(permutations(range(3)))
    whole = [permuted(order).ravel() for order in orders]
    one = [permuted(order)[np.ix_([1, 2, 4], [1, 2, 4])].ravel() for order in orders]
    assert rank(whole) == rank(one) == 5
    # .. and with two equal hoppings the exchange of two atoms commutes with all.
    swap = sympy.Matrix([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    difference = swap * hops - hops * swap
    assert difference.subs(c, b) == sympy.zeros(3, 3)
    assert difference != sympy.zeros(3, 3)


@proves("ours-lifetime-11", "proof")
def test_the_coherence_of_what_survives_is_a_sum_over_sizes():
    q, u = sympy.symbols("q u", positive=True)
    for size in range(2, 9):
        # A symmetric state of j atoms, evenly filled, has the elements 1/(j + 1) binom(j, i).
        whole = sum(
            comb(size, j) * q**j * (1 - q) ** (size - j) * sympy.Rational(2**j, j + 1)
            for j in range(size + 1)
        )
        by_sizes = sum(comb(size, j) * q**j / (j + 1) for j in range(2, size + 1, 2))
        closed = ((1 + q) ** (size + 1) - (1 - q) ** (size + 1)) / (2 * q * (size + 1)) - 1
        assert sympy.expand(whole - 1 - by_sizes) == 0
        assert sympy.simplify(closed - by_sizes) == 0
    # The whole state of j symmetric atoms has this sum of elements, and tracing one out of an
    # even filling leaves one of the smaller.
    for size in range(1, 7):
        elements = sum(Fraction(comb(size, i), size + 1) for i in range(size + 1))
        assert elements == Fraction(2**size, size + 1)
        for kept in range(size):
            rest = [Fraction(1, (size + 1) * comb(size, i)) for i in (kept, kept + 1)]
            assert sum(rest) == Fraction(1, size * comb(size - 1, kept))
