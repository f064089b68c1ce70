"""The near field by an expansion: against exact routes, deeper expansions, and its own gate."""

import math

import numpy as np
import pytest
import scipy.linalg
from routes.fifty_digits import evolved
from states import assert_physical, random_state

from coherence_lib import atoms, measures
from coherence_lib.atoms import (
    AtomCluster,
    basis,
    krylov,
    modes,
    near_field,
    real_form,
    scaled,
)

TIMES = np.linspace(0, 1, 41)


def line(n_atoms, distance):
    places = distance * np.arange(n_atoms)[:, None] * [1.0, 0.0, 0.0]
    return AtomCluster.from_positions(places, dipole=[0, 0, 1])


def cloud(n_atoms, spread, seed=7):
    places = spread * np.random.default_rng(seed).normal(size=(n_atoms, 3))
    return AtomCluster.from_positions(places, dipole=[0, 0, 1])


def block_state(seed, n_atoms):
    rho = random_state(np.random.default_rng(seed), 2**n_atoms)
    excitations = basis.excitation_numbers(n_atoms)
    return np.where(excitations[:, None] == excitations, rho, 0)


def by_exponential(cluster, nbar, times):
    """C at equally spaced times, from one dense exponential of the unscaled blocks."""
    generator = real_form.generator(cluster, nbar)
    step = scipy.linalg.expm(generator.dense() * times[1])
    numbers = [generator.read(atoms.ground_state(cluster.n_atoms))]
    for _ in times[1:]:
        numbers.append(step @ numbers[-1])
    return generator.coherence(np.array(numbers))


def from_ground(cluster, nbar):
    frame = near_field.Frame(cluster, nbar, krylov.layout(cluster, nbar, None))
    return frame, frame.unfolded(frame.turned(frame.layout.read(None)[None]))[0]


def errors_beside_the_largest(found, exact):
    return np.abs(found - exact).max() / exact.max()


# --- the eigenbasis ------------------------------------------------------------------------


@pytest.mark.parametrize("nbar", [0.0, 0.3, 5.0])
def test_the_frame_is_the_generator_in_the_eigenbasis(nbar):
    cluster = cloud(4, 0.3)
    layout = krylov.layout(cluster, nbar, None)
    frame = near_field.Frame(cluster, nbar, layout)
    numbers = np.random.default_rng(1).normal(size=(3, layout.size))
    np.testing.assert_allclose(frame.turned(frame.turned(numbers), back=True), numbers, atol=1e-13)
    elements = frame.unfolded(frame.turned(numbers))
    np.testing.assert_allclose(frame.adjoint(elements), elements, atol=1e-14)
    slope = frame.hermitian(elements) - 1j * frame.omega * elements
    back = frame.turned(slope.real + slope.imag, back=True)
    expected = scaled.assembled(cluster, nbar, layout) @ numbers.T
    np.testing.assert_allclose(back, expected.T, rtol=0, atol=1e-12 * np.abs(expected).max())
    # What is written down without products: populations, and each element on itself.
    unit = np.eye(layout.size)
    whole = frame.dissipated(unit).T
    np.testing.assert_allclose(np.diag(whole), frame.damping, atol=1e-12)
    there = np.ix_(frame.populations, frame.populations)
    np.testing.assert_allclose(whole[there], frame.rates, atol=1e-12)
    np.testing.assert_allclose(frame.dissipated(unit, transposed=True), whole, atol=1e-12)


# --- the route -----------------------------------------------------------------------------


@pytest.mark.parametrize("n_atoms, xi", [(2, 0.02), (2, 0.005), (3, 0.1), (3, 0.02)])
def test_two_and_three_atoms_meet_fifty_digits(n_atoms, xi):
    cluster, nbar, time = cloud(n_atoms, xi), 1.3, 0.37
    rho0 = block_state(2, n_atoms)
    exact = evolved(cluster, nbar, rho0, time)
    state = atoms.evolve(cluster, rho0, [time], nbar, method="near_field")[0]
    np.testing.assert_allclose(state, exact, rtol=0, atol=1e-8)
    c = atoms.coherence(cluster, [time], nbar, rho0, method="near_field")
    assert c[0] == pytest.approx(measures.l1_coherence(exact), rel=1e-7)


