"""No ring at any temperature gives NaN, a warning, or a number outside its range."""

import warnings

import numpy as np
import pytest

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, transition

INF = float("inf")
SIZES = [1, 2, 3, 6, 9, 64, 301, 700]


def energy(rng, widest):
    """Zero now and then, else of either sign and any size up to 10**widest."""
    return 0.0 if rng.random() < 0.2 else rng.choice([-1, 1]) * 10 ** rng.uniform(-widest, widest)


def random_ring(rng, widest):
    omega = 10 ** rng.uniform(-widest, widest)
    return SourceRing(int(rng.choice(SIZES)), *(energy(rng, widest) for _ in range(3)), omega=omega)


def temperatures(rng, widest):
    return np.concatenate([[0.0, 5e-324, 1e308, INF], 10 ** rng.uniform(-widest, widest, 12)])


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("widest", [0.5, 2, 30, 150])
@pytest.mark.parametrize("seed", range(25))
def test_coherences_are_between_zero_and_one(seed, widest):
    rng = np.random.default_rng(seed)
    source, T = random_ring(rng, widest), temperatures(rng, 2 * widest)
    for function in (ring.coherence, ring.incoherence):
        value = function(source, T)
        assert np.all((value >= 0) & (value <= 1))
    assert np.all(ring.coherence(source, T, log=True) <= 0)
    state = ring.target_state(source, T)
    assert np.all((state[..., 0, 0] >= 0) & (state[..., 0, 0] <= 1))
    assert np.all(np.isfinite(state))


@pytest.mark.parametrize("widest", [0.5, 2, 30, 150])
@pytest.mark.parametrize("seed", range(25))
def test_bounds_and_limits_are_numbers(seed, widest):
    rng = np.random.default_rng(seed)
    source, T = random_ring(rng, widest), temperatures(rng, 2 * widest)
    c = ring.coherence(source, T)
    room = 1 + 1e-8
    assert np.all(c <= bounds.upper_bound(source, T) * room + 1e-300)
    for function in (bounds.upper_bound, bounds.lower_bound, bounds.large_gap_limit):
        value = function(source, T)
        assert np.all((value >= 0) & (value <= room))
    strong = bounds.strong_coupling_limit(source, T)
    assert np.all((strong >= 0) & (strong <= 1))
    mean = bounds.free_magnetisation(source, T)
    assert np.all((mean >= 0) & (mean <= source.n_sources * room))
    assert np.all(bounds.weak_coupling_limit(source, T) >= 0)
    warm = T[T > 0]
    for order in (1, 2):
        assert not np.any(np.isnan(bounds.high_temperature(source, warm, order)))
    assert np.all(bounds.upper_bound_high_temperature(source, warm) >= 0)
    finite = warm[(warm > 1e-3 * widest) & (warm < 1e300)]
    assert not np.any(np.isnan(transition.slope(source, finite)))


@pytest.mark.parametrize("widest", [0.5, 2, 30, 150])
@pytest.mark.parametrize("seed", range(15))
def test_partition_functions_are_numbers_or_refused(seed, widest):
    rng = np.random.default_rng(seed)
    source = random_ring(rng, widest)
    for T in temperatures(rng, 2 * widest)[1:]:
        try:
            assert np.isfinite(ring.log_partition_function(source, T))
        except ValueError as error:
            assert str(error).startswith("`temperature` must be large enough")  # noqa: PT017
            assert T < 1


@pytest.mark.parametrize("widest", [0.5, 2, 30])
@pytest.mark.parametrize("seed", range(8))
def test_extrema_are_where_they_are_in_any_unit(seed, widest):
    rng = np.random.default_rng(seed)
    parameters = [energy(rng, 1) for _ in range(3)]
    scale = 10 ** rng.uniform(-widest, widest)
    plain = transition.extrema(SourceRing(9, *parameters))
    scaled = transition.extrema(SourceRing(9, *(scale * x for x in parameters), omega=scale))
    assert [e.kind for e in scaled] == [e.kind for e in plain]
    for new, old in zip(scaled, plain, strict=True):
        assert new.temperature / scale == pytest.approx(old.temperature, rel=1e-6)
        assert new.coherence == pytest.approx(old.coherence, rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 7, 100, 1000, 10**6])
@pytest.mark.parametrize("J", [-0.25, 0.0, 0.25])
def test_a_very_hot_ring_has_a_coherence(n, J):
    # 5e-202 for one source; products of ratios underflow on the way to it if taken early.
    source = SourceRing(n, 0.5, 0.2, J)
    expected = n * 0.5 * 0.2 / 2 / 1e200
    for function in (ring.coherence, bounds.high_temperature):
        assert function(source, 1e100) == pytest.approx(expected, rel=1e-10)
    log = ring.coherence(SourceRing(n, 0.5e-200, 0.2e-200, J, 1.0), 1e200, log=True)
    assert log == pytest.approx(np.log(n * 0.05) - 800 * np.log(10), rel=1e-12)
