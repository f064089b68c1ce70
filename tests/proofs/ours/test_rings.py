"""Large rings: proofs of what the chapter derives from the integral over the mean polarisation.

p_M is W_M cosh(beta omega_a M/2) cosh(beta lambda_M), half of it at M = 0, and C the mean of
t_M = r_M tanh(beta omega_a M/2) tanh(beta lambda_M) over it. Two lemmas carry the rest: a mean of
what grows with M follows the likelihood ratio of its weights, and tanh z/z falls.
"""

from math import comb

import sympy as sp
from flint import arb, ctx
from proofs import ring_algebra as ra
from proving import proves

BETA, OMEGA, OMEGA_A, GAMMA, M = sp.symbols("beta omega omega_a gamma M", positive=True)
N, X, Z = sp.symbols("N x z", positive=True)
LAM = sp.sqrt(OMEGA**2 / 4 + GAMMA**2 * M**2)


def is_zero(expression):
    return sp.simplify(sp.expand(sp.sympify(expression).rewrite(sp.exp))) == 0


def assert_tanh_over_its_argument_falls():
    """Its slope is that of z - sinh z cosh z, which begins at 0 and falls."""
    made = (Z - sp.sinh(Z) * sp.cosh(Z)) / (Z**2 * sp.cosh(Z) ** 2)
    assert is_zero((sp.tanh(Z) / Z).diff(Z) - made)
    assert is_zero((Z - sp.sinh(Z) * sp.cosh(Z)).diff(Z) + 2 * sp.sinh(Z) ** 2)


def test_a_mean_follows_the_likelihood_ratio():
    """Weights p_i f_i against p_i: the means of t differ by pairs (f_i - f_j)(t_i - t_j)."""
    p, t, f = (sp.symbols(f"{name}:3") for name in "ptf")
    moved = [a * b for a, b in zip(p, f, strict=True)]
    difference = sum(a * b for a, b in zip(moved, t, strict=True)) * sum(p)
    difference -= sum(a * b for a, b in zip(p, t, strict=True)) * sum(moved)
    pairs = sum(p[i] * p[j] * (f[i] - f[j]) * (t[i] - t[j]) for i in range(3) for j in range(i))
    assert sp.expand(difference - pairs) == 0


@proves("ours-rings-1", "proof")
def test_every_parameter_moves_the_weights_one_way():
    """ln p_M has slopes in J, omega_a, gamma that grow with M, and one in omega that falls.

    That of J: it is a mean of -4l, and the counts of fewer l gain with M as their ratio falls.
    """
    a, b, wells = sp.symbols("a b l", positive=True)

    # g = (N/l) binom(a-1, l-1) binom(b-1, l-1): a step in l multiplies each by (a - l)/l.
    step = sp.combsimp(sp.binomial(a - 1, wells) / sp.binomial(a - 1, wells - 1))
    assert sp.simplify(step - (a - wells) / wells) == 0
    inside = sp.expand(((a - wells) * (b - wells)).subs({a: (N + M) / 2, b: (N - M) / 2}))
    assert sp.expand(inside - (N**2 - M**2) / 4 + wells * N - wells**2) == 0
    assert inside.diff(M) == -M / 2
    # The other three, of ln cosh.
    assert_tanh_over_its_argument_falls()
    slope = sp.log(sp.cosh(BETA * OMEGA_A * M / 2)).diff(OMEGA_A)
    assert is_zero(slope - BETA * M / 2 * sp.tanh(BETA * OMEGA_A * M / 2))
    by_gamma = sp.log(sp.cosh(BETA * LAM)).diff(GAMMA)
    assert is_zero(by_gamma - BETA * GAMMA * M**2 / LAM * sp.tanh(BETA * LAM))
    assert sp.simplify((M**2 / LAM).diff(M)).is_positive
    by_omega = sp.log(sp.cosh(BETA * LAM)).diff(OMEGA)
    assert is_zero(by_omega - BETA**2 * OMEGA / 4 * (sp.tanh(Z) / Z).subs(Z, BETA * LAM))
    # t_M: gamma and omega_a raise its factors, omega lowers tanh z/z.
    tilt = GAMMA * M / LAM
    assert all(sp.simplify(tilt.diff(v)).is_positive for v in (M, GAMMA))
    assert is_zero(tilt * sp.tanh(Z) - GAMMA * M / LAM * Z * (sp.tanh(Z) / Z))


