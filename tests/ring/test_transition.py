"""Ground states, the line where they cross, and every extremum of C(T), against brute force."""

import mpmath as mp
import numpy as np
import pytest
from routes import ring_routes, ring_sums

from coherence_lib import ring
from coherence_lib.ring import SourceRing, transition

NAN, INF = float("nan"), float("inf")
SIX = SourceRing(6, 0.5, 0.2, 0.25)


def brute_ground_state(source):
    """Phase, degeneracy, energy and mean M from all configurations."""
    n, found = source.n_sources, []
    for (m, bonds), count in ring_routes.configurations(n).items():
        lam = np.hypot(source.omega / 2, source.gamma * m)
        for branch in (-1, 1):
            found.append((source.omega_a * m / 2 - source.J * bonds + branch * lam, count, m))
    lowest = min(found)[0]
    ground = [(count, m) for energy, count, m in found if energy - lowest < 1e-9]
    aligned = {abs(m) == n for _, m in ground}
    phase = {(True,): "ferromagnetic", (False,): "antiferromagnetic"}.get(tuple(aligned))
    total = sum(count for count, _ in ground)
    return phase or "degenerate", total, lowest, sum(count * m for count, m in ground) / total


def assert_same_ground_state(source):
    ours, exact = transition.ground_state(source), brute_ground_state(source)
    assert (ours.phase, ours.degeneracy) == exact[:2]
    assert ours.energy == pytest.approx(exact[2], rel=1e-13)
    assert ours.magnetisation == pytest.approx(exact[3], abs=1e-13)


# --- ground states -----------------------------------------------------------------------


@pytest.mark.parametrize("n", range(1, 10))
def test_ground_state_is_the_lowest_of_all_levels(n):
    rng = np.random.default_rng(n)
    for _ in range(12):
        omega_a, gamma, J = rng.choice([-1, 1], 3) * 10 ** rng.uniform(-2, 1, 3)
        assert_same_ground_state(SourceRing(n, omega_a, gamma, J, rng.uniform(0.2, 3)))
    for omega_a in (0.0, 0.4):
        for gamma in (0.0, -0.3):
            for J in (-0.5, 0.0, 0.5):
                assert_same_ground_state(SourceRing(n, omega_a, gamma, J))


@pytest.mark.parametrize("n", range(2, 10))
@pytest.mark.parametrize("gamma", [0.05, -0.2, 0.7])
def test_ground_states_on_and_beside_the_line(n, gamma):
    line = transition.critical_gap(n, gamma, -1.0)
    assert line > 0
    for sign in (1, -1):
        on = transition.ground_state(SourceRing(n, sign * line, gamma, -1.0))
        assert on.phase == "degenerate"
        # One aligned state, and the two Neel states or those with one unpaired source.
        least = 2 if n % 2 == 0 else n
        assert on.degeneracy == 1 + least
        mean = -sign * (n + (n % 2) * n) / (1 + least)
        assert on.magnetisation == pytest.approx(mean, rel=1e-14)
        for distance in (0.0, 1e-6, -1e-6):
            assert_same_ground_state(SourceRing(n, sign * line * (1 + distance), gamma, -1.0))
        above = SourceRing(n, sign * line * (1 + 1e-6), gamma, -1.0)
        below = SourceRing(n, sign * line * (1 - 1e-6), gamma, -1.0)
        assert transition.ground_state(above).phase == "ferromagnetic"
        assert transition.ground_state(below).phase == "antiferromagnetic"


@pytest.mark.parametrize("n", range(2, 10))
def test_without_coupling_to_the_target_more_states_meet_on_the_line(n):
    # The free ring at omega_a = -4 J: any set of down sources without neighbours.
    assert_same_ground_state(SourceRing(n, 4.0, 0.0, -1.0))


@pytest.mark.parametrize("n", range(2, 10))
@pytest.mark.parametrize("omega", [0.3, 1.0, 2.5])
def test_critical_gap_and_coupling_are_one_line(n, omega):
    rng = np.random.default_rng(n)
    for _ in range(8):
        gamma, omega_a = rng.normal(), rng.uniform(0.01, 3)
        J = transition.critical_coupling(n, gamma, omega_a, omega)
        assert J < 0
        assert transition.critical_coupling(n, -gamma, -omega_a, omega) == J
        assert transition.critical_gap(n, gamma, J, omega) == pytest.approx(omega_a, rel=1e-12)
        phases = [
            brute_ground_state(SourceRing(n, omega_a, gamma, J + d, omega))[0]
            for d in (-1e-5, 0.0, 1e-5)
        ]
        assert phases == ["antiferromagnetic", "degenerate", "ferromagnetic"]


