"""Paper I, (I.6)-(I.18), Table I and (I.B1)-(I.B5): a qubit that meets pairs of atoms."""

import numpy as np
import sympy
from proofs import algebra
from proofs.algebra import EXCHANGE, IMAG, LOWER, ONE, RAISE, SYMBOLS, UP, Z
from proving import proves

PAIR, QUBIT = algebra.generic("a", 4), algebra.generic("r", 2)
OMEGA, G = SYMBOLS.omega, SYMBOLS.g
HERE = algebra.kron(ONE, ONE, ONE)
NUMBER = algebra.kron(RAISE @ LOWER, ONE) + algebra.kron(ONE, RAISE @ LOWER)
QUBIT_ENERGY = Z * (OMEGA / 2)
PAIR_ENERGY = (algebra.kron(Z, ONE) + algebra.kron(ONE, Z)) * (OMEGA / 2)


def lindbladian(jump):
    """2 J q J^+ - J^+ J q - q J^+ J, as (I.15) and (I.16) have it."""
    loss = algebra.dagger(jump) @ jump
    return 2 * jump @ QUBIT @ algebra.dagger(jump) - loss @ QUBIT - QUBIT @ loss


def squeezing(eps, epsc):
    """(I.13) for mu = 1."""
    return (RAISE @ QUBIT @ RAISE * eps + LOWER @ QUBIT @ LOWER * epsc) * 2


def only(*elements):
    """A pair with these elements alone."""
    pair = PAIR * algebra.ZERO
    for row, column in elements:
        pair[row - 1, column - 1] = PAIR[row - 1, column - 1]
    return pair


def undriven(values):
    """With the four terms of lambda, and of its conjugate, cancelling each other."""
    s = SYMBOLS
    return algebra.replaced(values, {s.a12: -s.a13 - s.a24 - s.a34, s.a21: -s.a31 - s.a42 - s.a43})


@proves("p1-eq-6", "identity")
def test_the_exchange_conserves_the_bare_energy():
    bare = algebra.kron(PAIR_ENERGY, ONE) + algebra.kron(ONE, ONE, QUBIT_ENERGY)
    algebra.identical(algebra.commutator(bare, EXCHANGE), algebra.ZERO)
    # The atoms must have one frequency: with a qubit of another it does not.
    other = algebra.kron(PAIR_ENERGY, ONE) + algebra.kron(ONE, ONE, QUBIT_ENERGY * 2)
    assert not algebra.is_zero(algebra.commutator(other, EXCHANGE))


@proves("p1-eq-7", "identity")
def test_the_qubit_turns_at_its_frequency():
    algebra.identical(algebra.commutator(QUBIT_ENERGY, RAISE), RAISE * OMEGA)
    turning = algebra.commutator(QUBIT_ENERGY, QUBIT) * -IMAG
    algebra.identical(turning[0, 1], -IMAG * OMEGA * QUBIT[0, 1])
    algebra.identical(np.diagonal(turning), algebra.ZERO)


@proves("p1-eq-8", "identity")
def test_the_energy_of_the_pair_counts_its_excitations():
    algebra.identical(PAIR_ENERGY, (NUMBER - algebra.kron(ONE, ONE)) * OMEGA)


@proves("p1-eq-9", "identity")
def test_the_exchange_moves_one_excitation_at_a_time():
    down = algebra.lowering(3)
    terms = [algebra.dagger(down[i]) @ down[2] for i in (0, 1)]
    both = sum(terms) + sum(algebra.dagger(term) for term in terms)
    algebra.identical(both, EXCHANGE)
    # What one side gains the other loses.
    up = algebra.kron(UP, LOWER)
    algebra.identical(algebra.commutator(algebra.kron(NUMBER, ONE), up), up)
    count = algebra.kron(ONE, ONE, RAISE @ LOWER)
    algebra.identical(algebra.commutator(count, up), -up)


