"""Sources on any graph: by enumeration, QuTiP, the ring's own routes and closed forms."""

import itertools
import math
import pickle

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb

from coherence_lib import ring
from coherence_lib.ring import SourceGraph, SourceRing, counts, transition
from coherence_lib.ring.sources import SignedLevels

T = np.array([0.0, 0.1, 1.0, 10.0, np.inf])


def around(n):
    return [(j, (j + 1) % n) for j in range(n)]


def random_graph(seed, unequal):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    edges = [pair for pair in itertools.combinations(range(n), 2) if rng.random() < 0.5]
    edges.append((n - 1, 0))
    J = rng.normal(size=len(edges)) if unequal else rng.normal()
    omega_a, gamma = rng.normal(size=2)
    return SourceGraph(edges, omega_a, gamma, J, rng.uniform(0.3, 2))


def states(graph):
    """Energy, coherence and excited share of all states, from 2 x 2 matrices."""
    n, found = graph.n_sources, []
    couplings = np.broadcast_to(graph.J, len(graph.edges))
    for spins in itertools.product((1, -1), repeat=n):
        M = sum(spins)
        bonds = sum(
            J * spins[j] * spins[k] for J, (j, k) in zip(couplings, graph.edges, strict=True)
        )
        block = np.array([[graph.omega / 2, graph.gamma * M], [graph.gamma * M, -graph.omega / 2]])
        energies, vectors = np.linalg.eigh(block)
        for energy, v in zip(energies, vectors.T, strict=True):
            found.append((energy + graph.omega_a * M / 2 - bonds, 2 * v[0] * v[1], v[0] ** 2))
    return np.array(found).T


