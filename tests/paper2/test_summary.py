"""Paper II, abstract, Sec. 1 and Sec. 9: what the paper announces and sums up."""

import mpmath as mp
import numpy as np
from claims import claim
from routes import ring_curves as rc
from routes import ring_routes as rr

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, transition

TEMPERATURES = np.geomspace(1e-2, 1e3, 61)
PANEL = np.geomspace(1e-3, 20, 400)


def curves(deviation, rings, temperatures=TEMPERATURES):
    """ln C of several rings, after a comparison of C with the sum over all levels."""
    logs = np.array([ring.coherence(r, temperatures, log=True) for r in rings])
    listed = [rc.curve(r.n_sources, r.omega_a, r.gamma, r.J, temperatures) for r in rings]
    deviation(np.exp(logs), np.array(listed))
    return logs


def ferromagnets(seed, count, room=1.02, decades=1):
    """Random rings with J of either sign, all in the ferromagnetic phase."""
    for n, omega_a, gamma, J in rc.samples(seed, count, sizes=(2, 12), decades=decades):
        gap = max(omega_a, room * rc.line(n, gamma, J))
        yield n, gap, gamma, J


def antiferromagnets(seed, count, parity, decades=1):
    """Random rings in the antiferromagnetic phase, well below the line."""
    for n, _, gamma, J in rc.samples(seed, count, sign=-1, sizes=(1, 5), decades=decades):
        n = 2 * n + parity
        if rc.line(n, gamma, J) > 0.01:
            yield n, 0.8 * rc.line(n, gamma, J), gamma, J


# --- Abstract and Sec. 1 -------------------------------------------------------------------------


@claim("p2-abs-1", "reproduces")
def test_interaction_can_enhance_the_coherence_at_finite_temperature(deviation):
    for n, omega_a, gamma, J in rc.samples(101, 40, sign=1, sizes=(2, 12)):
        rings = [SourceRing(n, omega_a, gamma, x) for x in (0.0, J)]
        free, coupled = curves(deviation, rings)
        deviation(np.maximum(free - coupled, 0), 0.0)
        # No more than by the number of sources.
        deviation(np.maximum(coupled - free - np.log(n), 0), 0.0)
    tail = [rr.coherence(6, 0.5, 0.2, x, 1e4) for x in (0.0, 1e7)]
    deviation.evidence(tail[1] / tail[0])


@claim("p2-abs-2", "reproduces")
def test_temperature_dependence_shows_the_transition(deviation):
    # Close to the line only two levels matter, one aligned state and two or N antialigned ones.
    for n, gamma, J in ((6, 0.2, -0.25), (8, 0.5, -0.6), (7, 0.2, -0.3), (4, 1.0, -1.0)):
        least, count = n % 2, n if n % 2 else 2
        for shift in (-0.02, -0.005, 0.0, 0.005, 0.02):
            omega_a = transition.critical_gap(n, gamma, J) + shift
            T = np.array([0.001, 0.002, 0.003])
            odds = count * np.exp(-(n - least) * shift / 2 / T)
            low, high = (rc.aligned(m, gamma) for m in (least, n))
            printed = (high + odds * low) / (1 + odds)
            deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), T), printed)
            deviation(rc.curve(n, omega_a, gamma, J, T), printed)


@claim("p2-s1-1", "reproduces")
def test_without_interaction_every_parameter_raises_the_coherence(deviation):
    for n, omega_a, gamma, _ in rc.samples(111, 40, sizes=(1, 10)):
        base = SourceRing(n, omega_a, gamma, 0.0)
        larger = (
            SourceRing(n + 1, omega_a, gamma, 0.0),
            SourceRing(n, 1.5 * omega_a, gamma, 0.0),
            SourceRing(n, omega_a, 1.5 * gamma, 0.0),
        )
        for r in larger:
            deviation(rc.climb(curves(deviation, [r, base])), 0.0)


@claim("p2-s1-2", "reproduces")
def test_only_interacting_sources_make_the_coherence_rise_with_temperature(deviation):
    for n, omega_a, gamma, J in rc.samples(112, 40, sizes=(1, 12)):
        free = curves(deviation, [SourceRing(n, omega_a, gamma, x) for x in (0.0, abs(J))])
        deviation(rc.climb(free.T), 0.0)
    rising = np.exp(curves(deviation, [SourceRing(6, 0.5, 0.2, -0.25)], PANEL))[0]
    deviation.evidence(max(rising) - ring.coherence(SourceRing(6, 0.5, 0.2, -0.25), 0.0))


