"""What a solver does at its ends: lost digits, no decay, times after all is over."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import simpson

from coherence_lib import atoms
from coherence_lib.atoms import (
    AtomCluster,
    blocks,
    full,
    krylov,
    ladder,
    near_field,
    real_form,
    scaled,
    solve,
    spectrum,
    symmetry,
)

NEAR = AtomCluster.from_positions([[0, 0, 0], [0.3, 0, 0], [0, 0.4, 0.1]], [0, 0, 1])
LOST = r"^`times` must be smaller with these couplings, but at 2\.0 the trace is lost\.$"
TIMES = np.array([1.0, 2.0])


def test_a_lost_trace_is_told_with_its_time():
    # Of the elements two are populations.
    matrix = SimpleNamespace(rows=np.array([0, 1, 0]), columns=np.array([0, 1, 1]))
    good = np.array([[0.4, 0.6, 9.0], [0.5, 0.5, -9.0]])
    lost = good + [[0, 0, 0], [0, 1e-8, 0]]
    np.testing.assert_array_equal(blocks._looked_at(matrix, good, TIMES), good)
    place = SimpleNamespace(traces=lambda numbers: numbers[:, :2].sum(axis=1))
    np.testing.assert_array_equal(krylov._looked_at(place, good, TIMES), good)
    full._look_at(np.array([1.0, 1 + 1e-10]), TIMES)
    for call in (
        lambda: blocks._looked_at(matrix, lost, TIMES),
        lambda: krylov._looked_at(place, lost, TIMES),
        lambda: full._look_at(np.array([1.0, 0.9]), TIMES),
        lambda: full._look_at(np.array([1.0, np.nan]), TIMES),
    ):
        with pytest.raises(ValueError, match=LOST):
            call()


def test_elements_without_populations_have_only_to_be_finite():
    matrix = SimpleNamespace(rows=np.array([0]), columns=np.array([1]))
    good = np.array([[7.0], [8.0]])
    np.testing.assert_array_equal(blocks._looked_at(matrix, good, TIMES), good)
    with pytest.raises(ValueError, match=LOST):
        blocks._looked_at(matrix, np.array([[7.0], [np.inf]]), TIMES)


def test_a_ladder_without_rates_stays_where_it_is():
    start = np.array([0.2, 0.3, 0.5])
    found = ladder.exponential_of_rates(np.zeros((3, 3)), np.array([0.0, 1e9]), start)
    np.testing.assert_array_equal(found, [start, start])


@pytest.mark.parametrize("progress", [False, True])
def test_an_integration_goes_on_where_floats_end(monkeypatch, progress):
    times = np.array([0.0, 0.3, 1e9])
    expected = atoms.coherence(NEAR, times, 1.0, method="blocks")
    monkeypatch.setattr(full, "_LARGEST_EXPONENTIAL", 1)
    found = atoms.coherence(NEAR, times, 1.0, method="full", progress=progress)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


def test_long_after_the_end_there_is_the_thermal_state(monkeypatch):
    monkeypatch.setattr(near_field, "_WHOLE_UP_TO", 0)
    layout, parts = near_field._answers(NEAR, None, np.array([1e9, 1e12]), 0.5)
    ((here, numbers),) = parts
    assert (here.start, here.stop) == (0, 2)
    np.testing.assert_allclose(layout.traces(numbers), [1, 1], rtol=1e-14)
    np.testing.assert_array_equal(numbers, [layout.thermal(0.5)] * 2)
    np.testing.assert_allclose(layout.coherence(numbers), [0, 0], rtol=0, atol=1e-15)


def test_a_cluster_that_is_not_near_is_left_to_others():
    far = np.array([1.0, 1e30])
    with pytest.raises(near_field.NotNearError):
        near_field._answers(NEAR, None, far, 0.5)
    exact = near_field.exact(NEAR, 0.5, far)
    assert near_field._seconds(NEAR, 0.5, far) == exact.seconds(NEAR, 0.5, far)


def test_of_few_levels_the_nearest_are_taken():
    frame = SimpleNamespace(upper=np.array([False, True, True]), omega=np.array([0.0, 3.0, -1.0]))
    np.testing.assert_array_equal(near_field._nearly_equal(frame, 1), [2])
    alone = SimpleNamespace(upper=np.array([True]), omega=np.array([3.0]))
    np.testing.assert_array_equal(near_field._nearly_equal(alone, 1), [0])


def test_the_generator_takes_its_own_parameters_or_others():
    generator = real_form.generator(NEAR, 0.5)
    own = np.array([float(value) for value in generator.values])
    np.testing.assert_array_equal(generator.sparse().todense(), generator.sparse(own).todense())
    np.testing.assert_allclose(
        generator.sparse(2 * own).todense(), 2 * generator.sparse().todense(), rtol=1e-15
    )


@pytest.mark.parametrize("k", [1, 2])
def test_widths_by_bounds_are_no_smaller_than_those_by_eigenvalues(monkeypatch, k):
    exact = scaled.widths(NEAR, 0.7, k)
    monkeypatch.setattr(scaled, "_EIGENVALUES_UP_TO", 0)
    bounds = scaled.widths(NEAR, 0.7, k)
    for bound, width in zip(bounds, exact, strict=True):
        assert 0 < width <= bound < 20 * width


def test_sparse_rates_are_those_of_dense_matrices(monkeypatch):
    dense = atoms.relaxation_rates(NEAR, 0.7, k=5)
    monkeypatch.setattr(spectrum, "_DENSE_UP_TO", 1)
    np.testing.assert_allclose(atoms.relaxation_rates(NEAR, 0.7, k=5), dense, rtol=1e-9, atol=1e-12)


def test_a_polynomial_s_zeros_are_left_out_of_a_product():
    # (1 + 2 x^2)(1 + x)
    assert symmetry._product([1, 0, 2], [1, 1]) == [1, 1, 2, 2]


def test_a_function_without_a_docstring_has_no_table_of_methods():
    def bare():
        return 1

    assert solve._listing_methods(bare) is bare
    assert bare.__doc__ is None


def test_times_are_finite_in_units_of_the_decay():
    quick = AtomCluster(1e10 * NEAR.f, 1e10 * NEAR.gamma)
    with pytest.raises(
        ValueError, match=r"^`times` must leave gamma0 t finite, but got 1e\+305\.$"
    ):
        atoms.coherence(quick, [1e305], 1.0, method="full")


@pytest.mark.parametrize("n_atoms", [2, 3])
def test_a_coherence_of_turning_elements_settles_where_their_moduli_do(n_atoms):
    # The singlet is dark and turns against the ground state: rho_eg,gg keeps its modulus.
    psi = np.array([0, 0.5, -0.5, 1 / np.sqrt(2)])
    if n_atoms == 3:
        psi = np.kron(psi, [0, 1])
    cluster = AtomCluster.collective(n_atoms, f0=3.0)
    settled = atoms.long_time_coherence(cluster, 0.0, rho0=np.outer(psi, psi))
    # Two elements of 1/4 within the singlet, four of 1/sqrt 8 between.
    assert settled == pytest.approx(0.5 + 4 / np.sqrt(8), rel=1e-12)


@pytest.mark.parametrize("gamma_12", [0.5, -0.8])
def test_the_coherence_of_a_pair_adds_up_to_its_integral(gamma_12):
    cluster = AtomCluster([[0, 2.0], [2.0, 0]], [[1, gamma_12], [gamma_12, 1]])
    times = np.linspace(0, 100, 20_001)
    added = simpson(atoms.coherence(cluster, times, 0.7), x=times)
    assert atoms.pair.time_integral(1 - gamma_12, 0.7) == pytest.approx(added, rel=1e-8)


def test_a_pair_without_a_word_about_hopping_has_none():
    np.testing.assert_array_equal(atoms.pair.rates(0.3, 0.7), atoms.pair.rates(0.3, 0.7, f=0.0))
    assert not np.allclose(atoms.pair.rates(0.3, 0.7), atoms.pair.rates(0.3, 0.7, f=1.0))
