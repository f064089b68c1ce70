"""Paper I, abstract, Sec. I and Fig. 1: what the paper announces."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
import scipy.linalg
from claims import claim
from hypothesis import given
from hypothesis import strategies as st
from routes import literal
from states import any_state, projector, random_couplings, random_state, seeds

from coherence_lib import atoms, measures, thermal
from coherence_lib.atoms import AtomCluster, ladder, pair

nbars = st.floats(-3, 3).map(lambda exponent: 10**exponent)


def symmetric_share(nbar):
    """Long-time coherence from the ground state."""
    return nbar * (nbar + 1) / (3 * nbar * (nbar + 1) + 1)


def thermal_pair(nbar):
    """Both atoms at the temperature of the bath, not correlated."""
    one = np.diag([nbar, nbar + 1]) / (2 * nbar + 1)
    return np.kron(one, one).astype(complex)


def collisions(rho_pair, g_tau):
    """Superoperator of one exact passage of a pair; the qubit is the last of the three atoms."""
    first, second, qubit = literal.lowering(3)
    exchange = (first + second).T @ qubit
    u = scipy.linalg.expm(-1j * g_tau * (exchange + exchange.T)).reshape(4, 2, 4, 2)
    # Column-stacked: rho'_pq = map[(q, p), (s, r)] rho_rs.
    step = np.einsum("aprb,rs,aqsc->qpcb", u, rho_pair, u.conj(), optimize=True)
    return step.reshape(4, 4)


def final_qubit(rho_pair, g_tau):
    """What any qubit becomes after many passages; the fixed point must be unique."""
    step = collisions(rho_pair, g_tau)
    fixed = scipy.linalg.null_space(step - np.eye(4), rcond=1e-9)
    assert fixed.shape[1] == 1
    rho = fixed[:, 0].reshape(2, 2, order="F")
    return rho / np.trace(rho)


@claim("p1-abs-1", "holds under a condition")
@given(seed=seeds, nbar=nbars)
def test_incoherent_starts_end_coherent_unless_their_singlet_weight_forbids(seed, nbar, deviation):
    populations = np.random.default_rng(seed).dirichlet(np.ones(4))
    start = np.diag(populations).astype(complex)
    weight = (populations[1] + populations[2]) / 2
    end = literal.l1(literal.end(literal.together(2, nbar), start))
    deviation(end, abs((1 - weight) * symmetric_share(nbar) - weight))
    deviation(pair.long_time_coherence(start, nbar), end)
    # Atoms that already have the temperature of the bath gain nothing.
    balanced = thermal_pair(nbar)
    kept = literal.l1(literal.end(literal.together(2, nbar), balanced))
    deviation(kept, 0)
    deviation.broken(symmetric_share(nbar), kept)
    deviation(literal.apply(literal.together(2, nbar, 3.0), balanced), 0, scale=nbar + 1)
    # Nor do atoms a tenth of 1/k0 apart keep any.
    near = AtomCluster.from_positions([[0, 0, 0], [0.1, 0, 0]], [0, 0, 1])
    lost = literal.end(literal.liouvillian(near.f, near.gamma, 10.0), literal.ground(2))
    deviation.broken(symmetric_share(10.0), literal.l1(lost))
    deviation.evidence((literal.SINGLET @ thermal_pair(10.0) @ literal.SINGLET).real)


@claim("p1-s1-1", "reproduces")
def test_seven_atoms_hold_much_coherence(deviation):
    ratio = Fraction(10, 11)
    weights = [ratio**k for k in range(8)]
    exact = sum(w * (comb(7, k) - 1) for k, w in enumerate(weights)) / sum(weights)
    late = atoms.coherence(AtomCluster.collective(7), [5.0], 10.0)
    deviation(late, [float(exact)])
    deviation.evidence(late[0])


@claim("p1-s1-2", "reproduces")
@given(nbar=st.fractions(Fraction(1, 1000), 1000, max_denominator=1000))
def test_coherence_is_convex_in_the_number_of_atoms(nbar, deviation):
    r, one = nbar / (nbar + 1), Fraction(1)
    c = [(one + r) ** n * (1 - r) / (1 - r ** (n + 1)) - 1 for n in range(1, 25)]
    steps = [more - fewer for fewer, more in pairwise(c)]
    assert all(later > earlier for earlier, later in pairwise(steps))
    deviation(ladder.long_time_coherence(np.arange(1, 25), float(nbar)), np.array(c, float))


@claim("p1-s1-3", "reproduces")
@given(seed=seeds, nbar=nbars)
def test_heating_makes_coherence_only_within_equal_excitations(seed, nbar, deviation):
    rng = np.random.default_rng(seed)
    f, gamma = random_couplings(rng, 3)
    start = np.diag(rng.dirichlet(np.ones(8)))
    times = np.array([0.02, 0.3]) / (nbar + 1)
    states = atoms.evolve(AtomCluster(f, gamma), start, times, nbar, method="full")
    k = np.diagonal(literal.number(3))
    deviation(np.where(k[:, None] == k, 0, states), np.zeros(states.shape))


@claim("p1-s1-4", "reproduces")
def test_qubit_that_meets_coherent_pairs_becomes_thermal_at_a_temperature_they_set(deviation):
    nbar = 10.0
    charged = literal.end(literal.together(2, nbar), literal.ground(2))
    for g_tau in (0.05, 0.7, 3.0):
        # The bath's temperature, whatever the strength of the collision.
        qubit = final_qubit(charged, g_tau)
        deviation(qubit, np.diag([nbar, nbar + 1]) / (2 * nbar + 1))
    temperatures = []
    for share in (-0.9, 0.0, 0.5, 1.0):
        beam = charged.copy()
        beam[1, 2] = beam[2, 1] = share * charged[1, 2]
        qubit = final_qubit(beam, 0.01)
        deviation(qubit[0, 1], 0)
        temperatures.append(thermal.qubit_temperature(qubit[0, 0].real))
    assert np.all(np.diff(temperatures) > 0)
    deviation.evidence(temperatures[1] / thermal.temperature(nbar))


@claim("p1-s1-5", "holds under a condition")
@given(seed=seeds)
def test_coherence_between_unequal_excitations_does_not_act_as_heat(seed, deviation):
    beam = random_state(np.random.default_rng(seed), 4)
    beam[1:3, [0, 3]] = beam[[0, 3], 1:3] = 0
    without = beam.copy()
    without[0, 3] = without[3, 0] = 0
    # Between |ee> and |gg>: no effect, to all orders.
    deviation(final_qubit(beam, 0.4), final_qubit(without, 0.4))
    # Between neighbours: a drive; the qubit ends coherent, in no thermal state.
    beam = 0.5 * projector(1, 1, 1, 1) + 0.5 * literal.ground(2)
    driven = final_qubit(beam, 0.1)
    deviation.broken(0.0, driven[0, 1])
    # Its energy is another one too.
    beam[1:3, [0, 3]] = beam[[0, 3], 1:3] = 0
    deviation.broken(final_qubit(beam, 0.1)[0, 0].real, driven[0, 0].real)
    deviation.evidence(2 * abs(driven[0, 1]))


@claim("p1-s1-6", "holds under a condition")
@given(nbar=st.floats(0.01, 30))
def test_charged_coherence_stays_only_at_one_place(nbar, deviation):
    start = literal.ground(2)
    late = atoms.coherence(AtomCluster.collective(2, f0=2.0), [60.0, 1e4], nbar, start)
    deviation(late, np.full(2, symmetric_share(nbar)))
    near = AtomCluster.from_positions([[0, 0, 0], [0.1, 0, 0]], [0, 0, 1])
    end = atoms.steady_state(near, nbar)
    deviation(end, thermal_pair(nbar))
    deviation.broken(symmetric_share(nbar), literal.l1(end))
    deviation.evidence(atoms.coherence(near, [50.0], 10.0)[0])


@claim("p1-fig-1", "holds under a condition")
@given(seed=seeds, nbar=nbars)
def test_heating_raises_a_low_coherence_and_lowers_a_high_one(seed, nbar, deviation):
    rho = any_state(np.random.default_rng(seed), 2)
    weight = (literal.SINGLET @ rho @ literal.SINGLET).real
    end = literal.l1(literal.end(literal.together(2, nbar), rho))
    deviation(end, abs((1 - weight) * symmetric_share(nbar) - weight))
    low = 0.99 * literal.ground(2) + 0.01 * projector(0, 1, 1, 0)
    assert pair.long_time_coherence(low, 1.0) > measures.l1_coherence(low) + 0.1
    # The most coherent symmetric state of one excitation loses two thirds.
    high = projector(0, 1, 1, 0)
    end = pair.long_time_coherence(high, 10.0)
    deviation.broken(measures.l1_coherence(high), end)
    deviation.evidence(end)


@claim("p1-fig-1-heat", "holds under a condition")
@given(nbar=nbars)
def test_a_hot_pair_pays_the_bath_while_it_becomes_coherent(nbar, deviation):
    count = literal.number(2)
    excited = projector(1, 0, 0, 0)
    for start in (literal.ground(2), excited):
        end = literal.end(literal.together(2, nbar), start)
        mean = (2 * nbar**2 + nbar * (nbar + 1)) / (3 * nbar * (nbar + 1) + 1)
        deviation(np.trace(count @ end).real, mean)
        assert literal.l1(end) == pytest.approx(symmetric_share(nbar), rel=1e-6)
    cluster = AtomCluster.collective(2)
    drawn, given_back = (
        np.trace(count @ (atoms.steady_state(cluster, 10.0, start) - start)).real
        for start in (literal.ground(2), excited)
    )
    assert drawn > 0
    deviation.broken(drawn, given_back)
    deviation.evidence(given_back)
