"""The thermal sum takes the sources from a `Graph`: another one than the ring, by enumeration."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import gammaln

from coherence_lib import ring
from coherence_lib.ring import SourceRing, target, thermal_sum
from coherence_lib.ring.graph import Ring
from coherence_lib.ring.model import Columns

T = np.array([0.3, 1.0, 7.0])


@dataclass(frozen=True)
class Everyone:
    """N sources, each coupled to each other: E = -J (M^2 - N)/2."""

    n_sources: int

    def rows(self):
        return 1

    def window(self, columns, log_values):
        zeros = np.zeros(len(columns.J), dtype=np.int64)
        return zeros, zeros + self.n_sources // 2, zeros

    def log_weights(self, columns, first, steps, start, progress):
        down = first + np.arange(steps + 1)[:, None]
        n = self.n_sources
        return gammaln(n + 1) - gammaln(down + 1) - gammaln(n - down + 1)

    def bond_energy(self, down, J):
        return J * ((self.n_sources - 2 * down) ** 2 - self.n_sources) / 2

    def unit(self, terms):
        return 0.0, 0.0


def enumerated(n, bonds, omega_a, gamma, J, omega, temperature):
    """C, rho_ee and ln Z from all configurations and 2 x 2 blocks."""
    rho, z = np.zeros((2, 2)), 0.0
    for spins in itertools.product((1, -1), repeat=n):
        M, energy = sum(spins), -J * sum(spins[j] * spins[k] for j, k in bonds)
        block = [[omega / 2, gamma * M], [gamma * M, -omega / 2]]
        energies, vectors = np.linalg.eigh(np.array(block) + np.eye(2) * (omega_a * M / 2 + energy))
        weights = np.exp(-energies / temperature)
        rho, z = rho + (vectors * weights) @ vectors.T, z + weights.sum()
    return 2 * abs(rho[0, 1]) / z, rho[0, 0] / z, np.log(z)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("J", [-0.3, 0.0, 0.2])
def test_sources_that_are_all_coupled(n, J):
    columns = Columns.of(SourceRing(n, 0.5, 0.2, J), T)
    bonds = list(itertools.combinations(range(n), 2))
    expected = np.array([enumerated(n, bonds, 0.5, 0.2, J, 1.0, t) for t in T]).T
    graph = Everyone(n)
    for observable, values in zip((target.COHERENCE, target.EXCITED), expected, strict=False):
        ours = np.exp(thermal_sum.log_mean(graph, columns, observable, False))
        np.testing.assert_allclose(ours, values, rtol=1e-12)
    np.testing.assert_allclose(
        thermal_sum.log_partition(graph, columns, False), expected[2], rtol=1e-13
    )


def test_another_graph_is_another_coherence():
    # Three sources on a ring are all coupled; four are not.
    for n, same in ((3, True), (4, False)):
        columns = Columns.of(SourceRing(n, 0.5, 0.2, 0.3), T)
        logs = [
            thermal_sum.log_mean(graph, columns, target.COHERENCE, False)
            for graph in (Everyone(n), Ring(n))
        ]
        assert np.allclose(*logs, rtol=1e-12) == same
        np.testing.assert_allclose(
            np.exp(logs[1]), ring.coherence(SourceRing(n, 0.5, 0.2, 0.3), T), rtol=1e-14
        )


@pytest.mark.parametrize("J", [-1.0, -0.1, 0.0, 0.3])
@pytest.mark.parametrize("temperature", [1e-3, 0.02, 0.5, 20.0])
def test_a_ring_told_by_its_pairs_is_a_ring_however_cold(J, temperature):
    pairs = ring.SourceGraph([(i, (i + 1) % 6) for i in range(6)], 0.5, 0.2, J)
    whole = SourceRing(6, 0.5, 0.2, J)
    for of in (ring.coherence, ring.log_partition_function):
        assert of(pairs, temperature) == pytest.approx(of(whole, temperature), rel=1e-12)
