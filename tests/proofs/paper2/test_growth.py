"""Paper II, Secs. 5 to 7: how the coherence changes with T, omega and N, for every ring.

Two tools carry all of it. A mean moves with its weights by a covariance, which is a sum over
pairs: positive if what is averaged and what weights it grow together. And the target is an
average over a field: 2 cosh sqrt(a^2 + y^2) is the integral of exp(y m) over a positive, even
measure of m in [-1, 1], so that C is the mean of m over rings in the field h_0 + beta gamma m.
"""

import pytest
import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

BETA, OMEGA, OMEGA_A, GAMMA, M = sp.symbols("beta omega omega_a gamma M", positive=True)
LAM = sp.sqrt(OMEGA**2 / 4 + GAMMA**2 * M**2)
R = GAMMA * M / LAM
T = R * sp.tanh(BETA * OMEGA_A * M / 2) * sp.tanh(BETA * LAM)
X, N = sp.symbols("x N", positive=True)


def is_zero(expression):
    return sp.simplify(sp.expand(sp.sympify(expression).rewrite(sp.exp))) == 0


def assert_coherence_is_a_mean(n):
    """C is the mean of t_M over M >= 0 with the weights W_M cosh cosh, half of it at M = 0."""
    top, partition = ra.sums(n)
    mean = norm = 0
    for m in range(n % 2, n + 1, 2):
        s, c, S, C, r = ra.functions(m)
        weight = sum(ra.degeneracy(n, m, k) * ra.X**k for k in range(n // 2 + 1))
        weight *= C / 2 if m == 0 else c * C
        norm += weight
        mean += 0 if m == 0 else weight * r * s / c * S / C
    assert sp.expand(4 * mean - top) == sp.expand(4 * norm - partition) == 0


# --- means that grow ------------------------------------------------------------------------


def test_a_mean_moves_by_a_covariance_of_pairs():
    """(sum p t)' with p' = p f: the mean of t', and pairs (t_n - t_m)(f_n - f_m) p_n p_m."""
    p, t, dt, f = (sp.symbols(f"{name}:3") for name in ("p", "t", "q", "f"))
    norm = sum(p)
    mean = sum(a * b for a, b in zip(p, t, strict=True)) / norm
    slope = sum(mean.diff(p[i]) * p[i] * f[i] + mean.diff(t[i]) * dt[i] for i in range(3))
    pairs = sum(p[i] * p[j] * (t[i] - t[j]) * (f[i] - f[j]) for i in range(3) for j in range(i))
    moved = sum(a * b for a, b in zip(p, dt, strict=True))
    assert ra.vanishes(slope - moved / norm - pairs / norm**2)
    assert not ra.vanishes(slope - moved / norm - 2 * pairs / norm**2)


def assert_mean_of_increasing_terms():
    """t_M grows with M and with beta: all of its factors do, and are positive."""
    for variable in (M, BETA):
        for factor in (R, BETA * OMEGA_A * M / 2, BETA * LAM):
            assert sp.simplify(factor.diff(variable)).is_nonnegative
    z = sp.Symbol("z", positive=True)
    assert is_zero(sp.tanh(z).diff(z) - 1 / sp.cosh(z) ** 2)


@proves("p2-s6-1", "proof")
@proves("p2-s6-3", "proof")
@proves("p2-s64-4", "proof")
def test_coherence_falls_with_temperature():
    """For J >= 0: t_M and the logarithmic slopes of its weights in beta all grow with M.

    That of W_M is J times a mean of the bond sum, which (II.76) makes grow; those of cosh are
    y tanh(beta y), y = omega_a M/2 and lambda_M. What J or omega_a raises at a temperature, where
    C(0) stays, then reaches a given share of C(0) at a higher one only.
    """
    assert_mean_of_increasing_terms()
    y = sp.Symbol("y", positive=True)
    slope = sp.log(sp.cosh(BETA * y)).diff(BETA)
    assert is_zero(slope - y * sp.tanh(BETA * y))
    made = sp.tanh(BETA * y) + BETA * y / sp.cosh(BETA * y) ** 2
    assert is_zero(slope.diff(y) - made)
    assert made.is_positive
    for n in range(1, 9):
        assert_coherence_is_a_mean(n)


@proves("p2-abs-1", "proof")
def test_interaction_enhances_the_coherence_by_no_more_than_the_number_of_sources():
    """C_(J=0) < C_J < N C_(J=0) for J > 0: (II.32) and (II.35), and the bound (II.36) below N C_0.

    t_M is f(M) tanh(x M) with f = r_M tanh(beta lambda_M); f/M and tanh(x M)/M fall with M.
    So t_M >= (M/N)^2 t_N, and t_N is (II.36): C_0 >= <M^2>/N^2 times it. The weights cosh cosh grow
    with M, so <M^2> is at least the N of free signs.
    """
    z, x = sp.symbols("z x", positive=True)
    quotient = sp.tanh(z) / z
    made = (z - sp.sinh(z) * sp.cosh(z)) / (z**2 * sp.cosh(z) ** 2)
    assert is_zero(quotient.diff(z) - made)
    assert is_zero((sp.sinh(z) * sp.cosh(z) - z).diff(z) - 2 * sp.sinh(z) ** 2)
    f = R * sp.tanh(BETA * LAM)
    assert is_zero(f / M - GAMMA * BETA * quotient.subs(z, BETA * LAM))
    assert sp.simplify(LAM.diff(M)).is_positive
    for n in range(1, 12):
        squares = sum(sp.binomial(n, up) * (2 * up - n) ** 2 for up in range(n + 1))
        assert squares == n * 2**n
    # The factor N is reached, as the tails (II.43) and (II.42) have it.
    assert (BETA**2 * N**2 * x) / (BETA**2 * N * x) == N


@proves("p2-s5-11", "proof")
@proves("p2-s64-7", "proof")
def test_magnetisation_grows_with_j_and_the_source_gap():
    """|M| and M tanh(beta omega_a M/2), the mean of -M at |M|, grow with M and with omega_a.

    The weights' slopes are the bond sum's mean, by (II.76), and (beta M/2) tanh.
    """
    signed = M * sp.tanh(BETA * OMEGA_A * M / 2)
    a = BETA * OMEGA_A * M / 2
    made = sp.tanh(a) + a / sp.cosh(a) ** 2
    assert is_zero(signed.diff(M) - made)
    assert made.is_positive
    assert is_zero(signed.diff(OMEGA_A) - M**2 * BETA / 2 / sp.cosh(a) ** 2)
    assert is_zero(sp.log(sp.cosh(a)).diff(OMEGA_A) - BETA * signed / 2)
    even = (sp.exp(-a) * M - sp.exp(a) * M) / (sp.exp(a) + sp.exp(-a))
    assert is_zero(even + signed)


def test_coherence_falls_with_the_gap_of_the_target():
    """For J of either sign: t_M falls with omega, and the weights' slope tanh(b l)/l falls with M.

    With z = beta lambda, tanh z/z falls as sinh z cosh z > z.
    """
    z = sp.Symbol("z", positive=True)
    made = (z - sp.sinh(z) * sp.cosh(z)) / (z**2 * sp.cosh(z) ** 2)
    assert is_zero((sp.tanh(z) / z).diff(z) - made)
    below = sp.sinh(z) * sp.cosh(z) - z
    assert below.subs(z, 0) == 0
    assert is_zero(below.diff(z) - 2 * sp.sinh(z) ** 2)
    slope = sp.log(sp.cosh(BETA * LAM)).diff(OMEGA)
    assert is_zero(slope - BETA * OMEGA / 4 * sp.tanh(BETA * LAM) / LAM)
    share = GAMMA * M * BETA * (sp.tanh(z) / z)
    assert is_zero(share.subs(z, BETA * LAM) - R * sp.tanh(BETA * LAM))


@proves("p2-s7-3", "proof")
def test_coherence_stays_below_its_ferromagnetic_start():
    """A mean of r_M tanh tanh < r_M <= r_N, which is C(0) where the ground state has M = -N."""
    assert sp.simplify(R.diff(M)).is_positive
    for n in range(1, 9):
        assert_coherence_is_a_mean(n)


# --- the target as an average over fields --------------------------------------------------------


def test_target_averages_over_a_positive_measure():
    """delta(m - 1) + delta(m + 1) + a I_1(a q)/q with q = sqrt(1 - m^2), power by power.

    a I_1(a q)/q has the terms a^2k q^(2k-2)/(2^(2k-1) (k-1)! k!), and the integral of
    m^2j (1 - m^2)^(k-1) is the beta function. The terms of the other side are
    a^2k y^2j binom(j+k, k) 2/(2j+2k)!.
    """
    j = sp.Symbol("j", integer=True, nonnegative=True)
    k = sp.Symbol("k", integer=True, positive=True)

    def measured(j, k):
        integral = sp.gamma(j + sp.Rational(1, 2)) * sp.gamma(k)
        integral /= sp.gamma(j + k + sp.Rational(1, 2))
        share = 2 ** (1 - 2 * k) / (sp.gamma(k) * sp.gamma(k + 1))
        return integral * share / sp.gamma(2 * j + 1)

    def listed(j, k):
        return 2 * sp.binomial(j + k, k) / sp.gamma(2 * (j + k) + 1)

    assert sp.gammasimp(measured(0, 1) - listed(0, 1)) == 0
    for step in ((j + 1, k), (j, k + 1)):
        one, other = measured(*step) / measured(j, k), listed(*step) / listed(j, k)
        assert sp.simplify(sp.gammasimp(sp.expand_func((one / other).rewrite(sp.gamma)))) == 1
    # The definition of I_1 and the integral, for the first terms.
    a, q, m = sp.symbols("a q m", positive=True)
    series = (a * sp.besseli(1, a * q) / q).series(a, 0, 8).removeO()
    for power in (1, 2, 3):
        term = 2 ** (1 - 2 * power) * q ** (2 * power - 2)
        term /= sp.factorial(power - 1) * sp.factorial(power)
        assert sp.simplify(series.coeff(a, 2 * power) - term) == 0
        for even in (0, 1, 2):
            integral = sp.integrate(m ** (2 * even) * (1 - m**2) ** (power - 1), (m, -1, 1))
            half = sp.Rational(1, 2)
            assert integral == sp.gammasimp(sp.beta(even + half, power).rewrite(sp.gamma))


def test_coherence_is_the_mean_field():
    """d/dy cosh sqrt(a^2 + y^2) = r_M sinh(beta lambda_M) at a = beta omega/2, y = beta gamma M."""
    a, y = sp.symbols("a y", positive=True)
    slope = sp.cosh(sp.sqrt(a**2 + y**2)).diff(y)
    made = R * sp.sinh(BETA * LAM)
    assert is_zero(slope.subs({a: BETA * OMEGA / 2, y: BETA * GAMMA * M}) - made)


# --- the free ring in a field ---------------------------------------------------------------------


@pytest.mark.parametrize("n", range(1, 9))
def test_free_ring_is_the_trace_of_a_transfer_matrix(n):
    field, bond = sp.symbols("f q", positive=True)
    transfer = sp.Matrix([[bond * field, 1 / bond], [1 / bond, bond / field]])
    listed = sum(count * field**m * bond**b for (m, b), count in ra.counted(n).items())
    assert sp.expand((transfer**n).trace() - listed) == 0


@pytest.mark.parametrize("sign", (1, -1))
def test_free_ring_in_terms_of_an_angle(sign):
    """J > 0: Z_N = 2 d^(N/2) cosh(N theta), e^K cosh h = sqrt(d) cosh(theta), d = |2 sinh 2K|.

    J < 0: the second eigenvalue is negative, e^K cosh h = sqrt(d) sinh(theta), and Z_N has cosh
    for even and sinh for odd N. theta is even in h and convex.
    """
    K, h, d, angle = sp.symbols("K h d theta", positive=True)
    transfer = sp.Matrix(
        [[sp.exp(sign * K + h), sp.exp(-sign * K)], [sp.exp(-sign * K), sp.exp(sign * K - h)]]
    )
    assert is_zero(transfer.trace() - 2 * sp.exp(sign * K) * sp.cosh(h))
    assert is_zero(transfer.det() - sign * 2 * sp.sinh(2 * K))
    larger, smaller = sp.sqrt(d) * sp.exp(angle), sign * sp.sqrt(d) * sp.exp(-angle)
    function = sp.cosh if sign == 1 else sp.sinh
    assert is_zero(larger + smaller - 2 * sp.sqrt(d) * function(angle))
    assert is_zero(larger * smaller - sign * d)
    for n in range(1, 7):
        shape = sp.sinh if sign == -1 and n % 2 else sp.cosh
        assert is_zero(larger**n + smaller**n - 2 * d ** sp.Rational(n, 2) * shape(n * angle))
    # kappa^2 = e^(2 sign K)/d: kappa > 1 for J > 0, as d < e^(2K).
    kappa = sp.Symbol("kappa", positive=True)
    theta = sp.acosh(kappa * sp.cosh(h)) if sign == 1 else sp.asinh(kappa * sp.cosh(h))
    root = sp.sqrt(kappa**2 * sp.cosh(h) ** 2 - sign)
    first = kappa * sp.sinh(h) / root
    explicit = theta.diff(h)
    assert sp.simplify(explicit**2 - first**2) == 0
    assert explicit.subs({kappa: 2, h: 1}).evalf() > 0
    convex = kappa * sp.cosh(h) * (kappa**2 - sign) / root**3
    assert sp.simplify((first.diff(h) - convex).subs(sp.cosh(h) ** 2, 1 + sp.sinh(h) ** 2)) == 0
    assert is_zero(sp.exp(2 * K) - 2 * sp.sinh(2 * K) - sp.exp(-2 * K))


def test_magnetisation_of_a_free_ring_grows_with_the_field():
    """Z'' Z - Z'^2 is a sum over pairs of configurations, so ln Z is convex."""
    p, m = sp.symbols("p:3", positive=True), sp.symbols("m:3", real=True)
    moments = [sum(a * b**power for a, b in zip(p, m, strict=True)) for power in range(3)]
    pairs = sum(p[i] * p[j] * (m[i] - m[j]) ** 2 for i in range(3) for j in range(i))
    assert sp.expand(moments[2] * moments[0] - moments[1] ** 2 - pairs) == 0


# --- more sources -------------------------------------------------------------------------------


def growth(function, step):
    """Numerator of the slope of f((N + k) x)/f(N x)."""
    one, other = function((N + step) * X), function(N * X)
    return one.diff(X) * other - one * other.diff(X)


def assert_ratio_of_cosh_grows(step):
    made = step * sp.sinh((N + step) * X) * sp.cosh(N * X) + N * sp.sinh(step * X)
    assert is_zero(growth(sp.cosh, step) - made)
    assert made.is_positive


def assert_ratio_of_sinh_grows():
    """sinh(p y) >= p sinh y for p >= 1: equal at y = 0, with the slope p (cosh py - cosh y)."""
    made = sp.sinh((2 * N + 2) * X) - (N + 1) * sp.sinh(2 * X)
    assert is_zero(growth(sp.sinh, 2) - made)
    p, y = sp.symbols("p y", positive=True)
    gap = sp.sinh(p * y) - p * sp.sinh(y)
    assert gap.subs(y, 0) == 0
    assert is_zero(gap.diff(y) - p * (sp.cosh(p * y) - sp.cosh(y)))


@proves("p2-s1-1", "proof")
@proves("p2-s65-1", "proof")
@proves("p2-s9-10", "proof")
def test_coherence_grows_with_the_number_of_sources():
    """C_(N+1) > C_N for J >= 0, and C_(N+2) > C_N for J < 0, at every T > 0.

    Write h_0 = beta omega_a/2 >= 0 and u = beta gamma |m|. C is a mean of |m| T_N(u) with the
    weights G_N(u) = Z_N(h_0 + u) + Z_N(h_0 - u) and T_N = [Z_N(h_0 + u) - Z_N(h_0 - u)]/G_N.

    1. Z_(N+k)/Z_N = R(theta) grows with theta, so with |h|; as |h_0 + u| >= |h_0 - u|, the
       quotient Z(h_0 + u)/Z(h_0 - u), and with it T, is larger for N + k.
    2. T_N grows with u: the quotient has the logarithmic slope M(u + h_0) - M(u - h_0) >= 0 with
       the odd, growing magnetisation M of the free ring.
    3. With 2a, 2b = theta(h_0 + u) +- theta(h_0 - u), G_N is a product of functions of Na and Nb,
       and G_(N+k)/G_N one of ratios that grow with a and b. Both grow with u, as theta' is odd
       and grows: the slopes are theta'(h_0 + u) - theta'(h_0 - u) and
       theta'(u + h_0) - theta'(u - h_0).

    So the weights move towards larger u, where |m| T_N is larger, and T_N itself grows. J = 0 is
    the limit, where step 1, with R = 2 cosh h, is strict still.
    """
    a, b = sp.symbols("a b", positive=True)
    sum_of_cosh = sp.cosh(N * (a + b)) + sp.cosh(N * (a - b))
    assert is_zero(sum_of_cosh - 2 * sp.cosh(N * a) * sp.cosh(N * b))
    sum_of_sinh = sp.sinh(N * (a + b)) + sp.sinh(N * (a - b))
    assert is_zero(sum_of_sinh - 2 * sp.sinh(N * a) * sp.cosh(N * b))
    for step in (1, 2):
        assert_ratio_of_cosh_grows(step)
    assert_ratio_of_sinh_grows()
    # Step 1: (p - 1)/(p + 1) grows with the quotient p.
    p = sp.Symbol("p", positive=True)
    assert sp.simplify(((p - 1) / (p + 1)).diff(p) - 2 / (p + 1) ** 2) == 0


def test_one_more_antiferromagnetic_source_breaks_the_argument():
    """From odd to even N the ratio is cosh((N + 1) x)/sinh(N x), which falls at first."""
    ratio = sp.cosh(4 * X) / sp.sinh(3 * X)
    assert ratio.diff(X).subs(X, sp.Rational(1, 10)).evalf() < 0
