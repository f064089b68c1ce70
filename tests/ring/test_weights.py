"""The weights of the magnetisations, against exact counting, mpmath and the transfer matrix."""

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from routes import ring_routes, ring_sums
from scipy.special import hyp2f1, logsumexp

from coherence_lib import ring
from coherence_lib.ring.weights import scaled_weights

COUPLINGS = [-300.0, -8.0, -0.7, -1e-3, 0.0, 1e-3, 0.4, 2.0, 40.0, 300.0]


def zeros(columns):
    return np.zeros(columns, dtype=np.int64)


@pytest.mark.parametrize("beta_J", COUPLINGS)
@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 24, 61])
def test_weights_are_the_sum_over_domains(n, beta_J):
    with mp.workdps(40):
        for m, log in zip(range(-n, n + 1, 2), ring.log_weights(n, beta_J), strict=True):
            exact = mp.log(
                mp.fsum(
                    ring_routes.degeneracy(n, m, domains)
                    * mp.exp(mp.mpf(beta_J) * (n - 4 * domains))
                    for domains in range(n // 2 + 1)
                )
            )
            assert abs(log - exact) <= 1e-14 * max(1, abs(exact), 4 * n * abs(beta_J))


@pytest.mark.parametrize("beta_J", [-3.0, -0.2, 0.0, 0.3, 5.0])
@pytest.mark.parametrize("n", [2, 7, 40, 161])
def test_weights_are_hypergeometric(n, beta_J):
    logs = ring.log_weights(n, beta_J)
    for k in range(0, n + 1, max(1, n // 8)):
        exact = mp.log(ring_routes.hypergeometric_weight(n, 2 * k - n, beta_J, digits=80))
        assert logs[k] == pytest.approx(float(exact), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("beta_J", [-2.0, -0.3, 0.1, 1.5])
@pytest.mark.parametrize("n", [1000, 5000])
def test_thousands_of_sources_keep_their_digits(n, beta_J):
    exact = [float(mp.log(w)) for w in ring_sums.weights_by_recurrence(n, beta_J)]
    ours = ring.log_weights(n, beta_J)[::-1][: n // 2 + 1] - beta_J * n
    # In units of the logarithms that are added up.
    assert np.max(np.abs(ours - exact)) <= 1e-14 * np.max(np.abs(exact))


@pytest.mark.parametrize("beta_J", [-1.5, -0.1, 0.2, 1.0])
def test_reference_for_thousands_is_the_term_by_term_sum(beta_J):
    for n in (1, 2, 3, 20, 301):
        by_terms = ring_sums.weights(n, beta_J)
        by_recurrence = ring_sums.weights_by_recurrence(n, beta_J)
        for a, b in zip(by_terms, by_recurrence, strict=True):
            assert abs(a / b - 1) < 1e-40


@pytest.mark.parametrize("h", [0.0, 1e-3, 0.4, 6.0])
@pytest.mark.parametrize("beta_J", [-4.0, -0.5, 0.0, 0.5, 4.0])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 77, 1000, 20001])
def test_weights_in_a_field_sum_to_the_transfer_matrix(n, beta_J, h):
    with mp.workdps(40):
        J, field = mp.mpf(beta_J), mp.mpf(h)
        root = mp.sqrt(mp.sinh(field) ** 2 + mp.exp(-4 * J))
        plus, minus = (mp.exp(J) * (mp.cosh(field) + sign * root) for sign in (1, -1))
        exact = float(mp.log(plus**n + minus**n))
    ours = logsumexp(ring.log_weights(n, beta_J) + h * np.arange(-n, n + 1, 2))
    # In units of the largest logarithms that are added up.
    assert abs(ours - exact) <= 1e-14 * n * (1 + abs(beta_J) + h)


@pytest.mark.parametrize("n", [1, 2, 17, 300])
def test_free_sources_have_binomial_weights(n):
    exact = [math.log(math.comb(n, k)) for k in range(n + 1)]
    np.testing.assert_allclose(ring.log_weights(n, 0.0), exact, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 600])
@pytest.mark.parametrize("beta_J", [-1e300, -1e5, 1e5, 1e300])
def test_extreme_couplings_leave_the_largest_exponents(n, beta_J):
    # Alone among their magnetisation: one of all parallel, 2 or N of the most domains.
    logs = ring.log_weights(n, beta_J)
    assert np.all(np.isfinite(logs))
    assert logs[0] == logs[-1] == pytest.approx(n * beta_J, rel=1e-15)
    for m, log in zip(range(-n, n + 1, 2), logs, strict=True):
        most = (n - abs(m)) // 2
        domains = most if beta_J < 0 else min(most, 1)
        assert log == pytest.approx(beta_J * (n - 4 * domains), rel=1e-13, abs=1e4)


def test_weights_are_even_and_have_the_shape_of_the_coupling():
    beta_J = np.array([[-1.0, 0.2, 3.0], [0.0, -7.0, 1.0]])
    for n in (1, 6, 7):
        logs = ring.log_weights(n, beta_J)
        assert logs.shape == (2, 3, n + 1)
        assert np.array_equal(logs, logs[..., ::-1])
        one_by_one = [[ring.log_weights(n, value) for value in row] for row in beta_J]
        np.testing.assert_allclose(logs, one_by_one, rtol=1e-15, atol=1e-15)
    assert np.array_equal(beta_J, [[-1.0, 0.2, 3.0], [0.0, -7.0, 1.0]])
    assert ring.log_weights(4, []).shape == (0, 5)


def test_the_hypergeometric_function_of_scipy_fails_where_the_recurrence_does_not():
    n, beta_J = 1600, 0.05
    a = np.arange(1, n)
    with np.errstate(all="ignore"):
        direct = np.log(n * np.exp(-4 * beta_J) * hyp2f1(1 - a, 1 - (n - a), 2, np.exp(-0.2)))
    logs = ring.log_weights(n, beta_J)[1:-1] - beta_J * n
    assert np.all(np.isfinite(logs))
    assert not np.all(np.isfinite(direct))
    tame = np.isfinite(direct) & (np.abs(direct) < 100)
    np.testing.assert_allclose(logs[tame], direct[tame], rtol=1e-11)


# --- walls: mean numbers of domains ------------------------------------------------------


def mean_domains(n, m, beta_J, from_most):
    """Exact mean of l beyond the fewest possible, or of what it lacks to the most possible."""
    x = mp.exp(-4 * mp.mpf(beta_J))
    ends = [k for k in range(n // 2 + 1) if ring_routes.degeneracy(n, m, k)]
    counts = {k: ring_routes.degeneracy(n, m, k) for k in ends}
    z = mp.fsum(g * x ** (k - ends[0]) for k, g in counts.items())
    distance = {k: ends[-1] - k if from_most else k - ends[0] for k in ends}
    return mp.fsum(distance[k] * g * x ** (k - ends[0]) for k, g in counts.items()) / z


@pytest.mark.parametrize("beta_J", [-180.0, -20.0, -2.0, -0.3, -1e-6, 0.0, 0.2, 1.0, 15.0, 150.0])
@pytest.mark.parametrize("n", [2, 3, 4, 9, 30, 71])
def test_walls_are_exact_means_also_where_exponentially_small(n, beta_J):
    walls = scaled_weights(n, zeros(1), n // 2, np.array([beta_J]), domains=True).domains[:, 0]
    assert walls[0] == 0
    with mp.workdps(60):
        for down in range(1, n // 2 + 1):
            exact = mean_domains(n, n - 2 * down, beta_J, beta_J < 0)
            # The first domain is counted: none is there for all sources parallel.
            exact += beta_J >= 0
            assert abs(walls[down] - exact) <= 1e-12 * exact or exact < mp.mpf("1e-300")


@pytest.mark.parametrize("n", [4, 9, 12])
def test_walls_of_free_sources_are_exact_fractions(n):
    walls = scaled_weights(n, zeros(1), n // 2, np.array([0.0]), domains=True).domains[:, 0]
    for down in range(1, n // 2 + 1):
        counts = [ring_routes.degeneracy(n, n - 2 * down, k) for k in range(n // 2 + 1)]
        exact = Fraction(sum(k * g for k, g in enumerate(counts)), sum(counts))
        assert walls[down] == pytest.approx(float(exact), rel=1e-14)


def test_walls_of_many_columns_are_those_of_each():
    beta_J = np.linspace(-3, 3, 13)
    together = scaled_weights(20, zeros(13), 10, beta_J, domains=True)
    for k, value in enumerate(beta_J):
        alone = scaled_weights(20, zeros(1), 10, np.array([value]), domains=True)
        np.testing.assert_allclose(together.log[:, k], alone.log[:, 0], rtol=1e-14, atol=1e-14)
        np.testing.assert_allclose(together.domains[:, k], alone.domains[:, 0], rtol=1e-13)


@pytest.mark.parametrize("beta_J", [-0.5, 0.3])
def test_a_start_in_the_middle_is_forgotten(beta_J):
    n, first, beta_J = 4000, 900, np.array([beta_J])
    whole = scaled_weights(n, zeros(1), n // 2, beta_J).log[:, 0]
    for guess in (0.5, 50.0):
        part = scaled_weights(n, zeros(1) + first, 1100, beta_J, np.array([guess])).log[:, 0]
        # The guess shifts all logarithms by one number, once it is forgotten.
        late = part[300:] - part[300]
        np.testing.assert_allclose(late, whole[first + 300 :] - whole[first + 300], atol=1e-10)
        assert abs(part[1] - part[0] - (whole[first + 1] - whole[first])) > 1e-3


BAD = [
    (lambda: ring.log_weights(0, 1.0), ValueError, "n_sources"),
    (lambda: ring.log_weights(2.0, 1.0), TypeError, "n_sources"),
    (lambda: ring.log_weights(True, 1.0), TypeError, "n_sources"),
    (lambda: ring.log_weights(3, np.nan), ValueError, "beta_J"),
    (lambda: ring.log_weights(3, np.inf), ValueError, "beta_J"),
    (lambda: ring.log_weights(3, "1"), TypeError, "beta_J"),
]


@pytest.mark.parametrize(("call", "error", "name"), BAD)
def test_bad_input_is_refused_with_its_name(call, error, name):
    with pytest.raises(error, match=rf"^`{name}` must .*, but got .*\.$"):
        call()


def test_domains_are_counted_only_where_they_are_asked_for():
    assert scaled_weights(9, zeros(1), 4, np.array([0.3])).domains is None
    assert scaled_weights(9, zeros(1), 4, np.array([0.3]), domains=True).domains.shape == (5, 1)