@proves("ours-rings-2", "proof")
def test_a_target_with_a_gap_stays_between():
    """C(omega) < C(0) = B by ours-rings-1; and C(omega) > B/cosh b with b = beta omega/2.

    With a = beta gamma M and s = sqrt(a^2 + b^2), the numerator of C has (a/s) sinh s >= sinh a
    where that of B has sinh a, since sinh s/s grows; and the denominator cosh s <= cosh a cosh b,
    since cosh sqrt(y) is convex: s^2 is half the sum of (a + b)^2 and (a - b)^2.
    """
    a, b, y = sp.symbols("a b y", positive=True)
    grows = (sp.sinh(Z) / Z).diff(Z)
    assert is_zero(grows - (Z * sp.cosh(Z) - sp.sinh(Z)) / Z**2)
    assert is_zero((Z * sp.cosh(Z) - sp.sinh(Z)).diff(Z) - Z * sp.sinh(Z))
    second = sp.cosh(sp.sqrt(y)).diff(y, 2).subs(y, Z**2)
    assert is_zero(second - (Z * sp.cosh(Z) - sp.sinh(Z)) / (4 * Z**3))
    assert sp.expand((a + b) ** 2 + (a - b) ** 2 - 2 * (a**2 + b**2)) == 0
    assert is_zero(sp.cosh(a + b) + sp.cosh(a - b) - 2 * sp.cosh(a) * sp.cosh(b))
    # omega = 0: sinh sinh and cosh cosh are what Z_N(h) at both fields has of M and -M.
    u, v = sp.symbols("u v", positive=True)
    upper, lower = 2 * sp.cosh(u + v), 2 * sp.cosh(u - v)
    assert is_zero(upper - lower - 4 * sp.sinh(u) * sp.sinh(v))
    assert is_zero(upper + lower - 4 * sp.cosh(u) * sp.cosh(v))


@proves("ours-rings-3", "proof")
def test_an_odd_antiferromagnet_outdoes_the_even_one_below():
    """For J < 0, in two steps that are those of p2-s65-1, with N a real number.

    With Z_N = 2 g^N cosh(N theta) for even and sinh for odd N, G_N(u) = Z_N(h_0 + u) +
    Z_N(h_0 - u) is cosh(Na) cosh(Nb) or sinh(Na) cosh(Nb), and T_N is tanh(Na) tanh(Nb) or
    coth(Na) tanh(Nb), where a >= b >= 0 grow with u.
    From N to N + 1 as even functions: N tanh(Na) and with it the slope of ln G grow with N, and so
    does T. At N + 1 from cosh to sinh: the ratio tanh of the weights grows with u, coth > tanh.
    """
    a, b = sp.symbols("a b", positive=True)
    u, v = N * (a + b), N * (a - b)
    for shape, partner in ((sp.cosh, sp.tanh), (sp.sinh, sp.coth)):
        assert is_zero(shape(u) + shape(v) - 2 * shape(N * a) * sp.cosh(N * b))
        share = (shape(u) - shape(v)) / (shape(u) + shape(v))
        assert is_zero(share - sp.tanh(N * b) / sp.coth(N * a) ** (1 if partner is sp.tanh else -1))
    slope = sp.log(sp.cosh(N * X)).diff(X)
    assert is_zero(slope - N * sp.tanh(N * X))
    assert is_zero(slope.diff(N) - sp.tanh(N * X) - N * X / sp.cosh(N * X) ** 2)
    assert is_zero(sp.tanh(N * X).diff(N) - X / sp.cosh(N * X) ** 2)
    assert is_zero(sp.tanh(N * X).diff(X) - N / sp.cosh(N * X) ** 2)
    assert is_zero(sp.coth(Z) - sp.tanh(Z) - 2 / sp.sinh(2 * Z))


