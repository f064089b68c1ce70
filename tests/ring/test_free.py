"""The transfer matrix in closed form stays in its domain, whatever the last digits."""

import numpy as np
import pytest
from mpmath import mp

from coherence_lib.ring import SourceRing, bounds, free


def exact(n, beta_J, h):
    """ln of the sum rule without N beta_J, and the magnetisation, with fifty digits."""
    with mp.workdps(50):
        J, h = mp.mpf(float(beta_J)), mp.mpf(float(h))
        root = mp.sqrt(mp.sinh(h) ** 2 + mp.exp(-4 * J))
        plus, minus = (mp.cosh(h) + root) ** n, (mp.cosh(h) - root) ** n
        mean = n * mp.sinh(h) / root * (plus - minus) / (plus + minus)
        return float(mp.log(plus + minus)), float(mean)


def test_free_magnetisation_of_uncoupled_sources():
    # tanh of each source; NaN once, where the ratio of the eigenvalues rounds below zero.
    value = bounds.free_magnetisation(SourceRing(6, 0.9, 0.2, 0.0), 0.86)
    assert value == pytest.approx(6 * np.tanh(0.45 / 0.86), rel=1e-14)


def test_no_field_leaves_the_domain_without_coupling():
    # Some of many fields round the distance of the eigenvalues above one on any processor.
    h = np.concatenate([np.random.default_rng(1).uniform(0, 3, 20_000), np.geomspace(1e-9, 700)])
    for n in (1, 2, 5, 6, 1000, 1001):
        for beta_J in (0.0, -0.0, 1e-300, -1e-300, 1e-17, -1e-17, 1e-16, -1e-16):
            coupling = np.full(h.shape, beta_J)
            np.testing.assert_allclose(
                free.magnetisation(n, coupling, h), n * np.tanh(h), rtol=1e-13
            )
            np.testing.assert_allclose(
                free.log_sum_rule(n, coupling, h),
                n * (h + np.log1p(np.exp(-2 * h))),
                rtol=1e-13,
            )


@pytest.mark.parametrize("n", [1, 2, 3, 6, 9, 64, 1001])
def test_sum_rule_and_magnetisation_against_fifty_digits(n):
    rng = np.random.default_rng(n)
    beta_J = rng.choice([-1, 1], 150) * 10 ** rng.uniform(-18, 1, 150)
    h = 10 ** rng.uniform(-8, 1.5, 150)
    expected = np.array([exact(n, *pair) for pair in zip(beta_J, h, strict=True)]).T
    np.testing.assert_allclose(free.log_sum_rule(n, beta_J, h), expected[0], rtol=1e-12)
    np.testing.assert_allclose(free.magnetisation(n, beta_J, h), expected[1], rtol=1e-11)


def test_free_magnetisation_is_a_number_at_every_temperature():
    rng = np.random.default_rng(7)
    T = np.concatenate([[0.0, 1e-300, 1e300, np.inf], 10 ** rng.uniform(-3, 3, 2000)])
    for n in (1, 2, 6, 9, 513):
        for J in (0.0, 0.1, -0.1, 30.0, -30.0, 1e-16):
            mean = bounds.free_magnetisation(SourceRing(n, rng.uniform(0, 2), 0.2, J), T)
            assert np.all((mean >= 0) & (mean <= n * (1 + 1e-14)))
