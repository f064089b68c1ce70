"""Paper II: sentences that follow from what the other tests of this folder prove.

A docstring says from which equations; what is computed is the step that they leave.
"""

from collections import Counter

import pytest
import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

OMEGA, OMEGA_A, GAMMA, BETA = sp.symbols("omega omega_a gamma beta", positive=True)
N, M = sp.symbols("N M", positive=True)
J = sp.Symbol("J", real=True)
SIZES = range(1, 9)


def splitting(m):
    """Omega_M."""
    return sp.sqrt(OMEGA**2 + 4 * GAMMA**2 * m**2)


def aligned(m):
    """r_M, the coherence of a configuration of magnetisation -M in its lower level."""
    return 2 * GAMMA * m / splitting(m)


def is_zero(expression):
    return sp.simplify(expression) == 0


def with_sources_replaced(n, replaced):
    """C of n sources with sinh(beta omega_a M/2) replaced by a function of M."""
    top, partition = ra.sums(n)
    symbols = {ra.functions(m)[0]: replaced(m) for m in range(1, n + 1)}
    return top.subs(symbols) / partition


@proves("p2-s2-1", "proof")
def test_coherence_vanishes_only_without_field_or_coupling():
    """All terms of (II.29) are products of positive symbols, for omega_a, gamma > 0."""
    for n in SIZES:
        top, partition = ra.sums(n)
        assert top.is_positive
        assert partition.is_positive
        assert top.subs({ra.functions(m)[4]: 0 for m in range(1, n + 1)}) == 0


@proves("p2-s2-2", "identity")
@pytest.mark.parametrize("n", SIZES[:5])
def test_hamiltonian_is_linear_in_the_energies(n):
    """So a common factor of all of them and of T drops out of H/T."""
    for element in ra.hamiltonian(n).elements.values():
        assert all(sum(powers) == 1 for powers in element.itermonoms())


