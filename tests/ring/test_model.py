"""The ring of sources: Hamiltonian, levels and degeneracies, against brute force."""

import dataclasses
import math

import numpy as np
import pytest
import qutip
from routes import ring_routes

from coherence_lib import ring
from coherence_lib.ring import SourceRing

NAN, INF = float("nan"), float("inf")
# (omega_a, gamma, J, omega): both signs of each, and zeros.
PARAMETERS = [
    (0.5, 0.2, 0.25, 1.0),
    (-0.7, 0.4, -0.3, 1.7),
    (0.3, -1.1, 0.6, 0.4),
    (-0.2, -0.3, -1.2, 1.0),
    (0.0, 0.5, -0.4, 1.0),
    (0.8, 0.0, 0.3, 2.0),
    (0.6, 0.35, 0.0, 1.0),
]
SIX = SourceRing(6, 0.5, 0.2, 0.25)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_hamiltonian_is_the_sum_of_kronecker_products(n, parameters):
    ours = SourceRing(n, *parameters).hamiltonian()
    omega_a, gamma, J, omega = parameters
    peer = ring_routes.hamiltonian(n, omega_a, gamma, J, omega)
    assert ours.dims == peer.dims
    np.testing.assert_allclose(ours.full(), peer.full(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_levels_with_their_multiplicity_are_the_dense_spectrum(n, parameters):
    source = SourceRing(n, *parameters)
    levels = source.levels()
    spectrum = np.repeat(levels.energies, levels.degeneracies.astype(int))
    np.testing.assert_allclose(spectrum, source.hamiltonian().eigenenergies(), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 4, 9, 11])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_levels_with_their_multiplicity_are_the_enumerated_blocks(n, parameters):
    levels = SourceRing(n, *parameters).levels()
    spectrum = np.repeat(levels.energies, levels.degeneracies.astype(int))
    omega_a, gamma, J, omega = parameters
    exact = ring_routes.levels(n, omega_a, gamma, J, omega)
    np.testing.assert_allclose(spectrum, exact, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 57, 300])
def test_degeneracies_of_the_levels_sum_to_the_number_of_states(n):
    levels = SourceRing(n, 0.5, 0.2, -0.25).levels()
    assert sum(levels.degeneracies.tolist()) == 2 ** (n + 1)
    assert np.all(np.diff(levels.energies) >= 0)


def test_each_row_of_the_levels_is_its_own_energy_and_degeneracy():
    source = SourceRing(9, -0.3, 0.4, 0.7, 1.3)
    levels = source.levels()
    m, walls, s = levels.magnetisation, levels.domains, levels.branch
    energies = -0.3 * m / 2 - 0.7 * (9 - 4 * walls) + s * np.sqrt(1.3**2 / 4 + 0.4**2 * m**2)
    np.testing.assert_allclose(levels.energies, energies, rtol=1e-14, atol=1e-14)
    rows = list(zip(m.tolist(), walls.tolist(), s.tolist(), strict=True))
    assert len(set(rows)) == len(rows)
    assert levels.degeneracies.tolist() == [ring.degeneracy(9, *row[:2]) for row in rows]


