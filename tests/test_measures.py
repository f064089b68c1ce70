"""Measures of coherence: closed forms, invariances and inequalities."""

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from states import projector, random_state, seeds

from coherence_lib.measures import (
    ergotropy,
    flip_flop_coherence,
    l1_coherence,
    quantum_fisher_information,
    relative_entropy_of_coherence,
)

SZ = np.diag([1.0, -1.0])
MEASURES = [l1_coherence, relative_entropy_of_coherence, flip_flop_coherence]


def ghz(n_atoms):
    psi = np.zeros(2**n_atoms)
    psi[[0, -1]] = 1
    return projector(*psi)


def w_state(n_atoms):
    """One excitation, shared equally: exactly one |e> (a zero bit) in the label."""
    psi = np.zeros(2**n_atoms)
    psi[[2**n_atoms - 1 - 2**k for k in range(n_atoms)]] = 1
    return projector(*psi)


@pytest.mark.parametrize("which", ["00", "01", "10", "11"])
def test_bell_states_have_one_bit(which):
    bell = qutip.bell_state(which)
    assert l1_coherence(bell) == pytest.approx(1, rel=1e-14)
    assert relative_entropy_of_coherence(bell) == pytest.approx(np.log(2), rel=1e-14)


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 5])
def test_ghz_states_have_one_bit_and_no_flip_flop_beyond_one_atom(n_atoms):
    assert l1_coherence(ghz(n_atoms)) == pytest.approx(1, rel=1e-14)
    assert relative_entropy_of_coherence(ghz(n_atoms)) == pytest.approx(np.log(2), rel=1e-14)
    # |gg><ee| changes the energy: no heat is exchanged through it.
    assert flip_flop_coherence(ghz(n_atoms)) == 0


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 5])
def test_w_states(n_atoms):
    w = w_state(n_atoms)
    assert l1_coherence(w) == pytest.approx(n_atoms - 1, rel=1e-13, abs=1e-15)
    assert relative_entropy_of_coherence(w) == pytest.approx(np.log(n_atoms), rel=1e-13, abs=1e-14)
    # All of its coherence is of the flip-flop kind.
    assert flip_flop_coherence(w) == pytest.approx(n_atoms - 1, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("d", [2, 3, 4, 8])
def test_equal_superposition_is_the_most_coherent(d):
    flat = np.full((d, d), 1 / d)
    assert l1_coherence(flat) == pytest.approx(d - 1, rel=1e-14)
    assert relative_entropy_of_coherence(flat) == pytest.approx(np.log(d), rel=1e-13)


@pytest.mark.parametrize("measure", MEASURES)
def test_diagonal_states_have_none(measure):
    for populations in ([1, 0], [0.3, 0.7], [0.1, 0.2, 0.3, 0.4], [0, 0, 0.5, 0.5]):
        assert measure(np.diag(populations)) == 0


@given(seed=seeds)
def test_rounding_never_makes_coherence_negative(seed):
    # The eigenvalues come back in another order, and their entropy with another rounding.
    populations = np.random.default_rng(seed).dirichlet(np.ones(64), size=20)
    values = relative_entropy_of_coherence(populations[:, :, None] * np.eye(64))
    assert np.all(values >= 0)
    assert values.max() < 1e-14


def test_singlet_and_triplet_differ_by_a_sign():
    assert flip_flop_coherence(projector(0, 1, 1, 0)) == pytest.approx(1)
    assert flip_flop_coherence(projector(0, 1, -1, 0)) == pytest.approx(-1)
    # A coherence with the phase i drives a current and carries no caloric part.
    assert flip_flop_coherence(projector(0, 1, 1j, 0)) == pytest.approx(0, abs=1e-16)


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4])
@given(seed=seeds)
def test_flip_flop_is_an_expectation_value(n_atoms, seed):
    rho = random_state(np.random.default_rng(seed), 2**n_atoms)
    up = [
        qutip.tensor([qutip.sigmap() if k == i else qutip.qeye(2) for k in range(n_atoms)])
        for i in range(n_atoms)
    ]
    operator = sum(
        (up[i] * up[j].dag() for i in range(n_atoms) for j in range(n_atoms) if i != j),
        start=0 * up[0],
    )
    expected = qutip.expect(operator, qutip.Qobj(rho, dims=up[0].dims))
    assert flip_flop_coherence(rho) == pytest.approx(expected, rel=0, abs=1e-14)


