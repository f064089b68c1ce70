"""What every evolution of atoms has in common, on clusters, states and times that nobody chose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import any_state, assert_physical, random_couplings, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster

ROUTES = ("closed", "ladder", "blocks", "krylov", "full")


def any_cluster(rng, n_atoms):
    """Atoms at one place, anywhere from k0 r = 1e-7 to 10, or couplings that no atoms have."""
    kind = rng.integers(3)
    if kind == 0:
        f0, gamma0 = rng.normal() * 10 ** rng.uniform(-3, 2), 10 ** rng.uniform(-2, 2)
        return AtomCluster.collective(n_atoms, f0, gamma0)
    if kind == 1:
        places = 10 ** rng.uniform(-7, 1) * rng.normal(size=(n_atoms, 3))
        return AtomCluster.from_positions(places, dipole=rng.normal(size=3))
    f, gamma = random_couplings(rng, n_atoms)
    return AtomCluster(f, gamma / 10)


def any_photons(rng):
    return 0.0 if rng.integers(5) == 0 else 10 ** rng.uniform(-6, 2)


def any_times(rng, cluster, nbar):
    """A few moments on the scale of the decay, early and late ones."""
    # Random couplings may leave an atom dark.
    fastest = (cluster.gamma.max() or 1.0) * (nbar + 1)
    return np.sort(10 ** rng.uniform(-4, 2, size=4)) / fastest


def trace_distance(a, b):
    return 0.5 * np.abs(np.linalg.eigvalsh(a - b)).sum(axis=-1)


@given(seed=seeds, n_atoms=st.integers(1, 3))
def test_a_state_stays_a_state(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    states = atoms.evolve(cluster, any_state(rng, n_atoms), any_times(rng, cluster, nbar), nbar)
    assert_physical(states)
    coherences = measures.l1_coherence(states)
    assert np.all((coherences >= 0) & (coherences <= 2**n_atoms - 1 + 1e-12))


@given(seed=seeds, n_atoms=st.integers(1, 3))
def test_two_steps_are_one(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    rho0 = any_state(rng, n_atoms)
    first, second = any_times(rng, cluster, nbar)[[0, 2]]
    (between,) = atoms.evolve(cluster, rho0, [first], nbar)
    (after,) = atoms.evolve(cluster, between, [second], nbar)
    (whole,) = atoms.evolve(cluster, rho0, [first + second], nbar)
    # The sum of the two times is rounded, which a fast hopping turns into an angle.
    angle = 2e-16 * (first + second) * np.abs(cluster.f).sum()
    assert np.abs(after - whole).max() < 1e-8 + 4 * angle


@given(seed=seeds, n_atoms=st.integers(1, 3))
def test_two_states_only_come_nearer(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    times = np.concatenate([[0.0], any_times(rng, cluster, nbar)])
    paths = [atoms.evolve(cluster, any_state(rng, n_atoms), times, nbar) for _ in range(2)]
    assert np.all(np.diff(trace_distance(*paths)) < 1e-8)


@given(seed=seeds, n_atoms=st.integers(2, 3))
def test_the_order_of_the_atoms_is_a_matter_of_names(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    rho0, times = any_state(rng, n_atoms), any_times(rng, cluster, nbar)
    order = rng.permutation(n_atoms)
    renamed = AtomCluster(cluster.f[np.ix_(order, order)], cluster.gamma[np.ix_(order, order)])
    axes = [*order, *(n_atoms + order)]
    turned = rho0.reshape([2] * 2 * n_atoms).transpose(axes).reshape(rho0.shape)
    one = atoms.coherence(cluster, times, nbar, rho0)
    other = atoms.coherence(renamed, times, nbar, turned)
    assert other == pytest.approx(one, rel=1e-7, abs=1e-8)


@given(seed=seeds, n_atoms=st.integers(1, 4))
def test_coherence_knows_no_phases_of_the_basis(seed, n_atoms):
    rng = np.random.default_rng(seed)
    rho = any_state(rng, n_atoms)
    phases = np.exp(2j * np.pi * rng.uniform(size=len(rho)))
    turned = phases[:, None] * rho * phases.conj()
    for measure in (measures.l1_coherence, measures.relative_entropy_of_coherence):
        assert measure(turned) == pytest.approx(measure(rho), rel=1e-10, abs=1e-10)
    assert 0 <= measures.l1_coherence(rho) <= 2**n_atoms - 1


@given(seed=seeds, n_atoms=st.integers(2, 3))
def test_all_routes_agree(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    # From no coherence between numbers of excitations, which most routes need.
    rho0 = None if rng.integers(2) else np.diag(rng.dirichlet(np.ones(2**n_atoms)))
    times = any_times(rng, cluster, nbar)[:3]
    if np.abs(cluster.f).max() * times[-1] > 1e5:
        # The full space would take minutes.
        times = times * 1e5 / (np.abs(cluster.f).max() * times[-1])
    expected = atoms.coherence(cluster, times, nbar, rho0)
    scale, taken = max(expected.max(), 1e-8), 0
    for method in ROUTES:
        try:
            found = atoms.coherence(cluster, times, nbar, rho0, method=method)
        except ValueError:
            continue
        taken += 1
        assert np.abs(found - expected).max() < 3e-8 * scale, method
    assert taken >= 2


@given(log_nbar=st.floats(-8, 8), n_atoms=st.integers(1, 30))
def test_the_ladder_ends_in_detailed_balance(log_nbar, n_atoms):
    nbar = 10**log_nbar
    p = atoms.ladder.steady_populations(n_atoms, nbar)
    k = np.arange(n_atoms)
    up = nbar * (k + 1) * (n_atoms - k) * p[:-1]
    down = (nbar + 1) * (k + 1) * (n_atoms - k) * p[1:]
    assert up == pytest.approx(down, rel=1e-12)
    assert p.sum() == pytest.approx(1, rel=1e-13)


@given(seed=seeds, n_atoms=st.integers(1, 3))
def test_the_thermal_state_of_independent_atoms_never_moves(seed, n_atoms):
    rng = np.random.default_rng(seed)
    cluster, nbar = any_cluster(rng, n_atoms), any_photons(rng)
    rho = atoms.thermal_state(n_atoms, nbar)
    later = atoms.evolve(cluster, rho, any_times(rng, cluster, nbar), nbar)
    assert np.abs(later - rho).max() < 1e-8


def test_a_map_that_is_no_evolution_is_seen():
    """The control: a matrix that grows apart, and one whose trace does."""
    rng = np.random.default_rng(3)
    a, b = random_state(rng, 4), random_state(rng, 4)
    assert trace_distance(1.1 * a, 1.1 * b) > trace_distance(a, b) + 1e-8
    with pytest.raises(AssertionError):
        assert_physical(1.001 * a)
