"""What one collision hands over, and the ends of weak driven beams, by second routes."""

import numpy as np
import pytest
import qutip
from mpmath import mp
from routes import weak_beam
from states import random_state

from coherence_lib import harvest
from coherence_lib.harvest import beam, qubit, transfer

WEAK = [0.1, 0.0999, 1e-3, 1e-6, 1e-8, -1e-8, 1e-12, 1e-45]
PHASES = {
    "random": random_state(np.random.default_rng(3), 4),
    "three atoms": random_state(np.random.default_rng(4), 8),
}
ATOM = np.array([0.6, 0.8])
PHASES["product"] = np.outer(np.kron(ATOM, ATOM), np.kron(ATOM, ATOM)).astype(complex)
# The four terms of the drive cancel, the third order does not.
PHASES["cancelling"] = np.diag([0.3, 0.2, 0.2, 0.3]).astype(complex)
PHASES["cancelling"][[0, 1, 1, 3], [1, 0, 3, 1]] = [0.1, 0.1, -0.1, -0.1]


@pytest.mark.parametrize("name", PHASES)
@pytest.mark.parametrize("g_tau", WEAK)
def test_the_end_of_a_weak_driven_beam_has_all_of_its_digits(name, g_tau):
    rho = PHASES[name]
    # Where nothing drives, z is of order one, and here it is zero.
    room = 1e-15 if name == "cancelling" else mp.mpf(10) ** -200
    with mp.workdps(300):
        exact = weak_beam.end(rho, mp.mpf(g_tau))
        found = beam._fixed_point_by_orders(*transfer.bloch_change(rho, g_tau), g_tau)
        for ours, true in zip(found, exact, strict=True):
            assert abs(ours - true) <= 3e-13 * abs(true) + room
    state = harvest.beam_steady_state(rho, g_tau)
    np.testing.assert_allclose(qubit.bloch_vector(state), found, rtol=0, atol=1e-15)


def test_weaker_than_any_float_of_third_order():
    ends = [harvest.beam_steady_state(PHASES["product"], g) for g in (1e-300, 1e-50)]
    np.testing.assert_allclose(ends[0], np.eye(2) / 2, rtol=0, atol=1e-49)
    np.testing.assert_allclose(ends[1], np.eye(2) / 2, rtol=0, atol=1e-49)


def test_the_second_order_s_end_has_its_digits_too():
    for g_tau in (1e-3, 1e-8, 1e-20):
        state = harvest.beam_steady_state(PHASES["random"], g_tau, order=2)
        vector = qubit.bloch_vector(state)
        by_formula = harvest.bloch_steady_state(PHASES["random"], 1.0, g_tau)
        np.testing.assert_allclose(vector, by_formula, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4])
@pytest.mark.parametrize("g_tau", [-2.0, 1e-3, 0.3, 1.7])
def test_the_bloch_form_is_that_of_the_superoperator(n_atoms, g_tau):
    rho = random_state(np.random.default_rng(n_atoms), 2**n_atoms)
    for ours, plain in zip(
        transfer.bloch_change(rho, g_tau),
        qubit.bloch_form(harvest.beam_liouvillian(rho, 1.0, g_tau)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, plain, rtol=0, atol=3e-15)


@pytest.mark.parametrize("n_atoms", [1, 2, 3])
@pytest.mark.parametrize("g_tau", [0.02, 0.6, -1.3, 40.0])
def test_flip_probabilities_are_those_of_one_collision(n_atoms, g_tau):
    rho = random_state(np.random.default_rng(n_atoms + 7), 2**n_atoms)
    up, down = harvest.flip_probabilities(rho, g_tau)
    lower = [
        qutip.tensor([qutip.sigmam() if i == j else qutip.qeye(2) for j in range(n_atoms + 1)])
        for i in range(n_atoms + 1)
    ]
    exchange = sum(s.dag() * lower[-1] + s * lower[-1].dag() for s in lower[:-1])
    unitary = (-1j * g_tau * exchange).expm()
    cluster = qutip.Qobj(rho, dims=[[2] * n_atoms] * 2)
    for start, end, chance in ((1, 0, up), (0, 1, down)):
        both = qutip.tensor(cluster, qutip.fock_dm(2, start))
        after = (unitary * both * unitary.dag()).ptrace(n_atoms)
        assert abs(after[end, end].real - chance) < 1e-12


def test_flip_probabilities_stay_chances():
    full = np.diag([1.0, 0, 0, 0])
    up, down = harvest.flip_probabilities(full, np.pi / 8**0.5)
    assert up <= 1.0
    assert abs(up - 1) < 1e-15
    assert down == 0.0
    assert harvest.flip_probabilities(full, 0.0) == (0.0, 0.0)
    tiny = harvest.flip_probabilities(full, 1e-9)[0]
    assert abs(tiny / 2e-18 - 1) < 1e-14