@given(seed=seeds, d=st.sampled_from([2, 3, 4, 8]))
def test_relabelling_and_rephasing_the_basis_change_nothing(seed, d):
    rng = np.random.default_rng(seed)
    rho, order = random_state(rng, d), rng.permutation(d)
    phases = np.exp(2j * np.pi * rng.uniform(size=d))
    for measure in (l1_coherence, relative_entropy_of_coherence):
        value = measure(rho)
        assert measure(rho[np.ix_(order, order)]) == pytest.approx(value, rel=1e-12)
        assert measure(phases[:, None] * rho * phases.conj()) == pytest.approx(value, rel=1e-12)


@given(seed=seeds, d=st.sampled_from([2, 3, 4, 8]), pure=st.booleans())
def test_bounds(seed, d, pure):
    rho = random_state(np.random.default_rng(seed), d, rank=1 if pure else None)
    l1, entropy = l1_coherence(rho), relative_entropy_of_coherence(rho)
    assert 0 < l1 <= d - 1
    assert 0 < entropy <= np.log(d)
    # Rana, Parashar, Winter and Lewenstein (2017): C_r <= ln(1 + C_l1).
    assert entropy <= np.log1p(l1) + 1e-14
    if d in (2, 4, 8):
        assert abs(flip_flop_coherence(rho)) <= l1


@given(seed=seeds, d=st.sampled_from([2, 4]), weight=st.floats(0, 1))
def test_mixing_creates_no_coherence(seed, d, weight):
    rng = np.random.default_rng(seed)
    a, b = random_state(rng, d), random_state(rng, d, rank=1)
    for measure in (l1_coherence, relative_entropy_of_coherence):
        mixed = measure(weight * a + (1 - weight) * b)
        assert mixed <= weight * measure(a) + (1 - weight) * measure(b) + 1e-14


@given(seed=seeds)
def test_products(seed):
    # 1 + C_l1 multiplies, the relative entropy and the flip-flop part of atoms without phase add.
    rng = np.random.default_rng(seed)
    a, b = random_state(rng, 2), random_state(rng, 4)
    ab = np.kron(a, b)
    assert 1 + l1_coherence(ab) == pytest.approx((1 + l1_coherence(a)) * (1 + l1_coherence(b)))
    assert relative_entropy_of_coherence(ab) == pytest.approx(
        relative_entropy_of_coherence(a) + relative_entropy_of_coherence(b)
    )
    incoherent = np.kron(np.diag(np.diagonal(a)), b)
    assert flip_flop_coherence(incoherent) == pytest.approx(flip_flop_coherence(b), abs=1e-15)


def test_a_qubit_in_closed_form():
    # C_r = H(p) - H((1 + |bloch|)/2) with the binary entropy H.
    def entropy(p):
        return -p * np.log(p) - (1 - p) * np.log(1 - p)

    x, z = 0.3, 0.4
    rho = 0.5 * np.array([[1 + z, -1j * x], [1j * x, 1 - z]])
    assert l1_coherence(rho) == pytest.approx(x)
    expected = entropy((1 + z) / 2) - entropy(0.75)
    assert relative_entropy_of_coherence(rho) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("measure", MEASURES)
def test_stacks_of_states(measure):
    rng = np.random.default_rng(14)
    stack = np.array([[random_state(rng, 4) for _ in range(3)] for _ in range(2)])
    values = measure(stack)
    assert values.shape == (2, 3)
    assert isinstance(measure(stack[0, 0]), float)
    np.testing.assert_allclose(values, [[measure(rho) for rho in row] for row in stack], rtol=1e-13)
    assert measure(np.zeros((0, 4, 4))).shape == (0,)


@pytest.mark.parametrize("measure", MEASURES)
def test_kets_and_operators_of_qutip(measure):
    psi = (qutip.basis([2, 2], [0, 1]) + 1j * qutip.basis([2, 2], [1, 1])).unit()
    assert measure(psi) == pytest.approx(measure(psi.proj().full()), abs=1e-15)
    assert measure(psi.proj()) == measure(psi.proj().full())


def test_inputs_are_not_changed():
    rho = random_state(np.random.default_rng(15), 4)
    kept = rho.copy()
    for measure in MEASURES:
        measure(rho)
    assert np.array_equal(rho, kept)


