"""Paper II, Secs. 3, 4 and App. B.1: magnetisation, domains and degeneracies, in exact integers.

What is said of every ring is proved for every N, by an identity of one bond or of a transfer
matrix; all configurations of up to 16 sources are looked at besides.
"""

from math import comb

import pytest
import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

SMALL = range(1, 13)
COUNTED = range(1, 17)


def pairs(n):
    """All (M_n, M_m, l, k) with M_n > M_m >= 0 and l > k >= 0 of the sums over M and l."""
    magnetisations, domains = range(n % 2, n + 1, 2), range(n // 2 + 1)
    return [
        (upper, lower, more, fewer)
        for upper in magnetisations
        for lower in magnetisations
        for more in domains
        for fewer in domains
        if upper > lower and more > fewer
    ]


def spins_of(n):
    return [(s, sum(s), ra.bond_sum(s), ra.down_domains(s)) for s in ra.configurations(n)]


# --- bonds, walls, domains -----------------------------------------------------------


@proves("p2-eq-17", "identity")
@proves("p2-s3-6", "identity")
def test_bond_sum_counts_the_walls():
    """For +-1 values (1 + s)(1 - t)/4 is 1 where a down-domain begins, and else 0.

    Summed round the ring s - t telescopes, which leaves l = (N - bond sum)/4; likewise for the
    walls, of either kind, (1 - st)/2, which makes 2l of them.
    """
    s, t = sp.symbols("s t")
    begins, wall = (1 + s) * (1 - t) / 4, (1 - s * t) / 2
    assert sp.expand(begins - (1 - s * t) / 4 - (s - t) / 4) == 0
    assert sp.expand(wall - 2 * begins + (s - t) / 2) == 0
    for up, then in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        assert begins.subs({s: up, t: then}) == ((up, then) == (1, -1))
    assert all(b == n - 4 * wells for n in SMALL for _, _, b, wells in spins_of(n))


@proves("p2-s3-2", "proof")
@proves("p2-s3-7", "proof")
def test_bond_sum_is_largest_without_walls():
    """N - 4l is N at l = 0 only, where nothing begins: all spins are equal."""
    for n in SMALL:
        largest = [s for s, _, b, _ in spins_of(n) if b == n]
        assert largest == [(1,) * n, (-1,) * n]
        assert max(b for _, _, b, _ in spins_of(n)) == n


@proves("p2-s3-3", "identity")
def test_up_and_down_domains_are_equally_many():
    """What begins downwards less what begins upwards is (s - t)/2 at each bond, and telescopes."""
    s, t = sp.symbols("s t")
    assert sp.expand((1 + s) * (1 - t) / 4 - (1 - s) * (1 + t) / 4 - (s - t) / 2) == 0
    for n in SMALL:
        for s in ra.configurations(n):
            up = ra.down_domains(tuple(-x for x in s))
            assert up == ra.down_domains(s)


@proves("p2-s3-4", "proof")
def test_two_walls_make_two_domains_and_lower_the_bond_sum_by_4():
    """Two walls are 2l = 2, and (II.17) gives N - 4."""
    for n in SMALL:
        for s in ra.configurations(n):
            unequal = sum(s[j - 1] != s[j] for j in range(n))
            if unequal == 2:
                assert (ra.down_domains(s), ra.bond_sum(s)) == (1, n - 4)


@proves("p2-eq-16", "proof")
@proves("p2-s3-5", "proof")
def test_domain_numbers_run_to_half_of_the_sites():
    """Each of the l down-domains takes a site, and so does each up-domain: 2l <= N.

    l times down-up, then up, has l of them. For even N the bracket must hold N/2 itself.
    """
    for n in SMALL:
        assert {wells for *_, wells in spins_of(n)} == set(range(n // 2 + 1))
        for wells in range(n // 2 + 1):
            assert ra.down_domains((-1, 1) * wells + (1,) * (n - 2 * wells)) == wells
        if n % 2 == 0:
            assert len([0 for *_, wells in spins_of(n) if wells == n // 2]) == 2


@proves("p2-eq-9", "proof")
def test_magnetisations_and_their_numbers():
    """The sum of u^up v^down over all configurations is (u + v)^N, a factor for each site."""
    u, v = sp.symbols("u v")
    for n in SMALL:
        found = {}
        for (m, _), count in ra.counted(n).items():
            found[m] = found.get(m, 0) + count
        assert found == {m: comb(n, (n + m) // 2) for m in range(-n, n + 1, 2)}
        listed = sum(c * u ** ((n + m) // 2) * v ** ((n - m) // 2) for m, c in found.items())
        assert sp.expand(listed - (u + v) ** n) == 0


@proves("p2-s5-8", "proof")
@proves("p2-s5-10", "proof")
def test_odd_rings_with_most_walls_leave_one_source_unpaired():
    """l = (N - 1)/2 needs l down and l up, so that |M| = 1; one of them has l + 1 sites."""
    wells = sp.Symbol("l", integer=True, positive=True)
    number = (2 * wells + 1) / wells * sp.binomial(wells, wells - 1)
    assert sp.combsimp(number.rewrite(sp.gamma) - (2 * wells + 1)) == 0
    for n in SMALL[2::2]:
        most = [m for _, m, _, wells in spins_of(n) if wells == n // 2]
        assert sorted(most) == [-1] * n + [1] * n


# --- the degeneracy of a level ----------------------------------------------------------


@proves("p2-eq-25", "identity")
def test_degeneracy_for_every_ring_by_its_generating_function():
    """With u for up, v for down and x where a down-domain begins, Z_N = Tr T^N for every N.

    The sum of Z_N/N is -log det(1 - T), and the determinant is a product of three factors. Its
    first two give the uniform rings, the third sum_l x^l/l [u/(1-u)]^l [v/(1-v)]^l, where
    [u/(1-u)]^l = sum_a binom(a-1, l-1) u^a. Times N = a + b this is the degeneracy.
    """
    u, v, x = sp.symbols("u v x")
    transfer = sp.Matrix([[u, u * x], [v, v]])
    third = 1 - x * u / (1 - u) * v / (1 - v)
    assert ra.vanishes((sp.eye(2) - transfer).det() - (1 - u) * (1 - v) * third)
    # The binomial series, by its recurrence: (1 - u) F_l = u F_(l-1) is Pascal's rule.
    a, wells = sp.symbols("a l", integer=True, positive=True)
    pascal = (
        sp.binomial(a, wells - 1) - sp.binomial(a - 1, wells - 1) - sp.binomial(a - 1, wells - 2)
    )
    assert sp.combsimp(pascal.rewrite(sp.gamma)) == 0


def test_degeneracy_counts_all_configurations_up_to_16_sources():
    for n in COUNTED:
        levels = [(m, wells) for m in range(-n, n + 1, 2) for wells in range(n // 2 + 1)]
        made = {(m, n - 4 * wells): ra.degeneracy(n, m, wells) for m, wells in levels}
        assert {level: g for level, g in made.items() if g} == dict(ra.counted(n))


def test_degeneracy_without_the_places_round_the_ring_is_told_apart():
    """Runs in a row instead of a ring: binom binom alone."""
    wrong = {wells: comb(3, wells - 1) ** 2 for wells in (1, 2, 3)}
    assert any(wrong[wells] != ra.counted(8)[0, 8 - 4 * wells] for wells in wrong)


@proves("p2-eq-24", "identity")
@pytest.mark.parametrize("n", SMALL)
def test_partition_function_sums_over_magnetisation_domains_and_two_levels(n):
    """The block adds exp(-beta shift) 2 cosh(beta lambda): two levels, shift +- lambda."""
    made = 0
    for m in range(-n, n + 1, 2):
        s, c, _, C, _ = ra.functions(abs(m))
        boltzmann = 1 if m == 0 else c - (s if m > 0 else -s)
        made += sum(
            2 * ra.degeneracy(n, m, wells) * ra.X**wells * boltzmann * C
            for wells in range(n // 2 + 1)
        )
    assert sp.expand(made - ra.sums(n)[1]) == 0


@proves("p2-s4-1", "proof")
@proves("p2-appb-1", "proof")
def test_degeneracy_vanishes_above_the_spins_down():
    """binom(b - 1, l - 1) with 0 <= b - 1 < l - 1 is zero; at b = 0 its usual value is not."""
    for n in SMALL:
        for m in range(n % 2, n + 1, 2):
            down = (n - m) // 2
            for wells in range(n // 2 + 1):
                zero = wells > down or (wells == 0 and m < n)
                assert (ra.degeneracy(n, m, wells) == 0) == zero
                if 0 < down < wells:
                    assert comb(down - 1, wells - 1) == 0
    usual = 2 * sum(
        sp.Rational(6, wells) * comb(5, wells - 1) * (-1) ** (wells - 1) for wells in range(1, 4)
    )
    assert 64 + usual == 86


@proves("p2-eq-30", "identity")
def test_weight_is_a_hypergeometric_function():
    """First terms and ratios of neighbouring terms agree, for any a, b, so the polynomials do.

    Term k of N x 2F1(1 - a, 1 - b; 2; x) is that of l = k + 1 domains.
    """
    a, b, x = sp.symbols("a b x", positive=True)
    k = sp.Symbol("k", integer=True, nonnegative=True)

    def level(wells):
        return (a + b) / wells * sp.binomial(a - 1, wells - 1) * sp.binomial(b - 1, wells - 1)

    assert sp.simplify(level(1) - (a + b)) == 0
    counted = sp.combsimp((level(k + 2) / level(k + 1)).rewrite(sp.gamma))
    series = (1 - a + k) * (1 - b + k) / ((2 + k) * (1 + k))
    assert ra.vanishes(counted - series)
    # It ends where the degeneracy does.
    for n in SMALL[1:]:
        for up in range(1, n):
            terms = [
                sp.rf(1 - up, i) * sp.rf(1 - n + up, i) / (sp.rf(2, i) * sp.factorial(i))
                for i in range(n)
            ]
            made = sum(n * x * term * x**i for i, term in enumerate(terms))
            listed = sum(
                ra.degeneracy(n, 2 * up - n, wells) * x**wells for wells in range(n // 2 + 1)
            )
            assert sp.expand(made - listed) == 0


# --- App. B.1: the inequality of the degeneracies -----------------------------------------


def neighbours(a, b, k):
    """g(M, k + 1)/g(M, k) for k >= 1, from the binomial coefficients."""

    def level(wells):
        return sp.binomial(a - 1, wells - 1) * sp.binomial(b - 1, wells - 1) / wells

    return sp.combsimp((level(k + 1) / level(k)).rewrite(sp.gamma))


@proves("p2-eq-78", "identity")
def test_ratio_of_degeneracies_of_neighbouring_domain_numbers():
    """Numerator less denominator is (M_n^2 - M_m^2)/4 > 0, and k < b_n <= a_n: above 1."""
    n, k = sp.symbols("N k", integer=True, positive=True)
    upper, lower = sp.symbols("M_n M_m", nonnegative=True)
    a_n, b_n, a_m, b_m = ((n + s * m) / 2 for m in (upper, lower) for s in (1, -1))
    ratio = neighbours(a_m, b_m, k) / neighbours(a_n, b_n, k)
    above, below = (a_m - k) * (b_m - k), (a_n - k) * (b_n - k)
    assert ra.vanishes(ratio - above / below)
    assert sp.expand(above - below - (upper**2 - lower**2) / 4) == 0
    # The ratio the other way round would be below 1.
    assert not ra.vanishes(ratio - below / above)


@proves("p2-eq-77", "proof")
def test_ratio_of_degeneracies_is_a_product_of_neighbouring_ones():
    """For 1 <= k < l <= b_n all factors k, .., l - 1 of (II.78) are there, each above 1."""
    for n in SMALL:
        for upper, lower, more, fewer in pairs(n):
            if fewer >= 1 and more <= (n - upper) // 2:
                product = sp.Integer(1)
                for k in range(fewer, more):
                    a_n, b_n, a_m, b_m = (
                        (n + s * m) // 2 - k for m in (upper, lower) for s in (1, -1)
                    )
                    assert a_m * b_m > a_n * b_n > 0
                    product *= sp.Rational(a_m * b_m, a_n * b_n)
                left = ra.degeneracy(n, upper, fewer) * ra.degeneracy(n, lower, more)
                right = ra.degeneracy(n, upper, more) * ra.degeneracy(n, lower, fewer)
                assert product == sp.Rational(left, right) > 1


@proves("p2-eq-76", "proof")
@proves("p2-appb-4", "proof")
@proves("p2-appb-5", "proof")
@proves("p2-appb-6", "proof")
def test_inequality_of_the_degeneracies():
    """For every N: k = 0 or l > b_n makes the second product zero; what is left is (II.77).

    g(m, 0) is zero as M_m < N, and l > b_n makes g(n, l) zero. Else 1 <= k < l <= b_n < b_m, so
    that no factor vanishes.
    """
    for n in range(1, 25):
        for upper, lower, more, fewer in pairs(n):
            first = ra.degeneracy(n, upper, fewer) * ra.degeneracy(n, lower, more)
            second = ra.degeneracy(n, upper, more) * ra.degeneracy(n, lower, fewer)
            covered = fewer == 0 or more > (n - upper) // 2
            assert (second == 0) == covered
            assert first >= second
            assert covered or first > second > 0


def test_inequality_of_the_degeneracies_is_false_the_other_way_round():
    assert not all(
        ra.degeneracy(8, lower, k) * ra.degeneracy(8, upper, w)
        >= ra.degeneracy(8, lower, w) * ra.degeneracy(8, upper, k)
        for upper, lower, w, k in pairs(8)
    )
