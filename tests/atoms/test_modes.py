"""Modes with bounds: against exact digits at late times, and against their own promise."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from states import assert_physical, random_couplings, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, basis, extended, krylov, modes, real_form

DIPOLE = [0.0, 0.0, 1.0]
LATE = [0.0, 1.0, 10.0, 1e3, 1e6, 1e9, 1e12]


def cloud(n_atoms, spread=0.5):
    places = spread * np.random.default_rng(n_atoms).normal(size=(n_atoms, 3))
    return AtomCluster.from_positions(places, DIPOLE)


def polygon(n_atoms, side):
    angles = 2 * np.pi * np.arange(n_atoms) / n_atoms
    places = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    return AtomCluster.from_positions(side / (2 * np.sin(np.pi / n_atoms)) * places, DIPOLE)


def at_one_place(n_atoms):
    """One channel, and hopping that mixes what it leaves alone."""
    return AtomCluster(cloud(n_atoms).f, np.ones((n_atoms, n_atoms)))


def two_channels(n_atoms):
    vectors = np.random.default_rng(n_atoms).normal(size=(n_atoms, 2))
    gamma = vectors @ vectors.T
    return AtomCluster(cloud(n_atoms).f, gamma / np.diagonal(gamma).max())


def without_hopping(n_atoms):
    return AtomCluster(np.zeros((n_atoms, n_atoms)), cloud(n_atoms, 0.02).gamma)


CLUSTERS = {
    "far": cloud,
    "close": lambda n: cloud(n, 0.1),
    "closer": lambda n: cloud(n, 0.02),
    "one channel": at_one_place,
    "two channels": two_channels,
    "no hopping": without_hopping,
    "polygon": lambda n: polygon(n, 0.02),
}


def block_state(n_atoms):
    rho = random_state(np.random.default_rng(n_atoms), 2**n_atoms)
    excitations = basis.excitation_numbers(n_atoms)
    return np.where(excitations[:, None] == excitations, rho, 0)


def none_is_trusted(*_):
    raise AssertionError("the modes have given way")


@pytest.mark.parametrize("name", CLUSTERS)
@pytest.mark.parametrize("n_atoms", [2, 3, 4])
@pytest.mark.parametrize("nbar", [1e-3, 1.0, 10.0])
def test_the_ground_state_at_any_time_has_the_digits_of_exact_products(
    monkeypatch, name, n_atoms, nbar
):
    cluster = CLUSTERS[name](n_atoms)
    by_blocks = atoms.coherence(cluster, LATE, nbar, method="blocks")
    found = atoms.coherence(cluster, LATE, nbar, method="modes")
    np.testing.assert_allclose(found, by_blocks, rtol=0, atol=1e-9 * min(1, nbar))
    if n_atoms < 4 or name not in {"closer", "polygon"}:
        monkeypatch.setattr(modes, "exact", none_is_trusted)
        atoms.coherence(cluster, LATE, nbar, method="modes")


@pytest.mark.parametrize("name", ["far", "close", "one channel", "two channels"])
@pytest.mark.parametrize("nbar", [0.0, 0.3])
def test_states_at_any_time_are_those_of_the_blocks(name, nbar):
    cluster, rho0 = CLUSTERS[name](4), block_state(4)
    states = atoms.evolve(cluster, rho0, LATE, nbar, method="modes")
    assert_physical(states)
    by_blocks = atoms.evolve(cluster, rho0, LATE, nbar, method="blocks")
    np.testing.assert_allclose(states, by_blocks, rtol=0, atol=1e-8)
    c = atoms.coherence(cluster, LATE, nbar, rho0, method="modes")
    np.testing.assert_allclose(c, measures.l1_coherence(by_blocks), rtol=0, atol=1e-8)


@pytest.mark.parametrize("side", [1e-2, 1e-3])
def test_a_plateau_that_outlives_the_digits_of_floats_ends_in_time(monkeypatch, side):
    # At 1e-3 the hopping is 1e9 and the slowest rate 1e-6: floats have one digit of it.
    monkeypatch.setattr(modes, "exact", none_is_trusted)
    cluster, nbar = polygon(3, side), 1.0
    slow = 0.5 * side**2
    times = np.array([1.0, 0.1 / slow, 1 / slow, 100 / slow])
    found = atoms.coherence(cluster, times, nbar, method="modes")
    exactly = atoms.coherence(cluster, times, nbar, method="blocks")
    np.testing.assert_allclose(found, exactly, rtol=0, atol=1e-9)
    assert found[1] > 0.5
    assert found[3] < 1e-2


def test_the_limit_stays_where_rates_vanish():
    # Identical atoms keep their coherence for ever, and each state its own.
    cluster, rho0 = AtomCluster.collective(4, f0=0.7), block_state(4)
    for start in (None, rho0):
        late = atoms.coherence(cluster, [1e3, 1e12], 1.0, start, method="modes")
        limit = atoms.long_time_coherence(cluster, 1.0, start)
        np.testing.assert_allclose(late, limit, rtol=1e-9)


@given(seed=seeds)
@settings(max_examples=15)
def test_the_bound_of_the_error_holds(seed):
    rng = np.random.default_rng(seed)
    cluster = AtomCluster(*random_couplings(rng, 3, rank=rng.integers(1, 4)))
    times = np.geomspace(1e-2, 1e6, 9)
    try:
        found = modes.found(cluster, 0.7, None, times)
    except modes.TooSlowError:
        return
    by_blocks = atoms.coherence(cluster, times, 0.7, method="blocks")
    error = np.abs(found.layout.coherence(found.at(times)) - by_blocks).max()
    assert error <= 1e-12 + found.errors.sum()


def test_modes_that_cannot_be_trusted_give_way(monkeypatch):
    cluster, nbar = cloud(4, 0.1), 1.0
    expected = atoms.coherence(cluster, [0.3, 1e3], nbar, method="blocks")
    monkeypatch.setattr(modes, "TOLERANCE", 1e-30)
    with pytest.raises(modes.TooSlowError):
        modes.found(cluster, nbar, None, np.array([0.3, 1e3]))
    found = atoms.coherence(cluster, [0.3, 1e3], nbar, method="modes")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
    states = atoms.evolve(cluster, block_state(4), [0.3], nbar, method="modes")
    by_blocks = atoms.evolve(cluster, block_state(4), [0.3], nbar, method="blocks")
    np.testing.assert_allclose(states, by_blocks, rtol=0, atol=1e-8)
    # Too many to be looked at again is a reason too.
    monkeypatch.setattr(modes, "TOLERANCE", 5e-9)
    monkeypatch.setattr(modes, "_EPS", 1e-6)
    monkeypatch.setattr(modes, "_MOST", 3)
    with pytest.raises(modes.TooSlowError):
        modes.found(cluster, nbar, None, np.array([1e3]))


def test_modes_of_one_time_are_those_of_many(monkeypatch):
    cluster, times = cloud(4), np.linspace(0, 3, 40)
    whole = atoms.coherence(cluster, times, 1.0, method="modes")
    monkeypatch.setattr(modes, "_PIECE", 200)
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, 1.0, method="modes"), whole, rtol=1e-13, atol=1e-16
    )


@given(seed=seeds)
@settings(max_examples=10)
def test_a_product_is_rounded_once(seed):
    rng = np.random.default_rng(seed)
    part = real_form.generator(AtomCluster(*random_couplings(rng, 2)), 0.3)
    column = rng.normal(size=part.size)
    found = extended.product(part, column[:, None])[:, 0]
    exact = [Fraction(0)] * part.size
    entries = zip(part.parameter, part.target, part.origin, part.coefficient, strict=True)
    for parameter, target, origin, c in entries:
        exact[target] += int(c) * part.values[parameter] * Fraction(column[origin])
    np.testing.assert_allclose(found, [float(x) for x in exact], rtol=4e-16)


def test_no_late_time_of_six_and_seven_atoms_is_out_of_reach():
    for n_atoms, spread in ((6, 0.02), (6, 0.1), (7, 0.1), (7, 0.02)):
        told = [
            atoms.route(cloud(n_atoms, spread), nbar=1.0, times=[time]).seconds
            for time in (10.0, 1e3, 1e6)
        ]
        assert max(told) < 100


@pytest.mark.parametrize("nbar", [0.5, 10.0])
def test_a_walk_stops_where_it_meets_the_thermal_state(monkeypatch, nbar):
    # Two channels of five atoms: no bound of a rate is known, and still the end is seen.
    cluster = two_channels(5)
    assert np.isinf(krylov.relaxed_after(cluster, nbar))
    monkeypatch.setattr(krylov, "_whole_seconds", lambda *_: np.inf)
    monkeypatch.setattr(krylov, "_MOST", 60)
    times = [0.5, 20.0, 1e3, 1e12]
    walked = atoms.evolve(cluster, block_state(5), times, nbar, method="krylov")
    np.testing.assert_allclose(walked[-1], atoms.steady_state(cluster, nbar), atol=1e-14)
    by_modes = atoms.evolve(cluster, block_state(5), times, nbar, method="modes")
    np.testing.assert_allclose(walked, by_modes, rtol=0, atol=1e-8)


def test_a_walk_that_never_meets_it_is_given_up(monkeypatch):
    # One channel without hopping keeps a coherence for ever.
    n_atoms = 8
    cluster = AtomCluster(0.3 * (1 - np.eye(n_atoms)), np.ones((n_atoms, n_atoms)))
    monkeypatch.setattr(krylov, "_MET", 1e-3)
    with pytest.raises(ValueError, match=r"^`times` must ask for less work.*steady_state"):
        atoms.coherence(cluster, [1e12], 10.0, method="krylov")


@pytest.mark.parametrize("method", ["auto", "blocks", "krylov"])
@pytest.mark.parametrize("n_atoms", [2, 6, 8])
def test_nothing_happens_to_the_ground_state_without_photons(n_atoms, method):
    began = time.process_time()
    values = atoms.coherence(cloud(n_atoms), [1e3, 1e12, 1e300], 0.0, method=method)
    assert np.array_equal(values, [0, 0, 0])
    # It costs what it is said to cost: next to nothing.
    assert time.process_time() - began < 5
    assert atoms.route(cloud(n_atoms), nbar=0.0, times=[1e12]).seconds < 0.1


def test_a_ground_state_that_is_written_out_rests_too():
    rho0 = atoms.ground_state(5)
    values = atoms.coherence(cloud(5), [0.1, 3.0], 0.0, rho0, method="krylov")
    assert np.array_equal(values, [0, 0])


def test_what_modes_weigh_is_bounded_by_the_shorter_of_two_lengths():
    # Balanced blocks do not lengthen the scaled numbers; without photons they may.
    for nbar in (0.0, 1e-3, 0.7, 30.0):
        layout = krylov.layout(cloud(4), nbar, None)
        basis_of = modes._Basis.of(cloud(4), nbar, layout)
        numbers = np.random.default_rng(1).normal(size=(layout.size, 2))
        # Where each block is as long as it counts, all together are the shorter way to say it.
        numbers[:, 1] = 0.0
        numbers[layout.offsets[:-1], 1] = layout.factors * layout.sizes
        bound = basis_of.lengths(numbers)
        assert np.all(bound >= layout.coherence(numbers.T))
        if nbar:
            whole = np.linalg.norm(layout.factors * layout.sizes) * np.linalg.norm(numbers, axis=0)
            assert np.all(bound <= whole * (1 + 1e-12))
            assert bound[1] == pytest.approx(whole[1], rel=1e-12)


def test_modes_that_do_not_span_all_give_way(monkeypatch):
    cluster = cloud(3)
    expected = atoms.coherence(cluster, LATE, 0.7, method="blocks")
    eig = modes.scipy.linalg.eig

    def alike(matrix, **options):
        values, vectors = eig(matrix, **options)
        vectors[:, 1:] = 0.0
        return values, vectors

    monkeypatch.setattr(modes.scipy.linalg, "eig", alike)
    with pytest.raises(modes.TooSlowError):
        modes.found(cluster, 0.7, None, np.array(LATE))
    found = atoms.coherence(cluster, LATE, 0.7, method="modes")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
