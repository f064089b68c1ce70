"""Paper I, Sec. IV: the ladder of N atoms at one place."""

from itertools import product

import sympy
from proofs import algebra
from proving import proves

N, k = sympy.symbols("N k", integer=True, positive=True)
# r = nbar/(nbar + 1), between 0 and 1.
RATIO = sympy.symbols("r", positive=True)
NBAR = RATIO / (1 - RATIO)
SIZES = range(2, 6)


def rungs(count):
    """The sum of all states of so many excitations, for each number of them."""
    held = [places.count(0) for places in product((0, 1), repeat=count)]
    return [algebra.array([[int(h == number)] for h in held]) for number in range(count + 1)]


def down_from(number, count):
    """How often the collective lowering makes one rung of the other."""
    return count - number + 1


def up_from(number):
    """How often the collective raising makes one rung of the other."""
    return number + 1


def flow(number, count, population):
    """The change of a rung's population, by absorption from below and emission from above."""

    def exchanged(rung):
        """What comes up to a rung, less what goes down from it; the square of J counts both."""
        strength = down_from(rung, count) * up_from(rung - 1)
        return strength * (NBAR * population(rung - 1) - (NBAR + 1) * population(rung))

    return exchanged(number) - exchanged(number + 1)


@proves("p1-s4-2", "identity")
def test_the_coherence_settles_for_any_number_of_atoms():
    # The rungs are joined as counted, by matrices for a few atoms ..
    for count in SIZES:
        lower, states = sum(algebra.lowering(count)), rungs(count)
        for number in range(1, count + 1):
            below = states[number - 1] * algebra.RING(down_from(number, count))
            algebra.identical(lower @ states[number], below)
            above = states[number] * algebra.RING(up_from(number - 1))
            algebra.identical(algebra.dagger(lower) @ states[number - 1], above)
    # .. and for any number of them populations in the ratio r stay.
    assert sympy.simplify(flow(k, N, lambda rung: RATIO**rung) / RATIO**k) == 0
    assert sympy.simplify(flow(k, N, lambda rung: RATIO ** (2 * rung)) / RATIO ** (2 * k)) != 0
    # A rung has binomial(N, k) states, and C + 1 is their mean number, since all elements of a
    # block are equal. By Pascal's rule one atom more multiplies the sum of binomial(N, k) r^k by
    # 1 + r, from 1 without atoms; and the sum of r^k grows by its next term, from 1 as well.
    pascal = sympy.binomial(N + 1, k) - sympy.binomial(N, k) - sympy.binomial(N, k - 1)
    assert sympy.combsimp(pascal) == 0
    step = settled(N + 1) * shares(N + 1) - (1 + RATIO) * settled(N) * shares(N)
    assert sympy.simplify(step) == 0
    assert sympy.simplify(shares(N + 1) - shares(N) - RATIO ** (N + 1)) == 0
    assert [sympy.simplify(value) for value in (settled(0), shares(0))] == [1, 1]


@proves("p1-s4-3", "proof")
@proves("p1-s1-2", "proof")
def test_every_atom_adds_more_coherence_than_the_one_before():
    """f = 1 + C has f(N-1) f(N+1) > f(N)^2, so its steps grow; the first, from f(0) to f(1), is 0.

    With q = r^(N+1) the quotient is (1 - q)^2 over (1 - q/r)(1 - q r), and these are positive.
    """
    q = sympy.symbols("q", positive=True)
    below = (1 - q / RATIO) * (1 - q * RATIO)
    quotient = settled(N - 1) * settled(N + 1) / settled(N) ** 2
    assert sympy.simplify(quotient - ((1 - q) ** 2 / below).subs(q, RATIO ** (N + 1))) == 0
    assert sympy.expand((1 - q) ** 2 - below - q / RATIO * (1 - RATIO) ** 2) == 0
    # (a + b)/2 is at least the root of a b, so a b > f^2 gives a - f > f - b.
    a, b = sympy.symbols("a b", positive=True)
    assert sympy.expand((a + b) ** 2 - 4 * a * b - (a - b) ** 2) == 0
    assert [sympy.simplify(settled(count)) for count in (0, 1)] == [1, 1]
    # A cubic is no such law: N^3 has the quotient below 1.
    assert sympy.expand((N - 1) ** 3 * (N + 1) ** 3 - N**6).subs(N, 5) < 0


@proves("p1-s4-8", "proof")
def test_the_coherence_grows_with_the_photons_up_to_a_limit():
    """The slope of ln f by r has the sign of the sum over k < N of (N - 1 - 2k) r^k.

    Its terms k and N - 1 - k add to (N - 1 - 2k)(r^k - r^(N-1-k)) > 0 for r < 1 and k < (N-1)/2.
    """
    for count in range(2, 9):
        ladder = sum(RATIO**rung for rung in range(count + 1))
        numerator = count * ladder - (1 + RATIO) * ladder.diff(RATIO)
        pairs = sum((count - 1 - 2 * rung) * RATIO**rung for rung in range(count))
        assert sympy.expand(numerator - pairs) == 0
        slope = sympy.log((1 + RATIO) ** count / ladder).diff(RATIO)
        assert sympy.cancel(slope - numerator / ((1 + RATIO) * ladder)) == 0
        # From 0 as (N - 1) nbar, nbar and r being the same at first, to 2^N/(N + 1) - 1.
        start = (1 + RATIO) ** count / ladder - 1
        assert (start.subs(RATIO, 0), start.diff(RATIO).subs(RATIO, 0)) == (0, count - 1)
        assert start.subs(RATIO, 1) == sympy.Rational(2**count, count + 1) - 1
    # The coefficients of r^k are N - (k + 1) - k for every N: that of the sum, less those of
    # (1 + r) times its derivative.
    assert sympy.expand(N - (k + 1) - k - (N - 1 - 2 * k)) == 0


def exchanges(count):
    """How many ordered pairs of states with equal excitations are 1, 2, .. exchanges apart."""
    found = [0] * (count // 2 + 1)
    for one, other in product(product((0, 1), repeat=count), repeat=2):
        if sum(one) == sum(other):
            found[sum(a != b for a, b in zip(one, other, strict=True)) // 2] += 1
    return found[1:]


@proves("p1-s4-10", "exhaustive")
def test_all_coherences_are_one_exchange_apart_up_to_three_atoms_only():
    """All elements of a block are equal and positive (p1-s4-9): C counts all of its pairs of
    states, the caloric sum those that one exchange joins."""
    assert [exchanges(count) for count in (2, 3)] == [[2], [12]]
    for count in range(2, 8):
        one, *more = exchanges(count)
        counted = [sympy.binomial(count, up) * up * (count - up) for up in range(count + 1)]
        assert one == sum(counted)
        assert (sum(more) > 0) == (count > 3)


def settled(count):
    """C + 1 as the ledger has it."""
    return (1 + RATIO) ** count * (1 - RATIO) / (1 - RATIO ** (count + 1))


def shares(count):
    """The sum of r^k over all rungs."""
    return (1 - RATIO ** (count + 1)) / (1 - RATIO)
