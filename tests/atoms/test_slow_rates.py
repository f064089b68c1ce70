"""Slow rates of close atoms against fifty digits, which have all of the hopping's and some more."""

import re

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, pair

DISTANCES = [1e-1, 1e-3, 1e-4, 1e-6]
TRIANGLE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
ROW = [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
SQUARE = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]


def wave(one, other, dipole):
    """gamma and f of a pair in units of gamma0, with mpmath's digits."""
    apart = [mp.mpf(float(a)) - mp.mpf(float(b)) for a, b in zip(one, other, strict=True)]
    xi = mp.sqrt(mp.fsum(x**2 for x in apart))
    along = mp.fsum(x * mp.mpf(float(d)) for x, d in zip(apart, dipole, strict=True)) / xi
    p2 = (3 * along**2 / mp.fsum(mp.mpf(float(d)) ** 2 for d in dipole) - 1) / 2
    j = mp.sin(xi) / xi + p2 * ((3 / xi**2 - 1) * mp.sin(xi) / xi - 3 * mp.cos(xi) / xi**2)
    y = -mp.cos(xi) / xi + p2 * ((1 - 3 / xi**2) * mp.cos(xi) / xi - 3 * mp.sin(xi) / xi**2)
    return j, y / 2


def exact_rates(positions, dipole, nbar):
    """All rates between states of equal excitations, by the whole Liouvillian in mpmath."""
    n = len(positions)
    d, nbar = 2**n, mp.mpf(nbar)
    gamma, f = mp.eye(n), mp.zeros(n)
    for i in range(n):
        for j in range(i):
            gamma[i, j], f[i, j] = wave(positions[i], positions[j], dipole)
            gamma[j, i], f[j, i] = gamma[i, j], f[i, j]

    def lowered(state, atom):
        return state | 1 << atom if not state >> atom & 1 else None

    def raised(state, atom):
        return state & ~(1 << atom) if state >> atom & 1 else None

    # Effective Hamiltonian -iH - loss/2 as a matrix of states.
    inside = mp.zeros(d)
    for state in range(d):
        for i in range(n):
            for j in range(n):
                for first, then, photons in (
                    (lowered, raised, nbar + 1),
                    (raised, lowered, nbar),
                ):
                    middle = first(state, j)
                    end = None if middle is None else then(middle, i)
                    if end is not None:
                        inside[end, state] -= gamma[i, j] * photons / 2
                        if first is lowered and i != j:
                            inside[end, state] -= mp.mpc(0, 1) * f[i, j]
    places = [(a, b) for a in range(d) for b in range(d) if a.bit_count() == b.bit_count()]
    number = {place: at for at, place in enumerate(places)}
    whole = mp.zeros(len(places))
    for (a, b), at in number.items():
        for c in range(d):
            if (c, b) in number:
                whole[number[c, b], at] += inside[c, a]
            if (a, c) in number:
                whole[number[a, c], at] += mp.conj(inside[c, b])
        for i in range(n):
            for j in range(n):
                for jump, photons in ((lowered, nbar + 1), (raised, nbar)):
                    left, right = jump(a, j), jump(b, i)
                    if left is not None and right is not None:
                        whole[number[left, right], at] += gamma[i, j] * photons
    values, _ = mp.eig(whole)
    return sorted(-mp.re(value) for value in values)


@pytest.mark.parametrize("xi", DISTANCES)
@pytest.mark.parametrize("nbar", [0.25, 8.0])
@pytest.mark.parametrize("dipole", [[0, 0, 1], [1, 0, 0], [1, 2, 2]])
def test_a_pair_has_the_rate_of_fifty_digits(xi, nbar, dipole):
    places = [[0, 0, 0], [xi, 0, 0]]
    with mp.workdps(60):
        exact = exact_rates(places, dipole, nbar)
    near = AtomCluster.from_positions(places, dipole)
    slow = atoms.relaxation_rates(near, nbar, k=2)[1]
    assert abs(slow / exact[1] - 1) < 1e-12
    assert atoms.slow_rates(near, nbar) == [slow]
    assert pair.slow_rate(near.missing_decay[0, 1], nbar) == pytest.approx(slow, rel=1e-14)