@proves("ours-rings-4", "proof")
def test_enhancement_by_moments():
    """t_M/M^2 falls with M: the likelihood ratio of p_M M^2 moves its mean down, that of p_M up.

    So E'[t]/E'[M^2] < E[t]/E[M^2]. And E[t] > (t_N/N^2) E[M^2], where t_N is the limit J -> inf,
    and E[M^2] is above that of the free weights, since cosh cosh grows with M. At J >= 0 it is
    at least the N of free signs, and never above N^2.
    """
    assert_tanh_over_its_argument_falls()
    t = GAMMA * M / LAM * sp.tanh(BETA * OMEGA_A * M / 2) * sp.tanh(BETA * LAM)
    z = BETA * OMEGA_A * M / 2
    factors = BETA**2 * OMEGA_A * GAMMA / 2 * (sp.tanh(Z) / Z).subs(Z, z)
    factors *= (sp.tanh(Z) / Z).subs(Z, BETA * LAM)
    assert is_zero(t / M**2 - factors)
    assert sp.simplify(LAM.diff(M)).is_positive
    for n in range(1, 10):
        assert sum(m * m * count for (m, _), count in ra.counted(n).items()) == n * 2**n


@proves("ours-rings-6", "identity")
def test_the_tail_is_the_second_moment():
    """t_M to second order, and <M^2> = N sum_r <s_0 s_r> with (t^r + t^(N-r))/(1 + t^N)."""
    t = GAMMA * M / LAM * sp.tanh(BETA * OMEGA_A * M / 2) * sp.tanh(BETA * LAM)
    leading = t.diff(OMEGA_A).subs(OMEGA_A, 0).diff(GAMMA).subs(GAMMA, 0)
    assert is_zero(leading - BETA * M**2 / OMEGA * sp.tanh(BETA * OMEGA / 2))
    q = sp.Symbol("q", positive=True)
    tanh = (q - 1 / q) / (q + 1 / q)
    closed = (1 + tanh) / (1 - tanh)
    assert sp.simplify(closed - q**2) == 0
    for n in range(1, 9):
        listed = ra.counted(n).items()
        top = sum(c * m**2 * q**b for (m, b), c in listed)
        bottom = sum(c * q**b for (_, b), c in listed)
        made = n * q**2 * (1 - tanh**n) / (1 + tanh**n)
        assert sp.cancel(top / bottom - made) == 0
    # Any N: the sum over distances is geometric, forwards and backwards.
    y = sp.Symbol("y", positive=True)
    forwards = (1 - y**N) / (1 - y)
    backwards = y * (1 - y**N) / (1 - y)
    made = (1 + y) / (1 - y) * (1 - y**N)
    assert sp.simplify(forwards + backwards - made) == 0


