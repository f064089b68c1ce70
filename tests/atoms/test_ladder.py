"""The ladder of identical atoms, against exact integers, mpmath and the full master equation."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, ladder


def exact_coherence(n_atoms, nbar, times):
    """C(t) from the exponential of the rate matrix with 60 digits, one time after the other."""
    with mpmath.workdps(60):
        nbar = mpmath.mpf(nbar)
        rates = mpmath.zeros(n_atoms + 1)
        for k in range(n_atoms):
            up = nbar * (k + 1) * (n_atoms - k)
            down = (nbar + 1) * (k + 1) * (n_atoms - k)
            rates[k + 1, k] += up
            rates[k, k] -= up
            rates[k, k + 1] += down
            rates[k + 1, k + 1] -= down
        start = mpmath.zeros(n_atoms + 1, 1)
        start[0] = 1
        results = []
        for t in times:
            p = mpmath.expm(rates * mpmath.mpf(float(t)), method="taylor") * start
            results.append(
                sum(p[k] * (mpmath.binomial(n_atoms, k) - 1) for k in range(n_atoms + 1))
            )
        return results


@pytest.mark.parametrize("n_atoms", [1, 2, 7, 20, 40])
@pytest.mark.parametrize("nbar", [1e-3, 10.0])
def test_coherence_keeps_its_digits_from_a_millionth_of_a_lifetime_on(n_atoms, nbar):
    times = [1e-6, 1e-4, 1e-2, 0.3]
    for c, exact in zip(
        ladder.coherence(times, n_atoms, nbar), exact_coherence(n_atoms, nbar, times), strict=True
    ):
        assert abs(c - exact) <= 1e-12 * exact


def test_a_thousand_atoms_arrive_at_the_closed_form():
    c = ladder.coherence([0.0, 2.0], 1000, 10.0)
    assert c[0] == 0
    assert c[1] == pytest.approx(ladder.long_time_coherence(1000, 10.0), rel=1e-12)


def test_a_thousand_atoms_start_as_independent_absorbers():
    # To first order in time every pair of atoms shares the photon: C = nbar N (N - 1) gamma0 t.
    t, n, nbar = 1e-12, 1000, 10.0
    assert ladder.coherence([t], n, nbar)[0] == pytest.approx(nbar * n * (n - 1) * t, rel=1e-5)


@pytest.mark.parametrize("f0", [0.0, 3.0])
@pytest.mark.parametrize("n_atoms", [2, 3, 4, 5])
def test_the_full_master_equation_agrees(n_atoms, f0):
    cluster, times = AtomCluster.collective(n_atoms, f0=f0, gamma0=0.7), np.linspace(0, 1, 6)
    full = atoms.coherence(cluster, times, 2.0, method="full")
    np.testing.assert_allclose(
        ladder.coherence(times, n_atoms, 2.0, gamma0=0.7), full, rtol=1e-8, atol=1e-14
    )


def test_seven_atoms_in_the_full_space_of_qutip_are_the_ladder():
    # Fig. 4's largest cluster: 16 384 numbers, integrated by QuTiP itself.
    cluster, times = AtomCluster.collective(7, f0=1.0), [0.0, 0.01, 0.5]
    ground = qutip.Qobj(atoms.ground_state(7), dims=[[2] * 7] * 2)
    options = {"atol": 1e-11, "rtol": 1e-9, "nsteps": 10**6, "matrix_form": True}
    states = qutip.mesolve(
        cluster.hamiltonian(), ground, times, cluster.jump_operators(10.0), options=options
    ).states
    full = [measures.l1_coherence(state) for state in states]
    np.testing.assert_allclose(full, ladder.coherence(times, 7, 10.0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 6])
def test_states_of_the_ladder_are_the_full_states(n_atoms):
    cluster, times = AtomCluster.collective(n_atoms, f0=-1.0), [0.0, 0.02, 0.5]
    ground = atoms.ground_state(n_atoms)
    by_ladder = atoms.evolve(cluster, ground, times, 3.0, method="ladder")
    by_blocks = atoms.evolve(cluster, ground, times, 3.0, method="blocks")
    np.testing.assert_allclose(by_ladder, by_blocks, atol=1e-11)


@given(n=st.integers(1, 60), nbar=st.fractions(Fraction(1, 1000), 1000, max_denominator=1000))
def test_long_time_coherence_against_exact_fractions(n, nbar):
    r = nbar / (nbar + 1)
    weights = [r**k for k in range(n + 1)]
    total = sum(w * (math.comb(n, k) - 1) for k, w in enumerate(weights))
    exact = float(total / sum(weights))
    assert ladder.long_time_coherence(n, float(nbar)) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("nbar", [1e-300, 1e-12, 1e-3, 0.999, 1.0, 1.001, 1e3, 1e12, 1e300])
@pytest.mark.parametrize("n", [1, 2, 3, 1000, 10**6, 10**15])
def test_long_time_coherence_at_the_extremes(n, nbar):
    with mpmath.workdps(400):
        r = mpmath.mpf(nbar) / (mpmath.mpf(nbar) + 1)
        exact = mpmath.log((1 + r) ** n * (1 - r) / (1 - r ** (n + 1)) - 1) if n > 1 else None
    c = ladder.long_time_coherence(n, nbar, log=True)
    if n == 1:
        assert c == -np.inf
    else:
        # In units of C itself where ln C is of order one.
        assert abs(c - exact) <= 1e-12 * max(1, abs(exact))


def test_many_photons_give_two_to_the_n_over_n_plus_one():
    n = np.arange(1, 30)
    np.testing.assert_allclose(
        ladder.long_time_coherence(n, 1e15), 2.0**n / (n + 1) - 1, rtol=1e-12, atol=1e-12
    )


def test_logarithms_agree_with_values_and_go_beyond_them():
    n = np.array([2, 7, 300])
    np.testing.assert_allclose(
        np.exp(ladder.long_time_coherence(n, 10.0, log=True)),
        ladder.long_time_coherence(n, 10.0),
        rtol=1e-12,
    )
    times = [1e-3, 0.1]
    for n_atoms in (7, 999, 1000):  # the weights change from integers to logarithms at 1000
        np.testing.assert_allclose(
            ladder.coherence(times, n_atoms, 1e-3, log=True),
            np.log(ladder.coherence(times, n_atoms, 1e-3)),
            atol=1e-10,
        )
    assert ladder.coherence([1.0], 1200, 10.0, log=True)[0] == pytest.approx(
        ladder.long_time_coherence(1200, 10.0, log=True), rel=1e-12
    )


@given(n=st.integers(1, 12), nbar=st.floats(0, 50))
def test_populations_are_probabilities_and_end_in_detailed_balance(n, nbar):
    p = ladder.populations([0.0, 0.01, 0.4, 200.0], n, nbar)
    assert np.all(p >= 0)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(p[-1], ladder.steady_populations(n, nbar), atol=1e-13)


def test_an_atom_beside_the_ladder_leaves_it_empty():
    rates = np.array([[0.0, 11.0], [10.0, 0.0]])
    assert np.array_equal(
        ladder.exponential_of_rates(rates, np.array([0.0, 0.01, 5.0]), np.zeros(2)),
        np.zeros((3, 2)),
    )


def test_without_photons_nothing_happens():
    assert np.array_equal(ladder.populations([0.0, 5.0], 3, 0.0), [[1, 0, 0, 0]] * 2)
    assert np.array_equal(ladder.coherence([0.0, 5.0], 3, 0.0), [0, 0])
    assert ladder.long_time_coherence(3, 0.0) == 0
    assert ladder.long_time_coherence(3, 0.0, log=True) == -np.inf


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ladder.populations([0.0], 10**5, 1.0), ValueError, "`n_atoms` must fit the mem"),
        (lambda: ladder.populations([0.0], 2.0, 1.0), TypeError, "`n_atoms` must be an integer"),
        (lambda: ladder.populations([0.0], 0, 1.0), ValueError, "`n_atoms` must be >= 1"),
        (lambda: ladder.populations([1.0, 0.5], 2, 1.0), ValueError, "`times` must be non-decr"),
        (lambda: ladder.populations([-1.0], 2, 1.0), ValueError, "`times` must be >= 0"),
        (lambda: ladder.populations(["now"], 2, 1.0), TypeError, "`times` must be real"),
        (lambda: ladder.populations([0.0], 2, -1.0), ValueError, "`nbar` must be >= 0"),
        (lambda: ladder.coherence([1.0], 2, 1.0, gamma0=0), ValueError, "`gamma0` must be > 0"),
        (lambda: ladder.coherence([1.0], 1200, 10.0), ValueError, "`n_atoms` must be small"),
        (lambda: ladder.long_time_coherence(2.5, 1.0), TypeError, "`n_atoms` must be an integer"),
        (lambda: ladder.long_time_coherence(True, 1.0), TypeError, "`n_atoms` must be an int"),
        (lambda: ladder.long_time_coherence(10**4, 10.0), ValueError, "`log=True` returns"),
        (lambda: ladder.long_time_coherence(2, np.nan), ValueError, "`nbar` must be finite"),
        (lambda: ladder.steady_populations(2, None), TypeError, "`nbar` must be real"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("t", [1e-6, 1e-5])
def test_a_thousand_atoms_keep_their_digits_at_short_times(t):
    # So early only the lowest rungs count: with 60 digits a cut ladder is the whole ladder.
    n, rungs, nbar = 1000, 160, 10
    with mpmath.workdps(60):
        up = [mpmath.mpf(nbar * (k + 1) * (n - k)) for k in range(rungs)]
        down = [mpmath.mpf((nbar + 1) * k * (n - k + 1)) for k in range(rungs)]
        term = [mpmath.mpf(k == 0) for k in range(rungs)]
        total = list(term)
        for order in range(1, 400):
            term = [
                (
                    (up[k - 1] * term[k - 1] if k > 0 else 0)
                    + (down[k + 1] * term[k + 1] if k < rungs - 1 else 0)
                    - (up[k] + down[k]) * term[k]
                )
                * mpmath.mpf(t)
                / order
                for k in range(rungs)
            ]
            total = [a + b for a, b in zip(total, term, strict=True)]
        exact = sum(p * (mpmath.binomial(n, k) - 1) for k, p in enumerate(total))
        assert abs(ladder.coherence([t], n, float(nbar))[0] - exact) <= 1e-12 * exact


def test_rates_that_are_finite_are_taken_however_large_their_sum():
    # No rung is left faster than 1e308, and all of them together are.
    found = ladder.coherence([0.1, 1.0], 100, 5e303)
    np.testing.assert_allclose(found, ladder.long_time_coherence(100, 5e303), rtol=1e-12)
    with pytest.raises(ValueError, match="^`nbar` must leave all rates finite"):
        ladder.coherence([0.1, 1.0], 100, 5e304)
