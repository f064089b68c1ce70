"""Paper I, (I.5): two atoms that start in the ground state."""

import numpy as np
import sympy
from proofs import algebra
from proofs.algebra import SYMBOLS
from proving import proves

# nbar = s^2/(1 - s^2) makes sqrt(nbar (nbar + 1)) = s/(1 - s^2) a fraction; 0 < s < 1.
s = sympy.symbols("s", positive=True)
NBAR, ROOT = s**2 / (1 - s**2), s / (1 - s**2)
# In units of gamma_0: e^(-2(2 nbar + 1)t) times cosh and sinh of 2 sqrt(nbar(nbar + 1)) t.
EVEN, ODD = sympy.symbols("even odd")
TOGETHER = algebra.array([[1, 1], [1, 1]])


def printed_coherence(even, odd):
    """(I.5)."""
    n, product = NBAR, NBAR * (NBAR + 1)
    bracket = (n + 1) * ROOT * even - n**2 * odd
    return product / (3 * product + 1) - n * bracket / ((3 * product + 1) * ROOT)


def slope(value):
    """The derivative by the time."""
    decay, rate = 2 * (2 * NBAR + 1), 2 * ROOT
    of_even, of_odd = rate * ODD - decay * EVEN, rate * EVEN - decay * ODD
    return sympy.diff(value, EVEN) * of_even + sympy.diff(value, ODD) * of_odd


def at_the_start(value):
    return sympy.cancel(value.subs({EVEN: 1, ODD: 0}))


def flows():
    """From the master equation, the change of the ladder's populations, {rung: coefficients}.

    The ladder is |gg>, the symmetric state and |ee>; hopping does not enter.
    """
    low, middle, high = SYMBOLS.a44, SYMBOLS.a22, SYMBOLS.a11
    state = algebra.array(np.diag([high, 0, 0, low]))
    state[1:3, 1:3] = TOGETHER * (middle / 2)
    f = algebra.array([[0, SYMBOLS.f12], [SYMBOLS.f12, 0]])
    change = algebra.liouvillian(f, TOGETHER, SYMBOLS.nbar, state)
    # The ladder is closed: what changes is a ladder again.
    ladder = algebra.array(np.diag([change[0, 0], 0, 0, change[3, 3]]))
    ladder[1:3, 1:3] = TOGETHER * change[1, 1]
    algebra.identical(change, ladder)
    return [change[3, 3], 2 * change[1, 1], change[0, 0]]


@proves("p1-eq-5", "identity")
def test_the_closed_form_solves_the_master_equation():
    n = SYMBOLS.nbar
    low, middle, high = SYMBOLS.a44, SYMBOLS.a22, SYMBOLS.a11
    down, up = (n + 1) * 2, n * 2
    rates = [
        down * middle - up * low,
        up * low + down * high - (up + down) * middle,
        up * middle - down * high,
    ]
    algebra.identical(flows(), rates)
    # The coherence is the population of the symmetric state; the two others follow from its
    # change and from the sum of all three.
    coherence = printed_coherence(EVEN, ODD)
    ground, excited = others(coherence)
    up, down = 2 * NBAR, 2 * (NBAR + 1)
    assert sympy.cancel(slope(ground) - (down * coherence - up * ground)) == 0
    assert sympy.cancel(slope(excited) - (up * coherence - down * excited)) == 0
    starts = [at_the_start(value) for value in (ground, coherence, excited)]
    assert starts == [1, 0, 0]
    # With the other sign of the second term in the bracket it would start elsewhere.
    assert at_the_start(others(printed_coherence(EVEN, -ODD))[0]) != 1


def others(coherence):
    """The populations of |gg> and |ee>, if the symmetric state has this one."""
    up, down = 2 * NBAR, 2 * (NBAR + 1)
    ground = (down * (1 - coherence) - (up + down) * coherence - slope(coherence)) / (down - up)
    return ground, 1 - coherence - ground


@proves("p1-s3a-2", "identity")
def test_hopping_does_not_enter_the_ladder():
    assert all(rate.diff(SYMBOLS.f12) == 0 for rate in flows())


@proves("p1-s3a-3", "identity")
def test_without_photons_the_ground_state_stays():
    ground = algebra.array(np.diag([0, 0, 0, 1]))
    f, amplitudes = algebra.couplings()
    change = algebra.liouvillian(f, amplitudes @ amplitudes.T, algebra.ZERO, ground)
    algebra.identical(change, algebra.ZERO)


@proves("p1-s3a-6", "identity")
def test_the_long_time_coherence_misses_one_third_by_the_square_of_the_photons():
    left = printed_coherence(0, 0)
    missing = sympy.Rational(1, 3) - left
    assert sympy.cancel(missing - 1 / (3 * (3 * NBAR * (NBAR + 1) + 1))) == 0


@proves("p1-s3a-9", "identity")
def test_loss_balances_drive_on_each_rung():
    n = SYMBOLS.nbar
    settled = {SYMBOLS.a44: (n + 1) ** 2, SYMBOLS.a22: n * (n + 1), SYMBOLS.a11: n**2}
    low, _, high = (rate.compose(list(settled.items())) for rate in flows())
    # The flows of the two steps are those of the lowest and of the highest rung.
    assert low == 0
    assert high == 0
    # The symmetric state, and with it the coherence, has a finite share.
    share = NBAR * (NBAR + 1) / ((NBAR + 1) ** 2 + NBAR * (NBAR + 1) + NBAR**2)
    assert sympy.cancel(share - printed_coherence(0, 0)) == 0
