"""Paper II, Secs. 4 to 8: the coherence as a sum, its limits and the ground states.

The sums of `ring_algebra.sums` are taken over all configurations of N sources; hyperbolic
functions and r_M are symbols in them; here N is 1 to 8, and what differs from one N to the next,
the degeneracies, is proved for every N elsewhere. A limit is that of the one variable that it is
about, the sums being rational in it.
"""

import pytest
import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

SIZES = range(1, 9)
OMEGA, OMEGA_A, GAMMA, BETA = sp.symbols("omega omega_a gamma beta", positive=True)
N, M = sp.symbols("N M", positive=True)
J = sp.Symbol("J", real=True)


def magnetisations(n):
    """M > 0 of n sources."""
    return range(2 - n % 2, n + 1, 2)


def weight(n, m):
    """W_M exp(-beta J N), a polynomial in x, by Eq. (II.25)."""
    return sum(ra.degeneracy(n, m, wells) * ra.X**wells for wells in range(n // 2 + 1))


def level(m):
    """lambda_M."""
    return sp.sqrt(OMEGA**2 / 4 + GAMMA**2 * m**2)


def coherence(n):
    top, partition = ra.sums(n)
    return top / partition


def is_zero(expression):
    return sp.simplify(expression) == 0


def one_source(m):
    """r_M tanh tanh of one source of gap M omega_a and coupling M gamma, in symbols."""
    s, c, S, C, r = ra.functions(m)
    return r * s / c * S / C


# --- the sums ------------------------------------------------------------------------------


@proves("p2-eq-28", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_coherence_is_a_double_sum(n):
    made = 0
    for m in range(-n, n + 1, 2):
        s, c, S, _, r = ra.functions(abs(m))
        if m:
            sign = 1 if m > 0 else -1
            made -= 2 * weight(n, m) * (c - sign * s) * sign * r * S
    assert sp.expand(made - ra.sums(n)[0]) == 0


@proves("p2-eq-29", "identity")
def test_terms_of_opposite_magnetisation_combine():
    """For any M and N: the block is odd, the weight even in M, as reversing all spins keeps bonds.

    Every term of (II.29) then has the sign of gamma omega_a, so that the modulus may be dropped.
    """
    a, odd = sp.symbols("a f", real=True)
    pair = -(sp.exp(-a) * odd + sp.exp(a) * (-odd))
    assert is_zero((pair - 2 * odd * sp.sinh(a)).rewrite(sp.exp))
    for n in SIZES:
        assert all(ra.counted(n)[-m, b] == count for (m, b), count in ra.counted(n).items())
        made = 0
        for m in magnetisations(n):
            s, _, S, _, r = ra.functions(m)
            made += 4 * weight(n, m) * r * s * S
        assert sp.expand(made - ra.sums(n)[0]) == 0
        if n > 1:
            assert sp.expand(made / 2 - ra.sums(n)[0]) != 0


@proves("p2-eq-31", "identity")
def test_partition_function_is_a_single_sum():
    a, even = sp.symbols("a f", real=True)
    pair = sp.exp(-a) * even + sp.exp(a) * even
    assert is_zero((pair - 2 * even * sp.cosh(a)).rewrite(sp.exp))
    for n in SIZES:
        made = 2 * weight(n, 0) * ra.functions(0)[3] if n % 2 == 0 else 0
        for m in magnetisations(n):
            _, c, _, C, _ = ra.functions(m)
            made += 4 * weight(n, m) * c * C
        assert sp.expand(made - ra.sums(n)[1]) == 0


@proves("p2-s4-2", "proof")
def test_weight_is_a_partition_function_at_sharp_magnetisation():
    """Among configurations of one M the field's factor exp(-beta omega_a M/2) is common."""
    for n in SIZES:
        for m in range(-n, n + 1, 2):
            listed = sum(
                count * ra.X ** ((n - bonds) // 4)
                for (found, bonds), count in ra.counted(n).items()
                if found == m
            )
            assert sp.expand(listed - weight(n, m)) == 0


# --- strong interaction --------------------------------------------------------------------


@proves("p2-eq-36", "identity")
@proves("p2-s5-5", "identity")
@proves("p2-s9-3", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_ferromagnetic_limit_is_one_source(n):
    """x = exp(-4 beta J) -> 0; the same closed form with symbols N omega_a and N gamma."""
    assert is_zero(coherence(n).subs(ra.X, 0) - one_source(n))
    if n > 1:
        assert not is_zero(coherence(n).subs(ra.X, 0) - one_source(1))


@proves("p2-s5-3", "proof")
@proves("p2-s5-4", "proof")
@pytest.mark.parametrize("n", SIZES)
def test_only_uniform_rings_are_left_by_strong_ferromagnets(n):
    """Every other weight is g x^l with l >= 1: x N at most for the next one."""
    for m in [0] * (n % 2 == 0) + list(magnetisations(n)):
        polynomial = sp.Poly(weight(n, m), ra.X)
        assert polynomial.eval(0) == (m == n)
        assert polynomial.coeff_monomial(ra.X) == (n if m < n else 0)


@proves("p2-eq-38", "identity")
@proves("p2-s5-9", "identity")
@pytest.mark.parametrize("n", SIZES[::2])
def test_odd_antiferromagnetic_limit_is_one_source(n):
    assert is_zero(sp.limit(coherence(n), ra.X, sp.oo) - one_source(1))


@proves("p2-eq-39", "identity")
@pytest.mark.parametrize("n", SIZES[1::2])
def test_even_antiferromagnetic_limit_is_zero(n):
    assert sp.limit(coherence(n), ra.X, sp.oo) == 0


@proves("p2-s5-12", "identity")
@pytest.mark.parametrize("n", SIZES[1::2])
def test_even_antiferromagnet_vanishes_with_a_known_factor(n):
    s, _, S, _, r = ra.functions(2)
    factor = sp.limit(ra.X * coherence(n), ra.X, sp.oo)
    assert is_zero(factor - sp.Rational(n**2, 4) * r * s * S / ra.functions(0)[3])


@proves("p2-s5-7", "proof")
@proves("p2-s5-13", "proof")
def test_parity_decides_on_the_antiferromagnetic_limit():
    """Even: all of the leading weight has M = 0. Odd: |M| = 1 and a positive coherence."""
    for n in SIZES:
        leading = {m for (m, bonds) in ra.counted(n) if bonds == n - 4 * (n // 2)}
        assert leading == ({0} if n % 2 == 0 else {-1, 1})


# --- high temperature ----------------------------------------------------------------------


@proves("p2-eq-42", "identity")
@proves("p2-s62-2", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_high_temperature_decay(n):
    """To the third order in beta; a single source lacks the term with J."""
    top = partition = 0
    for (m, bonds), count in ra.counted(n).items():
        # sinh(beta lambda)/lambda = beta + ..., and 2 cosh = 2 + ...: the next terms count later.
        exponent = BETA * (J * bonds - OMEGA_A * m / 2)
        boltzmann = 1 + exponent + exponent**2 / 2
        top += -2 * count * boltzmann * GAMMA * m * (BETA + BETA**3 * level(m) ** 2 / 6)
        partition += 2 * count * (boltzmann + BETA**2 * level(m) ** 2 / 2)
    found = sp.series(sp.expand(top) / sp.expand(partition), BETA, 0, 4).removeO()
    stated = BETA**2 * n * GAMMA * OMEGA_A / 2 * (1 + (2 * BETA * J if n > 1 else 0))
    assert is_zero(sp.expand(found - stated))


@proves("p2-eq-43", "identity")
def test_high_temperature_decay_of_the_bound():
    bound = GAMMA * N / level(N) * sp.tanh(BETA * N * OMEGA_A / 2) * sp.tanh(BETA * level(N))
    leading = bound.series(BETA, 0, 3).removeO()
    assert is_zero(leading - BETA**2 * N**2 * GAMMA * OMEGA_A / 2)


@proves("p2-s62-5", "proof")
def test_limits_of_strong_interaction_and_of_high_temperature_differ():
    """(II.43) over the first term of (II.42) is N."""
    first, bound = BETA**2 * N * GAMMA * OMEGA_A / 2, BETA**2 * N**2 * GAMMA * OMEGA_A / 2
    assert bound / first == N


# --- strong and weak coupling, large gap ---------------------------------------------------


@proves("p2-eq-44", "proof")
@pytest.mark.parametrize("n", SIZES)
def test_strong_coupling_limit(n):
    """lambda_N - lambda_M grows without bound, so only the functions of N count; r_N and tanh -> 1.

    Symbols of M < N are set to 0 relative to cosh(beta lambda_N), with |sinh| < cosh.
    """
    gap = GAMMA**2 * (N**2 - M**2) / (level(N) + level(M))
    assert is_zero(level(N) ** 2 - level(M) ** 2 - gap * (level(N) + level(M)))
    assert is_zero(sp.limit(gap / GAMMA, GAMMA, sp.oo) - (N - M))
    assert sp.limit(GAMMA * N / level(N), GAMMA, sp.oo) == 1
    gone = {symbol: 0 for m in range(n) for symbol in ra.functions(m)[2:4]}
    s, c, S, C, r = ra.functions(n)
    assert is_zero(coherence(n).subs(gone).subs({S: C, r: 1}) - s / c)


@proves("p2-eq-45", "identity")
@proves("p2-eq-46", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_weak_coupling_limit(n):
    """r_M -> 2 gamma M/omega and lambda_M -> omega/2; <M> is that of the ring without target."""
    assert is_zero(sp.diff(GAMMA * M / level(M), GAMMA).subs(GAMMA, 0) - 2 * M / OMEGA)
    assert level(M).subs(GAMMA, 0) == OMEGA / 2
    S, C = sp.symbols("S C", positive=True)
    weak = {}
    mean = norm = 0
    for m in range(n + 1):
        symbols = ra.functions(m)
        weak |= {symbols[2]: S, symbols[3]: C, symbols[4]: 2 * m / OMEGA}
    for (m, bonds), count in ra.counted(n).items():
        s, c, *_ = ra.functions(abs(m))
        factor = count * ra.X ** ((n - bonds) // 4)
        factor *= 1 if m == 0 else (c - s if m > 0 else c + s)
        mean, norm = mean - m * factor, norm + factor
    assert is_zero(coherence(n).subs(weak) - 2 / OMEGA * S / C * mean / norm)


@proves("p2-eq-47", "proof")
@pytest.mark.parametrize("n", SIZES)
def test_limit_of_a_large_source_gap(n):
    """cosh(a M)/cosh(a N) <= 2 exp(-a (N - M)) -> 0 for M < N, and tanh(a N) -> 1."""
    gone = {symbol: 0 for m in range(1, n) for symbol in ra.functions(m)[:2]}
    s, c, S, C, r = ra.functions(n)
    # M = 0 has cosh 1, which is written out in the sums: relative to c it vanishes.
    limit = sp.limit(coherence(n).subs(gone).subs(s, c), c, sp.oo)
    assert is_zero(limit - r * S / C)


# --- ground states -----------------------------------------------------------------------


def energy(m, wells, sign=-1):
    """(II.20) of a signed magnetisation."""
    return OMEGA_A * m / 2 - J * (N - 4 * wells) + sign * level(m)


def lowest(m):
    """(II.51)."""
    return -OMEGA_A * m / 2 + J * (N - 2 * m) - level(m)


GROUND = -N * OMEGA_A / 2 - N * J - sp.sqrt(OMEGA**2 + 4 * GAMMA**2 * N**2) / 2


@proves("p2-eq-40", "proof")
@proves("p2-s61-1", "proof")
def test_ferromagnetic_ground_state():
    """E - E_0 is a sum of omega_a (N + M)/2, 4 J l and lambda_N -+ lambda_M, none negative."""
    wells, m = sp.Symbol("l", nonnegative=True), sp.Symbol("M", real=True)
    assert is_zero(energy(-N, 0) - GROUND)
    for sign in (1, -1):
        parts = OMEGA_A * (N + m) / 2 + 4 * J * wells + level(N) + sign * level(m)
        assert is_zero(energy(m, wells, sign) - GROUND - parts)
    assert is_zero(level(N) ** 2 - level(m) ** 2 - GAMMA**2 * (N - m) * (N + m))


@proves("p2-eq-41", "identity")
@proves("p2-eq-57", "identity")
def test_ferromagnetic_coherence_at_zero_temperature():
    """Twice c_e c_g of (II.23) at M = N."""
    stated = 2 * N * GAMMA / sp.sqrt(OMEGA**2 + 4 * GAMMA**2 * N**2)
    assert is_zero(2 * GAMMA * N / (2 * level(N)) - stated)


@proves("p2-s61-2", "proof")
def test_ferromagnetic_coherence_at_zero_temperature_is_monotone():
    """Its square is 1 - omega^2/Omega_N^2."""
    square = 4 * N**2 * GAMMA**2 / (OMEGA**2 + 4 * GAMMA**2 * N**2)
    assert square.diff(OMEGA).is_negative
    assert sp.factor(square.diff(GAMMA)).is_positive
    assert sp.factor(square.diff(N)).is_positive
    assert sp.limit(square, N, sp.oo) == sp.limit(square, GAMMA, sp.oo) == 1
    assert is_zero(sp.limit((1 - sp.sqrt(square)) * N**2, N, sp.oo) - OMEGA**2 / (8 * GAMMA**2))


@proves("p2-eq-51", "identity")
@proves("p2-s71-1", "proof")
def test_lowest_energy_at_given_magnetisation_of_an_antiferromagnet():
    """For J < 0 the energy falls with l, which reaches the number of spins down, (N - |M|)/2."""
    wells = sp.Symbol("l")
    assert energy(M, wells).diff(wells) == 4 * J
    assert is_zero(energy(-M, (N - M) / 2) - lowest(M))
    assert is_zero(energy(M, wells) - energy(-M, wells) - OMEGA_A * M)
    for n in SIZES:
        for m in magnetisations(n):
            reached = [(n - b) // 4 for (found, b) in ra.counted(n) if found == m]
            assert max(reached) == (n - m) // 2


@proves("p2-s71-2", "proof")
@proves("p2-s81-1", "proof")
def test_lowest_energy_is_strictly_concave():
    """So its minimum over an interval of |M| is at one of the ends."""
    assert is_zero(lowest(M).diff(M, 2) + GAMMA**2 * OMEGA**2 / (4 * level(M) ** 3))
    assert (GAMMA**2 * OMEGA**2 / (4 * level(M) ** 3)).is_positive


@proves("p2-eq-52", "identity")
def test_energy_difference_of_even_rings():
    stated = 2 * N * J + N * OMEGA_A / 2 + level(N) - OMEGA / 2
    assert is_zero(lowest(sp.Integer(0)) - lowest(N) - stated)
    assert is_zero(lowest(N) - GROUND)


@proves("p2-eq-53", "identity")
def test_energy_difference_of_odd_rings():
    stated = 2 * (N - 1) * J + (N - 1) * OMEGA_A / 2 + level(N) - level(1)
    assert is_zero(lowest(sp.Integer(1)) - lowest(N) - stated)


@proves("p2-eq-48", "identity")
def test_line_of_even_rings():
    line = -4 * J - (2 * level(N) - OMEGA) / N
    assert is_zero((lowest(sp.Integer(0)) - lowest(N)).subs(OMEGA_A, line))
    assert not is_zero((lowest(sp.Integer(0)) - lowest(N)).subs(OMEGA_A, line + J))


@proves("p2-eq-54", "identity")
def test_line_of_odd_rings():
    line = -4 * J - (2 * level(N) - 2 * level(1)) / (N - 1)
    assert is_zero((lowest(sp.Integer(1)) - lowest(N)).subs(OMEGA_A, line))


@proves("p2-eq-55", "identity")
@proves("p2-s72-4", "identity")
def test_lines_of_infinitely_many_sources():
    """(Omega_N - Omega_m)/(N - m) -> 2 gamma for m = 0 and 1."""
    for m in (0, 1):
        assert sp.limit((2 * level(N) - 2 * level(m)) / (N - m), N, sp.oo) == 2 * GAMMA


def mixture(levels):
    """Coherence of equally likely configurations [(number, M)], of all of one ground level."""
    states = sum(number for number, _ in levels)
    return sum(number * GAMMA * m / level(m) for number, m in levels) / states


FERROMAGNETIC = 2 * N * GAMMA / sp.sqrt(OMEGA**2 + 4 * GAMMA**2 * N**2)


@proves("p2-eq-49", "proof")
@proves("p2-eq-50", "proof")
def test_zero_temperature_coherence_of_even_rings():
    """One configuration with M = -N and the two with l = N/2, M = 0; on the line all three."""
    for n in SIZES[1::2]:
        assert (ra.degeneracy(n, 0, n // 2), ra.degeneracy(n, n, 0)) == (2, 1)
    assert is_zero(mixture([(1, N)]) - FERROMAGNETIC)
    assert mixture([(2, sp.Integer(0))]) == 0
    assert is_zero(mixture([(1, N), (2, sp.Integer(0))]) - FERROMAGNETIC / 3)


@proves("p2-eq-56", "proof")
def test_zero_temperature_coherence_of_odd_antiferromagnets():
    """N configurations with M = -1 and l = (N - 1)/2, all of the same coherence."""
    for n in SIZES[2::2]:
        assert ra.degeneracy(n, -1, (n - 1) // 2) == n
    one = 2 * GAMMA / sp.sqrt(OMEGA**2 + 4 * GAMMA**2)
    assert is_zero(mixture([(N, sp.Integer(1))]) - one)
    on_the_line = (N * one + FERROMAGNETIC) / (N + 1)
    assert is_zero(mixture([(N, sp.Integer(1)), (1, N)]) - on_the_line)
