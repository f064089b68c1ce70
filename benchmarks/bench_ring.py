"""The ring of sources: this library beside QuTiP and the double sum, on one core, in one run.

Outputs are compared before times. Each ratio is printed and stored.
"""

import tracemalloc

import numpy as np
import pytest
import qutip
from scipy.special import gammaln
from side_by_side import fastest, report

from coherence_lib import ring
from coherence_lib.ring import SourceRing

TEMPERATURES = np.geomspace(0.05, 50.0, 200)


def small(n):
    return SourceRing(n, omega_a=0.5, gamma=0.2, J=-0.13)


def by_one_diagonalisation(n):
    """Energies and the target's 2 rho_eg in every eigenstate, by QuTiP's own objects.

    The fastest way that QuTiP has here: `eigenstates` of the dense matrix, and `ptrace` of
    each ket, which never forms a projector. All temperatures then follow from 2^(N+1) numbers.
    """
    energies, states = small(n).hamiltonian().to("Dense").eigenstates()
    elements = np.array([2 * state.ptrace(0)[0, 1].real for state in states])
    return energies, elements


def by_expectation_values(n):
    """The same by `expect` of the target's sigma_x in every eigenstate: no partial trace."""
    energies, states = small(n).hamiltonian().to("Dense").eigenstates()
    sigma_x = qutip.tensor(qutip.sigmax(), *[qutip.qeye(2)] * n).to("CSR")
    return energies, np.asarray(qutip.expect(sigma_x, list(states)))


def mixed(energies, elements, temperatures):
    p = np.exp(-(energies - energies[0]) / temperatures[:, None])
    return np.abs(p @ elements) / p.sum(axis=1)


