"""Large rings, of which only the terms that matter are summed."""

import time

import mpmath as mp
import numpy as np
import pytest

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, routes, transition, window
from coherence_lib.ring.model import Columns

INF = float("inf")


@pytest.fixture(autouse=True)
def by_the_sum(monkeypatch):
    """However many sources there are: rings of this size take the integral."""
    monkeypatch.setattr(routes, "INTEGRAL_FROM", 10**19)


def results(source, T):
    """ln C, ln(1 - C), ln rho_ee and ln Z at every temperature."""
    excited = ring.target_state(source, T)[..., 0, 0]
    return {
        "coherence": ring.coherence(source, T, log=True),
        "incoherence": np.log(ring.incoherence(source, T)),
        "excited": np.log(excited, where=excited > 1e-300, out=np.full(len(T), -INF)),
        "ln Z": ring.log_partition_function(source, T),
    }


def all_terms(monkeypatch, source, T):
    with monkeypatch.context() as patch:
        patch.setattr(window, "SUM_ALL_UP_TO", 10**9)
        return results(source, T)


def assert_same(ours, exact):
    for name in ("coherence", "incoherence", "excited"):
        large = exact[name] > -690
        np.testing.assert_allclose(ours[name][large], exact[name][large], rtol=0, atol=1e-10)
        np.testing.assert_allclose(ours[name], exact[name], rtol=1e-11, atol=1e-10)
    np.testing.assert_allclose(ours["ln Z"], exact["ln Z"], rtol=1e-13)


def random_ring(rng, n):
    J, gamma = rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 1), 10 ** rng.uniform(-6, 1)
    omega_a, omega = rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 1), 10 ** rng.uniform(-0.5, 0.5)
    return SourceRing(n, omega_a, gamma, J, omega)


@pytest.mark.parametrize("seed", range(30))
def test_the_window_holds_all_that_counts(monkeypatch, seed):
    rng = np.random.default_rng(seed)
    source = random_ring(rng, int(10 ** rng.uniform(np.log10(513), np.log10(20_000))))
    T = 10 ** rng.uniform(-2, 2, 6)
    assert_same(results(source, T), all_terms(monkeypatch, source, T))


@pytest.mark.parametrize("seed", range(20))
def test_two_phases_that_coexist_are_both_in_the_window(monkeypatch, seed):
    rng = np.random.default_rng(seed)
    n, gamma, J = (
        int(rng.integers(513, 3000)),
        10 ** rng.uniform(-6, 1),
        -(10 ** rng.uniform(-2, 1)),
    )
    line = transition.critical_gap(n, gamma, J)
    for distance in (0.0, 1e-9, -1e-6, 1e-4, -1e-2):
        source = SourceRing(n, line * (1 + distance), gamma, J)
        T = 10 ** rng.uniform(-2, 1, 4)
        assert_same(results(source, T), all_terms(monkeypatch, source, T))


@pytest.mark.parametrize("omega_a", [1e-14, 1e-10, 1e-5])
@pytest.mark.parametrize("J", [-10.0, -0.3, 0.0, 0.5, 10.0])
def test_the_coherence_of_tiny_gaps_is_in_the_window(monkeypatch, omega_a, J):
    # It comes from large |M|, far from where the partition function has its weight.
    T = np.array([0.05, 0.7, 3.0, 50.0])
    for n, gamma in ((700, 0.3), (5001, 1e-5), (2000, 2.0)):
        source = SourceRing(n, omega_a, gamma, J)
        assert_same(results(source, T), all_terms(monkeypatch, source, T))


@pytest.mark.parametrize("n", range(511, 516))
def test_nothing_happens_where_the_window_sets_in(monkeypatch, n):
    rng = np.random.default_rng(n)
    T = np.geomspace(1e-2, 1e2, 9)
    for _ in range(6):
        source = random_ring(rng, n)
        exact = all_terms(monkeypatch, source, T)
        assert_same(results(source, T), exact)
        with monkeypatch.context() as patch:
            patch.setattr(window, "SUM_ALL_UP_TO", 100)
            assert_same(results(source, T), exact)


