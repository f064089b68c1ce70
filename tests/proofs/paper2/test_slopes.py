"""Paper II, Sec. 5 and App. B: the signs of three slopes, for every N, by checked algebra.

A double sum over n and m is a sum over its pairs n > m and its equal indices; what a pair adds is
an identity in the symbols of two terms, so that two terms stand for any number of them.
"""

import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

BETA, OMEGA, OMEGA_A, GAMMA, M = sp.symbols("beta omega omega_a gamma M", positive=True)
LAM = sp.sqrt(OMEGA**2 / 4 + GAMMA**2 * M**2)
R = GAMMA * M / LAM
SINH, COSH = sp.sinh(BETA * LAM), sp.cosh(BETA * LAM)


def hyperbolic(name):
    """(sinh, cosh) of a positive argument, rational in a symbol that stands for its exponential."""
    u = sp.Symbol(name, positive=True)
    return (u - 1 / u) / 2, (u + 1 / u) / 2


def term(name):
    """Symbols of one term of the sums: M, r, r', and rational s, c, S, C; w and w' besides."""
    m, r, dr, w, dw = sp.symbols(f"M{name} r{name} q{name} w{name} v{name}", positive=True)
    return m, r, dr, w, dw, *hyperbolic(f"y{name}"), *hyperbolic(f"z{name}")


FIRST, SECOND = term("n"), term("m")


def quotient_numerator(top, bottom, slopes):
    """P'Q - PQ' of two terms, with P, Q and their derivatives by the slopes."""
    p, q = sum(map(top, (FIRST, SECOND))), sum(map(bottom, (FIRST, SECOND)))
    dp, dq = (sum(map(slope, (FIRST, SECOND))) for slope in slopes)
    return dp * q - p * dq


def top(t):
    _, r, _, w, _, s, _, S, _ = t
    return w * r * s * S


def bottom(t):
    *_, w, _, _, c, _, C = t
    return w * c * C


def assert_positive_pairs(one, other):
    """cc raised - ss lowered > 0 if raised > lowered > 0: its parts are cc - ss > 0 and a rest.

    (cc/ss) (raised/lowered) > 1 says the same, as the paper does.
    """
    (s_n, c_n), (s_m, c_m) = hyperbolic(one), hyperbolic(other)
    u_n, u_m, raised, lowered = sp.symbols(f"{one} {other} raised lowered", positive=True)
    above = (u_n / u_m + u_m / u_n) / 2
    assert above.is_positive
    assert ra.vanishes(c_n * c_m - s_n * s_m - above)
    pair = c_n * c_m * raised - s_n * s_m * lowered
    assert ra.vanishes(pair - c_n * c_m * (raised - lowered) - above * lowered)
    ratio = c_n * c_m / (s_n * s_m) * raised / lowered
    assert ra.vanishes(pair - s_n * s_m * lowered * (ratio - 1))


# --- the sums and their derivatives ----------------------------------------------------------