def by_double_sum(ring, temperature, rows=200):
    """Eq. (28) with Eq. (25) over all M > 0 and l, vectorised, in chunks that fit the cache."""
    n, T = ring.n_sources, temperature
    log_factorial = gammaln(np.arange(n + 1) + 1.0)

    def log_binomial(a, b):
        return log_factorial[a] - log_factorial[b] - log_factorial[a - b]

    log_w = np.empty(n // 2 + 1)
    log_w[0] = 0.0
    for first in range(1, n // 2 + 1, rows):
        down = np.arange(first, min(first + rows, n // 2 + 1))[:, None]
        # They run to the number of down sources: a chunk is a trapezium.
        domains = np.arange(1, down[-1, 0] + 1)
        possible = np.minimum(domains, down)
        logs = np.log(n / domains) - 4 * ring.J / T * domains
        logs = (
            logs + log_binomial(n - down - 1, possible - 1) + log_binomial(down - 1, possible - 1)
        )
        logs[domains > down] = -np.inf
        top = logs.max(axis=1)
        log_w[first : first + len(down)] = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
    m = n - 2.0 * np.arange(n // 2 + 1)
    lam = np.hypot(ring.omega / 2, ring.gamma * m)
    u, v = ring.omega_a * m / (2 * T), lam / T
    log_p = log_w + u + v + np.log1p(np.exp(-2 * u)) + np.log1p(np.exp(-2 * v))
    p = np.exp(log_p - log_p.max()) * np.where(m == 0, 0.5, 1.0)
    return p @ (ring.gamma * m / lam * np.tanh(u) * np.tanh(v)) / p.sum()


def peak_memory(function):
    """Bytes that a call holds at the most, and its result."""
    tracemalloc.start()
    result = function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, result


@pytest.mark.parametrize("n, repeats, ratio", [(8, 3, 1000), (9, 3, 5000), (10, 1, 10_000)])
def test_two_hundred_temperatures_are_far_faster_than_qutip(benchmark, n, repeats, ratio):
    seconds = {}
    for route in (by_one_diagonalisation, by_expectation_values):
        seconds[route.__name__], (energies, elements) = fastest(lambda r=route: r(n), repeats)
        peer = mixed(energies, elements, TEMPERATURES)
        np.testing.assert_allclose(ring.coherence(small(n), TEMPERATURES), peer, atol=1e-12)
    benchmark(ring.coherence, small(n), TEMPERATURES)
    print("\n", {name: f"{value:.3g} s" for name, value in seconds.items()})
    peer_seconds = seconds["by_one_diagonalisation"]
    name = "QuTiP, one diagonalisation and the partial trace of each eigenstate"
    assert report(benchmark, f"{n} sources", peer_seconds, name, ratio) >= ratio


@pytest.mark.parametrize("J", [-0.1, 0.25])
def test_a_million_sources_take_the_root_of_their_number(benchmark, J):
    small, large = (SourceRing(n, omega_a=0.5, gamma=1e-6, J=J) for n in (10**4, 10**6))
    seconds, value = fastest(lambda: ring.coherence(small, 1.0), 20)
    assert value == pytest.approx(by_double_sum(small, 1.0), rel=1e-9)
    benchmark(ring.coherence, large, 1.0)
    assert report(benchmark, "a million sources", seconds, "ten thousand sources") >= 1 / 15
    assert benchmark.stats.stats.min < 0.05


def test_ten_thousand_sources_are_250_times_faster_than_the_double_sum(benchmark):
    source = SourceRing(10**4, omega_a=0.5, gamma=1e-4, J=0.25)
    peer_seconds, peer = fastest(lambda: by_double_sum(source, 1.0), 2)
    ours = benchmark(ring.coherence, source, 1.0)
    assert ours == pytest.approx(peer, rel=1e-9)
    assert report(benchmark, "ten thousand sources", peer_seconds, "double sum", 250) >= 250


@pytest.mark.parametrize("n", [10**6, 10**9, 10**12, 10**15, 10**18])
def test_any_number_of_sources_takes_milliseconds_and_a_megabyte(benchmark, n):
    source = SourceRing(n, omega_a=0.5, gamma=0.2, J=0.25)
    peak, lacking = peak_memory(lambda: ring.incoherence(source, 1.0))
    # M/N hardly fluctuates any more, so that 1 - C falls as 1/N^2.
    small_ring = SourceRing(10**5, omega_a=0.5, gamma=0.2, J=0.25)
    expected = ring.incoherence(small_ring, 1.0) * (1e5 / n) ** 2
    assert lacking == pytest.approx(expected, rel=1e-3, abs=0)
    benchmark(ring.coherence, source, 1.0)
    benchmark.extra_info["peak_bytes"] = peak
    print(f"\n{n:.0e} sources: {benchmark.stats.stats.min:.3g} s, {peak / 1e6:.2g} MB")
    assert benchmark.stats.stats.min < 0.05
    assert peak < 1e6


def test_a_million_points_of_fifty_sources(benchmark):
    rng = np.random.default_rng(50)
    points = 10**6
    T = rng.uniform(0, 2, points)
    T[::100] = 0.0
    J, gamma = rng.uniform(-0.5, 0.5, points), rng.uniform(0.01, 1, points)

    def ours():
        return ring.local_coherence(T, 50, 0.5, gamma, J)

    peak, found = peak_memory(ours)
    chosen = np.concatenate([np.arange(0, 1000, 100), rng.integers(0, points, 40)])

    def by_levels():
        tables = [SourceRing(50, 0.5, gamma[k], J[k]).levels() for k in chosen]
        return [
            abs(table.mean(table.coherence, T[k])) for k, table in zip(chosen, tables, strict=True)
        ]

    seconds, peer = fastest(by_levels, 1)
    np.testing.assert_allclose(found[chosen], peer, rtol=1e-9, atol=1e-14)
    benchmark.pedantic(ours, rounds=1)
    per_point = benchmark.stats.stats.min / points
    print(f"\n{1e6 * per_point:.3g} us a point, {peak / 1e6:.3g} MB at the peak")
    ratio = report(
        benchmark, "a million points", seconds / len(chosen) * points, "the table of levels"
    )
    assert ratio >= 10
    assert peak < 1e9
