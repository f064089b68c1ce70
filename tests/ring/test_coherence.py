"""The target's exact thermal state, against brute force and mpmath."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routes import ring_routes, ring_sums

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds

NAN, INF = float("nan"), float("inf")
SIX = SourceRing(6, 0.5, 0.2, 0.25)
# (omega_a, gamma, J, omega): both signs of each, and zeros.
PARAMETERS = [
    (0.5, 0.2, 0.25, 1.0),
    (-0.7, 0.4, -0.3, 1.7),
    (0.3, -1.1, 0.6, 0.4),
    (-0.2, -0.3, -1.2, 1.0),
    (0.0, 0.5, -0.4, 1.0),
    (0.8, 0.0, 0.3, 2.0),
    (0.6, 0.35, 0.0, 1.0),
]


def close(value, exact, rel=1e-10):
    """Whether a float is an mpmath number to `rel`; zero only as zero."""
    with mp.workdps(60):
        return abs(mp.mpf(float(value)) - exact) <= rel * abs(exact)


# --- routes ------------------------------------------------------------------------------


@pytest.mark.parametrize("T", [0, 0.08, 0.9, 40.0])
@pytest.mark.parametrize("n", [1, 2, 3, 6])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_target_is_the_partial_trace_of_the_dense_state(n, parameters, T):
    omega_a, gamma, J, omega = parameters
    source = SourceRing(n, *parameters)
    ours = ring.target_state(source, T)
    peer = ring_routes.dense_target(n, omega_a, gamma, J, T, omega)
    np.testing.assert_allclose(ours, peer, atol=1e-12)
    np.testing.assert_allclose(source.gibbs_state(T).ptrace(0).full(), peer, atol=1e-12)
    assert ring.coherence(source, T) == pytest.approx(2 * abs(peer[0, 1]), abs=2e-12)


@pytest.mark.parametrize("T", [0, 0.08, 0.9, 40.0])
@pytest.mark.parametrize("n", [1, 2, 5, 9, 10])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_target_is_the_mixture_over_all_configurations(n, parameters, T):
    omega_a, gamma, J, omega = parameters
    peer = ring_routes.enumerated_target(n, omega_a, gamma, J, T, omega)
    np.testing.assert_allclose(ring.target_state(SourceRing(n, *parameters), T), peer, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 15])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_target_and_partition_function_are_the_double_sum(n, parameters):
    omega_a, gamma, J, omega = parameters
    source = SourceRing(n, *parameters)
    for T in (0.02, 0.3, 2.0, 100.0):
        off, excited, log_z = ring_routes.double_sum(n, omega_a, gamma, J, T, omega, digits=300)
        rho = ring.target_state(source, T)
        if omega_a * gamma == 0:
            assert rho[0, 1] == 0
            assert abs(off) < 1e-200
        else:
            assert close(2 * rho[0, 1], off)
        assert close(rho[0, 0], excited)
        assert close(ring.log_partition_function(source, T), log_z, 1e-14)


@pytest.mark.parametrize("n", [1, 2, 7, 30])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_reference_sum_is_the_signed_double_sum(n, parameters):
    omega_a, gamma, J, omega = parameters
    signed = ring_routes.double_sum(n, omega_a, gamma, J, 0.4, omega, digits=120)
    paired = ring_sums.thermal(n, omega_a, gamma, J, 0.4, omega, digits=120)
    with mp.workdps(120):
        assert abs(abs(signed[0]) - paired.coherence) < mp.mpf("1e-80")
        assert abs(signed[1] - paired.excited) < mp.mpf("1e-80")
        assert abs(signed[2] - paired.log_z) < mp.mpf("1e-80")


# --- relative accuracy -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_all_results_have_ten_digits_at_random_parameters(seed):
    rng = np.random.default_rng(seed)
    for _ in range(12):
        n = int(rng.integers(1, 41))
        omega_a, gamma, J = rng.choice([-1, 1], 3) * 10 ** rng.uniform(-2, 1, 3)
        T, omega = 10 ** rng.uniform(-1.5, 3), 10 ** rng.uniform(-1, 1)
        source = SourceRing(n, omega_a, gamma, J, omega)
        # More digits than 1 - C and rho_ee lose, down to the smallest float.
        exact = ring_sums.thermal(n, omega_a, gamma, J, T, omega, digits=400)
        if exact.coherence > 1e-300:
            assert close(ring.coherence(source, T), exact.coherence)
        assert close(ring.coherence(source, T, log=True), mp.log(exact.coherence), 1e-12) or close(
            ring.coherence(source, T), exact.coherence
        )
        if exact.incoherence > 1e-300:
            assert close(ring.incoherence(source, T), exact.incoherence)
        if exact.excited > 1e-300:
            assert close(ring.target_state(source, T)[0, 0], exact.excited)
        assert close(ring.log_partition_function(source, T), exact.log_z, 1e-13)


def test_a_thousand_cold_antiferromagnetic_sources_keep_their_digits():
    source = SourceRing(1000, 0.5, 0.2, -1.0)
    exact = ring_sums.thermal(1000, 0.5, 0.2, -1.0, 0.05)
    assert mp.nstr(exact.coherence, 4) == "5.137e-25"
    assert close(ring.coherence(source, 0.05), exact.coherence)
    assert close(ring.coherence(source, 0.05, log=True), mp.log(exact.coherence), 1e-12)
    assert close(ring.log_partition_function(source, 0.05), exact.log_z, 1e-14)


@pytest.mark.parametrize("T", [0.001, 0.0003])
def test_logarithms_go_far_below_the_smallest_float(T):
    source = SourceRing(1000, 0.5, 0.2, -1.0)
    exact = ring_sums.thermal(1000, 0.5, 0.2, -1.0, T)
    log = ring.coherence(source, T, log=True)
    assert log < -3000
    assert close(log, mp.log(exact.coherence), 1e-12)
    assert ring.coherence(source, T) == 0
    assert ring.incoherence(source, T) == 1


@pytest.mark.parametrize("n", [999, 1000, 3000, 5001])
@pytest.mark.parametrize(
    "parameters",
    [(0.5, 0.2, 0.25, 3.0), (0.05, 0.01, -0.8, 2.0), (1e-7, 0.3, 0.6, 1.0), (3.0, 1e-4, -0.5, 0.7)],
)
def test_thousands_of_sources_keep_ten_digits(n, parameters):
    omega_a, gamma, J, T = parameters
    source = SourceRing(n, omega_a, gamma, J)
    exact = ring_sums.thermal(
        n, omega_a, gamma, J, T, digits=80, by=ring_sums.weights_by_recurrence
    )
    assert close(ring.coherence(source, T), exact.coherence)
    assert close(ring.incoherence(source, T), exact.incoherence)
    assert close(ring.target_state(source, T)[0, 0], exact.excited)
    assert close(ring.log_partition_function(source, T), exact.log_z, 1e-13)


@pytest.mark.parametrize(
    ("parameters", "T"),
    [((0.5, 1e6, 0.25), 0.01), ((8.0, 3e5, 0.0), 1.0), ((2.0, 2e7, -0.1), 0.05)],
)
def test_what_the_coherence_lacks_to_one_keeps_its_digits(parameters, T):
    for n in (1, 6, 30, 400):
        exact = ring_sums.thermal(n, *parameters, T, digits=80)
        if exact.incoherence < 1e-9:
            assert close(ring.incoherence(SourceRing(n, *parameters), T), exact.incoherence)
    assert exact.incoherence < 1e-15
    assert ring.coherence(SourceRing(n, *parameters), T) == 1


def test_the_checker_tells_a_fourier_sum_of_the_transfer_matrix_from_the_exact_result():
    # W_M as the Fourier transform of Tr V(i phi)^N: right for C of order one, wrong for tiny C.
    def by_fourier(n, omega_a, gamma, J, T):
        phi = 2 * np.pi * np.arange(2 * n + 1) / (2 * n + 1)
        off = 1j * np.sin(phi)
        root = np.sqrt(off**2 + np.exp(-4 * J / T) + 0j)
        scale = np.abs(np.cos(phi) + root).max()
        trace = sum(((np.cos(phi) + s * root) / scale) ** n for s in (1, -1))
        m = np.arange(-n, n + 1, 2)
        w = np.real(np.exp(-1j * np.outer(m, phi)) @ trace)
        lam = np.hypot(0.5, gamma * m)
        scaled = w * np.exp(-omega_a * m / (2 * T) + (lam - lam.max()) / T)
        p = scaled * (1 + np.exp(-2 * lam / T))
        return abs(np.sum(p * np.tanh(lam / T) * gamma * m / lam) / p.sum())

    for J, T, good in ((0.1, 1.0, True), (-1.0, 0.05, False)):
        exact = ring_sums.thermal(40, 0.5, 0.2, J, T).coherence
        assert close(ring.coherence(SourceRing(40, 0.5, 0.2, J), T), exact)
        assert close(by_fourier(40, 0.5, 0.2, J, T), exact, 1e-8) == good


def test_the_checker_sees_the_cancellation_of_one_minus_c():
    exact = ring_sums.thermal(6, 0.5, 1e6, 0.25, 0.01, digits=60).incoherence
    assert close(ring.incoherence(SourceRing(6, 0.5, 1e6, 0.25), 0.01), exact)
    assert not close(1 - ring.coherence(SourceRing(6, 0.5, 1e6, 0.25), 0.01), exact)


# --- limits, symmetries, shapes ----------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_ends_of_the_temperature_scale(n, parameters):
    source = SourceRing(n, *parameters)
    cold = ring_routes.enumerated_target(n, *parameters[:3], 0, parameters[3])
    for T in (0, 1e-300, 1e-5):
        np.testing.assert_allclose(ring.target_state(source, T), cold, atol=1e-13)
    np.testing.assert_allclose(ring.target_state(source, INF), np.eye(2) / 2, atol=1e-16)
    np.testing.assert_allclose(ring.target_state(source, 1e300), np.eye(2) / 2, atol=1e-16)
    assert ring.coherence(source, INF) == 0
    assert ring.coherence(source, INF, log=True) == -INF
    assert ring.incoherence(source, INF) == pytest.approx(1, abs=1e-15)
    log_z = ring.log_partition_function(source, [1e300, INF])
    np.testing.assert_allclose(log_z, (n + 1) * np.log(2), rtol=1e-15)


@pytest.mark.parametrize("T", [0, 0.1, 3.0])
def test_nothing_is_induced_without_gap_or_coupling(T):
    for n in (1, 2, 9, 700):
        for J in (-0.4, 0.0, 0.6):
            for omega_a, gamma in ((0.0, 0.3), (0.4, 0.0), (0.0, 0.0)):
                source = SourceRing(n, omega_a, gamma, J)
                assert ring.coherence(source, T) == 0
                assert ring.coherence(source, T, log=True) == -INF
                assert ring.incoherence(source, T) == pytest.approx(1, abs=1e-15)


@given(
    n=st.integers(1, 30),
    logs=st.tuples(*[st.floats(-3, 2)] * 4),
    J=st.floats(-3, 3),
    log_scale=st.floats(-6, 6),
)
def test_signs_and_the_unit_of_energy_do_not_matter(n, logs, J, log_scale):
    omega_a, gamma, omega, T = 10 ** np.array(logs)
    plain = SourceRing(n, omega_a, gamma, J, omega)
    c = ring.coherence(plain, T)
    signs = {
        SourceRing(n, a * omega_a, b * gamma, J, omega): a * b for a in (1, -1) for b in (1, -1)
    }
    for source, sign in signs.items():
        assert ring.coherence(source, T) == c
        rho = ring.target_state(source, T)
        assert rho[0, 1] == rho[1, 0] == sign * c / 2
        assert np.trace(rho) == pytest.approx(1, abs=1e-15)
    k = 10**log_scale
    scaled = SourceRing(n, k * omega_a, k * gamma, k * J, k * omega)
    energy = n * (omega_a + gamma + 4 * abs(J)) + omega
    assert ring.coherence(scaled, k * T, log=True) == pytest.approx(
        np.log(c) if c > 1e-300 else ring.coherence(plain, T, log=True),
        abs=1e-13 + 1e-15 * energy / T,
    )


@given(n=st.integers(1, 700), logs=st.tuples(*[st.floats(-3, 2)] * 4), J=st.floats(-10, 10))
def test_coherence_and_what_it_lacks_are_parts_of_one(n, logs, J):
    omega_a, gamma, omega, T = 10 ** np.array(logs)
    source = SourceRing(n, omega_a, gamma, J, omega)
    c, missing = ring.coherence(source, T), ring.incoherence(source, T)
    assert 0 <= c <= 1
    assert 0 <= missing <= 1
    assert c + missing == pytest.approx(1, abs=1e-10)
    assert np.linalg.eigvalsh(ring.target_state(source, T)).min() >= -1e-15


def test_scalars_give_floats_and_arrays_their_shape():
    T = np.array([[0.0, 0.5, 1.0], [3.0, 1e5, INF]])
    kept = T.copy()
    scalar_out = (ring.coherence, ring.incoherence, bounds.upper_bound)
    for function in scalar_out:
        assert isinstance(function(SIX, 0.5), float)
        assert isinstance(function(SIX, np.float32(0.5)), float)
        table = function(SIX, T)
        assert table.shape == T.shape
        one_by_one = [[function(SIX, t) for t in row] for row in T]
        np.testing.assert_allclose(table, one_by_one, rtol=1e-13)
    assert isinstance(ring.log_partition_function(SIX, 1), float)
    assert ring.log_partition_function(SIX, T[1:]).shape == (1, 3)
    assert ring.target_state(SIX, T).shape == (2, 3, 2, 2)
    assert ring.target_state(SIX, 1.0).shape == (2, 2)
    assert ring.coherence(SIX, []).shape == (0,)
    assert ring.coherence(SIX, T.tolist()).shape == (2, 3)
    assert np.array_equal(T, kept)


@pytest.mark.parametrize("name", ["temperature", "n_sources", "omega_a", "gamma", "J", "omega"])
def test_local_coherence_broadcasts_over_every_argument(name):
    values = {
        "temperature": [[0.0, 0.4], [2.0, INF]],
        "n_sources": [[1, 6], [6, 7]],
        "omega_a": [[-0.5, 0.0], [0.2, 1.0]],
        "gamma": [[-0.5, 0.0], [0.2, 1.0]],
        "J": [[-0.5, 0.0], [0.2, 1.0]],
        "omega": [[0.5, 0.7], [0.2, 1.0]],
    }[name]
    usual = {"temperature": 0.6, "n_sources": 5, "omega_a": 0.5, "gamma": 0.2, "J": -0.1}
    usual["omega"] = 1.0
    array = np.array(values)
    table = ring.local_coherence(**(usual | {name: array}))
    assert table.shape == (2, 2)
    for index in np.ndindex(2, 2):
        one = usual | {name: array[index].item()}
        T = one.pop("temperature")
        assert table[index] == pytest.approx(ring.coherence(SourceRing(**one), T), rel=1e-13)
        alone = ring.local_coherence(T, **one)
        assert isinstance(alone, float)
    assert np.array_equal(array, values)


def test_local_coherence_broadcasts_all_arguments_together():
    rng = np.random.default_rng(4)
    T, n = rng.uniform(0.1, 2, (3, 1, 1)), np.array([1, 4, 600, 601])[:, None]
    omega_a, gamma = rng.normal(size=2), rng.normal(size=(4, 1))
    J, omega = rng.normal(size=(3, 1, 2)), rng.uniform(0.5, 2, (1, 4, 1))
    table = ring.local_coherence(T, n, omega_a, gamma, J, omega)
    assert table.shape == (3, 4, 2)
    T, n, omega_a, gamma, J, omega = np.broadcast_arrays(T, n, omega_a, gamma, J, omega)
    for k in np.ndindex(3, 4, 2):
        source = SourceRing(int(n[k]), omega_a[k], gamma[k], J[k], omega[k])
        assert table[k] == pytest.approx(ring.coherence(source, T[k]), rel=1e-11)


# --- extremes ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 8, 600, 601])
def test_extreme_parameters_give_numbers_and_no_warning(n):
    rng = np.random.default_rng(n)
    sizes = [0.0, 1e-300, 1e-8, 1.0, -1.0, -1e-300, 1e8, -1e8, 1e150, -1e150]
    T = np.array([0.0, 5e-324, 1e-300, 1e-10, 1.0, 1e10, 1e300, INF])
    for _ in range(60):
        omega_a, gamma, J = rng.choice(sizes, 3)
        source = SourceRing(n, omega_a, gamma, J, rng.choice([1e-300, 1e-8, 1.0, 1e8, 1e150]))
        c, missing = ring.coherence(source, T), ring.incoherence(source, T)
        assert np.all((c >= 0) & (c <= 1))
        np.testing.assert_allclose(c + missing, 1, atol=1e-10)
        rho = ring.target_state(source, T)
        assert np.all(np.isfinite(rho))
        assert np.all(c <= bounds.upper_bound(source, T) * (1 + 1e-10) + 1e-300)
        log_z = ring.log_partition_function(source, T[-4:])
        assert np.all(np.isfinite(log_z))


@pytest.mark.parametrize("n", [573, 574, 901])
def test_a_cold_odd_antiferromagnet_has_a_partition_function(n):
    # The transfer matrix's eigenvalues differ by less than the smallest float here.
    T, (omega_a, gamma, J) = 0.02, (1.2, 3.6e-6, -10.0)
    log_z = ring.log_partition_function(SourceRing(n, omega_a, gamma, J), T)
    exact = ring_sums.thermal(n, omega_a, gamma, J, T)
    assert close(log_z, exact.log_z, 1e-14)


def test_partition_function_that_is_no_float_is_refused():
    with pytest.raises(ValueError, match=r"^`temperature` must be large enough .*got 1e-308\.$"):
        ring.log_partition_function(SIX, [1.0, 1e-308])


BAD = [
    (function, bad, error)
    for function in (
        ring.coherence,
        ring.incoherence,
        ring.target_state,
        ring.log_partition_function,
    )
    for bad, error in (
        (-1.0, ValueError),
        (NAN, ValueError),
        ([1.0, -INF], ValueError),
        ([1.0, NAN, INF], ValueError),
        ("1", TypeError),
        (None, TypeError),
        (True, TypeError),
        (1j, TypeError),
        ([[1.0], [1.0, 2.0]], ValueError),
    )
]


@pytest.mark.parametrize(("function", "bad", "error"), BAD)
def test_bad_temperatures_are_refused(function, bad, error):
    with pytest.raises(error, match=r"^`temperature` must .*, but got .*\.$"):
        function(SIX, bad)


def test_partition_function_at_zero_temperature_is_refused():
    with pytest.raises(ValueError, match=r"^`temperature` must be > 0, but got 0\.0\.$"):
        ring.log_partition_function(SIX, [1.0, 0.0])


@pytest.mark.parametrize(
    ("name", "bad", "error"),
    [
        ("temperature", -1.0, ValueError),
        ("temperature", NAN, ValueError),
        ("n_sources", 0, ValueError),
        ("n_sources", [3, -1], ValueError),
        ("n_sources", 2.0, TypeError),
        ("n_sources", True, TypeError),
        ("n_sources", "3", TypeError),
        ("omega_a", NAN, ValueError),
        ("omega_a", 1e308, ValueError),
        ("gamma", INF, ValueError),
        ("gamma", 1e200, ValueError),
        ("J", [NAN], ValueError),
        ("J", "1", TypeError),
        ("omega", 0.0, ValueError),
        ("omega", -1.0, ValueError),
        ("omega", NAN, ValueError),
    ],
)
def test_bad_arguments_of_local_coherence_are_refused(name, bad, error):
    usual = {"temperature": 0.6, "n_sources": 5, "omega_a": 0.5, "gamma": 0.2, "J": -0.1}
    with pytest.raises(error, match=rf"^`{name}` must .*, but got .*\.$"):
        ring.local_coherence(**(usual | {name: bad}))


def test_shapes_that_do_not_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"`temperature` and `n_sources` .* must broadcast, .*\.$"):
        ring.local_coherence([1.0, 2.0], [1, 2, 3], 0.5, 0.2, 0.1)
