"""Beyond the papers: charged clusters and a qubit, from the definitions of collision and bath."""

from functools import reduce
from itertools import permutations, product

import numpy as np
import sympy
from proving import proves
from sympy import Matrix, Rational, eye, symbols

N, k = symbols("N k", integer=True, positive=True)
r, x = symbols("r x", positive=True)
g1, g2 = symbols("g1 g2", real=True)


def lowering(count):
    """sigma_i^- of each atom in whole numbers, |e> = (1, 0)."""
    one, low = np.eye(2, dtype=int), np.array([[0, 0], [1, 0]])
    return [reduce(np.kron, [low if j == i else one for j in range(count)]) for i in range(count)]


def excitations(count):
    return sum(s.T @ s for s in lowering(count))


def exchange(count):
    """S of cluster and qubit, which stands last."""
    s = lowering(count + 1)
    return sum(a.T @ s[-1] + a @ s[-1].T for a in s[:-1])


def permuted(order):
    """The operator that permutes atoms."""
    states = list(product((0, 1), repeat=len(order)))
    matrix = np.zeros((len(states),) * 2, dtype=int)
    for column, state in enumerate(states):
        matrix[states.index(tuple(state[i] for i in order)), column] = 1
    return matrix


def commute(a, b):
    return not (a @ b - b @ a).any()


@proves("ours-discharge-1", "proof")
def test_what_the_shared_bath_leaves_passes_every_collision():
    # Permutations span what commutes with J^+ and J^-, by Schur and Weyl.
    for count in (1, 2, 3, 4):
        s, number = sum(lowering(count)), excitations(count)
        total = np.diagonal(excitations(count + 1))
        for order in permutations(range(count)):
            m = permuted(order)
            assert commute(m, s)
            assert commute(m, s.T)
            # M r^n x r^n_0 is M times a power of r with the conserved number, block by block.
            assert commute(np.kron(m, np.eye(2, dtype=int)), exchange(count))
            assert commute(np.diag(total), exchange(count))
            # The qubit's frequency does not matter, nor does that of the cluster.
            assert commute(np.kron(m, np.eye(2, dtype=int)), np.diag(total))
            # Emission and absorption of M r^n cancel: rates (nbar + 1) = 1/(1 - r) and r/(1 - r).
            if count < 4:
                assert not unbalanced(m, s, number).any()
    # What does not commute is not left alone: the flip of a single atom.
    flip = np.kron(np.array([[0, 1], [1, 0]]), np.eye(2, dtype=int))
    assert unbalanced(flip, sum(lowering(2)), excitations(2)).any()


def unbalanced(m, s, number):
    """(1 - r) times what the bath does to M r^n, as its coefficients of r^0, r^1 .."""
    size = len(m)
    powers = np.zeros((len(lowering(size.bit_length() - 1)) + 3, size, size), dtype=int)
    for count, held in enumerate(np.unique(np.diagonal(number))):
        part = m @ np.diag((np.diagonal(number) == held).astype(int))
        loss, gain = s.T @ s, s @ s.T
        powers[count] += 2 * s @ part @ s.T - loss @ part - part @ loss
        powers[count + 1] += 2 * s.T @ part @ s - gain @ part - part @ gain
    return powers


@proves("ours-discharge-2", "proof")
def test_the_sines_of_different_weights_are_independent():
    # J^+J^- has whole eigenvalues, and a pair has no other but 0 and 2 ..
    for count, weights in ((2, [0, 2]), (3, [0, 1, 3, 4]), (4, [0, 2, 4, 6])):
        s = sum(lowering(count))
        found = Matrix(s.T @ s).eigenvals()
        assert sorted(found) == weights
        # .. and the powers in which sin^2(g sqrt w) expands tell the weights apart.
        at = [w for w in weights if w]
        vandermonde = Matrix(len(at), len(at), lambda i, j, at=at: at[j] ** (i + 1))
        assert vandermonde.det() != 0
    # A trio that is right in the first power and not in the second.
    p = [Rational(24, 45), Rational(11, 45), Rational(10, 45), Rational(0)]
    rung = [b - a / 2 for a, b in zip(p, p[1:], strict=False)]
    assert sum(w * m for w, m in zip((3, 4, 3), rung, strict=True)) == 0
    assert sum(w * w * m for w, m in zip((3, 4, 3), rung, strict=True)) != 0


