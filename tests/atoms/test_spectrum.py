"""Relaxation rates against the eigenvalues of the dense Liouvillian and known lifetimes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import random_couplings, seeds

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, spectrum


@pytest.mark.parametrize("n_atoms", [1, 2, 3])
@given(seed=seeds, nbar=st.sampled_from([0.0, 0.01, 1.0, 20.0]))
def test_all_rates_are_those_of_the_dense_liouvillian(n_atoms, seed, nbar):
    cluster = AtomCluster(*random_couplings(np.random.default_rng(seed), n_atoms))
    dense = np.linalg.eigvals(cluster.liouvillian(nbar).full())
    rates = atoms.relaxation_rates(cluster, nbar, k=4**n_atoms)
    assert np.all(np.diff(rates) >= 0)
    scale = np.abs(dense).max() + 1
    # Eigenvalues of the non-normal nbar = 0 case are only good to the root of rounding.
    np.testing.assert_allclose(
        rates, np.sort(-dense.real), atol=(1e-6 if nbar == 0 else 1e-9) * scale
    )


def test_one_atom():
    # Populations at 2 nbar + 1, the coherence of either sign at half of it.
    rates = atoms.relaxation_rates(AtomCluster.collective(1, gamma0=2.0), 1.5, k=4)
    np.testing.assert_allclose(rates, [0, 4, 4, 8], atol=1e-13)


@pytest.mark.parametrize(("n_atoms", "steady"), [(2, 2), (3, 5), (4, 14)])
@pytest.mark.parametrize("f0", [0.0, 1.7])
def test_zero_modes_are_counted(n_atoms, steady, f0):
    rates = atoms.relaxation_rates(AtomCluster.collective(n_atoms, f0=f0), 0.8, k=steady + 1)
    assert np.abs(rates[:steady]).max() < 1e-12
    assert rates[steady] > 1e-2


def test_the_slow_rate_of_a_pair_is_its_missing_decay():
    # The singlet decays at gamma0 - gamma_12; with photons both ways and both branches.
    gamma_12 = 1 - 1e-6
    cluster = AtomCluster(np.zeros((2, 2)), [[1, gamma_12], [gamma_12, 1]])
    slow = atoms.relaxation_rates(cluster, 1.0, k=2)
    assert abs(slow[0]) < 1e-13
    late = atoms.coherence(cluster, np.array([1e4, 2e4]), 1.0)
    assert slow[1] == pytest.approx(np.log(late[0] / late[1]) / 1e4, rel=1e-6)


def test_six_atoms_are_the_most():
    with pytest.raises(ValueError, match="`cluster` must ask for less work, .* 7 atoms .* s, and"):
        atoms.relaxation_rates(AtomCluster.collective(7), 1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((None, 1.0), TypeError, "`cluster` must be an AtomCluster"),
        ((AtomCluster.collective(2), -1.0), ValueError, "`nbar` must be >= 0"),
        ((AtomCluster.collective(2), 1.0, 0), ValueError, "`k` must be >= 1"),
        ((AtomCluster.collective(2), 1.0, 1.5), TypeError, "`k` must be an integer"),
    ],
)
def test_bad_input_is_refused_with_its_name(arguments, error, message):
    with pytest.raises(error, match=message):
        atoms.relaxation_rates(*arguments)


@pytest.mark.parametrize("nbar", [0.0, 1e-3, 1.0, 40.0])
def test_no_rate_is_below_zero_nor_a_negative_zero(nbar):
    # What decays not at all is rounded to either side, and to which one differs by processor.
    for seed in range(5):
        places = np.random.default_rng(seed).normal(size=(3, 3))
        rates = atoms.relaxation_rates(AtomCluster.from_positions(places, [0, 0, 1]), nbar, k=64)
        assert not np.signbit(rates).any()


def test_the_printed_zero_has_no_sign(monkeypatch):
    zeros = np.array([[-0.0, 0.0], [0.0, 1e-17]])
    monkeypatch.setattr(spectrum, "_eigenvalues", lambda matrix: np.diagonal(zeros) + 0j)
    assert not np.signbit(atoms.relaxation_rates(AtomCluster.collective(3), 1.0, k=8)).any()