@pytest.mark.parametrize("nbar", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("place, distance", [(line, 0.05), (line, 0.02), (cloud, 0.02)])
def test_six_atoms_meet_a_dense_exponential(place, distance, nbar):
    cluster = place(6, distance)
    if near_field.nearness(cluster, nbar) > near_field._SURELY_NEAR:
        near_field.trusted(*from_ground(cluster, nbar), TIMES)
    found = atoms.coherence(cluster, TIMES, nbar, method="near_field")
    exact = by_exponential(cluster, nbar, TIMES)
    assert errors_beside_the_largest(found, exact) <= near_field.PROMISE


@pytest.mark.parametrize("place", [line, cloud])
def test_five_atoms_need_no_expansion_but_have_one(place):
    cluster, nbar = place(5, 0.03), 1.0
    exact = by_exponential(cluster, nbar, TIMES)
    found = atoms.coherence(cluster, TIMES, nbar, method="near_field")
    assert errors_beside_the_largest(found, exact) <= 1e-8
    frame, start = from_ground(cluster, nbar)
    numbers = near_field.trusted(frame, start, TIMES).at(slice(0, len(TIMES)))
    assert errors_beside_the_largest(frame.layout.coherence(numbers), exact) <= near_field.PROMISE
    np.testing.assert_allclose(frame.layout.traces(numbers), 1, rtol=0, atol=1e-9)


@pytest.mark.parametrize("distance", [0.02, 0.005])
def test_seven_atoms_meet_a_deeper_expansion(distance):
    cluster, nbar, times = cloud(7, distance), 1.0, np.linspace(0, 1, 11)
    frame, start = from_ground(cluster, nbar)
    deep = near_field.Expansion(frame, start, times, near_field.Depth(6, 3, 1e-5, 1e-5, 0.0))
    expected = frame.layout.coherence(deep.at(slice(0, len(times))))
    found = atoms.coherence(cluster, times, nbar, method="near_field")
    assert errors_beside_the_largest(found, expected) <= 0.1 * near_field.PROMISE


def test_each_order_is_worth_an_order():
    cluster, nbar = line(5, 0.02), 10.0
    exact = by_exponential(cluster, nbar, TIMES)
    frame, start = from_ground(cluster, nbar)
    errors = []
    for order in (1, 2):
        depth = near_field.Depth(2, order, 1e-5, 1e-5, 0.0)
        numbers = near_field.Expansion(frame, start, TIMES, depth).at(slice(0, len(TIMES)))
        errors.append(errors_beside_the_largest(frame.layout.coherence(numbers), exact))
    assert errors[0] > 1e-8
    assert errors[1] < 0.05 * errors[0]


def test_states_are_those_of_an_exact_route():
    cluster, nbar, times = line(6, 0.03), 0.5, [0.0, 0.01, 0.3, 1.0]
    states = atoms.evolve(cluster, atoms.ground_state(6), times, nbar, method="near_field")
    assert_physical(states, 1e-6)
    exact = atoms.evolve(cluster, atoms.ground_state(6), times, nbar, method="krylov")
    np.testing.assert_allclose(states, exact, rtol=0, atol=near_field.PROMISE)


def test_where_the_depths_differ_an_exact_route_answers(monkeypatch):
    cluster, nbar = cloud(6, 0.15), 1.0
    exact = by_exponential(cluster, nbar, TIMES)
    monkeypatch.setattr(near_field, "_NEAR", 0.0)
    with pytest.raises(near_field.NotNearError):
        near_field.trusted(*from_ground(cluster, nbar), TIMES)
    found = atoms.coherence(cluster, TIMES, nbar, method="near_field")
    assert errors_beside_the_largest(found, exact) <= 1e-8
    # The control: without the gate the answer is wrong.
    monkeypatch.setattr(near_field, "_apart", lambda *_: 0.0)
    found = atoms.coherence(cluster, TIMES, nbar, method="near_field")
    assert not errors_beside_the_largest(found, exact) <= 1e-3


def test_far_atoms_are_not_expanded(monkeypatch):
    cluster = cloud(6, 0.5)
    monkeypatch.setattr(near_field, "Expansion", None)
    np.testing.assert_array_equal(
        atoms.coherence(cluster, TIMES, 1.0, method="near_field"),
        atoms.coherence(cluster, TIMES, 1.0, method="krylov"),
    )


def test_a_start_with_all_coherences_is_given_to_an_exact_route(monkeypatch):
    cluster, nbar, times = line(6, 0.1), 1.0, [0.1]
    rho0 = block_state(3, 6)
    monkeypatch.setattr(near_field, "_MOST_FREE", 100)
    states = atoms.evolve(cluster, rho0, times, nbar, method="near_field")
    exact = atoms.evolve(cluster, rho0, times, nbar, method="krylov")
    np.testing.assert_allclose(states, exact, rtol=0, atol=1e-8)


def test_late_times_cost_what_early_ones_do():
    cluster, nbar = line(6, 0.02), 1.0
    early, late = (
        near_field.ROUTE.seconds(cluster, nbar, np.array([time])) for time in (10.0, 1e3)
    )
    assert early == late
    times = np.array([1.0, 1e3])
    found = atoms.coherence(cluster, times, nbar, method="near_field")
    generator = real_form.generator(cluster, nbar)
    start = generator.read(atoms.ground_state(6))
    exact = [
        float(generator.coherence((scipy.linalg.expm(generator.dense() * t) @ start)[None])[0])
        for t in times
    ]
    assert np.abs(found - exact).max() <= near_field.PROMISE * max(exact)


def test_it_is_taken_by_name_alone_and_told_of():
    cluster, times = line(7, 0.02), np.array([1.0])
    choice = atoms.route(cluster, nbar=1.0, times=times)
    assert choice.name == "modes"
    assert "'near_field' takes about 0.2 seconds, and errs by up to 1e-06" in choice.reason
    assert near_field.ROUTE.promise == near_field.PROMISE > krylov.ROUTE.promise
    far = atoms.route(cloud(7, 0.5), nbar=1.0, times=times)
    assert "near_field" not in far.reason
    # Where it may give way, the exact route is counted too.
    between = cloud(7, 0.05)
    own = near_field.ROUTE.seconds(between, 1.0, times)
    assert own > near_field.exact(between, 1.0, times).seconds(between, 1.0, times)


def test_states_between_excitation_numbers_are_refused():
    with pytest.raises(ValueError, match="`method` must be valid for the input, but 'near_field'"):
        atoms.evolve(line(2, 0.1), np.full((4, 4), 0.25), [1.0], 1.0, method="near_field")


# --- all numbers as the space of the Krylov route -----------------------------------------


@pytest.mark.parametrize("nbar", [1e-6, 1.0])
def test_all_numbers_as_one_space_keep_their_digits(nbar):
    cluster, times = line(4, 0.02), np.concatenate([[0.0], np.geomspace(1e-6, 1, 9)])
    assert krylov._whole_seconds(cluster, nbar, times) < krylov._seconds_of(cluster, nbar, times)
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, nbar, method="krylov"),
        atoms.coherence(cluster, times, nbar, method="blocks"),
        rtol=1e-8,
    )


def test_too_many_numbers_or_too_fast_ones_are_left_to_others():
    assert math.isinf(krylov._whole_seconds(line(7, 0.1), 1.0, np.array([1.0])))
    assert math.isinf(krylov._whole_seconds(line(4, 0.001), 1.0, np.array([1.0])))
    assert atoms.route(line(4, 0.001), nbar=1.0).name == modes.ROUTE.name


def test_small_clusters_take_milliseconds_where_their_matrix_is_taken_whole():
    cluster = AtomCluster.from_positions(np.random.default_rng(1).normal(size=(4, 3)), [0, 0, 1])
    few, many = (near_field.ROUTE.seconds(cluster, 1.0, np.array([t])) for t in (1.0, 1e12))
    assert 1e-4 < few < 0.1
    assert many != few