@pytest.mark.parametrize("xi", [1e-2, 1e-6])
@pytest.mark.parametrize(
    ("shape", "dipole", "kept"), [(TRIANGLE, [1, 1, 1], 5), (ROW, [0, 0, 1], 2)]
)
def test_three_atoms_have_the_rates_of_fifty_digits(shape, dipole, kept, xi):
    # A power of two, so that the places are what they seem.
    places = 2.0 ** np.round(np.log2(xi)) * np.array(shape)
    with mp.workdps(70):
        exact = exact_rates(places, dipole, 1)[:kept]
    slow = atoms.slow_rates(AtomCluster.from_positions(places, dipole), 1.0)
    assert len(slow) == kept - 1
    for found, wanted in zip(slow, exact[1:], strict=True):
        assert abs(found / wanted - 1) < 1e-8


@pytest.mark.parametrize(("shape", "kept"), [(SQUARE, 7), ([*ROW, [3, 0, 0]], 2)])
@pytest.mark.parametrize("nbar", [0.1, 3.0])
def test_four_atoms_have_the_slowest_rates_of_all(shape, kept, nbar):
    # Not so close that the eigenvalues of the whole would have lost them.
    cluster = AtomCluster.from_positions(2.0**-4 * np.array(shape), [0, 0, 1])
    slow = atoms.slow_rates(cluster, nbar)
    all_rates = atoms.relaxation_rates(cluster, nbar, k=kept)
    np.testing.assert_allclose(slow, all_rates[1:], rtol=1e-8)


def test_what_is_kept_at_one_place_has_no_rate():
    np.testing.assert_array_equal(atoms.slow_rates(AtomCluster.collective(3, f0=2.0), 1.0), 4 * [0])


def test_three_different_hoppings_have_no_slow_rate():
    cluster = AtomCluster.from_positions([[0, 0, 0], [1e-3, 0, 0], [0, 2e-3, 0]], [0, 0, 1])
    assert atoms.slow_rates(cluster, 1.0).shape == (0,)


def test_a_result_outside_its_promise_is_refused():
    # A triangle whose sides are equal but for rounding: at this hopping that is a rate.
    corners = 2.0**-17 * np.array([[0, 0, 0], [1, 0, 0], [0.5, 0.75**0.5, 0]])
    with pytest.raises(ValueError, match="`cluster` must have slow rates that stand apart"):
        atoms.slow_rates(AtomCluster.from_positions(corners, [0, 0, 1]), 1.0)
    far = AtomCluster.from_positions(2.0 * np.array(TRIANGLE), [1, 1, 1])
    with pytest.raises(ValueError, match="`cluster` must have slow rates that stand apart"):
        atoms.slow_rates(far, 1.0)


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        (AtomCluster.collective(1), "`cluster` must have 2 to 5 atoms, but got 1"),
        (AtomCluster.collective(6), "`cluster` must have 2 to 5 atoms, but got 6"),
        (AtomCluster(np.zeros((2, 2)), np.diag([1.0, 2])), "`cluster` must have equal gamma_ii"),
    ],
)
def test_other_clusters_are_refused(cluster, message):
    with pytest.raises(ValueError, match=message):
        atoms.slow_rates(cluster, 1.0)


@given(missing=st.floats(0, 2), nbar=st.sampled_from([0.0, 1e-6, 0.3, 20.0]), f=st.floats(-30, 30))
def test_all_rates_of_a_pair_are_those_of_its_liouvillian(missing, nbar, f):
    cluster = AtomCluster([[0, f], [f, 0]], [[1, 1 - missing], [1 - missing, 1]])
    generator = cluster.liouvillian(nbar).full()
    found = pair.rates(missing, nbar, f)
    assert np.all(np.diff(found) >= 0)
    scale = abs(f) + nbar + 1
    # Twofold eigenvalues of what is not normal are known to half of the digits.
    dense = np.sort(-np.linalg.eigvals(generator).real)
    np.testing.assert_allclose(found, dense, atol=1e-6 * scale)
    # The sum of all is the trace.
    assert found.sum() == pytest.approx(-np.trace(generator).real, rel=1e-12)