@proves("ours-discharge-3", "proof")
def test_no_square_lies_between_its_neighbours():
    # sin(g sqrt a) = sin(g sqrt b) = 0 with g > 0 needs a square a b; the first and fourth rungs.
    first, fourth = (w * (N - w + 1) for w in (1, 4))
    m = symbols("m", nonnegative=True)
    assert sympy.expand(first * fourth - 4 * N * (N - 3)) == 0
    above = sympy.expand(((N - 1) ** 2 - N * (N - 3)).subs(N, m + 5))
    below = sympy.expand((N * (N - 3) - (N - 2) ** 2).subs(N, m + 5))
    # Positive for every N = m + 5: all coefficients are.
    assert all(c > 0 for q in (above, below) for c in sympy.Poly(q, m).all_coeffs())
    for count in (3, 4):
        assert not sympy.sqrt(count * 2 * (count - 1)).is_rational
    # One and two atoms have one weight each.
    assert [{w * (n - w + 1) for w in range(1, n + 1)} for n in (1, 2)] == [{1}, {2}]


@proves("ours-discharge-5", "proof")
def test_the_gain_has_two_limits():
    # What belongs to an atom by itself is one: J^+J^- + J^-J^+ = N + 2 sum_(i!=j) s_i^+ s_j^-.
    for count in (1, 2, 3, 4):
        s = lowering(count)
        both = sum(s).T @ sum(s) + sum(s) @ sum(s).T
        flips = sum(a.T @ b for a in s for b in s if a is not b)
        assert not (both - count * np.eye(2**count, dtype=int) - 2 * flips).any()
    # All rungs alike, and the ladder without an end.
    mean = sympy.summation(k * (N - k), (k, 0, N)) / (N + 1)
    assert sympy.simplify(1 + 2 * mean / N - (N + 2) / 3) == 0
    ratio = sympy.Dummy(positive=True)
    nbar = ratio / (1 - ratio)
    tail = sympy.summation(k * Rational(2, 3) ** k, (k, 0, sympy.oo)) * Rational(1, 3)
    assert tail == nbar.subs(ratio, Rational(2, 3))
    # Below both: k(N - k)/N <= k, and the ladder's mean of k is nbar less what its end cuts off.
    for count in (2, 3, 6):
        z = sum(ratio**j for j in range(count + 1))
        held = sum(j * ratio**j for j in range(count + 1)) / z
        cut = (count + 1) * ratio ** (count + 1) / ((1 - ratio) * z)
        assert sympy.simplify(nbar - cut - held) == 0
        # Colder ladders are steeper: d<k(N-k)>/d ln r is a sum of positive terms, for r < 1.
        flat = sum(j * (count - j) * ratio**j for j in range(count + 1))
        slope = sympy.expand(sympy.cancel(sympy.diff(flat / z, ratio) * z**2 / (1 - ratio)))
        assert all(c >= 0 for c in sympy.Poly(slope, ratio).all_coeffs())


def rung_weights():
    """The pair's ladder, up to its norm, and after a cold qubit; x is the sine squared."""
    p0, p1, p2 = 1, r, r * r
    return (p0, p1, p2), (p0 + x * p1, p1 - x * p1 + x * p2, p2 - x * p2)


@proves("ours-discharge-8", "identity")
def test_energy_and_coherence_go_in_proportion():
    # S^2 is 2 where one excitation can go over: the chance is x on both rungs.
    s = sum(lowering(2))
    up = s.T @ s
    assert not (up @ up - 2 * up).any()
    # Each symmetric rung k has the flip-flop coherence k(2 - k).
    (_, p1, p2), (_, q1, q2) = rung_weights()
    lost, given = p1 - q1, (p1 + 2 * p2) - (q1 + 2 * q2)
    nbar = r / (1 - r)
    assert sympy.simplify(given - (2 * nbar + 1) * lost) == 0
    assert sympy.simplify(given - x * (p1 + p2)) == 0


@proves("ours-discharge-11", "identity")
def test_a_pair_scales_its_coherence_at_any_strength():
    low = [Matrix(a) for a in lowering(2)]
    mode = g1 * low[0] + g2 * low[1]
    square = g1**2 + g2**2
    rho = sympy.diag(r * r, r / 2, r / 2, 1)
    rho[1, 2] = rho[2, 1] = r / 2
    scaled = rho.copy()
    scaled[1, 2] = scaled[2, 1] = g1 * g2 / square * r
    alike = (low[0] + low[1]) * sympy.sqrt(square / 2)
    for a, b in ((mode.T * mode, alike.T * alike), (mode * mode.T, alike * alike.T)):
        # One frequency, so that sin^2 is a multiple of the square itself, for equal couplings too.
        assert (a * a - square * a).expand() == sympy.zeros(4)
        assert (b * b - square * b).expand() == sympy.zeros(4)
        assert sympy.simplify((a * rho).trace() - (b * scaled).trace()) == 0
    dark = {g1: 1, g2: -1}
    up, down = ((m * rho).trace().subs(dark) for m in (mode.T * mode, mode * mode.T))
    assert sympy.simplify(up - r * r * down) == 0


