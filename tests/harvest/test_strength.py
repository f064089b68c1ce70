"""Collisions of any strength, beams near to where they are singular, and long averages."""

import re

import numpy as np
import pytest
import scipy.linalg
from mpmath import mp

from coherence_lib import _progress, harvest
from coherence_lib.harvest import beam, collision, qubit, reservoir

# Both atoms of a pair are in (|e> + i|g>)/sqrt 2, and the qubit in (|e> + |g>)/sqrt 2.
ATOM = np.array([1.0, 1j]) / np.sqrt(2)
DRIVING = np.outer(np.kron(ATOM, ATOM), np.kron(ATOM, ATOM).conj())
ASIDE, GROUND = np.full((2, 2), 0.5), np.diag([0.0, 1])
STRENGTHS = [0.0, 1e-200, 1e-9, 1e-3, 0.3, -0.3, 2.0, 1e2, 1e8, 1e12, -1e12, 1e15, 1e200, 1e300]


def random_state(seed, dimension=4):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(dimension, dimension)) + 1j * rng.normal(size=(dimension, dimension))
    rho = a @ a.conj().T
    return rho / np.trace(rho).real


def exact_unitary(g_tau):
    """Pair's collision with 350 digits: S^2 has the eigenvalues 0 and 2 alone, so S^3 = 2 S."""
    with mp.workdps(350):
        g, root = mp.mpf(float(g_tau)), mp.sqrt(2)
        exchange = mp.matrix(collision.exchange(2).tolist())
        unitary = mp.eye(8) + (mp.cos(g * root) - 1) / 2 * exchange * exchange
        unitary -= mp.mpc(0, 1) * mp.sin(g * root) / root * exchange
        return np.array(unitary.tolist(), dtype=complex)


@pytest.mark.parametrize("g_tau", STRENGTHS)
@pytest.mark.parametrize("n_atoms", [1, 2, 3, 6])
def test_every_collision_is_unitary(g_tau, n_atoms):
    unitary = harvest.collision_unitary(g_tau, n_atoms)
    one = np.eye(2 ** (n_atoms + 1))
    np.testing.assert_allclose(unitary @ unitary.conj().T, one, rtol=0, atol=1e-13)
    np.testing.assert_allclose(unitary.conj().T @ unitary, one, rtol=0, atol=1e-13)


@pytest.mark.parametrize("g_tau", [0.0, 1e-9, 1e-3, 0.3, -0.3, 2.0, 1e2, 1e5, 1e8, 1e12])
def test_collision_of_a_pair_against_many_digits(g_tau):
    phase_error = 4e-16 * abs(g_tau)
    np.testing.assert_allclose(
        harvest.collision_unitary(g_tau), exact_unitary(g_tau), rtol=0, atol=1e-15 + phase_error
    )