@proves("p2-eq-68", "identity")
@proves("p2-eq-69", "identity")
@proves("p2-eq-70", "identity")
def test_coherence_is_the_quotient_of_two_sums():
    """Half the weight at M = 0. The weights are rescaled by a common power of x."""
    for n in range(1, 9):
        p = q = 0
        for m in range(n % 2, n + 1, 2):
            s, c, S, C, r = ra.functions(m)
            weight = sum(ra.degeneracy(n, m, k) * ra.X ** (k - n // 2) for k in range(n // 2 + 1))
            if m == 0:
                q += weight * C / 2
            else:
                p, q = p + weight * r * s * S, q + weight * c * C
        made_top, partition = ra.sums(n)
        assert sp.expand(4 * p * ra.X ** (n // 2) - made_top) == 0
        assert sp.expand(4 * q * ra.X ** (n // 2) - partition) == 0


@proves("p2-eq-71", "identity")
def test_derivative_of_a_weight():
    """With all exponents 4 beta J (floor(N/2) - l), none negative for J > 0."""
    J = sp.Symbol("J", real=True)
    for n in range(1, 9):
        for m in range(n % 2, n + 1, 2):
            terms = [(4 * BETA * (n // 2 - k), ra.degeneracy(n, m, k)) for k in range(n // 2 + 1)]
            weight = sum(g * sp.exp(e * J) for e, g in terms)
            made = sum(g * e * sp.exp(e * J) for e, g in terms)
            assert sp.expand(weight.diff(J) - made) == 0


@proves("p2-eq-72", "identity")
def test_sign_of_a_slope_is_that_of_a_numerator():
    p, q = (sp.Function(name)(M) for name in "PQ")
    slope = (p / q).diff(M)
    assert ra.vanishes(slope - (p.diff(M) * q - p * q.diff(M)) / q**2)


@proves("p2-eq-73", "identity")
def test_numerator_of_the_slope_in_j():
    _, r_n, _, w_n, dw_n, s_n, c_n, S_n, C_n = FIRST
    _, r_m, _, w_m, dw_m, s_m, c_m, S_m, C_m = SECOND
    slopes = (lambda t: top(t) * t[4] / t[3], lambda t: bottom(t) * t[4] / t[3])
    made = quotient_numerator(top, bottom, slopes)
    a_n, b_n, a_m, b_m = r_n * s_n * S_n, c_n * C_n, r_m * s_m * S_m, c_m * C_m
    pair = (dw_n * w_m - w_n * dw_m) * (a_n * b_m - a_m * b_n)
    assert ra.vanishes(made - pair)
    assert not ra.vanishes(made - 2 * pair)


@proves("p2-eq-74", "proof")
@proves("p2-appb-3", "proof")
def test_quotient_grows_with_magnetisation():
    """r_M, tanh(beta omega_a M/2) and tanh(beta lambda_M) grow, as lambda_M does; all are positive.

    At the lowest M of the sums, 0 for even and 1 for odd N, r_M is zero and positive.
    """
    growth_of_r = GAMMA * OMEGA**2 / (4 * LAM**3)
    assert ra.vanishes(sp.simplify(R.diff(M) - growth_of_r))
    assert growth_of_r.is_positive
    assert LAM.diff(M).is_positive
    z = sp.Symbol("z", positive=True)
    assert sp.simplify(sp.tanh(z).diff(z) - 1 / sp.cosh(z) ** 2) == 0
    assert (1 / sp.cosh(z) ** 2).is_positive
    assert R.subs(M, 0) == 0
    assert R.subs(M, 1).is_positive


@proves("p2-eq-75", "identity")
def test_weights_and_their_derivatives_pair():
    """Terms k and l of both weights, with the exponents e_l = 4 beta (floor(N/2) - l)."""
    half, k, wells, x_k, x_l = sp.symbols("h k l x_k x_l", positive=True)
    g_nk, g_nl, g_mk, g_ml = sp.symbols("g_nk g_nl g_mk g_ml", nonnegative=True)

    def weight(g_k, g_l):
        return g_k * x_k + g_l * x_l

    def slope(g_k, g_l):
        return 4 * BETA * ((half - k) * g_k * x_k + (half - wells) * g_l * x_l)

    made = slope(g_nk, g_nl) * weight(g_mk, g_ml) - weight(g_nk, g_nl) * slope(g_mk, g_ml)
    stated = 4 * BETA * (wells - k) * (g_nk * g_ml - g_nl * g_mk) * x_k * x_l
    assert sp.expand(made - stated) == 0


@proves("p2-eq-32", "proof")
@proves("p2-appb-2", "proof")
@proves("p2-s5-2", "proof")
@proves("p2-s9-1", "proof")
def test_coherence_grows_with_j():
    """(II.73) is a sum of products of two factors that (II.74) and (II.76) make positive.

    At least one inequality (II.76) is strict for each pair: k = 1, l = number of spins down of m,
    or k = 0 for the uniform ring. A single source has no pair.
    """
    for n in range(1, 25):
        magnetisations = range(n % 2, n + 1, 2)
        assert (len(magnetisations) == 1) == (n == 1)
        for upper in magnetisations:
            for lower in (m for m in magnetisations if m < upper):
                fewer = 0 if upper == n else 1
                more = (n - lower) // 2
                assert fewer < more
                kept = ra.degeneracy(n, upper, fewer) * ra.degeneracy(n, lower, more)
                lost = ra.degeneracy(n, upper, more) * ra.degeneracy(n, lower, fewer)
                assert kept > lost


# --- the slope in the source gap --------------------------------------------------------------


def gap_slopes():
    """Derivatives by omega_a, over beta/2."""

    def of_top(t):
        m, r, _, w, _, _, c, S, _ = t
        return w * r * m * c * S

    def of_bottom(t):
        m, _, _, w, _, s, _, _, C = t
        return w * m * s * C

    return of_top, of_bottom


@proves("p2-eq-79", "identity")
def test_derivatives_by_the_source_gap():
    s, c = sp.sinh(BETA * OMEGA_A * M / 2), sp.cosh(BETA * OMEGA_A * M / 2)
    assert sp.expand(s.diff(OMEGA_A) - BETA * M / 2 * c) == 0
    assert sp.expand(c.diff(OMEGA_A) - BETA * M / 2 * s) == 0


@proves("p2-eq-80", "identity")
def test_numerator_of_the_slope_in_the_source_gap():
    m_n, r_n, _, w_n, _, s_n, c_n, S_n, C_n = FIRST
    m_m, r_m, _, w_m, _, s_m, c_m, S_m, C_m = SECOND
    made = quotient_numerator(top, bottom, gap_slopes())
    t_n, t_m = r_n * S_n / C_n, r_m * S_m / C_m
    raised, lowered = t_n * m_n + t_m * m_m, t_n * m_m + t_m * m_n
    pair = w_n * w_m * C_n * C_m * (c_n * c_m * raised - s_n * s_m * lowered)
    equal = sum(w**2 * m * r * S * C for m, r, _, w, _, _, _, S, C in (FIRST, SECOND))
    assert ra.vanishes(made - pair - equal)
    # M_m = 0: r_m = 0, s_m = 0, c_m = 1.
    none = {m_m: 0, r_m: 0, sp.Symbol("ym", positive=True): 1}
    single = w_n * w_m * m_n * r_n * c_n * S_n * C_m
    assert ra.vanishes((pair - single).subs(none))
    assert ra.vanishes(equal.subs(none) - w_n**2 * m_n * r_n * S_n * C_n)


@proves("p2-eq-83", "identity")
def test_rearrangement_for_the_source_gap():
    t_n, t_m, m_n, m_m = sp.symbols("t_n t_m M_n M_m")
    gap = t_n * m_n + t_m * m_m - t_n * m_m - t_m * m_n
    assert sp.expand(gap - (t_n - t_m) * (m_n - m_m)) == 0


@proves("p2-eq-82", "proof")
def test_coupling_factors_grow_with_magnetisation():
    """t_M = r_M tanh(beta lambda_M) is a product of two positive functions that grow."""
    t = R * SINH / COSH
    made = GAMMA * OMEGA**2 / (4 * LAM**3) * SINH / COSH + R * BETA * LAM.diff(M) / COSH**2
    assert sp.simplify((t.diff(M) - made).rewrite(sp.exp)) == 0
    assert (GAMMA * OMEGA**2 / (4 * LAM**3)).is_positive
    assert (R * BETA * LAM.diff(M)).is_positive


@proves("p2-eq-81", "proof")
@proves("p2-appb-7", "proof")
@proves("p2-eq-33", "proof")
@proves("p2-s64-1", "proof")
def test_coherence_grows_with_the_source_gap():
    """c_n c_m > s_n s_m > 0 and (II.82), (II.83) make each pair of (II.80) positive.

    Equal indices and M = 0 add products of positive symbols; one of them is there for every N.
    """
    assert_positive_pairs("yn", "ym")


# --- the slope in the coupling ------------------------------------------------------------------


def coupling_slopes():
    """Derivatives by gamma; `q` stands for r'."""

    def of_top(t):
        m, r, dr, w, _, s, _, S, C = t
        return w * s * (dr * S + BETA * m * r**2 * C)

    def of_bottom(t):
        m, r, _, w, _, _, c, S, _ = t
        return w * c * BETA * m * r * S

    return of_top, of_bottom


@proves("p2-eq-84", "identity")
def test_derivatives_by_the_coupling():
    slope_of_r = OMEGA**2 * M / (4 * LAM**3)
    assert sp.simplify(R.diff(GAMMA) - slope_of_r) == 0
    made = slope_of_r * SINH + BETA * M * R**2 * COSH
    assert sp.simplify((R * SINH).diff(GAMMA) - made) == 0
    assert sp.simplify(COSH.diff(GAMMA) - BETA * M * R * SINH) == 0


@proves("p2-eq-85", "identity")
def test_numerator_of_the_slope_in_the_coupling():
    m_n, r_n, dr_n, w_n, _, s_n, c_n, S_n, C_n = FIRST
    m_m, r_m, dr_m, w_m, _, s_m, c_m, S_m, C_m = SECOND
    made = quotient_numerator(top, bottom, coupling_slopes())
    t_n, t_m = s_n / c_n, s_m / c_m
    raised = t_n * m_n * r_n**2 + t_m * m_m * r_m**2
    lowered = r_n * r_m * (t_n * m_m + t_m * m_n)
    pair = BETA * w_n * w_m * c_n * c_m * (C_n * C_m * raised - S_n * S_m * lowered)
    equal = sum(BETA * w**2 * m * r**2 * s * c for m, r, _, w, _, s, c, _, _ in (FIRST, SECOND))
    both = bottom(FIRST) + bottom(SECOND)
    growth = (w_n * dr_n * s_n * S_n + w_m * dr_m * s_m * S_m) * both
    assert ra.vanishes(made - pair - equal - growth)
    none = {m_m: 0, r_m: 0, dr_m: 0, sp.Symbol("ym", positive=True): 1}
    single = BETA * w_n * w_m * m_n * r_n**2 * s_n * C_n * C_m
    assert ra.vanishes((pair - single).subs(none))


@proves("p2-eq-87", "proof")
def test_gap_factor_grows_with_magnetisation():
    slope = sp.tanh(BETA * OMEGA_A * M / 2).diff(M)
    made = BETA * OMEGA_A / 2 / sp.cosh(BETA * OMEGA_A * M / 2) ** 2
    assert sp.simplify(slope - made) == 0
    assert made.is_positive


@proves("p2-eq-88", "proof")
def test_mixing_factor_grows_with_magnetisation():
    made = GAMMA * OMEGA**2 / (4 * LAM**3)
    assert sp.simplify(R.diff(M) - made) == 0
    assert made.is_positive


@proves("p2-eq-89", "identity")
def test_rearrangement_for_the_coupling():
    t_n, t_m, m_n, m_m, r_n, r_m = sp.symbols("t_n t_m M_n M_m r_n r_m")
    gap = t_n * m_n * r_n**2 + t_m * m_m * r_m**2 - r_n * r_m * (t_n * m_m + t_m * m_n)
    assert sp.expand(gap - (t_n * r_n - t_m * r_m) * (m_n * r_n - m_m * r_m)) == 0


@proves("p2-eq-86", "proof")
@proves("p2-appb-8", "proof")
@proves("p2-eq-34", "proof")
@proves("p2-s63-1", "proof")
def test_coherence_grows_with_the_coupling():
    """C_n C_m > S_n S_m > 0 and (II.87) to (II.89) make each pair of (II.85) positive.

    The other three sums hold products of positive symbols, r' = omega^2 M/(4 lambda^3) included.
    """
    assert_positive_pairs("zn", "zm")
    assert (OMEGA**2 * M / (4 * LAM**3)).is_positive


@proves("p2-s9-2", "proof")
@proves("p2-eq-35", "proof")
@proves("p2-eq-37", "proof")
def test_limits_of_j_bound_the_coherence():
    """A function that grows on the whole line stays between its limits at both of its ends.

    The slopes in J, omega_a and gamma are positive by (II.73), (II.80) and (II.85); the weights,
    polynomials in x = exp(-4 beta J), make the coherence continuous at x = 0 and in 1/x at 0.
    """
    for n in range(1, 9):
        made, partition = ra.sums(n)
        assert partition.subs(ra.X, 0) != 0
        assert sp.degree(partition, ra.X) >= sp.degree(made, ra.X)