@proves("p1-eq-10", "identity")
def test_random_arrivals_make_the_map_less_one():
    # The double sum is the collision traced out, for any strength ..
    blocks = algebra.collision().reshape(4, 2, 4, 2).transpose(0, 2, 1, 3)
    terms = [
        blocks[n, i] @ QUBIT @ algebra.dagger(blocks[n, j]) * PAIR[i, j]
        for i in range(4)
        for j in range(4)
        for n in range(4)
    ]
    algebra.identical(sum(terms), algebra.collided(PAIR, QUBIT))
    # .. and the chance of n arrivals changes by p [P(n-1) - P(n)], for every n: what the map does
    # with one arrival more, less what it did.
    n, p, t = sympy.symbols("n p t", positive=True)

    def chance(count):
        return (p * t) ** count * sympy.exp(-p * t) / sympy.gamma(count + 1)

    rate = sympy.diff(chance(n), t) / chance(n)
    expected = p * (chance(n - 1) / chance(n) - 1)
    assert sympy.simplify(sympy.gammasimp(rate - expected)) == 0


@proves("p1-eq-11", "identity")
def test_two_orders_are_drive_squeezing_and_exchange():
    # The first two orders of the collision itself, whatever the pair is ..
    exact = algebra.collided(PAIR, QUBIT)
    once = algebra.along_the_collision(exact)
    twice = algebra.along_the_collision(once)
    first, second = algebra.orders(PAIR, QUBIT)
    algebra.identical(algebra.before_the_collision(exact), QUBIT * algebra.trace(PAIR))
    algebra.identical(algebra.before_the_collision(once), first)
    algebra.identical(algebra.before_the_collision(twice) / 2, second)
    # .. are the three parts.
    r_e, r_d, lam, lamc, eps, epsc = algebra.coefficients(PAIR)
    drive = algebra.commutator(RAISE * lam + LOWER * lamc, QUBIT) * -IMAG
    exchange = algebra.dissipator(RAISE, QUBIT) * r_e + algebra.dissipator(LOWER, QUBIT) * r_d
    algebra.identical(first, drive)
    algebra.identical(second, squeezing(eps, epsc) + exchange)


@proves("p1-eq-12", "identity")
def test_the_first_order_of_the_collision_is_a_drive():
    slope = algebra.along_the_collision(algebra.collided(PAIR, QUBIT))
    _, _, lam, lamc, _, _ = algebra.coefficients(PAIR)
    drive = RAISE * lam + LOWER * lamc
    algebra.identical(algebra.before_the_collision(slope), algebra.commutator(drive, QUBIT) * -IMAG)


@proves("p1-eq-13", "identity")
def test_coherence_of_two_excitations_squeezes():
    alone = only((1, 4), (4, 1))
    algebra.identical(algebra.orders(alone, QUBIT)[0], algebra.ZERO)
    algebra.identical(algebra.orders(alone, QUBIT)[1], squeezing(SYMBOLS.a14, SYMBOLS.a41))


@proves("p1-eq-14", "identity")
def test_the_rest_of_the_second_order_exchanges_excitations():
    rest = PAIR - only((1, 4), (4, 1))
    r_e, r_d, *_ = algebra.coefficients(PAIR)
    exchange = (lindbladian(RAISE) * r_e + lindbladian(LOWER) * r_d) / 2
    algebra.identical(algebra.orders(rest, QUBIT)[1], exchange)


@proves("p1-eq-15", "identity")
def test_a_pair_with_two_excitations_only_excites():
    algebra.identical(algebra.orders(only((1, 1)), QUBIT)[1], lindbladian(RAISE) * SYMBOLS.a11)


@proves("p1-eq-16", "identity")
def test_a_pair_without_excitations_only_deexcites():
    algebra.identical(algebra.orders(only((4, 4)), QUBIT)[1], lindbladian(LOWER) * SYMBOLS.a44)


@proves("p1-table-1", "identity")
def test_the_coefficients_are_as_in_the_table():
    s = SYMBOLS
    middle = s.a22 + s.a23 + s.a32 + s.a33
    printed = [2 * s.a11 + middle, 2 * s.a44 + middle]
    printed += [s.a12 + s.a13 + s.a24 + s.a34, s.a21 + s.a31 + s.a42 + s.a43, s.a14, s.a41]
    algebra.identical(algebra.coefficients(PAIR), printed)
    # These are what the collision has, element by element.
    first, second = algebra.orders(PAIR, QUBIT)
    r_e, r_d, lam, lamc, eps, epsc = printed
    algebra.identical(first[0, 0], IMAG * (lamc * s.reg - lam * s.rge))
    algebra.identical(second[0, 0], r_e * s.rgg - r_d * s.ree)
    algebra.identical(second[0, 1], 2 * eps * s.rge - (r_e + r_d) * s.reg / 2)
    algebra.identical(second[1, 0], 2 * epsc * s.reg - (r_e + r_d) * s.rge / 2)


