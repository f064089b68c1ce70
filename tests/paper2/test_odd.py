"""Paper II, Sec. 8: antiferromagnetic sources, their number odd."""

import numpy as np
from claims import claim
from routes import ring_curves as rc
from routes import ring_routes as rr
from scipy.optimize import brentq

from coherence_lib import ring
from coherence_lib.ring import SourceRing, transition

# The ring of this section: N = 9, gamma = 0.2, omega_a = 0.1, whose line is at J = -0.1081.
PANEL = np.geomspace(1e-3, 20, 500)
ODD = (3, 5, 7, 9)


def odd_samples(seed, count, sizes=ODD, decades=1):
    """Random antiferromagnetic rings with an odd number of sources and a transition."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        _, gamma, J = 10 ** rng.uniform(-decades, decades, 3)
        n = int(rng.choice(sizes))
        if rc.line(n, gamma, -J) > 0.01:
            yield n, gamma, -J


def lowest(n, omega_a, gamma, J, m):
    """Lowest energy at one magnetisation, over all configurations."""
    bonds = [b for (found, b), _ in rr.configurations(n).items() if found == m]
    return min(omega_a * m / 2 - J * b - np.hypot(0.5, gamma * m) for b in bonds)


def crossing(n, gamma, J):
    """omega_a above which all sources are aligned, by root finding over all levels."""

    def aligned_above(omega_a):
        rest = min(lowest(n, omega_a, gamma, J, m) for m in range(-n + 2, n + 1, 2))
        return rest - lowest(n, omega_a, gamma, J, -n)

    return brentq(aligned_above, 0.0, -4 * J, xtol=1e-14)


def checked_curve(deviation, n, omega_a, gamma, J, temperatures=PANEL):
    """The library's curve, compared with the sum over all levels."""
    curve = ring.coherence(SourceRing(n, omega_a, gamma, J), temperatures)
    deviation(curve, rc.curve(n, omega_a, gamma, J, temperatures))
    return curve


# --- Equations -----------------------------------------------------------------------------------


@claim("p2-eq-53", "reproduces")
def test_difference_of_the_two_energies_of_an_odd_ring(deviation):
    for n, gamma, J in odd_samples(53, 30):
        for omega_a in (0.1, 2.0):
            printed = 2 * (n - 1) * J + (n - 1) * omega_a / 2
            printed += (rc.splitting(n, gamma) - rc.splitting(1, gamma)) / 2
            found = lowest(n, omega_a, gamma, J, -1) - lowest(n, omega_a, gamma, J, -n)
            deviation(printed, found, scale=n * (omega_a + gamma - J))


@claim("p2-eq-54", "reproduces")
def test_line_of_an_odd_ring(deviation):
    for n, gamma, J in odd_samples(54, 30, sizes=(3, 5, 7)):
        found = crossing(n, gamma, J)
        printed = -4 * J - (rc.splitting(n, gamma) - rc.splitting(1, gamma)) / (n - 1)
        deviation([transition.critical_gap(n, gamma, J), found], [printed] * 2, scale=-J)
        deviation(transition.critical_coupling(n, gamma, found), J, scale=-J)


@claim("p2-eq-55", "reproduces")
def test_line_of_an_endless_odd_ring(deviation):
    for _, gamma, J in odd_samples(55, 20):
        limit = -4 * J - 2 * gamma
        deviation(transition.critical_gap(10**7 + 1, gamma, J), limit)
        # From one source on, where the bracket would vanish, by less than (Omega_1 - 2 gamma)/N.
        for n in (11, 101, 1001):
            left = n * (rc.line(n, gamma, J) - limit)
            assert 0 < left < 1.11 * (rc.splitting(1, gamma) - 2 * gamma) + 1e-9


@claim("p2-eq-56", "reproduces")
def test_odd_antiferromagnet_has_the_cold_coherence_of_one_source(deviation):
    for n, gamma, J in odd_samples(56, 30):
        omega_a = 0.9 * rc.line(n, gamma, J)
        found = ring.coherence(SourceRing(n, omega_a, gamma, J), 0.0)
        block = rr.enumerated_target(n, omega_a, gamma, J, 0.0)
        deviation([found, 2 * abs(block[0, 1])], [2 * gamma / rc.splitting(1, gamma)] * 2)
        # Each place can hold the unpaired source.
        state = transition.ground_state(SourceRing(n, omega_a, gamma, J))
        deviation([state.degeneracy, rc.ground(n, omega_a, gamma, J)[1]], [n, n])


@claim("p2-eq-57", "reproduces")
def test_odd_ferromagnet_has_the_cold_coherence_of_all_sources(deviation):
    for n, gamma, J in odd_samples(57, 30):
        gap = rc.line(n, gamma, J)
        found = ring.coherence(SourceRing(n, 1.1 * gap, gamma, J), 0.0)
        block = rr.enumerated_target(n, 1.1 * gap, gamma, J, 0.0)
        deviation([found, 2 * abs(block[0, 1])], [2 * n * gamma / rc.splitting(n, gamma)] * 2)
        # On the line N + 1 states share the ground level.
        tie = ring.coherence(SourceRing(n, gap, gamma, J), 0.0)
        deviation(tie, (n * rc.aligned(1, gamma) + rc.aligned(n, gamma)) / (n + 1))
        deviation(2 * abs(rr.enumerated_target(n, gap, gamma, J, 0.0)[0, 1]), tie)


