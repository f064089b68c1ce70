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


def settled(count):
    """C + 1 as the ledger has it."""
    return (1 + RATIO) ** count * (1 - RATIO) / (1 - RATIO ** (count + 1))


def shares(count):
    """The sum of r^k over all rungs."""
    return (1 - RATIO ** (count + 1)) / (1 - RATIO)