@claim("p2-s1-3", "reproduces")
def test_level_crossing_makes_the_coherence_rise_to_a_maximum(deviation):
    for n, omega_a, gamma, J in antiferromagnets(113, 30, parity=0):
        curve = np.exp(curves(deviation, [SourceRing(n, omega_a, gamma, J)])[0])
        assert [kind for kind, _ in rc.turns(curve, floor=max(curve) / 100)] == ["max"]
    # Far from a crossing the curve falls, for J < 0 as well.
    for n, omega_a, gamma, _ in rc.samples(114, 30, sizes=(2, 12)):
        weak = rc.line(n, gamma, 0.0) / 8
        falling = curves(deviation, [SourceRing(n, omega_a, gamma, weak)])
        deviation(rc.climb(falling.T), 0.0)


@claim("p2-s1-4", "reproduces")
def test_interaction_amplifies_the_coherence_at_moderate_temperatures(deviation):
    T = np.array([0.5, 1.0, 2.0])
    for J in (0.25, 1.0):
        free, coupled = curves(deviation, [SourceRing(6, 0.5, 0.2, x) for x in (0.0, J)], T)
    deviation.evidence(np.exp(coupled - free)[1])


# --- Sec. 9 --------------------------------------------------------------------------------------


@claim("p2-s9-1", "holds under a condition")
def test_interaction_suppresses_the_coherence_only_if_antiferromagnetic(deviation):
    for n, omega_a, gamma, J in rc.samples(901, 40, sizes=(2, 12)):
        rings = [SourceRing(n, omega_a, gamma, x) for x in (-abs(J), 0.0, abs(J))]
        deviation(rc.climb(curves(deviation, rings)[::-1]), 0.0)
    anti, free = curves(deviation, [SourceRing(6, 0.5, 0.2, x) for x in (-0.25, 0.0)], np.ones(1))
    deviation.broken(np.exp(free), np.exp(anti))
    deviation.evidence(np.exp(anti - free)[0])


@claim("p2-s9-2", "reproduces")
def test_coherence_grows_with_coupling_gap_and_interaction(deviation):
    def exact(*parameters):
        return rr.double_sum(*parameters, digits=60)[0]

    for n, omega_a, gamma, J in rc.samples(902, 12, sizes=(2, 8), decades=1):
        for T in (1.0, 5.0, 20.0):
            base = exact(n, omega_a, gamma, J, T)
            assert exact(n, 1.001 * omega_a, gamma, J, T) > base
            assert exact(n, omega_a, 1.001 * gamma, J, T) > base
            assert exact(n, omega_a, gamma, J + 0.001 * abs(J), T) > base
            deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), T) / float(base), 1.0)


@claim("p2-s9-3", "reproduces")
def test_bound_is_the_coherence_of_one_rescaled_source(deviation):
    for n, omega_a, gamma, _ in rc.samples(903, 12, decades=1):
        for T in (0.2, 2.0, 20.0):
            one = 2 * abs(rr.dense_target(1, n * omega_a, n * gamma, 0.0, T)[0, 1])
            r = SourceRing(n, omega_a, gamma, 0.0)
            stiff = ring.coherence(SourceRing(n, omega_a, gamma, 1e4), T)
            deviation([bounds.upper_bound(r, T), stiff], [one, one])


@claim("p2-s9-4", "holds under a condition")
def test_coherence_vanishes_hot_and_uncoupled_but_not_always_without_a_gap(deviation):
    for n, omega_a, gamma, J in rc.samples(904, 20, sizes=(1, 8), decades=1):
        T = np.array([0.0, 0.5])
        deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), np.inf), 0.0)
        deviation(float(rr.coherence(n, omega_a, gamma, J, 1e9)), 0.0)
        deviation(ring.coherence(SourceRing(n, omega_a, 1e-12, J), T), [0.0, 0.0])
        deviation(2 * abs(rr.enumerated_target(n, omega_a, 1e-12, J, 0.0)[0, 1]), 0.0)
        deviation(ring.coherence(SourceRing(n, 1e-12, gamma, J), 0.5), 0.0)
    # The cold odd antiferromagnet keeps what one source induces.
    cold = ring.coherence(SourceRing(9, 1e-3, 0.2, -0.35), 1e-4)
    deviation.broken(0.0, cold)
    deviation.evidence(cold)


