"""The integral over the target's mean polarisation, against the definition and against the sum."""

import itertools
import time

import mpmath
import numpy as np
import pytest
from scipy.special import i0e, i1e

from coherence_lib import ring
from coherence_lib.ring import SourceRing, integral, routes, thermal_sum
from coherence_lib.ring.graph import Ring
from coherence_lib.ring.model import Columns
from coherence_lib.ring.target import COHERENCE, EXCITED, INCOHERENCE


def means(source, T):
    """ln C, ln(1 - C), ln rho_ee, ln Z and the measured error at one temperature."""
    found = integral.means(source.n_sources, Columns.of(source, np.array([T])))
    names = ("coherence", "incoherence", "excited", "partition", "error")
    return {name: float(getattr(found, name)[0]) for name in names}


# --- the identity itself -------------------------------------------------------------------------


@pytest.mark.parametrize("a, b", [(0, 1), (2, 0.3), (0.5, 4), (7, 7), (-3, 2)])
def test_two_levels_are_a_measure_of_polarisations(a, b):
    with mpmath.workdps(40):

        def density(m):
            s = mpmath.sqrt(1 - m**2)
            return b * mpmath.besseli(1, b * s) / s * mpmath.exp(a * m)

        masses = mpmath.exp(a) + mpmath.exp(-a)
        found = masses + mpmath.quad(density, [-1, -0.5, 0, 0.5, 1])
        exact = 2 * mpmath.cosh(mpmath.sqrt(mpmath.mpf(a) ** 2 + mpmath.mpf(b) ** 2))
        assert abs(found / exact - 1) < 1e-18
        # Not without the masses, which is what a reader would forget.
        assert abs((found - masses) / exact - 1) > 1e-3


# --- against the definition ----------------------------------------------------------------------


def by_definition(source, T):
    """The same from all configurations of the sources, to 40 digits."""
    n, J, omega_a, gamma, omega = (
        source.n_sources,
        *(mpmath.mpf(x) for x in (source.J, source.omega_a, source.gamma, source.omega)),
    )
    Z = element = excited = mpmath.mpf(0)
    for up in itertools.product((1, -1), repeat=n):
        M = sum(up)
        bonds = sum(up[k] * up[(k + 1) % n] for k in range(n))
        split = mpmath.sqrt(omega**2 / 4 + gamma**2 * M**2)
        weight = mpmath.exp((J * bonds - omega_a * M / 2) / T)
        Z += weight * 2 * mpmath.cosh(split / T)
        element -= weight * gamma * M / split * 2 * mpmath.sinh(split / T)
        excited += weight * (mpmath.cosh(split / T) - omega / 2 / split * mpmath.sinh(split / T))
    C = abs(element) / Z
    logs = (mpmath.log(C), mpmath.log(1 - C), mpmath.log(excited / Z), mpmath.log(Z))
    return dict(zip(("coherence", "incoherence", "excited", "partition"), logs, strict=True))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("J", [-3.0, -0.25, 0.0, 0.25, 3.0])
@pytest.mark.parametrize("T", [0.05, 0.7, 30.0])
def test_it_is_the_thermal_state(n, J, T):
    source = SourceRing(n, 0.5, 0.2, J)
    with mpmath.workdps(40):
        exact = by_definition(source, mpmath.mpf(T))
    found = means(source, T)
    assert found["error"] < 1e-13
    for name in ("coherence", "incoherence", "partition"):
        assert found[name] == pytest.approx(float(exact[name]), rel=1e-12, abs=2e-12), name
    assert np.exp(found["excited"]) == pytest.approx(float(mpmath.exp(exact["excited"])), abs=1e-14)


def test_a_field_of_the_wrong_size_is_noticed():
    source = SourceRing(5, 0.5, 0.2, -0.25)
    with mpmath.workdps(40):
        exact = by_definition(source, mpmath.mpf(0.7))
    wrong = means(SourceRing(5, 0.5 * (1 + 1e-9), 0.2, -0.25), 0.7)
    assert abs(wrong["coherence"] - float(exact["coherence"])) > 1e-10


# --- against the sum -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_it_agrees_with_the_sum(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.choice([7, 50, 51, 600, 601, 5000, 20_001, 10**6]))
    J = rng.choice([-1, 0, 1]) * 10 ** rng.uniform(-3, 1)
    source = SourceRing(n, 10 ** rng.uniform(-3, 1), 10 ** rng.uniform(-3, 1), J)
    T = 10 ** rng.uniform(-2.5, 3)
    columns = Columns.of(source, np.array([T]))
    found = means(source, T)
    # Of exponents in units of T neither route knows more than the last digits.
    digits = 2e-15 * max(source.omega_a, source.gamma, abs(J), 1) / T + 2e-12
    for name, observable in {"coherence": COHERENCE, "incoherence": INCOHERENCE}.items():
        summed = thermal_sum.log_mean(Ring(n), columns, observable, False)[0]
        assert found[name] == pytest.approx(summed, rel=1e-11, abs=digits), name
    excited = thermal_sum.log_mean(Ring(n), columns, EXCITED, False)[0]
    assert np.exp(found["excited"]) == pytest.approx(np.exp(excited), abs=digits)
    log_z = thermal_sum.log_partition(Ring(n), columns, False)[0]
    assert found["partition"] == pytest.approx(log_z, rel=1e-13)