@proves("ours-rings-7", "proof")
def test_what_many_sources_leave():
    """Laplace's method next to m = 1, with the unit mass there: e = 1 - m, k = beta gamma x.

    ln Z_N(h_m) = N (phi - k e + s e^2/2), s = (beta gamma)^2 x', and the density is
    b^2/2 (1 + b^2 e/4). The two corrections in b^2 cancel.
    """
    e, b, k, s, x, slope = sp.symbols("e b k s x q", positive=True)
    r = sp.sqrt(2 * e - e**2)
    density = sum(
        b * (b * r / 2) ** (2 * j + 1) / (sp.factorial(j) * sp.factorial(j + 1)) / r
        for j in range(3)
    )
    density = sp.series(sp.expand(density), e, 0, 2).removeO()
    assert sp.expand(density - b**2 / 2 * (1 + b**2 * e / 4)) == 0
    near = density * (1 + N * s * e**2 / 2) * sp.exp(-N * k * e)
    lacking = sp.integrate(sp.expand(e * near), (e, 0, sp.oo))
    whole = 1 + sp.integrate(sp.expand(near), (e, 0, sp.oo))
    small = sp.Symbol("w", positive=True)
    found = sp.series(sp.simplify((lacking / whole * N**2).subs(N, 1 / small)), small, 0, 2)
    expected = b**2 / (2 * k**2) * (1 + 3 * small * s / k**2)
    assert sp.simplify(sp.expand(found.removeO() - expected)) == 0
    named = expected.subs({s: (BETA * GAMMA) ** 2 * slope, k: BETA * GAMMA * x})
    named = named.subs(b, BETA * OMEGA / 2)
    printed = OMEGA**2 / (8 * GAMMA**2 * x**2) * (1 + 3 * small * slope / x**2)
    assert sp.simplify(named - printed) == 0


@proves("ours-rings-8", "proof")
def test_scaling_functions():
    """What stays of the integral in each limit.

    omega_a = y/N: next to m = 1 and m = -1, with ln Z_N = N phi and phi even, the fields differ
    by y/N and the weights by e^(beta y x); what lies between is exponentially small.
    T = tau sqrt(N): W_M is Gaussian, of variance N, and only m = 1 and -1 are left.
    gamma = g/N: M is sharp, as its width sqrt(N) is small against N, and the target feels g x.
    omega = y N: the exponent N phi(h_m) + b sqrt(1 - m^2), b = beta y N/2, has its saddle at m.
    """
    y, x, u, v, m, s = sp.symbols("y x u v m s", positive=True)
    ends = sp.exp(BETA * y * x / 2), sp.exp(-BETA * y * x / 2)
    assert is_zero((ends[0] - ends[1]) / (ends[0] + ends[1]) - sp.tanh(BETA * y * x / 2))
    k, real = sp.Symbol("k", real=True), sp.Symbol("X", real=True)
    gauss = sp.exp(-(real**2) / 2) / sp.sqrt(2 * sp.pi)
    mean = sp.integrate(gauss * sp.exp(k * real), (real, -sp.oo, sp.oo))
    assert sp.simplify(mean - sp.exp(k**2 / 2)) == 0
    both = [sp.exp((u + sign * v) ** 2 / 2) for sign in (1, -1)]
    assert is_zero((both[0] - both[1]) / (both[0] + both[1]) - sp.tanh(u * v))
    # u = omega_a/(2 tau), v = gamma/tau: M = X sqrt(N) at beta = 1/(tau sqrt(N)).
    tau = sp.Symbol("tau", positive=True)
    beta = 1 / (tau * sp.sqrt(N))
    half, pull = beta * OMEGA_A * sp.sqrt(N) / 2, beta * GAMMA * sp.sqrt(N)
    assert sp.simplify(half * pull - OMEGA_A * GAMMA / (2 * tau**2)) == 0
    split = sp.sqrt(OMEGA**2 / 4 + y**2 * x**2)
    tilt = sp.simplify((GAMMA * M / LAM).subs(GAMMA, y / N).subs(M, N * x) - y * x / split)
    assert tilt == 0
    phi = sp.Function("phi")
    h = BETA * (OMEGA_A / 2 + GAMMA * m)
    exponent = N * phi(h) + BETA * y * N / 2 * sp.sqrt(1 - m**2)
    saddle = exponent.diff(m).doit() / (N * BETA)
    slope = sp.Subs(phi(s).diff(s), s, h)
    assert sp.simplify(saddle - GAMMA * slope + y / 2 * m / sp.sqrt(1 - m**2)) == 0