def thermal(graph, temperature):
    energy, coherence, excited = states(graph)
    gaps = energy - energy.min()
    if temperature == 0:
        weights = (gaps < 1e-10 * max(graph.omega, abs(energy.min()))).astype(float)
    else:
        weights = np.exp(-gaps / temperature)
    weights /= weights.sum()
    return abs(weights @ coherence), weights @ excited


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_every_door_is_the_mean_over_all_states(seed, unequal):
    graph = random_graph(seed, unequal)
    coherence, excited = np.array([thermal(graph, t) for t in T]).T
    np.testing.assert_allclose(ring.coherence(graph, T), coherence, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(ring.incoherence(graph, T), 1 - coherence, rtol=1e-10)
    rho = ring.target_state(graph, T)
    np.testing.assert_allclose(rho[:, 0, 0], excited, rtol=1e-10)
    np.testing.assert_allclose(2 * np.abs(rho[:, 0, 1]), coherence, rtol=1e-10, atol=1e-14)
    energy = states(graph)[0]
    log_z = [-energy.min() / t + np.log(np.exp(-(energy - energy.min()) / t).sum()) for t in T[1:4]]
    np.testing.assert_allclose(ring.log_partition_function(graph, T[1:4]), log_z, rtol=1e-12)
    ground = transition.ground_state(graph)
    assert ground.energy == pytest.approx(energy.min(), rel=1e-13)
    assert ground.degeneracy == np.sum(energy - energy.min() < 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_state_is_qutip_s(seed):
    graph = random_graph(seed, True)
    n = graph.n_sources

    def at(operator, place):
        factors = [qutip.qeye(2)] * (n + 1)
        factors[place] = operator
        return qutip.tensor(factors)

    z = [at(qutip.sigmaz(), k) for k in range(n + 1)]
    M = sum(z[1:])
    H = graph.omega / 2 * z[0] + graph.omega_a / 2 * M + graph.gamma * at(qutip.sigmax(), 0) * M
    H -= sum(J * z[j + 1] * z[k + 1] for J, (j, k) in zip(graph.J, graph.edges, strict=True))
    rho = (-H / 0.7).expm()
    rho = (rho / rho.tr()).ptrace(0).full()
    ours = ring.target_state(graph, 0.7)
    np.testing.assert_allclose(ours, rho.real, atol=1e-12)


@pytest.mark.parametrize("n, J", [(3, -0.4), (9, -0.13), (12, 0.2), (60, -0.3)])
def test_a_ring_is_a_graph(n, J):
    source, graph = SourceRing(n, 0.1, 0.2, J), SourceGraph(around(n), 0.1, 0.2, J)
    for door in (ring.coherence, ring.incoherence, transition.slope):
        np.testing.assert_allclose(door(graph, T[1:4]), door(source, T[1:4]), rtol=1e-9)
    one, other = transition.ground_state(graph), transition.ground_state(source)
    assert (one.phase, one.degeneracy) == (other.phase, other.degeneracy)
    assert one.magnetisation == pytest.approx(other.magnetisation)
    assert one.energy == pytest.approx(other.energy, rel=1e-13)
    turns, expected = transition.extrema(graph), transition.extrema(source)
    assert [turn.kind for turn in turns] == [turn.kind for turn in expected]
    for turn, other in zip(turns, expected, strict=True):
        assert turn.temperature == pytest.approx(other.temperature, rel=1e-9)
    best = transition.optimal_temperature(graph)
    assert best.coherence == pytest.approx(transition.optimal_temperature(source).coherence)


def test_a_slope_is_right_where_it_is_exponentially_small():
    graph = SourceGraph(around(6), 0.5, 0.2, -0.25)
    source = SourceRing(6, 0.5, 0.2, -0.25)
    cold = transition.slope(graph, 0.002)
    assert 0 < cold < 1e-30
    assert cold == pytest.approx(transition.slope(source, 0.002), rel=1e-9)


@given(seed=st.integers(0, 10**6))
def test_both_ways_count_alike(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 10))
    edges = [tuple(rng.choice(n, 2, replace=False).tolist()) for _ in range(rng.integers(1, 14))]
    edges.append((0, n - 1))
    one = counts._by_transfer(n, edges, 1.0)
    other = counts._by_enumeration(n, edges, np.ones(len(edges)))
    for name in ("down", "bonds", "states"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_counts_in_closed_form():
    n = 40
    # A star: the centre up or down, and leaves of which some agree with it.
    star = SourceGraph([(0, leaf) for leaf in range(1, n)], 0.5, 0.2, -0.1).counts
    for down, bonds, number in zip(star.down, star.bonds, star.states, strict=True):
        up_centre = comb(n - 1, down, exact=True) if bonds == n - 1 - 2 * down else 0
        turned = comb(n - 1, down - 1, exact=True) if bonds == 2 * down - n - 1 else 0
        assert number == up_centre + turned
    # A chain of 80 has 2^80 configurations.
    chain = SourceGraph([(j, j + 1) for j in range(79)], 0.5, 0.2, 0.1).counts
    total = np.where(2 * chain.down == 80, 1, 2) @ chain.states
    assert total == pytest.approx(2.0**80, rel=1e-13)
    everyone = SourceGraph(list(itertools.combinations(range(12), 2)), 0.5, 0.2, 0.1).counts
    np.testing.assert_array_equal(everyone.states, comb(12, np.arange(7)))
    np.testing.assert_array_equal(everyone.bonds, ((12 - 2 * np.arange(7)) ** 2 - 12) / 2)


def test_pairs_that_repeat_and_sources_without_neighbours():
    twice = SourceGraph([(0, 1), (1, 0)], 0.5, 0.2, 0.3)
    assert ring.coherence(twice, 1.0) == pytest.approx(
        ring.coherence(SourceRing(2, 0.5, 0.2, 0.3), 1.0), rel=1e-14
    )
    lonely = SourceGraph([(1, 2)], 0.5, 0.2, 0.0)
    assert lonely.n_sources == 3
    assert ring.coherence(lonely, 1.0) == pytest.approx(
        ring.coherence(SourceRing(3, 0.5, 0.2, 0.0), 1.0), rel=1e-14
    )


def test_what_was_counted_is_not_sent_but_counted_again():
    graph = SourceGraph(around(5), 0.5, 0.2, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert ring.coherence(graph, 1.0) > 0
    copy = pickle.loads(pickle.dumps(graph))
    assert "counts" not in vars(copy)
    assert copy == graph
    assert ring.coherence(copy, 1.0) == ring.coherence(graph, 1.0)


@pytest.mark.parametrize("unequal", [False, True])
def test_too_many_configurations_are_refused_before_they_are_counted(unequal):
    edges = list(itertools.combinations(range(40), 2))
    J = np.linspace(0.1, 1, len(edges)) if unequal else 0.1
    with pytest.raises(ValueError, match=r"`edges` must fit the memory"):
        ring.coherence(SourceGraph(edges, 0.5, 0.2, J), 1.0)


def test_a_bond_that_is_stronger_than_all_floats_but_one_is_no_overflow():
    graph = SourceGraph(around(4), 0.5, 0.2, [1e300, -1e-300, 1e-300, 1.0])
    assert 0 < ring.coherence(graph, 1.0) < 1


def test_levels_have_all_states_once():
    graph = SourceGraph(around(4), 0.5, 0.2, -0.3)
    levels = SignedLevels.of(graph.counts, 0.5, 0.2, -0.3, 1.0)
    assert levels.states.sum() == 2**5
    energy = np.sort(np.repeat(levels.energies, levels.states.astype(int)))
    np.testing.assert_allclose(energy, np.sort(states(graph)[0]), rtol=1e-13, atol=1e-13)


def test_who_is_no_source_is_told_so():
    with pytest.raises(TypeError, match=r"`ring` must be a SourceRing or a SourceGraph, but got"):
        ring.coherence("star", 1.0)


def test_one_bond_among_many_sources_is_counted_by_binomials():
    n, weight = 20, 1.5
    found = counts.count(n, [(3, 4)], np.array([weight]))
    expected = {}
    for down in range(n // 2 + 1):
        parallel = math.comb(n - 2, down) + (math.comb(n - 2, down - 2) if down > 1 else 0)
        expected[down, weight] = parallel
        if down:
            expected[down, -weight] = 2 * math.comb(n - 2, down - 1)
    rows = zip(found.down.tolist(), found.bonds.tolist(), found.states.tolist(), strict=True)
    assert {(down, bonds): states for down, bonds, states in rows} == expected


def test_no_temperature_has_no_partition_function():
    graph = SourceGraph([(0, 1), (1, 2)], 0.5, 0.2, 0.1)
    assert ring.log_partition_function(graph, []).shape == (0,)
    assert ring.coherence(graph, np.zeros((0, 3))).shape == (0, 3)


def test_a_loop_is_named_and_numbers_are_floats():
    with pytest.raises(ValueError, match=r"^`edges` must join different .*, but got \(2, 2\)\.$"):
        SourceGraph([(0, 1), (2, 2)], 0.5, 0.2, 0.1)
    graph = SourceGraph([(0, 1)], 1, 2, 3, omega=4)
    numbers = [graph.omega_a, graph.gamma, graph.J, graph.omega]
    assert numbers == [1.0, 2.0, 3.0, 4.0]
    assert {type(number) for number in numbers} == {float}


def test_one_bond_among_many_free_sources_is_counted_by_transfer():
    # By hand: 39 free sources beside a pair that is parallel or not.
    graph = SourceGraph([(0, 40)], 0.4, 0.3, 0.7)
    rho, z = np.zeros((2, 2)), 0.0
    for down in range(40):
        for s, t in itertools.product((1, -1), repeat=2):
            M = 39 - 2 * down + s + t
            energy = 0.2 * M - 0.7 * s * t
            block = np.array([[0.5 + energy, 0.3 * M], [0.3 * M, energy - 0.5]])
            energies, vectors = np.linalg.eigh(block)
            weights = comb(39, down) * np.exp(-energies / 2.0)
            rho, z = rho + (vectors * weights) @ vectors.T, z + weights.sum()
    assert ring.coherence(graph, 2.0) == pytest.approx(2 * abs(rho[0, 1]) / z, rel=1e-12)
    assert ring.log_partition_function(graph, 2.0) == pytest.approx(np.log(z), rel=1e-13)


@pytest.mark.parametrize("J", [-1.0, 1.0, [1.0, -1.0, 0.5, -0.7]])
def test_the_cold_is_the_ground_state_where_no_weight_is_a_float(J):
    graph = SourceGraph([(0, 1), (1, 2), (2, 3), (3, 4)], 0.3, 0.2, J)
    cold = ring.coherence(graph, 1e-3)
    assert cold == pytest.approx(ring.coherence(graph, 0.0), rel=1e-12)
    assert 0 < cold < 1


def test_the_bond_that_joins_a_source_to_itself_is_the_one_that_is_named():
    with pytest.raises(ValueError, match=r"`edges` must join different sources, but got \(2, 2\)"):
        SourceGraph([(0, 1), (2, 2)], 0.1, 0.1, 0.1)


def test_energies_are_kept_as_floats():
    graph = SourceGraph([(0, 1)], 1, 2, 3, np.int64(4))
    assert [type(v) for v in (graph.omega_a, graph.gamma, graph.J, graph.omega)] == [float] * 4