@pytest.mark.parametrize("seed", range(8))
def test_many_temperatures_at_once_are_those_one_by_one(seed):
    rng = np.random.default_rng(100 + seed)
    source = random_ring(rng, int(10 ** rng.uniform(2.75, 4.3)))
    T = np.concatenate([10 ** rng.uniform(-2, 2, 9), [0.0, 1e-300, 1e300, INF]])
    for function in (ring.coherence, ring.incoherence):
        one_by_one = [function(source, t) for t in T]
        np.testing.assert_allclose(function(source, T), one_by_one, rtol=1e-10, atol=1e-300)
    warm = T[(T > 1e-3) & (T < INF)]
    one_by_one = [ring.log_partition_function(source, t) for t in warm]
    np.testing.assert_allclose(ring.log_partition_function(source, warm), one_by_one, rtol=1e-13)


def test_a_window_too_narrow_is_noticed(monkeypatch):
    source, T = SourceRing(20_000, 0.01, 0.0001, 0.3), np.array([1.0, 5.0])
    exact = all_terms(monkeypatch, source, T)
    with monkeypatch.context() as patch:
        patch.setattr(window, "_DEPTH", 1.0)
        with pytest.raises(AssertionError):
            assert_same(results(source, T), exact)


@pytest.mark.parametrize("parameters", [(0.5, 0.2, 0.25), (0.3, 1e-5, -0.4)])
def test_a_million_sources_are_summed_to_ten_digits(monkeypatch, parameters):
    source, T = SourceRing(10**6, *parameters), np.array([2.0])
    ours, exact = results(source, T), all_terms(monkeypatch, source, T)
    np.testing.assert_allclose(ours["coherence"], exact["coherence"], atol=1e-10)
    np.testing.assert_allclose(ours["incoherence"], exact["incoherence"], atol=1e-10)
    np.testing.assert_allclose(ours["ln Z"], exact["ln Z"], rtol=1e-13)


@pytest.mark.parametrize("J", [-0.4, 0.0, 0.3])
def test_a_hundred_million_weakly_coupled_sources_follow_their_magnetisation(J):
    # Beyond the linear term, (gamma N)^2 is 1e-10 here.
    source = SourceRing(10**8, 0.5, 1e-13, J)
    for T in (0.5, 2.0):
        start = time.perf_counter()
        c = ring.coherence(source, T)
        assert time.perf_counter() - start < 5
        assert c == pytest.approx(bounds.weak_coupling_limit(source, T), rel=1e-9)


@pytest.mark.parametrize("J", [-0.4, 0.2])
def test_a_hundred_million_sources_are_a_ring_in_the_field_of_the_target(J):
    omega_a, gamma, T = 0.5, 0.3, 2.0

    def log_lambda(h):
        return J / T + np.log(np.cosh(h) + np.hypot(np.sinh(h), np.exp(-2 * J / T)))

    # |gamma| M acts on the sources as a field: h = (omega_a/2 + gamma)/T for M >> omega/gamma.
    h = (omega_a / 2 + gamma) / T
    source = SourceRing(10**8, omega_a, gamma, J)
    log_z = ring.log_partition_function(source, T)
    assert log_z / 10**8 == pytest.approx(log_lambda(h), rel=1e-8)
    share = (log_lambda(h + 1e-5) - log_lambda(h - 1e-5)) / 2e-5
    # C misses one by omega^2/(8 gamma^2 M^2).
    missing = 1 / (8 * (gamma * share * 10**8) ** 2)
    assert ring.incoherence(source, T) == pytest.approx(missing, rel=1e-6)


def test_a_sum_of_too_many_terms_is_refused():
    with pytest.raises(ValueError, match=r"^`n_sources` must fit the memory, .* terms, .*\.$"):
        ring.coherence(SourceRing(10**8, 1e-9, 1e-12, 20.0), 1.0)


@pytest.mark.parametrize("beta_J", [-1.5, -0.2, 0.0, 0.4, 2.0])
def test_the_saddle_knows_the_ratio_of_neighbouring_weights(beta_J):
    n, down = 1000, np.array([[1.0], [30.0], [250.0], [499.0], [500.0]])
    columns = Columns.of(SourceRing(n, 0.5, 0.2, beta_J), np.array([1.0]))
    found = window._saddle(n, down, columns)[1].ravel()
    for b, log in zip(down.ravel().tolist(), found, strict=True):
        M, a = mp.mpf(n - 2 * b), n - b
        s = mp.sqrt(M**2 + 4 * a * b * mp.exp(4 * beta_J))
        assert log == pytest.approx(float(mp.log((s + M) / (s - M))), rel=1e-12, abs=1e-12)