@proves("ours-rings-9", "proof")
def test_scaling_functions_reach_both_orders():
    """Each pair has a function of one combination, which has another limit at either end.

    Those of N -> infinity are of ours-rings-8; for omega_a = yT and T -> 0 the aligned ring and its
    mirror image stay; J -> -inf leaves M = 0 and gamma -> inf |M| = N, by weights whose quotient is
    exp(beta N (gamma + 2J))/2 but for what stays finite; <M^2> at J/T is (II.43) or (II.42).
    """
    y, x, tau = sp.symbols("y x tau", positive=True)
    split = sp.sqrt(OMEGA**2 / 4 + y**2 * x**2)
    functions = (
        (sp.tanh(BETA * y * x / 2), y, 0, 1),
        (sp.tanh(OMEGA_A * GAMMA / (2 * tau**2)), tau, 1, 0),
        (y * x / split * sp.tanh(BETA * split), y, 0, 1),
        (sp.tanh(N * y / 2), y, 0, 1),
    )
    for function, variable, low, high in functions:
        assert sp.limit(function, variable, 0) == low
        assert sp.limit(function, variable, sp.oo) == high
    # omega = y N with x = 1 at small y, where m/sqrt(1 - m^2) = 2 gamma/y.
    m = 2 * GAMMA / sp.sqrt(y**2 + 4 * GAMMA**2)
    assert sp.simplify(m / sp.sqrt(1 - m**2) - 2 * GAMMA / y) == 0
    assert (sp.limit(m, y, 0), sp.limit(m, y, sp.oo)) == (1, 0)
    # An even antiferromagnet at T -> 0 has C = 0 at any N, and C -> 1 at any T > 0.
    quotient = sp.exp(BETA * 6 * (GAMMA - 2 * X))
    assert sp.limit(quotient, GAMMA, sp.oo) == sp.oo
    assert sp.limit(quotient, X, sp.oo) == 0
    # e^(2K) = (1 + t)/(1 - t) with t = tanh K.
    t = sp.Symbol("t", positive=True)
    for n in range(2, 7):
        moment = sp.cancel(n * (1 + t) / (1 - t) * (1 - t**n) / (1 + t**n))
        assert (moment.subs(t, 0), moment.subs(t, 1)) == (n, n**2)