@given(missing=st.floats(1e-300, 1), nbar=st.floats(0, 1e6))
def test_a_pair_with_the_other_sign_of_the_shared_rate_lives_as_long(missing, nbar):
    # T and S change places.
    slow = pair.slow_rate(min(missing, 2 - missing), nbar)
    assert pair.slow_rate(2 - missing, nbar) == pytest.approx(
        pair.slow_rate(2 - (2 - missing), nbar), rel=1e-12, abs=1e-15 * (2 * nbar + 1)
    )
    # Never faster than what it feeds on, and positive.
    assert 0 < slow <= (2 * nbar + 1) * (1 + 1e-12)


def test_missing_decay_of_a_cluster_is_what_is_known_of_it():
    places, dipole = [[0, 0, 0], [1e-9, 0, 0], [0, 0.3, 0]], [0, 0, 1]
    cluster = AtomCluster.from_positions(places, dipole, gamma0=3.0)
    np.testing.assert_array_equal(
        cluster.missing_decay, atoms.missing_decay(places, dipole, gamma0=3.0)
    )
    rounded = AtomCluster(cluster.f, cluster.gamma)
    assert rounded.missing_decay[0, 1] == 0
    np.testing.assert_allclose(rounded.missing_decay, cluster.missing_decay, atol=1e-15)
    for held in (cluster, rounded):
        with pytest.raises(ValueError, match="read-only"):
            held.missing_decay[0, 1] = 1


@pytest.mark.parametrize("xi", [1e-9, 1e-6, 1e-3, 0.5, np.nextafter(1, 0), 1.0, 1.1, 7.0])
@pytest.mark.parametrize("dipole", [[0, 0, 1], [1, 0, 0], [1, 1, 1], [3, 1, 0]])
def test_missing_decay_keeps_its_digits(xi, dipole):
    places = [[0, 0, 0], [xi, 0, 0]]
    with mp.workdps(60):
        exact = 1 - wave(*places, dipole)[0]
        assert abs(atoms.missing_decay(places, dipole)[0, 1] / exact - 1) < 1e-13


def test_cold_dark_states_lose_one_excitation_after_another():
    # Of e excitations that are locked, as often as dark states of e have a partner.
    lack, n = 2.0**-20, 4
    cluster = AtomCluster(np.zeros((n, n)), (1 - lack) + lack * np.eye(n))
    slow = atoms.slow_rates(cluster, 1e-4)
    np.testing.assert_allclose(slow / lack, [1] * 9 + [2] * 4, rtol=1e-3)


@pytest.mark.parametrize("lack", [1e-3, 1e-6])
@pytest.mark.parametrize("distance", [1e-11, 1e-10, 1e-9, 3e-9, 1e-8])
def test_couplings_that_nearly_agree_keep_their_slow_rates_or_are_refused(lack, distance):
    apart = np.array([[0, 0.3, -1.2], [0.3, 0, 0.9], [-1.2, 0.9, 0]])
    gamma = (1 - lack) + lack * np.eye(3)
    alike = atoms.slow_rates(AtomCluster(0.5 * (1 - np.eye(3)), gamma), 1.0)
    nearly = AtomCluster(0.5 * (1 - np.eye(3)) + distance * apart, gamma)
    try:
        found = atoms.slow_rates(nearly, 1.0)
    except ValueError as error:
        found, asked = alike, str(error)
    else:
        asked = "none"
    assert re.match("none|`cluster` must have slow rates that stand apart", asked)
    np.testing.assert_allclose(found, alike, rtol=1e-5)
