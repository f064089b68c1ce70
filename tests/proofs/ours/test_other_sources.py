"""Other sources: the steps of the chapter's proofs, by computer algebra and in integers."""

import itertools
from fractions import Fraction

import pytest
import sympy as sp
from proving import proves

X, Y, Z_, A, B, b, G, H, OMEGA, BETA = sp.symbols("x y z A B b G H omega beta", positive=True)


def moments(order):
    """Moments of the target's mean polarisation: 2 cosh sqrt(a^2 + b^2), expanded in a."""
    # The coefficient of a^(2j) is the sum over n of 2 binom(n, j) b^(2 (n - j)) / (2 n)!.
    terms = 12
    found = {}
    for power in range(0, order + 1):
        if power % 2:
            found[power] = sp.Integer(0)
            continue
        j = power // 2
        series = sum(
            2 * sp.binomial(n, j) * b ** (2 * (n - j)) / sp.factorial(2 * n)
            for n in range(j, j + terms)
        )
        found[power] = sp.expand(series * sp.factorial(power))
    return found


def positive(expression):
    return all(c >= 0 for c in sp.Poly(sp.expand(expression), *expression.free_symbols).coeffs())


@proves("ours-other-1", "proof")
def test_two_copies_of_a_spin_and_of_the_target_have_positive_means():
    """Sum of (s + s')^p (s - s')^q over two copies: of a spin, and of an even measure."""
    for p, q in itertools.product(range(7), repeat=2):
        total = sum((s + r) ** p * (s - r) ** q for s in (1, -1) for r in (1, -1))
        assert total >= 0
        assert total == 0 or (p % 2 == 0 and q % 2 == 0)
    # Of any even measure: odd q vanish by exchange, odd p + q by reversal of both.
    m = sp.symbols("mu0:13")
    s, r = sp.symbols("s r")
    for p, q in itertools.product(range(6), repeat=2):
        if p % 2 == 0 and q % 2 == 0:
            # Squares: nothing to show.
            continue
        polynomial = sp.Poly(sp.expand((s + r) ** p * (s - r) ** q), s, r)
        mean = sum(
            c * (m[j] if j % 2 == 0 else 0) * (m[k] if k % 2 == 0 else 0)
            for (j, k), c in polynomial.terms()
        )
        assert sp.expand(mean) == 0
    # The target's measure is even, and all of its moments are series with positive terms.
    found = moments(6)
    assert all(found[k] == 0 for k in (1, 3, 5))
    assert all(positive(found[k]) for k in (2, 4, 6))
    whole = sum(found[k] * G**k / sp.factorial(k) for k in range(7))
    # Up to a^6, and of its coefficients up to b^6 at least, the series of the cosine.
    cosine = sum(2 * (G**2 + b**2) ** n / sp.factorial(2 * n) for n in range(10))
    difference = sp.Poly(sp.expand(whole - cosine), G, b)
    assert all(j > 6 or k > 6 for (j, k) in difference.monoms())
    # A difference of two copies of a product is positive in sums and differences.
    u, v, p, q = sp.symbols("u v p q")
    product = ((u + v) / 2) * ((p + q) / 2) - ((u - v) / 2) * ((p - q) / 2)
    assert sp.expand(product - (u * q + v * p) / 2) == 0
    both = ((u + v) / 2) * ((p + q) / 2) + ((u - v) / 2) * ((p - q) / 2)
    assert sp.expand(both - (u * p + v * q) / 2) == 0


def ell(k):
    """The polynomials of the chapter, by their recurrence."""
    before, now = sp.Integer(1), Y
    for _ in range(k - 1):
        before, now = now, sp.expand((X + Y + Z_) * now - X * Y * before)
    return before if k == 0 else now


