"""Atoms in one bath: this library beside QuTiP, on one core, in one run.

Outputs are compared before times. The peers are QuTiP's at their best: `mesolve` with CSR
operators and the matrix form of the master equation, or with the assembled Liouvillian where that
is quicker, the fastest of its integrators, and its default tolerances, which are looser than ours;
for identical atoms its permutational solver too. The table of all ratios closes the run.
"""

import math

import numpy as np
import pytest
import qutip
from qutip import piqs
from side_by_side import fastest, report

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, ladder, pair

NBAR = 10.0
INTEGRATORS = ("adams", "bdf", "vern7", "dop853", "tsit5")


def mesolve(cluster, times, method, assembled=False, nbar=NBAR):
    """A function that lets QuTiP evolve the ground state, and how to read its C(t)."""
    n = cluster.n_atoms
    rho0 = qutip.Qobj(atoms.ground_state(n), dims=[[2] * n] * 2)
    options = {"method": method, "nsteps": 10**7, "progress_bar": ""}

    def run():
        if assembled:
            return qutip.mesolve(cluster.liouvillian(nbar).to("CSR"), rho0, times, options=options)
        jumps = [jump.to("CSR") for jump in cluster.jump_operators(nbar)]
        hamiltonian = cluster.hamiltonian().to("CSR")
        with_form = {**options, "matrix_form": True}
        return qutip.mesolve(hamiltonian, rho0, times, jumps, options=with_form)

    return run


def coherence_of(result):
    return measures.sum_of_off_diagonals(np.array([state.full() for state in result.states]))


def quickest(questions, repeats):
    """Seconds of the quickest of some runs by name, its name, and its C(t)."""
    timed = {name: fastest(run, repeats) for name, run in questions.items()}
    name = min(timed, key=lambda one: timed[one][0])
    return timed[name][0], name, coherence_of(timed[name][1])


def cloud(n_atoms, spread=0.5):
    places = spread * np.random.default_rng(n_atoms).normal(size=(n_atoms, 3))
    return AtomCluster.from_positions(places, dipole=[0, 0, 1])


def line(n_atoms, distance):
    places = distance * np.arange(n_atoms)[:, None] * [1.0, 0.0, 0.0]
    return AtomCluster.from_positions(places, dipole=[0, 0, 1])


def test_ladder_of_seven_atoms_beside_mesolve(benchmark):
    times = np.linspace(0, 0.3, 101)
    cluster = AtomCluster.collective(7)
    peers = {f"mesolve, {method}": mesolve(cluster, times, method) for method in INTEGRATORS}
    seconds, peer, expected = quickest(peers, 2)
    ours = benchmark(atoms.coherence, cluster, times, NBAR)
    np.testing.assert_allclose(ours, expected, atol=2e-4)
    assert report(benchmark, "7 identical atoms", seconds, peer, 600) >= 600


@pytest.mark.parametrize("n_atoms, at_least", [(30, 80), (60, 2000)])
def test_ladder_beside_the_permutational_solver(benchmark, n_atoms, at_least):
    times = np.linspace(0, 0.3, 101)
    states = piqs.Dicke(n_atoms, collective_emission=NBAR + 1, collective_pumping=NBAR)
    ground = piqs.dicke(n_atoms, n_atoms / 2, -n_atoms / 2)
    seconds, result = fastest(lambda: states.pisolve(ground, times), 2)
    # The coherence of a rung of the symmetric ladder is the number of its pairs.
    weights = [math.comb(n_atoms, k) - 1.0 for k in range(n_atoms + 1)]
    expected = [state.diag().real[: n_atoms + 1] @ weights for state in result.states]
    ours = benchmark(atoms.coherence, AtomCluster.collective(n_atoms), times, NBAR)
    np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-3)
    assert report(benchmark, f"{n_atoms} identical atoms", seconds, "piqs", at_least) >= at_least


@pytest.mark.parametrize("n_atoms, at_least", [(6, 8), (7, 25), (8, 65), (9, 55)])
def test_a_random_cloud_beside_mesolve(benchmark, n_atoms, at_least):
    cluster, times = cloud(n_atoms), np.linspace(0, 1, 101)
    peers = {"mesolve, channels": mesolve(cluster, times, "tsit5")}
    if n_atoms < 8:
        # Beyond, its 4^N rows take longer than the channels, and gigabytes.
        peers["mesolve, assembled"] = mesolve(cluster, times, "tsit5", assembled=True)
    seconds, peer, expected = quickest(peers, 2 if n_atoms < 8 else 1)
    ours = benchmark.pedantic(atoms.coherence, (cluster, times, NBAR), rounds=5, warmup_rounds=1)
    # QuTiP's own error is its tolerance, relative to states whose coherence adds up.
    np.testing.assert_allclose(ours, expected, atol=5e-4)
    if n_atoms < 8:
        by_blocks = atoms.coherence(cluster, times, NBAR, method="blocks")
        np.testing.assert_allclose(ours, by_blocks, atol=1e-8)
    assert report(benchmark, f"cloud of {n_atoms}", seconds, peer, at_least) >= at_least