@pytest.mark.parametrize("n_atoms", [1, 3, 5])
def test_collision_of_clusters_against_the_exponential(n_atoms):
    for g_tau in (0.01, 0.7, -3.0, 20.0):
        exponential = scipy.linalg.expm(-1j * g_tau * collision.exchange(n_atoms))
        np.testing.assert_allclose(
            harvest.collision_unitary(g_tau, n_atoms), exponential, rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("seed", range(5))
def test_weak_collisions_keep_their_digits(seed):
    # The generator over its leading power: an identity subtracted afterwards leaves noise.
    pair = np.diag(np.diag(random_state(seed)))
    exact = harvest.beam_liouvillian(pair, 1.0, 1e-9)
    second = harvest.beam_liouvillian(pair, 1.0, 1e-9, order=2)
    np.testing.assert_allclose(exact, second, rtol=1e-14, atol=1e-32)
    state = harvest.beam_steady_state(pair, 1e-9)
    np.testing.assert_allclose(state, harvest.beam_steady_state(pair, 0.1, order=2), atol=1e-13)


@pytest.mark.parametrize("g_tau", [1e-7, 1e-3, 0.4, 3.0, 1e3, 1e12, 1e200])
@pytest.mark.parametrize("seed", range(4))
def test_a_steady_state_does_not_change_or_is_refused(seed, g_tau):
    pair = random_state(seed)
    try:
        state = harvest.beam_steady_state(pair, g_tau)
    except ValueError as error:
        assert str(error).startswith("`rho_pair` must reach every part")  # noqa: PT017
        assert g_tau < 1e-6
        return
    generator = harvest.beam_liouvillian(pair, 1.0, g_tau)
    change = generator @ state.ravel(order="F")
    slowest = np.sort(np.linalg.svd(generator, compute_uv=False))[1]
    assert np.abs(change).max() < 1e-8 * slowest
    assert np.linalg.eigvalsh(state).min() > -1e-12


@pytest.mark.parametrize("distance", 10.0 ** -np.arange(2, 17))
def test_near_the_singlet_the_steady_state_is_right_or_refused(distance):
    # A singlet with a little of a diagonal state, whose steady state is known.
    singlet = np.zeros((4, 4))
    singlet[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    pair = (1 - distance) * singlet + distance * np.diag([0.3, 0.1, 0.1, 0.5])
    try:
        state = harvest.beam_steady_state(pair, 0.1, order=2)
    except ValueError as error:
        assert str(error).startswith("`rho_pair` must reach every part")  # noqa: PT017
        assert distance < 1e-14
        return
    # r_e : r_d = 2 * 0.3 + 0.2 : 2 * 0.5 + 0.2, as far as the pair's own digits reach.
    assert state[0, 0].real == pytest.approx(0.8 / 2.0, abs=2e-16 / distance)


def exact_bloch(pair, g_tau):
    """Steady state of the Bloch equations over p g tau, with many digits."""
    c = harvest.beam_coefficients(pair)
    with mp.workdps(500):
        g = mp.mpf(float(g_tau))
        decay, lam, eps = g * (mp.mpf(c.r_e) + mp.mpf(c.r_d)) / 2, mp.mpc(c.lam), mp.mpc(c.eps)
        matrix = mp.matrix(
            [
                [-decay + 2 * g * eps.real, -2 * g * eps.imag, -2 * lam.imag],
                [-2 * g * eps.imag, -decay - 2 * g * eps.real, -2 * lam.real],
                [2 * lam.imag, 2 * lam.real, -2 * decay],
            ]
        )
        solution = mp.lu_solve(matrix, mp.matrix([0, 0, g * (mp.mpf(c.r_d) - mp.mpf(c.r_e))]))
        return np.array([float(x) for x in solution])


@pytest.mark.parametrize("g_tau", [1e-200, 1e-30, 1e-12, 1e-7, -1e-3, 0.5, 1e6])
@pytest.mark.parametrize("seed", range(6))
def test_bloch_steady_states_beside_any_drive(seed, g_tau):
    # However weak the dissipation is beside a drive, it decides where the qubit ends.
    pair = random_state(seed)
    bloch = harvest.bloch_steady_state(pair, 1.0, g_tau)
    np.testing.assert_allclose(bloch, exact_bloch(pair, g_tau), rtol=1e-9, atol=1e-13)
    diagonal = np.diag(np.diag(pair))
    expected = harvest.bloch_steady_state(diagonal, 1.0, 0.1)
    np.testing.assert_allclose(
        harvest.bloch_steady_state(diagonal, 1.0, g_tau), expected, rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("tilt", [1e-3, 1e-6, 1e-9, 1e-11])
def test_a_pure_squeezed_beam_is_a_bath_of_numbers(tilt):
    # Nearly equal weights of |ee> and |gg>: roundings reach beyond a pure state.
    for angle in np.linspace(np.pi / 4 + tilt / 2, np.pi / 4 + tilt, 50):
        psi = np.array([np.cos(angle), 0, 0, np.sin(angle)])
        bath = harvest.squeezed_bath(np.outer(psi, psi), 1.0, 0.1)
        assert bath.N_th >= 0
        assert np.isfinite([bath.N, bath.N_th, bath.r, abs(bath.M)]).all()
        # tanh 2r = 2|M|/(2N + 1); r grows as the logarithm of the distance.
        assert 0 < bath.r < 20


def test_large_squeezing_is_the_pure_states_own():
    psi = np.array([np.cos(0.9), 0, 0, np.sin(0.9)])
    bath = harvest.squeezed_bath(np.outer(psi, psi), 1.0, 0.1)
    assert bath.N_th == pytest.approx(0, abs=1e-14)
    assert np.tanh(2 * bath.r) == pytest.approx(np.sin(1.8), rel=1e-13)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rate", {"rate": 1e12}),
        ("rate", {"rate": 1e300}),
        ("n_runs", {"n_runs": 10**11}),
    ],
)
def test_random_arrivals_beyond_the_memory_are_refused_before_they_are_drawn(name, change):
    usual = {"rate": 1.0, "n_runs": 10, "times": [0.0, 100.0], "g_tau": 0.1}
    message = rf"^`{name}` must fit the memory, but .* bytes, .* `beam_liouvillian`\.$"
    with pytest.raises(ValueError, match=message):
        harvest.random_arrivals(np.eye(4) / 4, np.eye(2) / 2, **usual | change)


def test_batches_of_runs_are_the_same_runs(monkeypatch):
    arguments = random_state(1), random_state(2, 2), 1.0, 0.3, np.linspace(0, 30, 7), 150
    mean, error = harvest.random_arrivals(*arguments)
    monkeypatch.setattr(beam, "_LARGEST_BATCH", 400)
    again, error_again = harvest.random_arrivals(*arguments)
    np.testing.assert_allclose(again, mean, rtol=0, atol=1e-14)
    np.testing.assert_allclose(error_again, error, rtol=1e-11, atol=1e-17)


def test_collisions_in_doubling_steps_are_those_one_by_one():
    matrix, vector = qubit.bloch_form(beam._change(random_state(3), 0.4, "exact"))
    bloch = np.array([0.1, -0.2, 0.3])
    after = beam._continued(bloch[None], matrix, vector, 100)
    for row in after:
        np.testing.assert_allclose(row, bloch, atol=1e-14)
        bloch = bloch + matrix @ bloch + vector


def test_a_collision_that_is_not_unitary_is_not_handed_out(monkeypatch):
    broken = collision.collision_unitary(0.3) * 1.001
    monkeypatch.setattr(collision, "collision_unitary", lambda g_tau, n_atoms: broken)
    with pytest.raises(ValueError, match="`g_tau` must leave the cluster .* a density matrix, but"):
        harvest.collide(np.eye(4) / 4, np.eye(2) / 2, 0.3)


def test_a_bar_is_shown_when_it_is_asked_for(capsys):
    arguments = np.eye(4) / 4, np.eye(2) / 2, 1.0, 0.1, [0.0, 1.0], 10
    quiet = harvest.random_arrivals(*arguments)
    assert capsys.readouterr().err == ""
    shown = harvest.random_arrivals(*arguments, progress=True)
    assert "runs of the beam: 100%" in capsys.readouterr().err
    np.testing.assert_array_equal(shown, quiet)
    assert _progress.bar("abc", False, "letters") == "abc"


@pytest.mark.parametrize("angle", [np.pi / 4 + 1.5e-4, np.pi / 4 - 1e-4])
def test_a_nearly_singular_beam_is_followed_with_what_it_brings(angle):
    # Squeezed pairs damp one quadrature 1e8 times as slowly as the other, and pull along z.
    psi, start = np.array([np.cos(angle), 0, 0, np.sin(angle)]), random_state(8, 2)
    pair, times = np.outer(psi, psi), np.array([0.0, 20.0, 1e3, 1e8])
    found = qubit.bloch_vector(harvest.beam_evolve(pair, start, 1.0, 0.1, times, order=2))
    matrix, vector = harvest.bloch_equations(pair, 1.0, 0.1)
    assert np.linalg.cond(matrix) > 1e7
    with mp.workdps(50):
        step = mp.matrix(4, 4)
        step[:3, :3], step[:3, 3] = mp.matrix(matrix.tolist()), mp.matrix(vector.tolist())
        bloch = mp.matrix([*qubit.bloch_vector(start), 1])
        exact = [[float(x) for x in (mp.expm(step * t) * bloch)[:3]] for t in times]
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-8)
    # Where they end, z = (r_e - r_d)/(r_e + r_d), is what they bring.
    assert found[-1, 2] == pytest.approx(np.cos(2 * angle), abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("drive", [0.0, 0.3, 1.0, 7.0])
def test_how_singular_bloch_equations_are_is_their_determinant_in_units_of_its_terms(seed, drive):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(3, 3))
    damping, axis = -factor @ factor.T, drive * rng.normal(size=3)
    turning = np.cross(np.eye(3), -axis).T
    np.testing.assert_allclose(turning @ [1.0, 2, 3], np.cross(axis, [1, 2, 3]), rtol=1e-14)
    largest = np.abs(damping).max()
    unit = largest * max(largest, np.abs(axis).max()) ** 2
    found = reservoir._determinant(damping + turning)
    assert found == pytest.approx(abs(np.linalg.det(damping + turning)) / unit, rel=1e-12)
    assert reservoir._determinant(turning) == 0.0