@claim("p2-s9-5", "holds under a condition")
def test_strong_coupling_and_large_gap_stay_below_one(deviation):
    for n, omega_a, gamma, J in rc.samples(905, 20, sizes=(1, 8), decades=1):
        for T in (0.3, 1.0, 10.0):
            strong = bounds.strong_coupling_limit(SourceRing(n, omega_a, gamma, J), T)
            wide = bounds.large_gap_limit(SourceRing(n, omega_a, gamma, J), T)
            single = (
                2 * abs(rr.enumerated_target(1, n * omega_a, 1e5, 0.0, T)[0, 1]),
                2 * abs(rr.enumerated_target(1, 1e5, n * gamma, 0.0, T)[0, 1]),
            )
            deviation([strong, wide], single)
            assert strong < 1 or n * omega_a > 18 * T
            assert wide <= rc.aligned(n, gamma) < 1
    # At T = 0 strong coupling does lead to 1.
    cold, warm = ring.coherence(SourceRing(6, 0.5, 1e6, 0.25), np.array([0.0, 1.0]))
    deviation(cold, 1.0)
    deviation.broken(warm, cold)
    deviation.evidence(warm)


@claim("p2-s9-6", "holds under a condition")
def test_many_sources_suffice_to_approach_one_and_low_temperature_does_not(deviation):
    for J in (-0.1, 0.0, 0.25):
        missing = [ring.incoherence(SourceRing(n, 0.5, 0.2, J), 1.0) for n in (50, 100, 200, 400)]
        listed = [1 - rc.curve(n, 0.5, 0.2, J, 1.0) for n in (50, 100, 200, 400)]
        deviation(missing, listed)
        deviation(rc.rise(missing), 0.0)
        assert missing[-1] < 1e-3
    deviation(ring.coherence(SourceRing(400, 0.5, 0.2, -0.3), 0.0), 0.0)
    deviation(ring.coherence(SourceRing(401, 0.5, 0.2, -0.3), 0.0), rc.aligned(1, 0.2))
    # Zero temperature alone does not lead to 1, and of many antiferromagnets it takes all.
    few = ring.incoherence(SourceRing(6, 0.5, 0.2, 0.25), 0.0)
    deviation.broken(0.0, few)
    deviation.broken(1.0, ring.coherence(SourceRing(400, 0.5, 0.2, -0.3), 0.0))
    deviation.evidence(few)


@claim("p2-s9-7", "holds under a condition")
def test_transition_needs_a_strong_enough_antiferromagnet(deviation):
    for n, _, gamma, J in rc.samples(907, 60, sizes=(2, 9)):
        last = transition.critical_coupling(n, gamma, 0.0)
        least = n % 2
        printed = -(rc.splitting(n, gamma) - rc.splitting(least, gamma)) / (4 * (n - least))
        deviation(last, printed)
        small = rc.ground(n, 1e-6, gamma, J)[2]
        far = abs(J / last - 1) > 1e-3 * (1 + 1 / abs(last))
        if far:
            deviation(small, rc.aligned(n if J > last else least, gamma))
    # Half of the least coupling: the coldest ring with the smallest gap is still ferromagnetic.
    least = transition.critical_coupling(9, 0.2, 0.0)
    deviation.broken(rc.aligned(1, 0.2), rc.ground(9, 1e-6, 0.2, least / 2)[2])
    deviation.evidence(least)


@claim("p2-s9-8", "fails")
def test_ferromagnetic_phase_has_curves_that_are_not_monotone(deviation):
    for n, omega_a, gamma, J in ferromagnets(908, 40, room=4.0, decades=2):
        falling = curves(deviation, [SourceRing(n, omega_a, gamma, J)])
        deviation(rc.climb(falling.T), 0.0)
    r = SourceRing(6, 0.5, 0.2, -0.19)
    assert transition.ground_state(r).phase == "ferromagnetic"
    curve = np.exp(curves(deviation, [r], PANEL)[0])
    (first, dip), (second, top) = rc.turns(curve)
    assert (first, second) == ("min", "max")
    for J, shape in ((-0.1870, "min max"), (-0.1862, "")):
        assert rc.shape(ring.coherence(SourceRing(6, 0.5, 0.2, J), PANEL)) == shape
    # A curve that falls monotonically is not above its dip later.
    deviation.counterexample(curve[dip], curve[top])
    low, high = transition.extrema(r)
    deviation.evidence(high.coherence - low.coherence)