@pytest.mark.parametrize("distance", [0.1, 0.05])
@pytest.mark.parametrize("n_atoms", [4, 5, 6])
def test_a_line_in_the_near_field_beside_mesolve(benchmark, n_atoms, distance):
    # Closer still QuTiP's default tolerances leave errors of a percent.
    cluster, times = line(n_atoms, distance), np.linspace(0, 0.3, 11)
    peers = {
        "mesolve, channels": mesolve(cluster, times, "tsit5", nbar=1.0),
        "mesolve, assembled": mesolve(cluster, times, "tsit5", assembled=True, nbar=1.0),
    }
    seconds, peer, expected = quickest(peers, 1)
    ours = benchmark.pedantic(atoms.coherence, (cluster, times, 1.0), rounds=3, warmup_rounds=1)
    np.testing.assert_allclose(ours, expected, atol=2e-3)
    assert report(benchmark, f"line of {n_atoms} at {distance}", seconds, peer, 1) >= 1


@pytest.mark.parametrize(
    "n_atoms, distance, at_least",
    [
        (6, 0.02, 1 / 5),
        (6, 0.005, 1 / 5),
        (7, 0.02, 1 / 6),
        (7, 0.005, 1 / 6),
        # Here the first two depths differ by more than is promised, and a third is asked.
        (8, 0.02, 1 / 35),
        (8, 0.005, 1 / 10),
    ],
)
def test_the_near_field_beside_the_far(benchmark, n_atoms, distance, at_least):
    # The peer would take hours: what is compared is the cost of the same atoms far apart.
    times, far, near = np.linspace(0, 1, 101), cloud(n_atoms), cloud(n_atoms, distance)
    seconds, _ = fastest(lambda: atoms.coherence(far, times, 1.0), 3)
    question = (near, times, 1.0, None, "near_field")
    benchmark.pedantic(atoms.coherence, question, rounds=3, warmup_rounds=1)
    name = f"cloud of {n_atoms} at {distance}"
    assert report(benchmark, name, seconds, "itself at 0.5", at_least) >= at_least


@pytest.mark.parametrize(
    "n_atoms, spread, at_least",
    [
        (4, 0.5, 1 / 4),
        (4, 0.02, 1 / 4),
        (5, 0.02, 1 / 4),
        # By products to 10, by all modes to the end.
        (6, 0.5, 1 / 25),
        (6, 0.02, 1 / 4),
        # Walked until they meet the thermal state, at some 30 and 60.
        (7, 0.5, 1 / 8),
        (8, 0.5, 1 / 8),
    ],
)
def test_late_times_beside_early_ones(benchmark, n_atoms, spread, at_least):
    cluster, late = cloud(n_atoms, spread), np.geomspace(1e3, 1e12, 10)
    seconds, _ = fastest(lambda: atoms.coherence(cluster, [10.0], 1.0), 3)
    ours = benchmark.pedantic(atoms.coherence, (cluster, late, 1.0), rounds=3, warmup_rounds=1)
    if n_atoms <= 4:
        np.testing.assert_allclose(
            ours, atoms.coherence(cluster, late, 1.0, method="blocks"), atol=1e-9
        )
    name = f"cloud of {n_atoms} at {spread}, 1e3 to 1e12"
    assert report(benchmark, name, seconds, "itself to 10", at_least) >= at_least


def test_two_atoms_in_any_state_take_the_time_of_the_closed_form(benchmark):
    rho0, times = np.diag([0.1, 0.6, 0.2, 0.1]).astype(complex), np.linspace(0, 1, 101)
    rho0[0, 3] = rho0[3, 0] = 0.05

    def closed():
        return measures.l1_coherence(pair.evolve(rho0, times, NBAR, 1.0))

    seconds, expected = fastest(closed, 300)
    ours = benchmark(atoms.coherence, AtomCluster.collective(2, 1.0), times, NBAR, rho0)
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
    asked = 1 / 1.3
    assert report(benchmark, "two atoms, any state", seconds, "closed form", asked) >= asked


@pytest.mark.parametrize("times", [np.linspace(0, 1, 101), np.logspace(-6, 0, 101)])
def test_a_thousand_atoms_take_less_than_two_seconds(benchmark, times):
    c = benchmark.pedantic(ladder.coherence, (times, 1000, NBAR), rounds=3)
    assert c[-1] == pytest.approx(ladder.long_time_coherence(1000, NBAR), rel=1e-3)
    assert benchmark.stats.stats.min < 2


def test_the_long_time_value_of_a_million_atoms_takes_microseconds(benchmark):
    log_c = benchmark(ladder.long_time_coherence, 10**6, NBAR, log=True)
    assert log_c == pytest.approx(10**6 * np.log1p(10 / 11), rel=1e-4)
    assert benchmark.stats.stats.min < 1e-3
