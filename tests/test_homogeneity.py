"""One physics in every unit: energies times s, times over s, the same numbers."""

import numpy as np
import public_api
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scaling_rows import ROWS, UNIT_FREE, Parameters
from states import seeds

from coherence_lib import ring
from coherence_lib.ring import SourceRing

UNITS = [1e-30, 1e-10, 1e10, 1e30]
TOLERANCE = 1e-9


def difference(name, s, parameters):
    """Largest deviation of a scaled result, in units of the largest number of the plain one."""
    power, call = ROWS[name]
    scaled, plain = call(s, parameters), call(1.0, parameters)
    if not isinstance(power, tuple):
        power, scaled, plain = (power,), (scaled,), (plain,)
    largest = 0.0
    for p, new, old in zip(power, scaled, plain, strict=True):
        new, old = np.asarray(new) / float(s) ** p, np.asarray(old)
        assert new.shape == old.shape
        assert np.all(np.isfinite(new))
        if old.size:
            deviation = np.abs(new - old).max()
            largest = max(largest, deviation / max(np.abs(old).max(), np.finfo(float).tiny))
    return largest


def test_every_public_function_has_a_row():
    listed = [*ROWS, *UNIT_FREE]
    assert sorted(listed) == sorted(public_api.functions())


@pytest.mark.parametrize("s", UNITS)
@pytest.mark.parametrize("name", ROWS)
def test_the_unit_does_not_matter(name, s):
    for seed in range(5):
        assert difference(name, s, Parameters(seed)) < TOLERANCE


@given(exponent=st.floats(-30, 30), seed=seeds)
@settings(max_examples=20)
def test_no_unit_matters(exponent, seed):
    parameters = Parameters(seed)
    for name in ROWS:
        assert difference(name, 10.0**exponent, parameters) < TOLERANCE


@pytest.mark.parametrize("wrong", ["an absolute threshold", "a wrong power"])
def test_what_is_not_homogeneous_is_seen(monkeypatch, wrong):
    if wrong == "a wrong power":
        monkeypatch.setitem(ROWS, "ring.coherence", (1, ROWS["ring.coherence"][1]))
    else:
        monkeypatch.setattr(
            "coherence_lib.ring.ground.degeneracy_tolerance",
            lambda energy, omega: 1e-10 * np.maximum(1.0, np.abs(energy)),
        )
    assert difference("ring.coherence", 1e-30, Parameters(0)) > 1e-3


def test_tidied_operators_are_seen(monkeypatch):
    plain = SourceRing.hamiltonian
    monkeypatch.setattr(SourceRing, "hamiltonian", lambda ring: plain(ring).tidyup(1e-14))
    assert difference("ring.SourceRing.hamiltonian", 1e-30, Parameters(0)) > 1e-3


def test_a_ring_in_joules():
    h = 6.62607015e-34
    giga, kelvin = 1e9 * h, 1.380649e-23
    joules = SourceRing(6, 2.5 * giga, 1.0 * giga, 1.25 * giga, 5 * giga)
    plain = SourceRing(6, 0.5, 0.2, 0.25)
    assert ring.coherence(joules, 0.0) == pytest.approx(12 / 13, rel=1e-12)
    t = 0.02 * kelvin
    ours = ring.coherence(joules, t)
    assert ours == pytest.approx(ring.coherence(plain, t / (5 * giga)), rel=1e-12)
    rho = joules.gibbs_state(t).ptrace(0)
    assert 2 * abs(rho[0, 1]) == pytest.approx(ours, rel=1e-10)
    energies = np.sort(joules.hamiltonian().full().diagonal().real)
    assert energies[0] < -10 * giga