def test_line_keeps_its_digits_for_weak_coupling_and_broadcasts():
    for n in (6, 7, 10**6):
        with mp.workdps(50):
            p, g = n % 2, mp.mpf(1e-12)
            exact = (mp.sqrt(1 + 4 * g**2 * n**2) - mp.sqrt(1 + 4 * g**2 * p)) / (n - p)
        assert transition.critical_gap(n, 1e-12, 0.0) == pytest.approx(float(-exact), rel=1e-13)
    gamma, n = np.array([0.1, 0.2, 0.3]), np.array([[2], [9]])
    for function in (transition.critical_gap, transition.critical_coupling):
        table = function(n, gamma, -0.5)
        assert table.shape == (2, 3)
        assert table[1, 2] == function(9, 0.3, -0.5)
        assert isinstance(function(9, 0.3, -0.5), float)
    assert n.tolist() == [[2], [9]]


def test_arguments_that_do_not_broadcast_are_named():
    words = "^`n_sources` and `gamma` and `J` and `omega` must broadcast, but got shapes"
    with pytest.raises(ValueError, match=words):
        transition.critical_gap(4, [0.1, 0.2], 0.1, omega=[1.0, 2.0, 3.0])


# --- slope -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_slope_is_the_exact_derivative(seed):
    rng = np.random.default_rng(seed)
    for _ in range(8):
        n = int(rng.integers(1, 11))
        omega_a, gamma, J = rng.choice([-1, 1], 3) * 10 ** rng.uniform(-1.5, 0.7, 3)
        entries = ring_sums.levels(n, omega_a, gamma, J)
        for T in 10 ** rng.uniform(-1, 2, 3):
            exact = ring_sums.slope(entries, T, digits=120)
            ours = transition.slope(SourceRing(n, omega_a, gamma, J), T)
            with mp.workdps(30):
                assert abs(ours - exact) <= 1e-10 * abs(exact)


def test_reference_slope_is_the_derivative_of_the_coherence():
    for n, J in ((1, 0.3), (6, -0.25), (7, 0.2)):
        with mp.workdps(50):
            T, h = mp.mpf("0.4"), mp.mpf("1e-15")
            low, high = (ring_sums.thermal(n, 0.5, 0.2, J, t).coherence for t in (T - h, T + h))
            exact = ring_sums.slope(ring_sums.levels(n, 0.5, 0.2, J), T)
            assert abs((high - low) / (2 * h) / exact - 1) < 1e-25


@pytest.mark.parametrize("n", [60, 700])
def test_slope_of_large_rings_is_a_difference_quotient(n):
    source, T = SourceRing(n, 0.3, 0.01, -0.05), 0.5
    h = 1e-3
    c = ring.coherence(source, T + h * np.array([-2, -1, 1, 2]))
    quotient = (c[0] - 8 * c[1] + 8 * c[2] - c[3]) / (12 * h)
    assert transition.slope(source, T) == pytest.approx(quotient, rel=1e-7)


def test_slope_takes_arrays_and_extremes():
    T = np.array([[1e-300, 1e-3, 0.4], [2.0, 1e10, 1e300]])
    kept = T.copy()
    table = transition.slope(SIX, T)
    assert table.shape == T.shape
    assert np.array_equal(T, kept)
    assert np.all(np.isfinite(table))
    assert table[0, 0] == 0
    assert np.all(table[0, 2:] < 0)
    # C = N gamma omega_a/(2 T^2) (1 + 2 J/T) to the order 1/T^4.
    hot = -(6 * 0.5 * 0.2 / 1e9) * (1 + 3 * 0.25 / 1e3)
    assert transition.slope(SIX, 1e3) == pytest.approx(hot, rel=1e-5)
    assert isinstance(transition.slope(SIX, 1.0), float)


# --- extrema -----------------------------------------------------------------------------


def brute_extrema(source, low, high, points, digits=60):
    """Kind and position of each sign change of the mpmath slope, bisected to 1e-12."""
    entries = ring_sums.levels(
        source.n_sources, source.omega_a, source.gamma, source.J, source.omega
    )
    T = np.geomspace(low, high, points)
    signs = [mp.sign(ring_sums.slope(entries, t, digits)) for t in T]
    found = []
    for k in range(points - 1):
        if signs[k] * signs[k + 1] < 0:
            a, b = T[k], T[k + 1]
            while b / a > 1 + 1e-12:
                middle = (a + b) / 2
                if mp.sign(ring_sums.slope(entries, middle, digits)) == signs[k]:
                    a = middle
                else:
                    b = middle
            found.append(("maximum" if signs[k] > 0 else "minimum", (a + b) / 2))
    return found


def assert_same_extrema(source, low=0.01, high=50.0, points=90, digits=60):
    exact = brute_extrema(source, low, high, points, digits)
    ours = transition.extrema(source)
    assert [e.kind for e in ours] == [kind for kind, _ in exact]
    for extremum, (_, T) in zip(ours, exact, strict=True):
        assert extremum.temperature == pytest.approx(T, rel=1e-9)
        assert extremum.coherence == ring.coherence(source, extremum.temperature)
    return ours