@proves("ours-discharge-13", "proof")
def test_the_third_order_pushes_a_mixed_qubit():
    for count in (1, 2, 3):
        s = sum(lowering(count))
        jz = 2 * excitations(count) - count * np.eye(2**count, dtype=int)  # twice J_z
        size = 2**count
        # <e|rho_q'|g> = Tr[A X'] with A = |g><e| and X' = (-i)^3/3! [S,[S,[S,X]]], X = rho x 1/2.
        # The commutators go over to A with a sign each: (-i/12) Tr[rho Tr_q [S,[S,[S,A]]]].
        big = exchange(count)
        kept = np.kron(np.eye(size, dtype=int), np.array([[0, 0], [1, 0]]))
        nested = kept
        for _ in range(3):
            nested = big @ nested - nested @ big
        traced = nested.reshape(size, 2, size, 2).trace(axis1=1, axis2=3)
        # With it that is (i/2) Tr[rho (J^- J_z + J_z J^-)].
        assert not (-traced - 3 * (s @ jz + jz @ s)).any()
        # First and second order leave it alone.
        first = big @ kept - kept @ big
        for operator in (first, big @ first - first @ big):
            left = operator.reshape(size, 2, size, 2).trace(axis1=1, axis2=3)
            assert not left.any()
        assert (s @ jz + jz @ s).any() == (count > 1)
    # The orders of A v + b = 0, with v = (g x, g y, g^2 z).
    d, w, lam, g, a, b, c = symbols("d w lam g a b c", real=True)
    h, kappa = symbols("h0 k0", real=True), symbols("h1 k1", real=True)
    re_h, re_k, im_h, im_k = *h, *kappa
    turn = Matrix([[0, 0, 0], [0, 0, -2 * lam], [0, 2 * lam, 0]])
    damp = Matrix([[-d + re_h, -im_h, 0], [-im_h, -d - re_h, 0], [0, 0, -2 * d]])
    push = Matrix([-im_k * g**3, -re_k * g**3, -w * g**2])
    equations = ((g * turn + g**2 * damp) * Matrix([g * a, g * b, g**2 * c]) + push).expand()
    y = w / (2 * lam)
    ex = -(im_h * y + im_k) / (d - re_h)
    z = -((d + re_h) * y + im_h * ex + re_k) / (2 * lam)
    leading = [equations[0].coeff(g, 3), equations[1].coeff(g, 3), equations[2].coeff(g, 2)]
    assert all(sympy.simplify(q.subs({a: ex, b: y, c: z})) == 0 for q in leading)
    assert all(equations[i].coeff(g, 1) == 0 for i in range(3))


@proves("ours-discharge-14", "identity")
def test_independent_atoms_add_up_to_single_ones():
    c, s = symbols("c s", positive=True)
    # Sums over atoms and pairs of atoms, of which there are N(N - 1).
    pairs = N * (N - 1) * c**2
    d, w, lam = N / Rational(2) + pairs, -N * s, N * c
    h, kappa = pairs, N * (N - 1) * c * s
    y = w / (2 * lam)
    true, second = (-((d + h) * y + q) / (2 * lam) for q in (kappa, 0))
    assert sympy.simplify(true - s / (8 * c**2)) == 0
    assert sympy.simplify(second / true - (1 + 4 * (N - 1) * c**2)) == 0
    # The sums themselves, for products of equal atoms.
    for count in (1, 2, 3):
        atom = Matrix([[(1 + s) / 2, c], [c, (1 - s) / 2]])
        rho = reduce(sympy.kronecker_product, [atom] * count)
        low = Matrix(sum(lowering(count)))
        jz = Matrix(excitations(count)) - Rational(count, 2) * eye(2**count)
        for operator, wanted in (
            (low, lam),
            (low.T * low + low * low.T, 2 * d),
            (low * low.T - low.T * low, w),
            (low * low, h),
            (low * jz + jz * low, kappa),
        ):
            assert sympy.expand((rho * operator).trace() - wanted.subs(N, count)) == 0