@proves("ours-rings-11", "proof")
def test_mean_magnetisation_of_the_lucas_states():
    """All states alike: the mean of r_M. Up-sources have the fugacity z = 1 in [[1, z], [1, 0]].

    Then -M/N -> 1 - 2 z d ln(lambda)/dz, and r_M -> 2 gamma M/omega for a weak coupling.
    """
    z = sp.Symbol("z", positive=True)
    larger = (1 + sp.sqrt(1 + 4 * z)) / 2
    transfer = sp.Matrix([[1, z], [1, 0]])
    assert sp.simplify(larger**2 - transfer.trace() * larger + transfer.det()) == 0
    mean = 1 - 2 * z * sp.log(larger).diff(z)
    assert sp.simplify(mean - 1 / sp.sqrt(1 + 4 * z)) == 0
    assert mean.subs(z, 1).equals(1 / sp.sqrt(5))
    for n in range(2, 11):
        power = sp.expand((transfer**n).trace())
        for k in range(n // 2 + 1):
            assert power.coeff(z, k) * (n - k) == n * comb(n - k, k)
    tilt = (GAMMA * M / LAM).series(GAMMA, 0, 2).removeO()
    assert sp.simplify(tilt - 2 * GAMMA * M / OMEGA) == 0


@proves("ours-rings-12", "proof")
def test_golden_magnetisation_on_the_endless_line():
    """h = beta (omega_a/2 + gamma) = 2 beta |J|: sinh^2 h/(sinh^2 h + e^(2 h)) -> 1/5.

    The limit N^2 (1 - C) is omega^2/(8 gamma^2 x^2), ours-rings-7. In the ferromagnetic phase
    h > 2 beta |J| and x -> 1.
    """
    k, excess = sp.symbols("K q", positive=True)
    square = sp.sinh(2 * k) ** 2 / (sp.sinh(2 * k) ** 2 + sp.exp(4 * k))
    assert sp.limit(square.rewrite(sp.exp).simplify(), k, sp.oo) == sp.Rational(1, 5)
    J = sp.Symbol("J", positive=True)
    assert sp.expand((4 * J - 2 * GAMMA) / 2 + GAMMA - 2 * J) == 0
    # e^(4K)/sinh^2 h at h = (2 + q) K.
    assert sp.limit(4 * sp.exp(4 * k - 2 * (2 + excess) * k), k, sp.oo) == 0


@proves("ours-rings-14", "proof")
def test_first_states_of_the_antiferromagnet_with_a_magnetisation():
    """E_k of k = |M|/2 more down than up is concave in k: the least is at k = 1 or k = N/2.

    Walls: N - 4l at l = N/2 - k is the most that M allows. There are N^2/4 such states at k = 1.
    """
    k, J = sp.symbols("k J", positive=True)
    energy = 4 * J * k - OMEGA_A * k - (LAM.subs(M, 2 * k) - OMEGA / 2)
    assert sp.simplify(-energy.diff(k, 2)).is_positive
    first = 4 * J - OMEGA_A - (sp.sqrt(OMEGA**2 + 16 * GAMMA**2) - OMEGA) / 2
    assert sp.simplify(energy.subs(k, 1) - first) == 0
    for n in range(4, 41, 2):
        assert ra.degeneracy(n, -2, n // 2 - 1) * 4 == n**2
        assert ra.degeneracy(n, -2, n // 2) == 0
        assert ra.degeneracy(n, 0, n // 2) == 2
    half = sp.Symbol("q", positive=True)
    # (N/l) binom(N/2, l-1) binom(N/2-2, l-1) at l = N/2 - 1 is (N/l) binom(N/2, 2).
    count = 2 * half / (half - 1) * half * (half - 1) / 2
    assert sp.simplify(count - half**2) == 0


@proves("ours-rings-10", "exhaustive")
def test_lucas_numbers_count_the_ground_level():
    """J = -1, omega_a = 4: the energy is 2M + bond sum, an integer, and -N at the least.

    Sources that are up and have no neighbour up cost nothing: L_N = L_(N-1) + L_(N-2).
    """
    found = {}
    for n in range(1, 15):
        listed = ra.counted(n).items()
        assert min(2 * m + b for (m, b), _ in listed) == -n
        crowd = {(m + n) // 2: c for (m, b), c in listed if 2 * m + b == -n}
        assert all(c * (n - k) == n * comb(n - k, k) for k, c in crowd.items())
        found[n] = sum(crowd.values())
    assert (found[1], found[2]) == (1, 3)
    assert all(found[n] == found[n - 1] + found[n - 2] for n in range(3, 15))


@proves("ours-rings-13", "proof")
def test_two_and_three_sources_fall_on_the_line():
    """With u = e^(-beta omega_a), v = e^(-beta Omega), relative to the level that crosses.

    The numerator of C falls with each of u, v, w, and the denominator grows; all of them grow
    with T. The antialigned states count two for N = 2 and three for N = 3, as the energies agree.
    """
    u, v, w, r, q = sp.symbols("u v w r q", positive=True)
    two = r * (1 - u**2) * (1 - v), (1 + u**2) * (1 + v) + 2 * (1 + w)
    three = (
        r * (1 - u**3) * (1 - v) + 3 * q * (1 - u) * (1 - w),
        (1 + u**3) * (1 + v) + 3 * (1 + u) * (1 + w),
    )
    inside = {u: 1 / (1 + X), v: 1 / (1 + N), w: 1 / (1 + Z)}

    def never_negative(expression):
        top, bottom = sp.fraction(sp.together(expression.subs(inside)))
        return sp.expand(top).is_nonnegative and bottom.is_positive

    for top, bottom in (two, three):
        for variable in (u, v, w):
            assert never_negative(-top.diff(variable))
            assert never_negative(bottom.diff(variable))
    # The weights: J (N - 4l) of the aligned ring against the others, on the line.
    levels = {n: {m for m, _ in ra.counted(n)} for n in (2, 3)}
    assert levels == {2: {-2, 0, 2}, 3: {-3, -1, 1, 3}}
    for n, m, states in ((2, 0, 2), (3, -1, 3)):
        assert [(b, c) for (k, b), c in ra.counted(n).items() if k == m] == [(n - 4, states)]
        gap, upper, lower = sp.symbols("omega_a Omega_N Omega_m", positive=True)
        J = -(gap + (upper - lower) / (n - n % 2)) / 4
        aligned = -n * gap / 2 - n * J - upper / 2
        other = m * gap / 2 - (n - 4) * J - lower / 2
        assert sp.expand(aligned - other) == 0


# --- odd rings ------------------------------------------------------------------------------------


def fall(n, x):
    """1/x - 1 + N/sum_k t^(2k-N+1), half the logarithmic slope of F_N for odd N, in balls."""
    y = -(x.tanh().log())
    total = sum((((2 * k - n + 1) * y).cosh() for k in range(n)), arb(0))
    return 1 / x - 1 + n / total


@proves("ours-rings-16", "enclosure")
def test_nineteen_have_no_dip_and_twenty_one_do():
    """The mean of cosh((2k - N + 1) y) over k grows with N, so that `fall` falls with N.

    For x <= 1 it is positive as 1/x >= 1. For x >= 6, 1 - N/total < z^2 cosh(z)/2 with
    z = (N - 1) y and y = -ln tanh x < 2.1 e^(-2x), and x times that falls with x.
    """
    with ctx.workprec(80):
        pieces = [arb(1) + arb(k) / 400 for k in range(2001)]
        for low, high in zip(pieces, pieces[1:], strict=False):
            assert fall(19, low.union(high)) > 0
        y = arb("2.1") * arb(-12).exp()
        assert y > -(arb(6).tanh().log())
        z = 18 * y
        assert 6 * z**2 * z.cosh() / 2 < 1
        # A dip and a maximum: the slope changes its sign twice.
        low, middle, high = (fall(21, arb(x)) for x in ("1.05", "1.13", "1.3"))
        assert low > 0 > middle
        assert high > 0
    t, k = sp.symbols("t k", positive=True)
    # Adding the two outer terms to a mean that each of them exceeds.
    assert is_zero(sp.cosh((k + 2) * t) - sp.cosh(k * t) - 2 * sp.sinh((k + 1) * t) * sp.sinh(t))


@proves("ours-rings-15", "proof")
def test_the_closed_equation_of_the_best_temperature():
    """d/dx ln F_N = 0, with sum_k t^(2k-N+1) = t^(1-N) (1 - t^(2N))/(1 - t^2), by sign of t^N."""
    t = sp.tanh(X)
    for n in (2, 3, 4, 5, 6, 7):
        sign = 1 if n % 2 == 0 else -1
        y = sp.Symbol("y", positive=True)
        ratio = sp.log((1 - sign * y**n) / (1 + sign * y**n))
        slope = 2 / X - 2 + ratio.diff(y).subs(y, t) * (1 - t**2)
        total = sum(y ** (2 * k - n + 1) for k in range(n))
        made = 2 * (1 / X - 1 - sign * n / total.subs(y, t))
        difference = sp.cancel((slope - made).subs(t, y))
        assert difference == 0
    assert sp.solve((sp.log(X**2 * sp.exp(-2 * X))).diff(X), X) == [1]
    assert sp.simplify((X**2 / 2 * sp.exp(-2 * X)).subs(X, 1) - sp.exp(-2) / 2) == 0
