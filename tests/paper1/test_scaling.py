"""Paper I, Sec. IV: clusters of N atoms from the ground state, and their long times."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
import scipy.linalg
from claims import claim
from hypothesis import given
from hypothesis import strategies as st
from routes import literal

from coherence_lib import atoms, measures, thermal
from coherence_lib.atoms import AtomCluster, ladder

SIZES = range(2, 8)
nbars = st.floats(-3, 3).map(lambda exponent: 10**exponent)


def exact_weights(n_atoms, nbar):
    """Long-time populations of the ladder by detailed balance, as fractions."""
    ratio = Fraction(nbar) / (Fraction(nbar) + 1)
    weights = [ratio**k for k in range(n_atoms + 1)]
    return [w / sum(weights) for w in weights]


def exact_coherence(n_atoms, nbar):
    return sum(p * (comb(n_atoms, k) - 1) for k, p in enumerate(exact_weights(n_atoms, nbar)))


def exact_flip_flop(n_atoms, nbar):
    return sum(p * k * (n_atoms - k) for k, p in enumerate(exact_weights(n_atoms, nbar)))


def excitations(n_atoms):
    return np.diagonal(literal.number(n_atoms)).astype(int)


@claim("p1-s4-1", "reproduces")
@given(n=st.sampled_from([*SIZES, 12, 30, 80]), nbar=nbars)
def test_coherence_from_the_ground_state_only_grows(n, nbar, deviation):
    times = np.concatenate([[0], np.logspace(-6, 1.3, 300)]) / (nbar + 1)
    p = ladder.populations(times, n, nbar)
    k = np.arange(n)
    # A second route: what flows up each rung is larger on the lower one of two mirror rungs,
    # and dC/dt is the sum of these differences with positive weights.
    flow = nbar * (k + 1) * (n - k) * p[:, :-1] - (nbar + 1) * (k + 1) * (n - k) * p[:, 1:]
    lower = flow[:, : n // 2]
    upper = flow[:, ::-1][:, : n // 2]
    deviation(np.minimum(lower - upper, 0), np.zeros(lower.shape), scale=nbar * n**2)
    # They are what flows: nothing does in the end.
    deviation(flow[-1], np.zeros(n), scale=nbar * n**2)
    steps = np.diff(ladder.coherence(times, n, nbar))
    deviation(np.minimum(steps, 0), np.zeros(300), scale=ladder.long_time_coherence(n, nbar))


@claim("p1-s4-2", "reproduces")
@given(nbar=nbars)
def test_coherence_settles(nbar, deviation):
    for n in (2, 3):
        end = literal.l1(literal.end(literal.together(n, nbar), literal.ground(n)))
        deviation(end, float(exact_coherence(n, nbar)))
    for n in SIZES:
        end = ladder.coherence([100 / (nbar + 1)], n, nbar)[0]
        deviation(end / float(exact_coherence(n, nbar)), 1.0)
        deviation(ladder.long_time_coherence(n, nbar) / float(exact_coherence(n, nbar)), 1.0)


@claim("p1-s4-3", "reproduces")
@given(nbar=st.fractions(Fraction(1, 1000), 1000, max_denominator=1000))
def test_more_atoms_more_coherence(nbar, deviation):
    values = [exact_coherence(n, nbar) for n in range(1, 16)]
    assert all(more > fewer for fewer, more in pairwise(values))
    deviation(ladder.long_time_coherence(np.arange(1, 16), float(nbar)), np.array(values, float))


@claim("p1-fig-4", "holds under a condition")
def test_cubic_fits_the_window_and_nothing_beyond_it(deviation):
    n = np.array(SIZES)
    for nbar in (0.5, 10, 300):
        values = np.array([float(exact_coherence(m, nbar)) for m in n])
        deviation(ladder.long_time_coherence(n, float(nbar)), values)
    values = [float(exact_coherence(m, 10)) for m in n]
    cubic = np.polynomial.Polynomial.fit(n, values, 3)
    residual = np.abs(cubic(n) - values).max()
    assert residual > 0.10
    deviation(max(0.0, residual - 0.11), 0.0)
    assert np.abs(np.polynomial.Polynomial.fit(n, values, 2)(n) - values).max() > 6 * residual
    # Beyond: what the cubic of N <= 7 gives of the true coherence of twelve atoms.
    twelve = float(exact_coherence(12, 10))
    deviation.broken(cubic(12), twelve)
    deviation.evidence(cubic(12) / twelve)
    # The true law: from one size to the next by a factor that goes to 1 + r.
    growth = float(exact_coherence(151, 10) / exact_coherence(150, 10))
    assert growth == pytest.approx(21 / 11, rel=1e-6)


@claim("p1-s4-4", "holds under a condition")
def test_settled_value_depends_on_neither_hopping_nor_decay_rate(deviation):
    for n in (2, 3):
        for nbar in (0.2, 10.0):
            for f0, gamma0 in ((0.0, 1.0), (-7.0, 1.0), (3.0, 0.2), (50.0, 5.0)):
                generator = literal.together(n, nbar, f0, gamma0)
                end = literal.l1(literal.end(generator, literal.ground(n)))
                deviation(end, float(exact_coherence(n, nbar)))
    cluster = AtomCluster.collective(7, f0=100.0, gamma0=3.0)
    late = atoms.coherence(cluster, [20.0], 10.0, rho0=literal.ground(7), method="ladder")
    deviation(late, [float(exact_coherence(7, 10))])
    # Unequal hopping: the construction of the long-time state against a long evolution.
    row = [[0.1 * i, 0, 0] for i in range(4)]
    cluster = AtomCluster(atoms.dipole_couplings(row, [0, 0, 1])[0], np.ones((4, 4)))
    settled = atoms.long_time_coherence(cluster, 1.0)
    evolved = atoms.coherence(cluster, [300.0], 1.0, method="blocks")
    deviation(evolved, [settled])
    deviation.broken(float(exact_coherence(4, 1)), settled)
    deviation.evidence(settled)


@claim("p1-s4-5", "fails")
def test_hopping_does_not_change_the_time_to_settle(deviation):
    times = np.linspace(0, 0.2, 21)

    def change(start):
        """What a strong hopping makes of the coherence of two atoms."""
        pairs = [AtomCluster.collective(2, f0=f0) for f0 in (30.0, 0.0)]
        curves = [atoms.coherence(pair, times, 10.0, start, method="full") for pair in pairs]
        return np.abs(curves[0] - curves[1]).max()

    # It acts on one excitation that sits on one atom, and not on what grows from the ground state.
    deviation.counterexample(change(np.diag([0, 1.0, 0, 0])), change(literal.ground(2)))
    for n in (2, 3, 4):
        start = literal.ground(n)
        for f0 in (1.0, 30.0):
            cluster = AtomCluster.collective(n, f0=f0)
            with_f = atoms.coherence(cluster, times, 10.0, start, method="full")
            without = AtomCluster.collective(n)
            deviation(with_f, atoms.coherence(without, times, 10.0, start, method="full"))
    # The time to 99% of the settled value, for four atoms that hop at 30 gamma0.
    fine = np.linspace(0, 0.2, 2001)
    c = atoms.coherence(AtomCluster.collective(4, f0=30.0), fine, 10.0, start, method="blocks")
    deviation.evidence(fine[np.argmax(c >= 0.99 * float(exact_coherence(4, 10)))])


CLOCKS = [(2, 1e-3, 20.0), (2, 0.7, 0.05), (2, 30.0, 1.0), (3, 0.02, 3.0), (3, 10.0, 0.1)]


@claim("p1-s4-6", "reproduces")
@pytest.mark.parametrize("n, nbar, gamma0", [*CLOCKS, (5, 0.1, 3.0), (6, 10.0, 0.2)])
def test_decay_rate_only_sets_the_clock(n, nbar, gamma0, deviation):
    scaled = np.array([0.01, 0.1, 1.0]) / (nbar + 1)
    if n < 4:
        generator = literal.together(n, nbar, f0=2.0, gamma0=gamma0)
        c = literal.coherence(generator, literal.ground(n), scaled / gamma0)
    else:
        # By the blocks, which know nothing of a ladder.
        cluster = AtomCluster.collective(n, gamma0=gamma0, f0=2.0)
        c = atoms.coherence(cluster, scaled / gamma0, nbar, method="blocks")
    deviation(c / ladder.coherence(scaled, n, nbar), 1.0)


@claim("p1-s4-7", "holds under a condition")
def test_initial_state_decides_beside_the_photons(deviation):
    one_excited = np.diag([0, 1, 0, 0]).astype(complex)
    for nbar in (0.1, 1.0, 10.0):
        # Half of |eg> is locked in the singlet.
        symmetric = 0.5 * exact_coherence(2, nbar)
        end = literal.l1(literal.end(literal.together(2, nbar), one_excited))
        deviation(end, abs(float(symmetric) - 0.5))
        deviation(atoms.long_time_coherence(AtomCluster.collective(2), nbar, one_excited), end)
    pair = AtomCluster.collective(2)
    excited = atoms.long_time_coherence(pair, 1.0, one_excited)
    deviation.broken(atoms.long_time_coherence(pair, 1.0), excited)
    deviation.evidence(excited)
    # From the ground state photons decide alone, and one photon gives two sevenths.
    deviation(atoms.long_time_coherence(pair, 1.0), 2 / 7)


@claim("p1-s4-8", "reproduces")
def test_long_time_coherence_grows_with_the_photons_and_saturates(deviation):
    for n in SIZES:
        nbar = [Fraction(10) ** e for e in range(-4, 9)]
        values = [exact_coherence(n, m) for m in nbar]
        assert all(more > fewer for fewer, more in pairwise(values))
        deviation(ladder.long_time_coherence(n, 0.0), 0)
        deviation(ladder.long_time_coherence(n, np.array(nbar, float)), np.array(values, float))
        deviation(ladder.long_time_coherence(n, 1e12), 2**n / (n + 1) - 1)
        # Few photons: every photon is shared by all atoms.
        assert float(values[0] / nbar[0]) == pytest.approx(n - 1, rel=1e-3)
    deviation.evidence(ladder.long_time_coherence(7, 1e12))


@claim("p1-s4-9", "reproduces")
def test_all_elements_within_equal_excitations_are_equal_and_real_positive(deviation):
    times = np.array([0.003, 0.05, 0.5])
    sizes = ((2, 0.5, 4.0), (3, 10.0, -1.0), (4, 2.0, 3.0), (5, 0.1, -7.0), (7, 10.0, 2.0))
    for n, nbar, f0 in sizes:
        k = excitations(n)
        generator = AtomCluster.collective(n, f0=f0)
        method = "full" if n < 5 else "blocks"
        states = atoms.evolve(generator, literal.ground(n), times, nbar, method=method)
        p = ladder.populations(times, n, nbar)
        same = k[:, None] == k
        share = p[:, k] / np.array([comb(n, m) for m in k])
        deviation(states, np.where(same, share[:, :, None], 0))
        assert np.all(states.real[:, same] > 0)


@claim("p1-s4-10", "holds under a condition")
def test_l1_coherence_is_the_caloric_coherence_up_to_three_atoms(deviation):
    for n in SIZES:
        for nbar in (0.3, 10):
            rho = np.zeros((2**n, 2**n))
            k, p = excitations(n), exact_weights(n, nbar)
            for m in range(n + 1):
                rho[np.ix_(k == m, k == m)] = float(p[m]) / comb(n, m)
            l1, caloric = measures.l1_coherence(rho), measures.flip_flop_coherence(rho)
            deviation(l1, float(exact_coherence(n, nbar)))
            deviation(caloric, float(exact_flip_flop(n, nbar)))
            if n <= 3:
                deviation(l1, caloric)
            else:
                deviation.broken(caloric, l1)
    deviation.evidence(exact_coherence(7, 10) / exact_flip_flop(7, 10))


def cavity_chain(weights, coherent, coupling=0.2, photons=40):
    """Photon numbers of a cavity after one cluster passes: exact collision, a Markov matrix.

    The cluster's symmetric state of k excitations has weight `weights[k]`, or, if not
    `coherent`, the mixture of its product states.
    """
    n = len(weights) - 1
    lower = sum(literal.lowering(n))
    field = np.diag(np.sqrt(np.arange(1.0, photons)), 1)
    exchange = np.kron(lower.T, field)
    unitary = scipy.linalg.expm(-1j * coupling * (exchange + exchange.T))
    k, rho = excitations(n), np.zeros((2**n, 2**n))
    for m in range(n + 1):
        block = np.ix_(k == m, k == m)
        rho[block] = np.full((comb(n, m),) * 2, 1.0) if coherent else np.eye(comb(n, m))
        rho[block] *= float(weights[m]) / comb(n, m)
    u = unitary.reshape(2**n, photons, 2**n, photons)
    return np.einsum("apbq,bc,apcq->pq", u, rho, u.conj(), optimize=True).real


def ratio_of_cavity(chain):
    """Mean ratio of neighbouring populations in the stationary distribution."""
    values, vectors = np.linalg.eig(chain)
    stationary = vectors[:, np.argmax(values.real)].real
    stationary /= stationary.sum()
    return stationary[1:5] / stationary[:4]


@claim("p1-s4-11", "reproduces")
def test_coherence_of_the_cluster_changes_the_temperature_of_a_cavity(deviation):
    nbar = 0.4
    r = nbar / (nbar + 1)
    for n in (2, 3):
        weights = exact_weights(n, nbar)
        # With its coherence the cluster brings the cavity to the temperature of the bath.
        deviation(ratio_of_cavity(cavity_chain(weights, True)), np.full(4, r))
        # Without it, for weak coupling, to the ratio of the populations' own rates.
        mean = float(sum(p * k for k, p in enumerate(weights)))
        bare = ratio_of_cavity(cavity_chain(weights, False, coupling=1e-3))
        deviation(bare, np.full(4, mean / (n - mean)))
        flip_flop = float(exact_flip_flop(n, nbar))
        deviation((mean + flip_flop) / (n - mean + flip_flop), r)
    temperature = thermal.qubit_temperature(mean / n)
    deviation.evidence(temperature / thermal.temperature(nbar))


@claim("p1-s4-12", "reproduces")
def test_bath_pays_for_all_the_energy(deviation):
    node, weight = np.polynomial.legendre.leggauss(60)
    for n, nbar, f0 in ((2, 10.0, 3.0), (3, 0.5, -2.0)):
        span = 0.4
        times, ones = span * (node + 1) / 2, np.ones((n, n))
        generator, count = literal.together(n, nbar, f0), literal.number(n)
        states = literal.evolve(generator, literal.ground(n), times)
        given, taken = (
            np.array(
                [np.trace(count @ literal.apply(part(ones, nbar), rho)).real for rho in states]
            )
            for part in (literal.absorption, literal.emission)
        )
        end = atoms.evolve(AtomCluster.collective(n, f0=f0), literal.ground(n), [span], nbar)[0]
        gained = np.trace(count @ end).real
        deviation(weight @ (given + taken) * span / 2, gained)
        assert given.min() > 0
        # The hopping does no work on the bare atoms.
        hopping = literal.hamiltonian(f0 * (ones - np.eye(n)))
        deviation(np.trace(count @ literal.apply(literal.commutator(hopping), end)), 0)
    # Nothing has to be prepared: the start has the lowest energy and no coherence.
    deviation([literal.number(3)[-1, -1], literal.l1(literal.ground(3))], [0, 0])