@proves("ours-other-2", "proof")
def test_cooling_the_target_is_a_series_with_positive_coefficients():
    # The derivative: <G> - C <lambda tanh> is <G (1 - n . nbar)>, since n ~ (G, omega/2).
    lam, t, C, z = sp.symbols("lambda t C z", positive=True)
    n_x, n_z = G / lam * t, OMEGA / 2 / lam * t
    assert sp.simplify(G * n_z - OMEGA / 2 * n_x) == 0
    # Of one configuration; in the mean <n_x> = C takes (omega/2) n_x z to C (omega/2) n_z.
    assert sp.simplify(C * G * n_x + C * OMEGA / 2 * n_z - C * (G**2 + OMEGA**2 / 4) * t / lam) == 0
    # Each configuration: d/dbeta of its element, and of the logarithm of its weight.
    lam = sp.sqrt(G**2 + OMEGA**2 / 4)
    element = G / lam * sp.tanh(BETA * lam)
    weight = 2 * sp.cosh(BETA * lam)
    own = sp.diff(element, BETA) + element * sp.diff(sp.log(weight), BETA)
    assert sp.simplify((own - G).rewrite(sp.exp)) == 0
    # The product: v v' and v +- v' from their squares.
    P, D, Q = sp.symbols("P D Q")
    k = 6
    for order in range(k):
        even = sp.expand(((P + D) ** order + (P - D) ** order) / 2)
        odd = sp.cancel(((P + D) ** order - (P - D) ** order) / (2 * D))
        term = sp.expand(even - Q * odd)
        here = {P: A**2 + B**2 + b**2, Q: A**2 - B**2 + b**2}
        squares = {D**2: here[P] ** 2 - 4 * A**2 * B**2}
        found = sp.expand(sp.Poly(term, D).as_expr().subs({D**4: squares[D**2] ** 2}).subs(squares))
        expected = 2**order * ell(order).subs({X: A**2, Y: B**2, Z_: b**2})
        assert sp.expand(found.subs(here) - expected) == 0
    # The recurrence without a minus sign.
    w, now = sp.Integer(0), Y
    for order in range(1, 9):
        assert sp.expand(now - ell(order)) == 0
        assert positive(now)
        w = sp.expand(X * w + Z_ * now)
        now = sp.expand(Y * now + w)


@proves("ours-other-3", "proof")
def test_weights_and_values_grow_with_the_magnetisation():
    M, gap, gamma = sp.symbols("M omega_a gamma", positive=True)
    lam = sp.sqrt(OMEGA**2 / 4 + gamma**2 * M**2)
    log_weight = sp.log(sp.cosh(BETA * gap * M / 2)) + sp.log(sp.cosh(BETA * lam))
    by_gap = BETA * M / 2 * sp.tanh(BETA * gap * M / 2)
    by_gamma = BETA * gamma * M**2 / lam * sp.tanh(BETA * lam)
    assert sp.simplify(sp.diff(log_weight, gap) - by_gap) == 0
    assert sp.simplify(sp.diff(log_weight, gamma) - by_gamma) == 0
    # Both are products of growing positive factors: M^2/lambda is one, and r_M, and lambda.
    for factor, common in ((M**2 / lam, lam**3), (gamma * M / lam, lam**3), (lam**2, 1)):
        assert positive(sp.simplify(sp.diff(factor, M) * common))
    # With weights p and values f in the same order, moving the weight moves the mean up.
    p, q, f, g, r, s = sp.symbols("p q f g r s", positive=True)
    change = p * q * (r - s) * (f - g) / (p + q) ** 2
    mean = (p * f + q * g) / (p + q)
    covariance = (p * f * r + q * g * s) / (p + q) - mean * (p * r + q * s) / (p + q)
    assert sp.simplify(covariance - change) == 0


@proves("ours-other-13", "identity")
@pytest.mark.parametrize("n", range(3, 9))
def test_square_of_the_magnetisation_of_a_star(n):
    """In integers: numbers of configurations by bonds, against the polynomial in t."""
    t = sp.Symbol("t")
    total = sp.Integer(0)
    norm = sp.Integer(0)
    for s in itertools.product((1, -1), repeat=n):
        weight = sp.Integer(1)
        agreeing = sum(s[0] == leaf for leaf in s[1:])
        weight = (1 + t) ** agreeing * (1 - t) ** (n - 1 - agreeing)
        total += sum(s) ** 2 * weight
        norm += weight
    expected = n + 2 * (n - 1) * t + (n - 1) * (n - 2) * t**2
    assert sp.expand(total - expected * sp.expand(norm)) == 0
    # Level with free sources at t = 0 and at t = -2/(n - 2).
    assert sp.solve(sp.expand(expected - n), t) == sorted([sp.Rational(-2, n - 2), sp.Integer(0)])
    assert expected.subs(t, -1) == (n - 2) ** 2
    assert (Fraction((n - 2) ** 2, n) > 1) == (n > 4)


@proves("ours-other-5", "identity")
def test_weights_of_a_complete_graph_are_ordered():
    s = sp.symbols("s0:5")
    pairs = sum(s[j] * s[k] for j, k in itertools.combinations(range(5), 2))
    squares = {x**2: 1 for x in s}
    assert sp.expand(sp.expand(sum(s) ** 2).subs(squares) - 5 - 2 * pairs) == 0
    # d/dJ of ln W_M is beta (M^2 - N)/2: it grows with |M| for all couplings.
    M, J, N = sp.symbols("M J N", positive=True)
    log_weight = sp.log(sp.binomial(N, (N + M) / 2)) + BETA * J * (M**2 - N) / 2
    assert sp.simplify(sp.diff(log_weight, J) - BETA * (M**2 - N) / 2) == 0
    assert sp.diff(BETA * (M**2 - N) / 2, M) == BETA * M