@claim("p2-s9-9", "reproduces")
def test_cold_coherence_of_a_ferromagnet_comes_arbitrarily_close_to_one(deviation):
    for n, omega_a, gamma, J in ferromagnets(909, 30):
        r = SourceRing(n, omega_a, gamma, J)
        deviation(ring.coherence(r, 0.0), rc.ground(n, omega_a, gamma, J)[2])
        # A function of N gamma / omega alone.
        twin = SourceRing(1, omega_a, 3 * n * gamma, 0.0, omega=3.0)
        deviation(ring.coherence(twin, 0.0), rc.aligned(n, gamma))
        strong = SourceRing(n, omega_a, 1e6, max(J, 0.0))
        deviation(ring.incoherence(strong, 0.0) * 8e12 * n**2, 1.0)


@claim("p2-s9-10", "holds under a condition")
def test_one_more_source_can_lower_the_coherence_in_the_ferromagnetic_phase(deviation):
    for n, omega_a, gamma, J in ferromagnets(910, 40):
        rings = [SourceRing(n, omega_a, x * gamma, J) for x in (1.0, 1.5)]
        deviation(rc.climb(curves(deviation, rings)[::-1]), 0.0)
        rings = [SourceRing(x, omega_a, gamma, abs(J)) for x in (n, n + 1)]
        deviation(rc.climb(curves(deviation, rings)[::-1]), 0.0)
    rings = [SourceRing(n, 0.5, 0.2, -0.19) for n in (5, 6)]
    assert {transition.ground_state(r).phase for r in rings} == {"ferromagnetic"}
    five, six = curves(deviation, rings, PANEL)
    lowest = np.argmin(six - five)
    deviation.broken(np.exp(five[lowest]), np.exp(six[lowest]))
    deviation.evidence(np.exp(min(six - five)))


@claim("p2-s9-11", "reproduces")
def test_gap_and_interaction_act_beyond_the_plateau_only(deviation):
    for n, omega_a, gamma, J in ferromagnets(911, 40):
        rings = [
            SourceRing(n, omega_a, gamma, J),
            SourceRing(n, 1.2 * omega_a, gamma, J),
            SourceRing(n, omega_a, gamma, J + 0.2 * abs(J)),
        ]
        base, wide, stiff = curves(deviation, rings)
        for larger in (wide, stiff):
            deviation(rc.climb(np.array([larger, base])), 0.0)
        deviation([ring.coherence(r, 0.0) for r in rings], [rc.aligned(n, gamma)] * 3)


def activation(n, omega_a, gamma, J):
    """Distance of the lowest level with M != 0 from the ground level, its prefactor, the next."""
    energy, count, signed, m = rc.spectrum(n, omega_a, gamma, J)
    excited = energy[m != 0] - energy[0]
    level = (energy - energy[0] < excited[0] + 1e-9 * n * (1 - J)) & (m != 0)
    later = (energy - energy[0])[(energy - energy[0] > 1e-9 * n * (1 - J)) & ~level]
    later[later > excited[0]] -= excited[0]
    return excited[0], (count[level] @ signed[level]) / 2, min(later)


@claim("p2-s9-12", "reproduces")
def test_even_antiferromagnet_is_incoherent_on_its_plateau(deviation):
    for n, omega_a, gamma, J in antiferromagnets(912, 40, parity=0):
        distance, prefactor, next_level = activation(n, omega_a, gamma, J)
        T = min(distance, next_level) / np.array([40.0, 80.0])
        logs = ring.coherence(SourceRing(n, omega_a, gamma, J), T, log=True)
        stated = np.log(prefactor) - distance / T
        deviation(logs / stated, 1.0)
        listed = [rr.coherence(n, omega_a, gamma, J, t, digits=80) for t in T]
        deviation(logs, [float(mp.log(x)) for x in listed], scale=max(abs(stated)))
        assert max(logs + distance / T) < np.log(2**n)
        deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), 0.0), 0.0)
    # Deep in the phase the first excited level, the target's upper one, has no coherence.
    energy = rc.spectrum(6, 0.5, 0.2, -1.0)[0]
    distance = activation(6, 0.5, 0.2, -1.0)[0]
    assert abs(min(energy[energy > energy[0] + 1e-9] - energy[0]) - 1) < 1e-12
    deviation.evidence(distance)