HALF = np.diag([0.5, 0.5]).astype(complex)
NUDGES = {
    "trace 1": np.diag([1, 0]),
    "Hermitian": np.array([[0, 1], [0, 0]]),
    # A population of -nudge, with the trace kept.
    "positive": np.diag([1, -1]),
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("property_, nudge", NUDGES.items(), ids=NUDGES)
@pytest.mark.parametrize("size, accepted", [(0.9e-9, True), (1.1e-9, False)])
@pytest.mark.parametrize("stacked", [False, True])
def test_a_state_may_be_wrong_by_rounding_only(measure, property_, nudge, size, accepted, stacked):
    start = np.diag([1.0, 0]) if property_ == "positive" else HALF
    rho = start + size * nudge
    if stacked:
        rho = np.array([HALF, rho, HALF])
    if accepted:
        assert np.all(np.isfinite(measure(rho)))
    else:
        with pytest.raises(ValueError, match=rf"^`rho` must (be|have) {property_}, but"):
            measure(rho)


@pytest.mark.parametrize("d", [1, 3, 6])
def test_flip_flop_needs_two_level_atoms(d):
    with pytest.raises(ValueError, match=rf"^`rho` must have dimension 2\*\*N .*, but got {d}\.$"):
        flip_flop_coherence(np.eye(d) / d)


# --- what coherence is worth -----------------------------------------------------


@given(seed=seeds)
def test_ergotropy_is_what_is_left_above_the_sorted_populations(seed):
    rho = random_state(np.random.default_rng(seed), 2)
    energies = np.array([0.7, -0.7])
    sorted_populations = np.sort(np.linalg.eigvalsh(rho))
    expected = energies @ rho.diagonal().real - energies @ sorted_populations
    assert ergotropy(rho, 1.4) == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_ergotropy_of_inverted_passive_and_faintly_coherent_states():
    assert ergotropy(np.diag([1.0, 0.0]), 2.0) == 2.0
    assert ergotropy(np.diag([0.5, 0.5])) == 0.0
    assert ergotropy(np.diag([0.2, 0.8])) == 0.0
    # C^2 / 4 |z| for little coherence, far below the last digit of |z|.
    faint = np.array([[0.2, 0.5e-12], [0.5e-12, 0.8]])
    assert ergotropy(faint) == pytest.approx(1e-24 / 4 / 0.6, rel=1e-12)


def logarithmic_derivative(rho, change):
    """F = sum 2 |<i|drho|j>|^2 / (p_i + p_j), from the spectrum."""
    p, v = np.linalg.eigh(rho)
    elements = np.abs(v.conj().T @ change @ v) ** 2
    total = p[:, None] + p
    kept = total > 1e-14
    return float(np.sum(2 * elements[kept] / total[kept]))


@given(seed=seeds)
def test_fisher_information_is_that_of_the_symmetric_logarithmic_derivative(seed):
    rng = np.random.default_rng(seed)
    rho, x = random_state(rng, 2), rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    change = x + x.conj().T
    change -= np.trace(change) / 2 * np.eye(2)
    expected = logarithmic_derivative(rho, change)
    assert quantum_fisher_information(rho, change) == pytest.approx(expected, rel=1e-8)


@given(seed=seeds)
def test_fisher_information_of_a_phase_is_the_square_of_the_coherence(seed):
    rho = random_state(np.random.default_rng(seed), 2)
    for state in (rho, projector(0.6, 0.8j)):
        change = -0.5j * (SZ @ state - state @ SZ)
        found = quantum_fisher_information(state, change)
        assert found == pytest.approx(l1_coherence(state) ** 2, rel=1e-10)


def test_best_thermometer_of_a_bare_qubit():
    def precision(x, T=0.8):
        """T^2 F of a qubit of gap 2 x T."""
        p = 1 / (1 + np.exp(2 * x))
        slope = 2 * x / T * p * (1 - p)
        rho, change = np.diag([p, 1 - p]), np.diag([slope, -slope])
        return T**2 * quantum_fisher_information(rho, change)

    # x tanh x = 1 at the best, and the precision is x^2 - 1 there.
    x = 1.1996786402577337
    assert precision(x) == pytest.approx(x**2 - 1, rel=1e-12)
    assert max(precision(1.001 * x), precision(0.999 * x)) < precision(x)


def test_the_information_of_a_pure_state_is_its_speed_on_the_sphere():
    # |e> + |g> turned about z by an angle: four times the variance of sigma_z / 2.
    rho, sz = np.full((2, 2), 0.5), np.diag([1.0, -1.0])
    turn = -0.5j * (sz @ rho - rho @ sz)
    assert quantum_fisher_information(rho, turn) == pytest.approx(1, rel=1e-14)
    # A state next to it has a radius that is divided by almost nothing.
    near = 0.999 * rho + 0.001 * np.eye(2) / 2
    shrink = rho - np.eye(2) / 2
    expected = 1 / (1 - 0.999**2)
    assert quantum_fisher_information(near, shrink) == pytest.approx(expected, rel=1e-10)