# --- Sentences -----------------------------------------------------------------------------------


@claim("p2-s81-1", "reproduces")
def test_odd_ground_state_is_at_a_boundary_of_the_magnetisation(deviation):
    for n, gamma, J in odd_samples(811, 60, decades=2):
        for omega_a in (0.5, 2.0) * np.array(rc.line(n, gamma, J)):
            energies = [
                min(lowest(n, omega_a, gamma, J, x) for x in (m, -m)) for m in range(1, n + 1, 2)
            ]
            least = min(energies[0], energies[-1])
            deviation(rr.levels(n, omega_a, gamma, J)[0], least, scale=abs(least))
            deviation(np.maximum(np.diff(energies, 2), 0) / abs(least), 0.0)


@claim("p2-s82-1", "holds under a condition")
def test_cold_coherence_of_an_odd_antiferromagnet_can_be_its_maximum(deviation):
    kinds = set()
    for n, gamma, J in odd_samples(821, 30, decades=0.5):
        omega_a = 0.7 * rc.line(n, gamma, J)
        start = ring.coherence(SourceRing(n, omega_a, gamma, J), 0.0)
        deviation(start, rc.aligned(1, gamma))
        curve = checked_curve(deviation, n, omega_a, gamma, J)
        kinds.add(max(curve) > start + 1e-9)
        # It is never the minimum: the curve ends at 0.
        assert ring.coherence(SourceRing(n, omega_a, gamma, J), 1e6) < start
    assert kinds == {True, False}
    falling = checked_curve(deviation, 9, 0.1, 0.2, -0.35)
    deviation(rc.rise(falling), 0.0)
    # By how much the curve rises above its start: close to the line, and deep in the phase.
    rising = checked_curve(deviation, 9, 0.1, 0.2, -0.11)
    deviation.broken(max(rising) - rising[0], max(falling) - falling[0])
    deviation.evidence(falling[0])


@claim("p2-s82-2", "reproduces")
def test_odd_antiferromagnet_has_a_plateau_at_low_temperature(deviation):
    for n, gamma, J in odd_samples(822, 30):
        omega_a = 0.8 * rc.line(n, gamma, J)
        energy = rc.spectrum(n, omega_a, gamma, J)[0] - rc.ground(n, omega_a, gamma, J)[0]
        gap = energy[energy > 1e-9 * n * (1 - J)][0]
        T = gap / np.array([1000.0, 100.0, 50.0])
        start = ring.coherence(SourceRing(n, omega_a, gamma, J), 0.0)
        deviation(checked_curve(deviation, n, omega_a, gamma, J, T), start)


@claim("p2-s82-3", "holds under a condition")
def test_listed_shapes_occur_and_two_maxima_as_well(deviation):
    listed = {-0.11: "max", -0.13: "min max", -0.15: "min max", -0.35: ""}
    for J, shape in listed.items():
        assert rc.shape(checked_curve(deviation, 9, 0.1, 0.2, J)) == shape
    more = (
        ((9, 0.02, 0.2, -0.0882), "max min max"),
        ((17, 1e-4, 0.03, -0.006721), "min max min max"),
    )
    T = np.geomspace(1e-5, 20, 600)
    for ours, shape in more:
        n, omega_a, gamma, J = ours
        assert omega_a < rc.line(n, gamma, J)
        curve = checked_curve(deviation, *ours, T)
        *_, (_, dip), (_, second) = turns = rc.turns(curve)
        assert " ".join(kind for kind, _ in turns) == shape
        exact = [float(rr.coherence(*ours, T[place])) for _, place in turns]
        deviation([curve[place] for _, place in turns], exact)
        deviation.broken(curve[dip], curve[second])
        if shape == "max min max":
            _, low, high = transition.extrema(SourceRing(*ours))
            deviation.evidence(high.coherence - low.coherence)


@claim("p2-s82-4", "reproduces")
def test_maximum_after_the_dip_lies_above_or_below_the_start(deviation):
    for J, above in ((-0.13, True), (-0.15, False)):
        curve = checked_curve(deviation, 9, 0.1, 0.2, J)
        (_, dip), (_, top) = rc.turns(curve)
        start = ring.coherence(SourceRing(9, 0.1, 0.2, J), 0.0)
        deviation(start, rc.aligned(1, 0.2))
        assert curve[dip] < start
        assert (curve[top] > start) == above
        if above:
            ratio = transition.extrema(SourceRing(9, 0.1, 0.2, J))[1].coherence / start
    deviation.evidence(ratio)


@claim("p2-s82-5", "reproduces")
def test_gap_and_coupling_to_the_target_change_the_shape_too(deviation):
    def shape(omega_a, gamma, J):
        assert omega_a < rc.line(9, gamma, J)
        return rc.shape(checked_curve(deviation, 9, omega_a, gamma, J))

    assert [shape(x, 0.2, -0.15) for x in (0.1, 0.2)] == ["min max", "max"]
    assert [shape(x, 0.2, -0.3) for x in (0.1, 0.6)] == ["", "max"]
    assert [shape(0.1, x, -0.11) for x in (0.1, 0.2)] == ["min max", "max"]
    assert [shape(0.1, x, -0.3) for x in (0.2, 0.4)] == ["", "min max"]