@proves("ours-other-8", "proof")
def test_half_of_the_cost_is_above_the_work():
    C, z = sp.symbols("C z", positive=True)
    n_x, n_z, m_x, m_z = sp.symbols("n_x n_z m_x m_z", positive=True)
    # Cauchy: over two copies the difference is a square.
    both = n_x**2 / n_z * m_z + m_x**2 / m_z * n_z - 2 * n_x * m_x
    assert sp.simplify(both - (n_x * m_z - m_x * n_z) ** 2 / (n_z * m_z)) == 0
    # G n_x = (omega/2) n_x^2/n_z where n is along (G, omega/2).
    along = {n_x: G * n_z / (OMEGA / 2)}
    assert sp.simplify((G * n_x - OMEGA / 2 * n_x**2 / n_z).subs(along)) == 0
    length = sp.sqrt(C**2 + z**2)
    work = OMEGA / 2 * (length - z)
    assert sp.simplify(work - OMEGA / 2 * C**2 / (length + z)) == 0
    assert sp.limit(work / (OMEGA / 2 * C**2 / z), C, 0) == sp.Rational(1, 2)


@proves("ours-other-12", "identity")
def test_law_of_many_atoms_has_one_limit():
    e, y = sp.symbols("e y", positive=True)
    # With e = 1/N, r = 1/(1 + y e). A limit of f(e)/e with f(0) = 0 is f'(0).
    r = 1 / (1 + y * e)
    rising, falling = sp.log((1 + r) / 2), sp.log(r)
    assert rising.subs(e, 0) == 0
    assert falling.subs(e, 0) == 0
    assert sp.simplify(sp.diff(rising, e).subs(e, 0) + y / 2) == 0
    assert sp.simplify(sp.diff(falling, e).subs(e, 0) + y) == 0
    # (N + 1)(1 - r), whose e is a common factor.
    assert sp.cancel((1 + e) / e * (1 - r)).subs(e, 0) == y
    limit = sp.exp(-y / 2) * y / (1 - sp.exp(-y))
    assert sp.simplify((limit - y / 2 / sp.sinh(y / 2)).rewrite(sp.exp)) == 0
    # And the factor r of r^(N + 1) beside r^N is one in the limit.
    assert r.subs(e, 0) == 1


@proves("ours-other-7", "proof")
def test_exchange_and_magnetisation_have_common_eigenvectors_that_stay_orthogonal():
    """H is a target's matrix beside each |k><k|: so are its powers, and the Gibbs state."""
    Jz, Jp, gap, gamma = sp.symbols("J_z J_p omega_a gamma", real=True)
    x, z, one = sp.Matrix([[0, 1], [1, 0]]), sp.diag(1, -1), sp.eye(2)
    y = sp.Matrix([[0, -sp.I], [sp.I, 0]])

    def both(first, second):
        return sp.kronecker_product(first, second)

    own = -Jz * both(z, z) - Jp * (both(x, x) + both(y, y))
    M = both(z, one) + both(one, z)
    assert own * M == M * own
    h = 1 / sp.sqrt(2)
    k = sp.Matrix([[1, 0, 0, 0], [0, h, h, 0], [0, h, -h, 0], [0, 0, 0, 1]]).T
    H = OMEGA / 2 * both(z, sp.eye(4)) + both(one, gap / 2 * M + own) + gamma * both(x, M)
    turned = both(one, k).T * H * both(one, k)
    for a, c in itertools.product(range(2), repeat=2):
        block = turned[4 * a : 4 * a + 4, 4 * c : 4 * c + 4].applyfunc(sp.simplify)
        assert block.is_diagonal()
    # Diagonal blocks multiply to diagonal blocks: the algebra is closed, and sums stay in it.
    p, q = sp.diag(*sp.symbols("p0:4")), sp.diag(*sp.symbols("q0:4"))
    assert (p * q).is_diagonal()
    assert (p + q).is_diagonal()


@proves("ours-other-9", "proof")
def test_elements_of_one_sign_of_the_magnetisation_add_up():
    """r_M tanh(beta lambda_M) has the sign of M: within one sign no modulus is lost."""
    M, gamma = sp.symbols("M gamma", positive=True)
    lam = sp.sqrt(OMEGA**2 / 4 + gamma**2 * M**2)
    element = gamma * M / lam * sp.tanh(BETA * lam)
    assert element.is_positive
    assert sp.simplify(element.subs(M, -M) + element) == 0
    p, q = sp.symbols("p q", positive=True)
    assert sp.Abs(p * element + q * element.subs(M, 2 * M)) == p * element + q * element.subs(
        M, 2 * M
    )
    # Both signs together, with equal weights at omega_a = 0: nothing is left without reading.
    assert sp.simplify(p * element + p * element.subs(M, -M)) == 0
