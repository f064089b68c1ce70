"""What every coherence of a target has in common, over many decades of everything."""

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds

sizes = st.one_of(st.integers(1, 12), st.sampled_from([100, 1000, 4095, 4097, 10**6, 10**12]))
decades = st.floats(-4, 3)
temperatures = st.floats(-3, 4)
signs = st.sampled_from([-1, 1])


@st.composite
def rings(draw, signs_of_j=signs, n=sizes):
    omega_a, gamma, J = (10 ** draw(decades) for _ in range(3))
    return SourceRing(draw(n), omega_a, gamma, draw(signs_of_j) * J)


@given(source=rings(), log_t=temperatures)
def test_coherence_is_between_zero_and_one(source, log_t):
    T = 10**log_t
    C, lost = ring.coherence(source, T), ring.incoherence(source, T)
    assert 0 <= C <= 1
    assert 0 < lost <= 1
    assert C + lost == pytest.approx(1, abs=1e-10)
    rho = ring.target_state(source, T)
    assert 2 * abs(rho[0, 1]) == pytest.approx(C, rel=1e-9, abs=1e-14)
    assert np.trace(rho) == pytest.approx(1, rel=1e-12)
    assert np.linalg.eigvalsh(rho).min() >= -1e-14


@given(source=rings(), log_t=temperatures)
def test_signs_of_gap_and_coupling_do_not_count(source, log_t):
    expected = ring.coherence(source, 10**log_t)
    for s, t in ((-1, 1), (1, -1), (-1, -1)):
        other = SourceRing(source.n_sources, s * source.omega_a, t * source.gamma, source.J)
        assert ring.coherence(other, 10**log_t) == pytest.approx(expected, rel=1e-9)


@given(source=rings(), log_t=temperatures)
def test_more_gap_and_more_coupling_never_hurt(source, log_t):
    T, n = 10**log_t, source.n_sources
    C = ring.coherence(source, T)
    more_gap = SourceRing(n, 1.1 * source.omega_a, source.gamma, source.J)
    more_coupling = SourceRing(n, source.omega_a, 1.1 * source.gamma, source.J)
    assume(source.J > 0)
    assert ring.coherence(more_gap, T) >= C * (1 - 1e-9)
    assert ring.coherence(more_coupling, T) >= C * (1 - 1e-9)


@given(source=rings(), log_t=temperatures)
def test_the_bounds_hold(source, log_t):
    T, n = 10**log_t, source.n_sources
    C = ring.coherence(source, T)
    assert C <= bounds.upper_bound(source, T) * (1 + 1e-9)
    assert C >= bounds.lower_bound(source, T) * (1 - 1e-9)
    # A wider gap of the target only lowers it.
    wider = SourceRing(n, source.omega_a, source.gamma, source.J, omega=1.3)
    assert ring.coherence(wider, T) <= C * (1 + 1e-9)


@given(n=st.integers(1, 60), log_bj=st.floats(-3, 2), sign=signs)
def test_weights_add_up_to_the_partition_function_of_the_ring(n, log_bj, sign):
    beta_J = sign * 10**log_bj
    total = np.logaddexp.reduce(ring.log_weights(n, beta_J))
    # Two eigenvalues of a transfer matrix, which nearly cancel for cold odd antiferromagnets.
    with mpmath.workdps(2000 if n * abs(beta_J) > 20 else 50):
        x = mpmath.mpf(beta_J)
        expected = mpmath.log((2 * mpmath.cosh(x)) ** n + (2 * mpmath.sinh(x)) ** n)
    assert total == pytest.approx(float(expected), rel=1e-11, abs=1e-11)


@given(n=st.integers(1, 40))
def test_degeneracies_add_up_to_all_configurations(n):
    total = sum(
        ring.degeneracy(n, M, walls) for M in range(-n, n + 1, 2) for walls in range(n // 2 + 1)
    )
    assert total == 2**n


@given(source=rings(n=st.integers(1, 8)), log_t=st.floats(-1, 3))
def test_heat_and_energy_agree(source, log_t):
    """d ln Z/d beta = -<H>, with <H> from the dense Hamiltonian."""
    assume(max(source.omega_a, source.gamma, abs(source.J)) < 30)
    T = 10**log_t
    energies = source.hamiltonian().eigenenergies()
    weights = np.exp(-(energies - energies.min()) / T)
    log_z = -energies.min() / T + np.log(weights.sum())
    assert ring.log_partition_function(source, T) == pytest.approx(log_z, rel=1e-9, abs=1e-9)


def test_a_bound_that_is_none_is_seen():
    """The control: the bounds of a ring with one source less do not hold for this one."""
    source, smaller = (SourceRing(n, 0.5, 0.2, 0.3) for n in (7, 6))
    assert ring.coherence(source, 0.1) > bounds.upper_bound(smaller, 0.1) * (1 + 1e-9)