@claim("p2-s9-13", "holds under a condition")
def test_maximum_of_an_even_antiferromagnet_can_be_faint(deviation):
    T = np.geomspace(1e-2, 1e4, 400)
    strong = np.exp(curves(deviation, [SourceRing(6, 0.5, 0.2, -x) for x in (1.0, 10.0, 100.0)], T))
    # Far from the line the maximum falls as 1/J^2, and as no other power.
    assert abs(max(strong[1]) / max(strong[2]) - 100) < 2
    near = np.exp(curves(deviation, [SourceRing(6, 0.5, 0.2, -0.3)], PANEL))[0]
    assert rc.shape(near) == "max"
    many = np.exp(curves(deviation, [SourceRing(n, 0.2, 0.2, -0.25) for n in (6, 40)], PANEL))
    assert max(many[1]) > 0.86
    # As pronounced as near the line, and what is left of it.
    deviation.broken(max(near), max(strong[1]))
    best = transition.optimal_temperature(SourceRing(6, 0.5, 0.2, -10.0))
    deviation.evidence(best.coherence)


@claim("p2-s9-14", "holds under a condition")
def test_cold_coherence_of_an_odd_antiferromagnet_need_not_be_small(deviation):
    for n, omega_a, gamma, J in antiferromagnets(914, 40, parity=1):
        found = [ring.coherence(SourceRing(n, omega_a * x, gamma, J), 0.0) for x in (0.5, 1.0)]
        deviation(found, [2 * gamma / rc.splitting(1, gamma)] * 2)
        deviation(found[0], rc.ground(n, omega_a, gamma, J)[2])
        # From 1/N of the ferromagnetic value for weak coupling up to all of it.
        ratio = found[0] / rc.aligned(n, gamma)
        deviation(ratio, rc.splitting(n, gamma) / (n * rc.splitting(1, gamma)))
    weak, strong = (
        ring.coherence(SourceRing(9, 1.0, x, -4.0), 0.0) / rc.aligned(9, x) for x in (0.01, 5.0)
    )
    assert weak < 0.12
    deviation.broken(weak, strong)
    deviation.evidence(strong)


@claim("p2-s9-15", "reproduces")
def test_odd_antiferromagnet_rises_or_falls_first(deviation):
    seen = set()
    for n, omega_a, gamma, J in antiferromagnets(915, 60, parity=1):
        energy, count, signed, _ = rc.spectrum(n, omega_a, gamma, J)
        gap = energy - energy[0]
        first = gap[gap > 1e-9 * n * (1 - J)][0]
        level = abs(gap - first) < 1e-8 * n * (1 - J)
        excess = count[level] @ signed[level] / count[level].sum() - rc.aligned(1, gamma)
        start, end = ring.coherence(SourceRing(n, omega_a, gamma, J), first / np.array([25, 20]))
        deviation(end - start, np.diff(rc.curve(n, omega_a, gamma, J, first / np.array([25, 20]))))
        if abs(end - start) > 1e-12:
            assert (end > start) == (excess > 0)
            seen.add(bool(excess > 0))
    assert seen == {True, False}


@claim("p2-s9-16", "holds under a condition")
def test_target_is_partly_excited_in_the_ferromagnetic_ground_state(deviation):
    for n, omega_a, gamma, J in ferromagnets(916, 30):
        n = min(n, 8)
        omega_a = max(omega_a, 1.05 * rc.line(n, gamma, J))
        block = rr.enumerated_target(n, omega_a, gamma, J, 0.0)
        found = ring.target_state(SourceRing(n, omega_a, gamma, J), 0.0)
        deviation(abs(found), abs(block))
        deviation(block[0, 0], (1 - 1 / rc.splitting(n, gamma)) / 2)
        deviation(transition.ground_state(SourceRing(n, omega_a, gamma, J)).magnetisation, -n)
    upper = ring.target_state(SourceRing(6, 0.5, 0.2, 0.25), 0.0)[0, 0].real
    deviation.broken(0.0, upper)
    deviation.evidence(upper)


@claim("p2-s9-17", "holds under a condition")
def test_ferromagnetic_phase_has_a_plateau_as_long_as_its_gap(deviation):
    for n, omega_a, gamma, J in ferromagnets(917, 40):
        energy = rc.spectrum(n, omega_a, gamma, J)[0]
        gap = (energy - energy[0])[energy - energy[0] > 1e-9 * n * (1 + abs(J))][0]
        r, T = SourceRing(n, omega_a, gamma, J), gap / np.array([50.0, 100.0])
        deviation(ring.coherence(r, T), ring.coherence(r, 0.0))
        deviation(rc.curve(n, omega_a, gamma, J, T), rc.aligned(n, gamma))
    near = SourceRing(6, 0.5, 0.2, -23 / 120 + 1e-4)
    start, soon = ring.coherence(near, np.array([0.0, 0.02]))
    deviation.broken(start, soon)
    deviation.evidence(soon / start)
