"""Atoms in one bath: this library beside QuTiP, on one core, in one run.

Outputs are compared before times. The peer is QuTiP's `mesolve` at its best here: CSR
operators, the matrix form of the master equation, the fastest of its integrators, and its
default tolerances, which are looser than ours. Each ratio is printed and stored.
"""

import numpy as np
import pytest
import qutip
from side_by_side import fastest, report

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, ladder

NBAR = 10.0
INTEGRATORS = ("adams", "bdf", "vern7", "dop853")


def qutip_at_its_best(cluster, times):
    """Seconds of the fastest integrator, its name, and its C(t) from the ground state."""
    n = cluster.n_atoms
    hamiltonian = cluster.hamiltonian().to("CSR")
    jumps = [jump.to("CSR") for jump in cluster.jump_operators(NBAR)]
    rho0 = qutip.Qobj(atoms.ground_state(n), dims=[[2] * n] * 2)
    best = None
    for method in INTEGRATORS:
        options = {"method": method, "matrix_form": True, "nsteps": 10**7, "progress_bar": ""}

        def run(options=options):
            return qutip.mesolve(hamiltonian, rho0, times, jumps, options=options)

        seconds, result = fastest(run, 2)
        if best is None or seconds < best[0]:
            best = seconds, method, result
    seconds, method, result = best
    states = np.array([state.full() for state in result.states])
    return seconds, method, measures.sum_of_off_diagonals(states)


def test_ladder_of_seven_atoms_is_300_times_faster_than_mesolve(benchmark):
    times = np.linspace(0, 0.3, 101)
    peer_seconds, method, peer = qutip_at_its_best(AtomCluster.collective(7), times)
    ours = benchmark(ladder.coherence, times, 7, NBAR)
    np.testing.assert_allclose(ours, peer, atol=2e-4)
    assert report(benchmark, "ladder", peer_seconds, f"QuTiP mesolve ({method})") >= 300


def test_a_real_geometry_of_seven_atoms_is_faster_by_blocks(benchmark):
    places = 0.5 * np.random.default_rng(7).normal(size=(7, 3))
    cluster = AtomCluster.from_positions(places, dipole=[0, 0, 1])
    times = np.linspace(0, 0.3, 31)
    peer_seconds, method, peer = qutip_at_its_best(cluster, times)
    ours = benchmark.pedantic(
        atoms.coherence, (cluster, times, NBAR), {"method": "blocks"}, rounds=3
    )
    np.testing.assert_allclose(ours, peer, atol=2e-4)
    assert report(benchmark, "blocks", peer_seconds, f"QuTiP mesolve ({method})") > 1


@pytest.mark.parametrize("times", [np.linspace(0, 1, 101), np.logspace(-6, 0, 101)])
def test_a_thousand_atoms_take_less_than_two_seconds(benchmark, times):
    c = benchmark.pedantic(ladder.coherence, (times, 1000, NBAR), rounds=3)
    assert c[-1] == pytest.approx(ladder.long_time_coherence(1000, NBAR), rel=1e-3)
    assert benchmark.stats.stats.min < 2


def test_the_long_time_value_of_a_million_atoms_takes_microseconds(benchmark):
    log_c = benchmark(ladder.long_time_coherence, 10**6, NBAR, log=True)
    assert log_c == pytest.approx(10**6 * np.log1p(10 / 11), rel=1e-4)
    assert benchmark.stats.stats.min < 1e-3
