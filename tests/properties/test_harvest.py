"""What every collision and every beam has in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import any_state, assert_physical, random_state, seeds

from coherence_lib import harvest

strengths = st.floats(-4, 4)


def excitations(rho):
    """Mean number of excitations: |e> is the first state of each."""
    n = int(np.log2(len(rho)))
    counts = [n - bin(label).count("1") for label in range(2**n)]
    return float(np.real(np.diag(rho)) @ counts)


def choi(channel, dimension):
    """The matrix of a linear map, positive if and only if the map is completely positive."""
    blocks = np.zeros((dimension, dimension, dimension, dimension), complex)
    for i in range(dimension):
        for j in range(dimension):
            unit = np.zeros((dimension, dimension), complex)
            unit[i, j] = 1
            blocks[i, :, j, :] = channel(unit)
    return blocks.reshape(dimension**2, dimension**2)


def linear(map_of_states, dimension):
    """A map that is known on states, on all matrices: each is a combination of four states."""

    def channel(matrix):
        result = 0
        hermitian = (matrix + matrix.conj().T) / 2, (matrix - matrix.conj().T) / 2j
        for part, factor in zip(hermitian, (1, 1j), strict=True):
            values, vectors = np.linalg.eigh(part)
            for value, vector in zip(values, vectors.T, strict=True):
                result = result + factor * value * map_of_states(np.outer(vector, vector.conj()))
        return result

    return channel


@given(seed=seeds, g_tau=strengths, n_atoms=st.integers(1, 3))
def test_a_collision_is_a_quantum_channel(seed, g_tau, n_atoms):
    rho = any_state(np.random.default_rng(seed), n_atoms)
    to_qubit = linear(lambda qubit: harvest.collide(rho, qubit, g_tau)[1], 2)
    matrix = choi(to_qubit, 2)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12
    # Whatever goes in, its trace comes out.
    trace = np.einsum("iaja->ij", matrix.reshape(2, 2, 2, 2))
    assert np.abs(trace - np.eye(2)).max() < 1e-12


@given(seed=seeds, g_tau=strengths, n_atoms=st.integers(1, 3))
def test_a_collision_only_moves_excitations(seed, g_tau, n_atoms):
    rng = np.random.default_rng(seed)
    rho, qubit = any_state(rng, n_atoms), any_state(rng, 1)
    rho_after, qubit_after = harvest.collide(rho, qubit, g_tau)
    assert_physical(rho_after, 1e-12)
    assert_physical(qubit_after, 1e-12)
    before = excitations(rho) + excitations(qubit)
    assert excitations(rho_after) + excitations(qubit_after) == pytest.approx(before, abs=1e-12)


@given(seed=seeds, g_tau=st.floats(0.05, 1.5), log_rate=st.floats(-3, 3))
def test_a_beam_leads_states_to_states(seed, g_tau, log_rate):
    rng = np.random.default_rng(seed)
    rho, qubit, rate = random_state(rng, 4), any_state(rng, 1), 10**log_rate
    times = np.sort(rng.uniform(0, 50, size=4)) / rate
    path = harvest.beam_evolve(rho, qubit, rate, g_tau, times)
    assert_physical(path)
    end = harvest.beam_steady_state(rho, g_tau)
    assert_physical(end)
    distances = [0.5 * np.abs(np.linalg.eigvalsh(state - end)).sum() for state in path]
    assert np.all(np.diff(distances) < 1e-9)
    (kept,) = harvest.beam_evolve(rho, end, rate, g_tau, [times[-1]])
    assert np.abs(kept - end).max() < 1e-9


@given(seed=seeds, g_tau=st.floats(1e-3, 0.3), log_rate=st.floats(-3, 3))
def test_the_first_law_holds_for_every_beam(seed, g_tau, log_rate):
    rng = np.random.default_rng(seed)
    rho, qubit, rate = any_state(rng, 2), any_state(rng, 1), 10**log_rate
    omega = 10 ** rng.uniform(-2, 2)
    generator = np.asarray(harvest.beam_liouvillian(rho, rate, g_tau, order=2))
    change = (generator @ qubit.T.reshape(4)).reshape(2, 2).T
    # The energy is that of the qubit and of its constant drive.
    drive = rate * g_tau * 2 * (harvest.beam_coefficients(rho).lam * change[0, 1].conj()).real
    gained = omega * (change[0, 0] - change[1, 1]).real / 2 + drive
    paid = harvest.heat_current(rho, qubit, rate, g_tau, omega)
    paid += harvest.power(rho, qubit, rate, g_tau, omega)
    assert paid == pytest.approx(gained, rel=1e-9, abs=1e-12 * rate * omega)


def test_a_map_that_is_no_channel_is_seen():
    """The control: transposition is positive, and not completely."""
    assert np.linalg.eigvalsh(choi(lambda matrix: matrix.T, 2)).min() == pytest.approx(-1)
