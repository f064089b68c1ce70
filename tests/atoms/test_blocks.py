"""Excitation-number blocks against the full Liouvillian, in random geometries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import assert_physical, random_couplings, random_state, seeds

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, basis, blocks


def block_state(rng, n_atoms):
    """A random state, complex coherences within each excitation number and none between."""
    rho = random_state(rng, 2**n_atoms)
    excitations = basis.excitation_numbers(n_atoms)
    return np.where(excitations[:, None] == excitations, rho, 0)


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4])
@given(seed=seeds, nbar=st.floats(0, 20))
def test_the_generator_is_the_liouvillian_on_the_blocks(n_atoms, seed, nbar):
    rng = np.random.default_rng(seed)
    cluster = AtomCluster(*random_couplings(rng, n_atoms, rank=rng.integers(1, n_atoms + 1)))
    rho = block_state(rng, n_atoms)
    rows, columns = basis.positions(n_atoms)
    full = cluster.liouvillian(nbar).full() @ rho.ravel(order="F")
    full = full.reshape(rho.shape, order="F")
    # Nothing leaves the blocks, and inside them the two agree.
    rounding = 1e-11 * (1 + nbar) * (1 + np.abs(cluster.gamma).max())
    # The generator acts on the real numbers Re rho + Im rho.
    numbers, exact = (a[rows, columns].real + a[rows, columns].imag for a in (rho, full))
    np.testing.assert_allclose(blocks.generator(cluster, nbar) @ numbers, exact, atol=rounding)
    full[rows, columns] = 0
    assert np.abs(full).max() < rounding


@pytest.mark.parametrize("n_atoms", [2, 3, 4])
def test_evolution_agrees_with_the_full_space(n_atoms):
    rng = np.random.default_rng(n_atoms)
    positions = rng.normal(size=(n_atoms, 3))
    cluster = AtomCluster.from_positions(positions, [0, 0, 1])
    rho0, times = block_state(rng, n_atoms), [0.0, 0.1, 0.1, 0.7]
    by_blocks = atoms.evolve(cluster, rho0, times, 1.5, method="blocks")
    assert_physical(by_blocks)
    full = atoms.evolve(cluster, rho0, times, 1.5, method="full")
    np.testing.assert_allclose(by_blocks, full, atol=1e-9)
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, 1.5, rho0=rho0, method="blocks"),
        atoms.coherence(cluster, times, 1.5, rho0=rho0, method="full"),
        rtol=1e-8,
    )


def test_large_clusters_take_the_sparse_path_to_the_same_end():
    # Six identical atoms: 924 numbers, beyond the dense exponential, and the ladder knows all.
    cluster, times = AtomCluster.collective(6, f0=2.0), [0.0, 0.01, 0.2, 1.0]
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, 2.0, method="blocks"),
        atoms.coherence(cluster, times, 2.0, method="ladder"),
        rtol=1e-10,
        atol=1e-14,
    )


def test_there_are_binomial_2n_over_n_numbers():
    for n_atoms in range(1, 7):
        assert len(basis.positions(n_atoms)[0]) == math.comb(2 * n_atoms, n_atoms)


def test_states_with_coherence_between_excitation_numbers_are_refused():
    cluster = AtomCluster.collective(2)
    plus = np.full((4, 4), 0.25)
    assert not blocks.fits(plus)
    with pytest.raises(ValueError, match="`method` must be valid for the input, but 'blocks'"):
        atoms.evolve(cluster, plus, [1.0], 1.0, method="blocks")
    assert np.iscomplexobj(atoms.evolve(cluster, plus, [1.0], 1.0, method="auto"))


def test_the_ladder_is_refused_where_it_does_not_hold():
    with pytest.raises(ValueError, match="'ladder' needs atoms with identical couplings"):
        atoms.coherence(
            AtomCluster([[0, 1, 2], [1, 0, 1], [2, 1, 0]], np.ones((3, 3))),
            [1.0],
            1,
            method="ladder",
        )
    excited = np.diag([1.0, 0, 0, 0])
    with pytest.raises(ValueError, match="start in the ground state"):
        atoms.coherence(AtomCluster.collective(2), [1.0], 1.0, rho0=excited, method="ladder")


@pytest.mark.parametrize("method", ["blocks", "full", "auto"])
def test_what_cannot_be_held_is_refused_with_its_size(method):
    cluster = AtomCluster(np.zeros((20, 20)), np.eye(20))
    with pytest.raises(ValueError, match="`cluster` must fit the memory, .* bytes"):
        atoms.coherence(cluster, [1.0], 1.0, method=method)


@pytest.mark.parametrize("n_atoms", [600, 1000])
def test_more_atoms_than_a_float_counts_states_of(n_atoms):
    # 4^N is no float any more.
    cluster = AtomCluster.collective(n_atoms)
    logs = atoms.ladder.coherence([0.0, 1e-4], n_atoms, 1.0, log=True)
    np.testing.assert_allclose(np.log(atoms.coherence(cluster, [1e-4], 1.0)), logs[1:], rtol=1e-9)
    assert atoms.route(cluster).name == "ladder"
    with pytest.raises(ValueError, match="`cluster` must fit the memory"):
        atoms.coherence(cluster, [1e-4], 1.0, method="blocks")
    assert atoms.route(AtomCluster(np.zeros((n_atoms,) * 2), np.eye(n_atoms))).bytes > 1e100


def test_the_coherence_of_many_identical_atoms_needs_no_state():
    assert atoms.coherence(AtomCluster.collective(40), [50.0], 1.0)[0] == pytest.approx(
        atoms.long_time_coherence(AtomCluster.collective(40), 1.0), rel=1e-12
    )
