"""Paper I, (I.1)-(I.4): atoms in a shared bath, and the measure of coherence."""

import pytest
import sympy
from proofs import algebra
from proofs.algebra import SYMBOLS, X
from proving import proves

STATE = algebra.generic("a", 4)
NBAR = SYMBOLS.nbar
F, AMPLITUDES = algebra.couplings()
# Every matrix of decay rates without negative eigenvalues is of this form.
GAMMA = AMPLITUDES @ AMPLITUDES.T
DOWN = algebra.lowering(2)
UP = [algebra.dagger(down) for down in DOWN]
NUMBER = sum(up @ down for up, down in zip(UP, DOWN, strict=True))


def channels(jumps):
    """One dissipator for each column of the amplitudes."""
    mixed = [jumps[0] * column[0] + jumps[1] * column[1] for column in AMPLITUDES.T]
    return sum(algebra.dissipator(jump, STATE) for jump in mixed)


def correlations(one, other):
    """The sum of gamma_ij <A_i B_j>."""
    terms = [algebra.trace(one[i] @ other[j] @ STATE) * GAMMA[i, j] for i in (0, 1) for j in (0, 1)]
    return sum(terms)


@proves("p1-eq-1", "identity")
def test_the_master_equation_has_lindblad_s_form():
    change = algebra.liouvillian(F, GAMMA, NBAR, STATE)
    hermitian = algebra.hopping(F)
    algebra.identical(algebra.dagger(hermitian), hermitian)
    unitary = algebra.commutator(hermitian, STATE) * -algebra.IMAG
    # Jumps at rates that are not negative, so that the map is completely positive for all times.
    algebra.identical(change, unitary + channels(DOWN) * (NBAR + 1) + channels(UP) * NBAR)
    algebra.identical(algebra.trace(change), algebra.ZERO)
    algebra.identical(algebra.dagger(change), change)


@proves("p1-eq-2", "identity")
def test_emission_takes_excitations_at_the_shared_rates():
    change = algebra.emission(GAMMA, NBAR, STATE)
    algebra.identical(change, channels(DOWN) * (NBAR + 1))
    lost = algebra.trace(NUMBER @ change)
    algebra.identical(lost, -correlations(UP, DOWN) * (NBAR + 1))


@proves("p1-eq-3", "identity")
def test_absorption_gives_excitations_and_is_emission_upside_down():
    change = algebra.absorption(GAMMA, NBAR, STATE)
    algebra.identical(change, channels(UP) * NBAR)
    gained = algebra.trace(NUMBER @ change)
    algebra.identical(gained, correlations(DOWN, UP) * NBAR)
    flip = algebra.kron(X, X)
    other = algebra.emission(GAMMA, NBAR - 1, flip @ STATE @ flip)
    algebra.identical(change, flip @ other @ flip)
    # Together they leave a thermal state of the bath's temperature alone, whatever is shared.
    one = algebra.array([[NBAR, 0], [0, NBAR + 1]])
    thermal = algebra.kron(one, one)
    together = algebra.emission(GAMMA, NBAR, thermal) + algebra.absorption(GAMMA, NBAR, thermal)
    algebra.identical(together, algebra.ZERO)


@proves("p1-eq-4", "identity")
@pytest.mark.parametrize("size", [2, 4, 8])
def test_coherence_is_the_distance_from_the_nearest_incoherent_state(size):
    element = sympy.IndexedBase("rho")
    weights = sympy.symbols(f"d1:{size + 1}")
    places = [(i, j) for i in range(size) for j in range(size)]
    coherence = sum(abs(element[i, j]) for i, j in places if i != j)
    distance = sum(abs(element[i, j] - (weights[i] if i == j else 0)) for i, j in places)
    # What is added is not negative, and vanishes for the state's own populations.
    added = distance - coherence
    assert sympy.expand(added - sum(abs(element[i, i] - weights[i]) for i in range(size))) == 0
    own = {weights[i]: element[i, i] for i in range(size)}
    assert added.subs(own) == 0


@proves("p1-s2-1", "identity")
def test_the_master_equation_is_the_same_in_the_frame_of_the_bare_atoms():
    turn = algebra.array([[SYMBOLS.u, 0], [0, 1]])
    frame = algebra.kron(turn, turn)
    turned = frame @ STATE @ algebra.dagger(frame)
    change = algebra.liouvillian(F, GAMMA, NBAR, turned)
    expected = frame @ algebra.liouvillian(F, GAMMA, NBAR, STATE) @ algebra.dagger(frame)
    algebra.identical(change, expected, algebra.CIRCLE)


@proves("p1-s2-4", "identity")
def test_hopping_moves_one_excitation_at_its_own_frequency():
    hopping = algebra.hopping(F)
    algebra.identical(algebra.dagger(hopping), hopping)
    algebra.identical(algebra.commutator(hopping, NUMBER), algebra.ZERO)
    inside = algebra.array([[0, SYMBOLS.f12], [SYMBOLS.f12, 0]])
    algebra.identical(hopping[1:3, 1:3], inside)


@proves("p1-s3b-1", "identity")
def test_hopping_leaves_states_of_none_or_two_excitations_alone():
    state = STATE.copy()
    state[1:3], state[:, 1:3] = algebra.ZERO, algebra.ZERO
    algebra.identical(algebra.commutator(algebra.hopping(F), state), algebra.ZERO)


@proves("p1-s3b-2", "identity")
def test_equal_populations_and_a_real_coherence_are_enough_only_inside_the_block():
    s = SYMBOLS
    equal = {s.a33: s.a22, s.a32: s.a23}
    outer = {getattr(s, name): 0 for name in "a12 a21 a13 a31 a24 a42 a34 a43".split()}
    change = algebra.commutator(algebra.hopping(F), STATE)
    algebra.identical(algebra.replaced(change, {**equal, **outer}), algebra.ZERO)
    # With an element outside of the block the state does change.
    left = algebra.replaced(change, equal)
    assert left[0, 1] == -s.f12 * s.a13