def test_a_bloch_vector_beyond_the_sphere_is_taken_back_to_it():
    np.testing.assert_allclose(qubit.inside(np.array([3.0, 0, -4])), [0.6, 0, -0.8], rtol=1e-15)
    kept = np.array([[0.3, 0, -0.4], [0, 2.0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(qubit.inside(kept), [kept[0], [0, 1, 0], kept[2]])


@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("the power", lambda: harvest.power(DRIVING, ASIDE, 1e200, 1.0, omega=1e200)),
        ("the heat current", lambda: harvest.heat_current(DRIVING, GROUND, 1e200, 1, omega=1e200)),
        ("the rate of exchange", lambda: harvest.bloch_equations(DRIVING, 1e200, 1e100)),
        ("all rates", lambda: harvest.bloch_equations(DRIVING, 1.7e308, 1.0)),
        ("the generator", lambda: harvest.beam_liouvillian(DRIVING, 1.7e308, 3.0)),
    ],
)
def test_what_is_beyond_all_floats_is_said_of_the_rate(what, call):
    message = f"`rate` must leave {what} finite, but got a result that is beyond the largest float."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_times_at_which_no_collision_can_be_counted_are_refused():
    with pytest.raises(ValueError, match=r"^`times` must leave rate t finite, but got 1e\+300\.$"):
        harvest.beam_evolve(DRIVING, ASIDE, 1e10, 0.1, [0.0, 1e300])