@pytest.mark.parametrize(
    ("parameters", "kinds"),
    [
        ((6, 0.5, 0.2, 0.25), []),
        ((1, 0.5, 0.2, -3.0), []),
        ((6, 0.5, 0.2, -0.25), ["maximum"]),
        ((6, -0.5, 0.2, -0.4), ["maximum"]),
        ((9, 0.1, 0.2, -0.35), []),
        ((9, 0.1, 0.2, -0.15), ["minimum", "maximum"]),
        ((9, 0.1, 0.2, -0.13), ["minimum", "maximum"]),
        ((9, 0.1, 0.2, -0.11), ["maximum"]),
        ((9, 0.02, 0.2, -0.0882), ["maximum", "minimum", "maximum"]),
        ((17, 1e-4, 0.03, -0.006721), ["minimum", "maximum", "minimum", "maximum"]),
    ],
)
def test_known_shapes_have_their_extrema(parameters, kinds):
    ours = assert_same_extrema(SourceRing(*parameters), low=2e-4, points=130, digits=400)
    assert [e.kind for e in ours] == kinds


@pytest.mark.parametrize("seed", range(8))
def test_extrema_of_random_rings_are_those_of_a_brute_force_scan(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    gamma, J = 10 ** rng.uniform(-1, 0.3), -(10 ** rng.uniform(-1, 0.3))
    omega_a = 10 ** rng.uniform(-1, 0.5)
    if n > 1 and seed % 2:
        omega_a = abs(transition.critical_gap(n, gamma, J)) * rng.uniform(0.8, 1.2)
    source = SourceRing(n, omega_a, gamma, J)
    assert_same_extrema(source, low=0.02, high=100.0, points=120, digits=250)


@pytest.mark.parametrize("seed", range(15))
def test_extrema_up_to_twelve_sources_are_turns_of_the_curve(seed):
    rng = np.random.default_rng(50 + seed)
    n = int(rng.integers(2, 13))
    gamma, J = 10 ** rng.uniform(-1, 0.3), -(10 ** rng.uniform(-1, 0.3))
    source = SourceRing(
        n, abs(transition.critical_gap(n, gamma, J)) * rng.uniform(0.5, 2), gamma, J
    )
    entries = ring_sums.levels(n, source.omega_a, gamma, J)
    ours = transition.extrema(source)
    for e in ours:
        before, after = (
            ring_sums.slope(entries, e.temperature * (1 + d), 400) for d in (-1e-9, 1e-9)
        )
        assert (before > 0, after > 0) == (e.kind == "maximum", e.kind == "minimum")
    # All turns of a fine curve that stand out of its rounding are among them, in order.
    T = np.geomspace(0.01, 30, 4000)
    steps = np.diff(ring.coherence(source, T))
    clear = np.flatnonzero(np.abs(steps) > 1e-12)
    turns = [k for k, m in zip(clear[:-1], clear[1:], strict=True) if steps[k] * steps[m] < 0]
    assert len(turns) <= len(ours)
    for k in turns:
        kind = "maximum" if steps[k] > 0 else "minimum"
        assert any(e.kind == kind and abs(np.log(e.temperature / T[k])) < 0.2 for e in ours)


@pytest.mark.parametrize(
    ("parameters", "depth"),
    [((9, 2.173, 0.121, -0.836), 1.743e-13), ((9, 0.258, 0.11, -0.156), 8.871e-8)],
)
def test_an_exponentially_small_dip_is_found(parameters, depth):
    source = SourceRing(*parameters)
    dip, peak = transition.extrema(source)
    assert (dip.kind, peak.kind) == ("minimum", "maximum")
    entries = ring_sums.levels(*parameters)
    before, after = (
        ring_sums.slope(entries, dip.temperature * (1 + d), 400) for d in (-1e-9, 1e-9)
    )
    assert before < 0 < after
    with mp.workdps(60):
        # The ground level is one unpaired source.
        cold = mp.mpf(parameters[2]) / mp.sqrt(mp.mpf(1) / 4 + mp.mpf(parameters[2]) ** 2)
        at_dip = ring_sums.thermal(*parameters, dip.temperature, digits=60).coherence
        assert float(cold - at_dip) == pytest.approx(depth, rel=1e-3)


def test_extrema_scale_with_the_unit_of_energy():
    exact = transition.extrema(SourceRing(9, 0.1, 0.2, -0.15))
    for k in (1e-3, 1e4):
        scaled = transition.extrema(SourceRing(9, k * 0.1, k * 0.2, -k * 0.15, k))
        assert [e.kind for e in scaled] == [e.kind for e in exact]
        for a, b in zip(scaled, exact, strict=True):
            assert a.temperature == pytest.approx(k * b.temperature, rel=1e-9)


def test_extrema_of_a_large_ring_are_turns_of_its_curve():
    source = SourceRing(100, 0.3, 0.01, -0.2)
    peak = transition.optimal_temperature(source)
    assert peak.temperature > 0
    near = ring.coherence(source, peak.temperature * np.array([0.99, 1.01]))
    assert np.all(near < peak.coherence)
    curve = ring.coherence(source, np.geomspace(1e-2, 1e2, 2000))
    assert curve.max() <= peak.coherence * (1 + 1e-14)


@pytest.mark.parametrize(
    "parameters",
    [
        (6, 0.5, 0.2, 0.25),
        (6, 0.5, 0.2, -0.25),
        (9, 0.1, 0.2, -0.15),
        (9, 0.1, 0.2, -0.11),
        (7, -0.3, 0.5, -0.2),
    ],
)
def test_optimal_temperature_is_where_the_curve_is_highest(parameters):
    source = SourceRing(*parameters)
    best = transition.optimal_temperature(source)
    T = np.concatenate([[0.0], np.geomspace(1e-3, 20, 3000)])
    curve = ring.coherence(source, T)
    assert best.coherence == ring.coherence(source, best.temperature)
    assert best.coherence >= curve.max() * (1 - 1e-14)
    if curve.max() <= curve[0] * (1 + 1e-14):
        assert best.temperature == 0.0
    else:
        assert abs(np.log(best.temperature / T[np.argmax(curve)])) < 0.01


@pytest.mark.parametrize(("omega_a", "gamma"), [(0.0, 0.2), (0.5, 0.0), (0.0, 0.0)])
def test_a_vanishing_coherence_has_no_extrema(omega_a, gamma):
    for n in (1, 6, 7):
        source = SourceRing(n, omega_a, gamma, -0.3)
        assert transition.extrema(source) == ()
        assert transition.optimal_temperature(source) == transition.OptimalTemperature(0.0, 0.0)


@pytest.mark.parametrize("parameters", [(1, 1e-300, 1e-300, 1e150), (3, 1e-300, 1.0, -1e-300)])
def test_levels_that_all_count_as_one_have_no_extrema(parameters):
    assert transition.extrema(SourceRing(*parameters, 1e-100)) == ()


# --- bad input ---------------------------------------------------------------------------

BAD = [
    (lambda: transition.critical_gap(1, 0.2, -1.0), ValueError, "n_sources"),
    (lambda: transition.critical_gap([2, 1], 0.2, -1.0), ValueError, "n_sources"),
    (lambda: transition.critical_gap(2.0, 0.2, -1.0), TypeError, "n_sources"),
    (lambda: transition.critical_gap(True, 0.2, -1.0), TypeError, "n_sources"),
    (lambda: transition.critical_gap(6, NAN, -1.0), ValueError, "gamma"),
    (lambda: transition.critical_gap(6, 0.2, INF), ValueError, "J"),
    (lambda: transition.critical_gap(6, 0.2, "1"), TypeError, "J"),
    (lambda: transition.critical_gap(6, 0.2, -1.0, 0.0), ValueError, "omega"),
    (lambda: transition.critical_coupling(1, 0.2, 0.5), ValueError, "n_sources"),
    (lambda: transition.critical_coupling(0, 0.2, 0.5), ValueError, "n_sources"),
    (lambda: transition.critical_coupling("3", 0.2, 0.5), TypeError, "n_sources"),
    (lambda: transition.critical_coupling(6, None, 0.5), TypeError, "gamma"),
    (lambda: transition.critical_coupling(6, 0.2, NAN), ValueError, "omega_a"),
    (lambda: transition.critical_coupling(6, 0.2, 0.5, -1.0), ValueError, "omega"),
    (lambda: transition.slope(SIX, 0.0), ValueError, "temperature"),
    (lambda: transition.slope(SIX, [1.0, -1.0]), ValueError, "temperature"),
    (lambda: transition.slope(SIX, INF), ValueError, "temperature"),
    (lambda: transition.slope(SIX, NAN), ValueError, "temperature"),
    (lambda: transition.slope(SIX, "1"), TypeError, "temperature"),
]


@pytest.mark.parametrize(("call", "error", "name"), BAD)
def test_bad_input_is_refused_with_its_name(call, error, name):
    with pytest.raises(error, match=rf"^`{name}` must .*, but got .*\.$"):
        call()


def test_shapes_that_do_not_fit_are_told_by_name():
    with pytest.raises(ValueError, match="`omega`"):
        transition.critical_coupling(6, [0.1, 0.2, 0.3], 0.5, omega=[1.0, 2.0])
