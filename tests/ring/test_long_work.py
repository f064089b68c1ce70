"""Sums that take long show a bar, and those that do not fit are refused beforehand."""

import re

import numpy as np
import pytest

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, routes, thermal_sum, transition

LARGE, T = SourceRing(5000, 0.5, 0.001, -0.3), np.linspace(0.5, 3, 12)


@pytest.mark.parametrize(
    "function",
    [ring.coherence, ring.incoherence, ring.target_state, ring.log_partition_function],
)
@pytest.mark.parametrize("largest", [2_000_000, 3000])
def test_a_long_sum_shows_a_bar(monkeypatch, capsys, function, largest):
    monkeypatch.setattr(thermal_sum, "_LARGEST_BATCH", largest)
    monkeypatch.setattr(routes, "INTEGRAL_FROM", 10**19)
    quiet = function(LARGE, T)
    assert capsys.readouterr().err == ""
    np.testing.assert_allclose(function(LARGE, T, progress=True), quiet, rtol=1e-12)
    words = "terms of the thermal sum" if largest > 1e6 else "batches of thermal sums"
    assert f"{words}: 100%" in capsys.readouterr().err


def test_many_integrals_show_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(routes, "INTEGRAL_FROM", 4096)
    quiet = ring.coherence(LARGE, T)
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(ring.coherence(LARGE, T, progress=True), quiet)
    assert "batches of integrals: 100%" in capsys.readouterr().err


def test_searches_show_a_bar(capsys):
    source = SourceRing(60, 0.5, 0.2, -0.25)
    assert transition.extrema(source, progress=True) == transition.extrema(source)
    assert "temperatures: 100%" in capsys.readouterr().err
    best = transition.optimal_temperature(source, progress=True)
    assert best == transition.optimal_temperature(source)
    assert "temperatures: 100%" in capsys.readouterr().err
    transition.slope(source, [1.0], progress=True)
    assert "temperatures: 100%" in capsys.readouterr().err


def test_one_column_and_many_are_searched_alike(monkeypatch):
    together = ring.coherence(LARGE, T)
    monkeypatch.setattr(thermal_sum, "_LARGEST_BATCH", 1)
    np.testing.assert_allclose(ring.coherence(LARGE, T), together, rtol=1e-12)


def test_a_large_ring_at_infinite_temperature():
    assert ring.log_partition_function(LARGE, np.inf) == pytest.approx(5001 * np.log(2), rel=1e-15)


HUGE = SourceRing(2**53, 0.5, 0.2, -0.3)


@pytest.mark.parametrize(
    "name, call",
    [
        # So cold that the few terms of a sum would have to be looked for among all.
        ("n_sources", lambda: ring.coherence(HUGE, 1e-20)),
        ("ring", lambda: transition.slope(HUGE, 1e-20)),
        ("n_sources", lambda: transition.extrema(HUGE)),
        ("n_sources", lambda: ring.log_weights(10**9, 0.1)),
        ("n_sources", lambda: ring.log_weights(10**5, np.zeros(1000))),
    ],
)
def test_what_does_not_fit_is_refused_with_bytes_and_an_alternative(name, call):
    with pytest.raises(ValueError, match=rf"^`{name}` must fit the memory, but .* bytes, .*\.$"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        # The ends of M are as low as each other.
        lambda: ring.coherence(SourceRing(2**53, 0.5, 0.2, -0.225), 0.0),
        lambda: bounds.ground_state_coherence(HUGE),
        lambda: transition.ground_state(HUGE),
        # 2^(10^12) configurations, all alike: an integer that nobody can write down.
        lambda: transition.ground_state(SourceRing(10**12, 0.0, 0.0, 0.0)),
    ],
)
def test_ground_states_that_cannot_be_counted_are_refused(call):
    with pytest.raises(ValueError, match=r"^`n_sources` must .*, but .*\. A temperature above"):
        call()


def test_an_integer_of_too_many_bits_is_refused():
    # Of the up and of the down k are chosen, by binomial coefficients of at most (e n/k)^k.
    k = 10**8
    for M in (0, 4 * 10**8, -4 * 10**8):
        up, down = (10**9 + M) / 2, (10**9 - M) / 2
        bits = k * np.log2(np.e * up / k) + k * np.log2(np.e * down / k)
        message = rf"^`n_sources` must be smaller .* some {re.escape(f'{bits:.3g}')} bits\. .*\.$"
        with pytest.raises(ValueError, match=message):
            ring.degeneracy(10**9, M, k)


def test_a_single_sum_shows_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(routes, "INTEGRAL_FROM", 10**19)
    ring.coherence(LARGE, 1.0, progress=True)
    assert "terms of the thermal sum: 100%" in capsys.readouterr().err