@pytest.mark.parametrize("J", [-0.25, 0.0, 0.25])
def test_the_route_changes_where_nobody_sees_it(J):
    below, above = (
        ring.coherence(SourceRing(routes.INTEGRAL_FROM + k, 1e-3, 1e-3, J), [0.3, 5.0])
        for k in (-2, 0)
    )
    np.testing.assert_allclose(below, above, rtol=2e-3)
    n = routes.INTEGRAL_FROM - 2
    columns = Columns.of(SourceRing(n, 1e-3, 1e-3, J), np.array([0.3, 5.0]))
    np.testing.assert_allclose(np.exp(integral.means(n, columns).coherence), below, rtol=1e-12)


def test_an_integral_that_is_not_resolved_is_left_to_the_sum(monkeypatch):
    source, T = SourceRing(5001, 0.5, 0.2, -0.25), [0.05, 0.7]
    right = ring.incoherence(source, T)
    monkeypatch.setattr(integral, "_MOST_PASSES", 1)
    columns = Columns.of(source, np.array(T))
    broken = integral.means(5001, columns)
    assert np.all(broken.error > 1e-3)
    assert np.any(np.abs(np.exp(broken.incoherence) / right - 1) > 1e-10)
    np.testing.assert_allclose(ring.incoherence(source, T), right, rtol=1e-10)


# --- any number of sources -----------------------------------------------------------------------


@pytest.mark.parametrize("n", [10**6, 10**9, 10**12, 10**15, 10**18])
@pytest.mark.parametrize("J", [-0.25, 0.0, 0.25])
def test_what_is_missing_falls_as_the_square_of_the_number(n, J):
    # For many sources <s^2> of the angle from the field's end, (omega/2 gamma N m)^2 / 2 each:
    # N^2 (1 - C) has a limit, and its first correction is below 1/N at these parameters.
    found = [ring.incoherence(SourceRing(size, 0.5, 0.2, J), 0.7) for size in (n // 2, n)]
    assert found[0] / found[1] == pytest.approx(4, rel=100 / n)


@pytest.mark.parametrize("n", [10**4, 10**18])
def test_one_temperature_costs_the_same_for_any_number(n):
    source = SourceRing(n, 0.5, 0.2, 0.25)
    ring.coherence(source, 0.7)
    start = time.process_time()
    for _ in range(10):
        ring.coherence(source, 0.7)
    seconds = (time.process_time() - start) / 10
    assert seconds < 0.1


@pytest.mark.parametrize("n", [5000, 10**6, 10**18])
def test_extremes_are_numbers(n):
    for source in (
        SourceRing(n, 0.0, 0.2, 0.25),
        SourceRing(n, 0.5, 0.0, -0.25),
        SourceRing(n, 1e-200, 1e-200, 0.0),
        SourceRing(n, 0.5, 0.2, -0.25),
        SourceRing(n, -0.5, 0.2, 40.0),
    ):
        found = ring.coherence(source, [1e-6, 0.01, 1.0, 1e5, 1e300, np.inf])
        assert np.all((found >= 0) & (found <= 1))
        assert found[-1] == 0
        if source.omega_a * source.gamma == 0:
            assert np.all(found == 0)


def test_scaled_bessel_functions_are_scaled():
    assert i1e(1e15) == pytest.approx(1 / np.sqrt(2e15 * np.pi), rel=1e-14)
    assert i0e(0.0) == 1


# --- slopes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n, J", [(300, 0.25), (301, -0.25), (5001, -0.25), (10**5, -0.225)])
def test_slopes_of_large_rings_keep_their_digits(n, J):
    # d ln(1 - C)/d ln T by differences of another order and step.
    source, T = SourceRing(n, 0.5, 0.2, J), 0.7

    def missing(x):
        return np.log(ring.incoherence(source, T * np.exp(x)))

    h = 0.004
    third = 8 * (missing(h) - missing(-h)) - (missing(2 * h) - missing(-2 * h))
    expected = -ring.incoherence(source, T) * third / (12 * h) / T
    assert ring.transition.slope(source, T) == pytest.approx(expected, rel=1e-7)


def test_the_covariance_of_a_large_sum_would_have_lost_them(monkeypatch):
    source = SourceRing(10**5, 0.5, 0.2, -0.225)
    ours = ring.transition.slope(source, 0.7)
    monkeypatch.setattr(routes, "SLOPES_FROM", 10**19)
    assert abs(ring.transition.slope(source, 0.7) / ours - 1) > 1e-3


@pytest.mark.parametrize(
    "source, T",
    [
        (SourceRing(359_305_842_215_128, 5.28e-6, 4.61e-6, -0.255, 0.1505), 0.0281),
        (SourceRing(30_957_287_948_805, 1.47e-7, 4.17e-7, -0.0368, 14.15), 0.01156),
        (SourceRing(12_461_314_732_001, 2.06e-7, 1.816e-5, -0.00317, 0.18446), 66.06),
    ],
)
def test_very_many_weakly_coupled_sources_have_a_normal_magnetisation(source, T):
    # The free ring's polarisation sinh h/R, R^2 = sinh^2 h + e^(-4 beta J), and its slope.
    n, omega, gamma = source.n_sources, source.omega, source.gamma
    h, wall = source.omega_a / 2 / T, np.exp(-2 * source.J / T)
    root = np.hypot(np.sinh(h), wall)
    polarisation, slope = np.sinh(h) / root, np.cosh(h) * wall**2 / root**3
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    M = n * polarisation + np.sqrt(n * slope) * nodes
    level = np.hypot(omega / 2, gamma * M)
    weights = weights * np.exp((level - level.max()) / T)
    both = np.sum(weights * (1 + np.exp(-2 * level / T)))
    expected = np.sum(weights * gamma * M / level * -np.expm1(-2 * level / T)) / both
    found = ring.coherence(source, T)
    # The next cumulant is smaller by the number of sources that move together.
    assert found == pytest.approx(expected, rel=1 / (n * slope) + 1e-11)