@proves("p1-eq-17", "identity")
def test_without_lambda_the_drive_is_gone():
    first, second = algebra.orders(PAIR, QUBIT)
    algebra.identical(undriven(first), algebra.ZERO)
    r_e, r_d, _, _, eps, epsc = algebra.coefficients(PAIR)
    exchange = (lindbladian(RAISE) * r_e + lindbladian(LOWER) * r_d) / 2
    algebra.identical(undriven(second), undriven(squeezing(eps, epsc) + exchange))


@proves("p1-eq-18", "identity")
def test_the_undriven_beam_is_a_squeezed_bath():
    drive, dissipation = algebra.change(PAIR, QUBIT)
    bath = algebra.bath_of(PAIR)
    algebra.identical(dissipation, algebra.squeezed(bath, QUBIT))
    algebra.identical(undriven(drive), algebra.ZERO)
    # A complex M with the print's M in both places of its last term would be another bath.
    other = bath._replace(gmc=bath.gm)
    assert not algebra.is_zero(dissipation - algebra.squeezed(other, QUBIT))


@proves("p1-eq-b1", "identity")
def test_the_collision_solves_its_schroedinger_equation():
    u = algebra.collision()
    algebra.identical(EXCHANGE @ EXCHANGE @ EXCHANGE, EXCHANGE * 2)
    algebra.identical(algebra.before_the_collision(u), HERE)
    algebra.identical(algebra.along_the_collision(u), EXCHANGE @ u * -IMAG)
    algebra.identical(u @ algebra.dagger(u), HERE, algebra.COLLISION)


@proves("p1-eq-b2", "identity")
def test_the_second_order_of_the_collision():
    square = EXCHANGE @ EXCHANGE
    once = algebra.along_the_collision(algebra.collision())
    algebra.identical(algebra.before_the_collision(once), EXCHANGE * -IMAG)
    twice = algebra.along_the_collision(once)
    algebra.identical(algebra.before_the_collision(twice), -square)
    u = second_order()
    algebra.identical(u @ algebra.dagger(u) - HERE, square @ square * (G**4 / 4))


def second_order():
    """(I.B2)."""
    return HERE - EXCHANGE * (IMAG * G) - EXCHANGE @ EXCHANGE * (G**2 / 2)


@proves("p1-eq-b3", "identity")
def test_the_collective_operators():
    printed = algebra.array([[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]])
    raising = [algebra.dagger(down) for down in algebra.lowering(2)]
    algebra.identical(sum(raising), printed)
    algebra.identical(UP, printed)
    algebra.identical(algebra.dagger(UP), sum(algebra.lowering(2)))


@proves("p1-eq-b4", "identity")
def test_the_exchange_as_a_matrix_of_qubit_operators():
    o = ONE * algebra.ZERO
    rows = [[o, LOWER, LOWER, o], [RAISE, o, o, LOWER], [RAISE, o, o, LOWER], [o, RAISE, RAISE, o]]
    algebra.identical(np.block(rows), EXCHANGE)


@proves("p1-eq-b5", "identity")
def test_the_second_order_as_a_matrix_of_qubit_operators():
    o = ONE * algebra.ZERO
    down, up = LOWER * (-IMAG * G), RAISE * (-IMAG * G)
    inner, cross = ONE * (1 - G**2 / 2), ONE * (-(G**2) / 2)
    rows = [
        [ONE - LOWER @ RAISE * G**2, down, down, o],
        [up, inner, cross, down],
        [up, cross, inner, down],
        [o, up, up, ONE - RAISE @ LOWER * G**2],
    ]
    algebra.identical(np.block(rows), second_order())