@pytest.mark.parametrize("n", range(1, 13))
def test_degeneracy_counts_the_configurations(n):
    counted = ring_routes.configurations(n)
    for m in range(-n, n + 1, 2):
        for domains in range(n // 2 + 1):
            assert ring.degeneracy(n, m, domains) == counted[m, n - 4 * domains]


@pytest.mark.parametrize("n", [1, 2, 3, 31, 150, 299, 300])
def test_degeneracies_of_a_magnetisation_sum_to_a_binomial(n):
    for m in range(-n, n + 1, 2):
        total = sum(ring.degeneracy(n, m, domains) for domains in range(n // 2 + 1))
        assert total == math.comb(n, (n + m) // 2)


def test_degeneracy_is_an_exact_integer_for_huge_rings():
    n = 10**6
    g = ring.degeneracy(n, 0, 3)
    assert isinstance(g, int)
    assert 3 * g == n * math.comb(n // 2 - 1, 2) ** 2
    assert ring.degeneracy(10**18, 10**18 - 2, 1) == 10**18
    assert ring.degeneracy(2001, 1, 1000) == 2001


@pytest.mark.parametrize("temperature", [0, 0.05, 1.0, 30.0, INF])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_gibbs_state_is_the_exponential_of_the_hamiltonian(parameters, temperature):
    source = SourceRing(3, *parameters)
    rho = source.gibbs_state(temperature)
    assert rho.dims == [[2] * 4] * 2
    assert rho.tr() == pytest.approx(1, abs=1e-14)
    energies, states = source.hamiltonian().eigenstates()
    gaps = energies - energies[0]
    if temperature == 0:
        p = (gaps < 1e-9).astype(float)
    else:
        p = np.exp(-gaps / temperature)
    exact = sum(w * state.proj() for w, state in zip(p / p.sum(), states, strict=True))
    np.testing.assert_allclose(rho.full(), exact.full(), atol=1e-12)


def test_gibbs_state_at_the_ends_of_the_temperature_scale():
    np.testing.assert_allclose(SIX.gibbs_state(INF).full(), np.eye(128) / 128, atol=1e-16)
    energies = SIX.hamiltonian().eigenenergies()
    for cold in (0, 1e-300, 1e-3):
        assert qutip.expect(SIX.hamiltonian(), SIX.gibbs_state(cold)) == pytest.approx(energies[0])
    np.testing.assert_allclose(SIX.gibbs_state(1e300).full(), np.eye(128) / 128, atol=1e-16)


def test_a_ring_is_frozen_and_compares_by_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SIX.J = 1.0
    same = SourceRing(np.int64(6), np.float32(0.5), 0.2, np.array(0.25), 1)
    assert same == SIX
    assert hash(same) == hash(SIX)
    assert type(same.n_sources) is int
    assert {type(v) for v in (same.omega_a, same.gamma, same.J, same.omega)} == {float}
    assert SIX != SourceRing(6, 0.5, 0.2, -0.25)


BAD = [
    (lambda: SourceRing(0, 1, 1, 1), ValueError, "n_sources"),
    (lambda: SourceRing(-1, 1, 1, 1), ValueError, "n_sources"),
    (lambda: SourceRing(2.0, 1, 1, 1), TypeError, "n_sources"),
    (lambda: SourceRing(True, 1, 1, 1), TypeError, "n_sources"),
    (lambda: SourceRing("3", 1, 1, 1), TypeError, "n_sources"),
    (lambda: SourceRing(None, 1, 1, 1), TypeError, "n_sources"),
    (lambda: SourceRing(NAN, 1, 1, 1), TypeError, "n_sources"),
    (lambda: SourceRing(3, NAN, 1, 1), ValueError, "omega_a"),
    (lambda: SourceRing(3, INF, 1, 1), ValueError, "omega_a"),
    (lambda: SourceRing(3, "1", 1, 1), TypeError, "omega_a"),
    (lambda: SourceRing(3, 1j, 1, 1), TypeError, "omega_a"),
    (lambda: SourceRing(3, [1, 2], 1, 1), ValueError, "omega_a"),
    (lambda: SourceRing(3, 1, NAN, 1), ValueError, "gamma"),
    (lambda: SourceRing(3, 1, -INF, 1), ValueError, "gamma"),
    (lambda: SourceRing(3, 1, None, 1), TypeError, "gamma"),
    (lambda: SourceRing(3, 1, 1, NAN), ValueError, "J"),
    (lambda: SourceRing(3, 1, 1, INF), ValueError, "J"),
    (lambda: SourceRing(3, 1, 1, True), TypeError, "J"),
    (lambda: SourceRing(3, 1, 1, 1, 0), ValueError, "omega"),
    (lambda: SourceRing(3, 1, 1, 1, -1), ValueError, "omega"),
    (lambda: SourceRing(3, 1, 1, 1, NAN), ValueError, "omega"),
    (lambda: SourceRing(3, 1, 1, 1, INF), ValueError, "omega"),
    (lambda: SourceRing(3, 1e308, 1, 1), ValueError, "omega_a"),
    (lambda: SourceRing(3, 1, 1e200, 1), ValueError, "gamma"),
    (lambda: SourceRing(3, 1, 1, 1e308), ValueError, "J"),
    (lambda: SourceRing(3, 1, 1, 1, 1e200), ValueError, "omega"),
    (lambda: SIX.gibbs_state(-1.0), ValueError, "temperature"),
    (lambda: SIX.gibbs_state(NAN), ValueError, "temperature"),
    (lambda: SIX.gibbs_state("cold"), TypeError, "temperature"),
    (lambda: SIX.gibbs_state([1.0, 2.0]), ValueError, "temperature"),
    (lambda: ring.degeneracy(0, 0, 0), ValueError, "n_sources"),
    (lambda: ring.degeneracy(6.0, 0, 0), TypeError, "n_sources"),
    (lambda: ring.degeneracy(6, 1, 1), ValueError, "magnetisation"),
    (lambda: ring.degeneracy(6, 8, 1), ValueError, "magnetisation"),
    (lambda: ring.degeneracy(6, -8, 1), ValueError, "magnetisation"),
    (lambda: ring.degeneracy(6, 0.0, 1), TypeError, "magnetisation"),
    (lambda: ring.degeneracy(6, 0, 4), ValueError, "n_domains"),
    (lambda: ring.degeneracy(6, 0, -1), ValueError, "n_domains"),
    (lambda: ring.degeneracy(6, 0, True), TypeError, "n_domains"),
]


@pytest.mark.parametrize(("call", "error", "name"), BAD)
def test_bad_input_is_refused_with_its_name(call, error, name):
    with pytest.raises(error, match=rf"^`{name}` must .*, but got .*\.$"):
        call()


@pytest.mark.parametrize(
    "call, reason",
    [
        (
            lambda: SourceRing(24, 1, 1, 1).hamiltonian(),
            "fit the memory, but the Hamiltonian of 24 sources .* bytes",
        ),
        (
            lambda: SourceRing(20, 1, 1, 1).gibbs_state(1.0),
            "fit the memory, but the Gibbs state of 20 sources .* bytes",
        ),
        (
            lambda: SourceRing(11, 1, 1, 1).gibbs_state(1.0),
            "ask for less work, but the Gibbs state of 11 sources .* s",
        ),
        (
            lambda: SourceRing(2500, 1, 1, 1).levels(),
            "ask for less work, but the table of levels of 2500 sources .* s",
        ),
        (lambda: SourceRing(2**53, 1, 1, 1).levels(), "fit the memory, .* bytes"),
    ],
)
def test_what_is_too_large_for_brute_force_is_refused_at_once(call, reason):
    with pytest.raises(ValueError, match=rf"^`n_sources` must {reason}.* are allowed\. .*\.$"):
        call()