@proves("p2-s64-2", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_coherence_vanishes_without_a_source_gap(n):
    """For T > 0 sinh(beta omega_a M/2) -> 0; at T -> 0 first, (II.41) has no omega_a."""
    assert sp.simplify(with_sources_replaced(n, lambda _: 0)) == 0
    assert OMEGA_A not in aligned(N).free_symbols


@proves("p2-s62-1", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_coherence_vanishes_at_infinite_temperature(n):
    """At beta = 0 a configuration adds 1 to either population; sinh is 0, and the trace not."""
    hot = {}
    for m in range(n + 1):
        s, c, S, C, _ = ra.functions(m)
        hot |= {s: 0, c: 1, S: 0, C: 1}
    top, partition = (part.subs(hot) for part in ra.sums(n))
    assert top == 0
    assert partition.subs(ra.X, 1) == 2 ** (n + 1)


@proves("p2-s9-4", "proof")
def test_three_limits_without_coherence():
    """T -> infinity and omega_a -> 0 as above; gamma -> 0 by (II.45), where r_M -> 0."""
    assert sp.limit(aligned(M), GAMMA, 0) == 0
    assert is_zero(aligned(M).diff(GAMMA).subs(GAMMA, 0) - 2 * M / OMEGA)


@proves("p2-s6-2", "proof")
@proves("p2-s61-3", "proof")
@proves("p2-s64-3", "proof")
@proves("p2-s9-9", "proof")
@proves("p2-s9-11", "proof")
def test_ferromagnetic_start_depends_on_one_quotient():
    """(II.41): no J, no omega_a; any value up to 1 by N gamma/omega. (II.32), (II.33) do the rest.

    At omega_a = 0 the configurations M = +-N are equally likely and cancel.
    """
    quotient = sp.Symbol("q", positive=True)
    start = aligned(N).subs(GAMMA, quotient * OMEGA / N)
    assert is_zero(start - 2 * quotient / sp.sqrt(1 + 4 * quotient**2))
    assert sp.limit(2 * quotient / sp.sqrt(1 + 4 * quotient**2), quotient, sp.oo) == 1
    assert aligned(N) + aligned(-N) == 0


@proves("p2-fig-1a", "proof")
@proves("p2-fig-2a", "proof")
@proves("p2-fig-2b", "proof")
def test_curves_of_the_figures_lie_one_above_the_other():
    """(II.32) to (II.34) order them, and a growing function stays below its limit.

    The limits are (II.36), (II.44) and (II.47). At T = 0 the start, (II.41), grows with gamma.
    """
    assert sp.simplify(aligned(N).diff(GAMMA)).is_positive
    assert is_zero(
        aligned(N).subs({N: 6, GAMMA: sp.Rational(1, 5), OMEGA: 1}) - sp.Rational(12, 13)
    )


@proves("p2-s62-3", "identity")
def test_one_bond_of_two_sources_adds_a_term_of_third_order():
    """Two sources and one bond: C gains beta^3 gamma omega_a J, to the third order in beta.

    To this order sinh(beta lambda)/lambda is beta, and Z is 2 sum (1 - beta shift).
    """
    pair = Counter((a + b, a * b) for a in (1, -1) for b in (1, -1))
    exponents = {key: BETA * (J * key[1] - OMEGA_A * key[0] / 2) for key in pair}
    top = sum(
        -2 * count * GAMMA * key[0] * BETA * (1 + exponents[key] + exponents[key] ** 2 / 2)
        for key, count in pair.items()
    )
    norm = sum(2 * count * (1 + exponents[key]) for key, count in pair.items())
    found = sp.series(sp.expand(top) / sp.expand(norm), BETA, 0, 4).removeO()
    independent = BETA**2 * 2 * GAMMA * OMEGA_A / 2
    assert is_zero(sp.expand(found - independent) - BETA**3 * GAMMA * OMEGA_A * J)


@proves("p2-s6-4", "proof")
@proves("p2-s64-5", "proof")
@proves("p2-s65-4", "proof")
def test_tail_by_source_gap_j_and_number():
    """(II.42): omega_a and N are factors of the first term, J is in the second alone."""
    tail = BETA**2 * N * GAMMA * OMEGA_A / 2 * (1 + 2 * BETA * J)
    assert is_zero(sp.expand(tail).coeff(BETA, 2) / (N * OMEGA_A) - GAMMA / 2)
    assert is_zero(sp.expand(tail).coeff(BETA, 3) - N * GAMMA * OMEGA_A * J)


@proves("p2-s65-5", "proof")
@proves("p2-s72-1", "proof")
def test_coherence_tends_to_one_for_many_sources():
    """C is the mean of m in [-1, 1] with a weight Z_N(h_0 + beta gamma m) and an atom at m = 1.

    Z_N is lambda_+^N + lambda_-^N with lambda_+ > |lambda_-|, and |h| is largest at m = 1, as
    h_0 > 0. lambda_+ grows with |h| for J of either sign: all m below 1 - epsilon weigh less
    than the atom by the N-th power of a number below 1.
    """
    h = sp.Symbol("h", positive=True)
    K = sp.Symbol("K", real=True)
    root = sp.sqrt(sp.exp(2 * K) * sp.sinh(h) ** 2 + sp.exp(-2 * K))
    larger, smaller = sp.exp(K) * sp.cosh(h) + root, sp.exp(K) * sp.cosh(h) - root
    assert is_zero(sp.expand(larger * smaller).rewrite(sp.exp) - sp.exp(2 * K) + sp.exp(-2 * K))
    assert larger.diff(h).is_positive
    assert (larger + smaller).simplify().is_positive
    assert (larger - smaller).simplify().is_positive


# --- the line and the phases ------------------------------------------------------------------


def line(last):
    """omega_a on the line, the antiferromagnetic configurations having |M| = `last`."""
    return -4 * J - (splitting(N) - splitting(last)) / (N - last)


@proves("p2-s7-1", "proof")
@proves("p2-s9-7", "proof")
def test_transition_needs_a_strong_antiferromagnet():
    """The line is at omega_a > 0 only if J is below minus a quarter of a positive number.

    By (II.52) and (II.53) the energy difference falls with omega_a below it.
    """
    for last, n, bound in ((sp.Integer(0), 6, sp.Rational(-1, 15)), (sp.Integer(1), 9, None)):
        limit = -(splitting(N) - splitting(last)) / (4 * (N - last))
        assert is_zero(line(last).subs(J, limit))
        assert line(last).diff(J) == -4
        point = limit.subs({N: n, GAMMA: sp.Rational(1, 5), OMEGA: 1})
        assert bound is None or is_zero(point - bound)
        assert point < 0


@proves("p2-s7-9", "proof")
def test_coupling_shifts_the_line_downwards():
    slope = line(0).diff(GAMMA)
    assert sp.simplify(slope).is_negative
    # Odd rings too: N^2/Omega_N > 1/Omega_1, whose squares differ by a positive quotient.
    gap = N**4 / splitting(N) ** 2 - 1 / splitting(1) ** 2
    made = OMEGA**2 * (N**4 - 1) + 4 * GAMMA**2 * N**2 * (N**2 - 1)
    assert ra.vanishes(gap - made / (splitting(N) ** 2 * splitting(1) ** 2))


@proves("p2-fig-3a", "identity")
def test_line_of_the_figure():
    """The dashed lines omega_a = 1/2 and J = -1/4 meet it at J = -23/120 and omega_a = 11/15."""
    drawn = line(0).subs({N: 6, GAMMA: sp.Rational(1, 5), OMEGA: 1})
    assert drawn.subs(J, sp.Rational(-23, 120)) == sp.Rational(1, 2)
    assert drawn.subs(J, sp.Rational(-1, 4)) == sp.Rational(11, 15)
    assert drawn.diff(J) == -4


@proves("p2-fig-3d", "proof")
def test_coupling_takes_the_ring_across_the_line():
    """(II.34), (II.44), and the line falls with gamma (p2-s7-9) through this point."""
    drawn = line(0).subs({N: 6, J: sp.Rational(-1, 4), OMEGA: 1})
    assert is_zero(drawn.subs(GAMMA, sp.sqrt(15) / 12) - sp.Rational(1, 2))


@proves("p2-s7-2", "identity")
def test_aligned_ground_state_is_not_degenerate():
    """E(N) - E(-N) of (II.20) is N omega_a."""
    energies = [OMEGA_A * m / 2 - J * N - splitting(m) / 2 for m in (N, -N)]
    assert is_zero(energies[0] - energies[1] - N * OMEGA_A)


@proves("p2-s7-4", "proof")
@proves("p2-s1-3", "proof")
@proves("p2-s1-2", "proof")
def test_even_antiferromagnet_has_a_maximum_at_a_finite_temperature():
    """C(0) = 0 by (II.49), C > 0 between, and C -> 0 for T -> infinity: it has an inner maximum.

    For J >= 0 it falls instead (p2-s6-1).
    """
    for n in SIZES[1::2]:
        assert ra.sums(n)[0].is_positive
        assert {m for (m, b) in ra.counted(n) if b == -n} == {0}


@proves("p2-s7-10", "proof")
@proves("p2-s9-5", "proof")
def test_bounds_of_strong_coupling_and_of_a_large_gap_stay_below_one():
    """(II.44) and (II.47) are a tanh of a finite argument, times 2 N gamma/Omega_N < 1."""
    assert (1 - sp.tanh(BETA * N * OMEGA_A / 2)).rewrite(sp.exp).simplify().is_positive
    assert is_zero(1 - aligned(N) ** 2 - OMEGA**2 / splitting(N) ** 2)
    assert sp.limit(aligned(M), GAMMA, 0) == 0


@proves("p2-s71-3", "proof")
@proves("p2-s72-2", "proof")
@proves("p2-s9-6", "proof")
def test_many_sources_at_zero_temperature():
    """(II.49): 0 on the one side, 2 N gamma/Omega_N -> 1 on the other, and below 1 at finite N.

    That N -> infinity suffices at T > 0 is p2-s65-5. The two ground states are M = -N without a
    wall and M = 0 with N/2 domains.
    """
    for n in SIZES[1::2]:
        assert (ra.degeneracy(n, -n, 0), ra.degeneracy(n, 0, n // 2)) == (1, 2)
    assert is_zero(1 - aligned(N) ** 2 - OMEGA**2 / splitting(N) ** 2)
    assert sp.limit(aligned(N), N, sp.oo) == 1
    assert aligned(sp.Integer(0)) == 0


@proves("p2-s72-3", "proof")
def test_line_moves_by_less_than_the_gap_over_the_number():
    """2 gamma - (Omega_N - omega)/N = (omega + 2 gamma N - Omega_N)/N lies in (0, omega/N)."""
    moved = 2 * GAMMA - (splitting(N) - OMEGA) / N
    assert is_zero(moved - (OMEGA + 2 * GAMMA * N - splitting(N)) / N)
    assert is_zero((OMEGA + 2 * GAMMA * N) ** 2 - splitting(N) ** 2 - 4 * GAMMA * N * OMEGA)
    assert is_zero(splitting(N) ** 2 - (2 * GAMMA * N) ** 2 - OMEGA**2)
    two = moved.subs({N: 2, GAMMA: sp.Rational(1, 5), OMEGA: 1})
    assert abs(two - 0.25969) < 1e-5


@proves("p2-s7-8", "proof")
def test_coupling_takes_the_cold_antiferromagnet_across_the_line():
    """T > 0 by (II.34); at T = 0 (II.49) with Omega_N = omega - N (omega_a + 4 J)."""
    crossed = sp.sqrt(((OMEGA - N * (OMEGA_A + 4 * J)) ** 2 - OMEGA**2) / (4 * N**2))
    named = crossed.subs({N: 6, OMEGA: 1, OMEGA_A: sp.Rational(1, 2), J: sp.Rational(-1, 4)})
    assert is_zero(named - sp.sqrt(15) / 12)
    made = splitting(N).subs(GAMMA, crossed) ** 2 - (OMEGA - N * (OMEGA_A + 4 * J)) ** 2
    assert is_zero(sp.expand(made))


@proves("p2-s9-14", "proof")
def test_odd_antiferromagnet_against_the_ferromagnet():
    """(II.56) over (II.57) is Omega_N/(N Omega_1), which has no J, T or omega_a."""
    assert is_zero(aligned(1) / aligned(N) - splitting(N) / (N * splitting(1)))
    strong = (splitting(9) / (9 * splitting(1))).subs({GAMMA: 5, OMEGA: 1})
    assert abs(strong - 0.9951) < 1e-4


@proves("p2-s9-16", "identity")
def test_target_of_the_ferromagnetic_ground_state_is_in_a_superposition():
    """(II.22) in the lower level: |c_e|^2 = (1 - omega/Omega_N)/2 > 0."""
    raised = (1 - OMEGA / splitting(N)) / 2
    assert raised.subs({N: 6, GAMMA: sp.Rational(1, 5), OMEGA: 1}) == sp.Rational(4, 13)
    assert is_zero(4 * raised * (1 - raised) - aligned(N) ** 2)


@proves("p2-s4-3", "proof")
def test_weights_of_other_interactions_must_be_even():
    """Reversing all spins takes M to -M, and gives W_-M = W_M if H_I commutes with it.

    So do bonds of any range and Heisenberg exchange; products of three spins change sign. At
    omega_a = 0 the terms of M and -M then cancel, and for three spins they are left.
    """

    def numerator(n, energy):
        spins = list(ra.configurations(n))
        q, u = sp.symbols("q u", positive=True)
        odd = {m: m * u ** abs(m) for m in range(-n, n + 1)}
        return sp.expand(sum(q ** energy(s) * odd[sum(s)] for s in spins))

    for reach in (1, 2, 3):
        assert numerator(5, lambda s, d=reach: sum(s[j] * s[j - d] for j in range(5))) == 0
    assert numerator(4, lambda s: sum(s[j] * s[j - 1] * s[j - 2] for j in range(4))) != 0
