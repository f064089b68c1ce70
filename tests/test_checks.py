"""Every public function says what is wrong with its arguments, in one grammar."""

import re
from functools import partial

import numpy as np
import pytest
import qutip

from coherence_lib import _checks, atoms, measures, thermal
from coherence_lib.atoms import AtomCluster, pair

NAN, INF = float("nan"), float("inf")
PAIR = AtomCluster.collective(2)
GROUND = np.diag([0.0, 0, 0, 1])
NO_F = np.zeros((2, 2))
TWO = [[0, 0, 0], [0, 0, 1]]
Z = [0, 0, 1]

# Never a real number, an array of them, or a finite one.
NO_NUMBERS = [
    (None, TypeError),
    ("1", TypeError),
    ([1, None], TypeError),
    (1j, TypeError),
    (True, TypeError),
    ([1, [2, 3]], ValueError),
    (NAN, ValueError),
    (INF, ValueError),
    ([1.0, -INF], ValueError),
]
NO_STATES = [
    (None, TypeError),
    ("state", TypeError),
    ([[True, False], [False, False]], TypeError),
    (qutip.liouvillian(qutip.sigmaz()), TypeError),
    (qutip.bra("g"), TypeError),
    ([[1, 0], [0]], TypeError),
    (1.0, ValueError),
    ([1.0, 0], ValueError),
    ([[1, 0]], ValueError),
    (np.zeros((0, 0)), ValueError),
    ([[NAN, 0], [0, 1]], ValueError),
    ([[1, INF], [INF, 0]], ValueError),
    (np.eye(2), ValueError),
    ([[0.5, 0.5], [0, 0.5]], ValueError),
    ([[0.5, 0.6], [0.6, 0.5]], ValueError),
    (np.diag([1.5, -0.5]), ValueError),
]

# (function of the argument, its name, bad values beyond NO_NUMBERS)
REAL_ARGUMENTS = {
    "photon_number omega": (lambda v: thermal.photon_number(v, 1.0), "omega", [0, -1, [1, 0]]),
    "photon_number temperature": (lambda v: thermal.photon_number(1.0, v), "temperature", [-1]),
    "temperature nbar": (lambda v: thermal.temperature(v), "nbar", [-1e-300, [1, -1]]),
    "temperature omega": (lambda v: thermal.temperature(1.0, v), "omega", [0, -1]),
    "qubit_temperature p": (thermal.qubit_temperature, "p_excited", [-1e-16, 1 + 1e-15, [0, 2]]),
    "qubit_temperature omega": (lambda v: thermal.qubit_temperature(0.1, v), "omega", [0, -1]),
    "dipole_couplings positions": (
        lambda v: atoms.dipole_couplings(v, Z),
        "positions",
        [[], 1.0, [0, 0, 1], [[0, 0], [0, 1]], [TWO], [[0, 0, 0], [0, 0, 0]], np.zeros((0, 3))],
    ),
    "dipole_couplings dipole": (
        lambda v: atoms.dipole_couplings(TWO, v),
        "dipole",
        [[], 1.0, [0, 1], [Z], [0, 0, 0]],
    ),
    "dipole_couplings gamma0": (
        lambda v: atoms.dipole_couplings(TWO, Z, v),
        "gamma0",
        [0, -1, [1.0], []],
    ),
    "AtomCluster f": (
        lambda v: AtomCluster(v, np.eye(2)),
        "f",
        [
            0.0,
            [],
            [0, 0],
            np.zeros((2, 3)),
            np.zeros((0, 0)),
            np.zeros((1, 2, 2)),
            np.eye(2),
            [[0, 1], [2, 0]],
            [[0, 1], [-1, 0]],
            np.zeros((3, 3)),
        ],
    ),
    "AtomCluster gamma": (
        lambda v: AtomCluster(NO_F, v),
        "gamma",
        [
            1.0,
            [],
            [1, 1],
            np.ones((2, 3)),
            np.zeros((0, 0)),
            -np.eye(2),
            [[1, 2], [2, 1]],
            [[1, 0.5], [0.4, 1]],
        ],
    ),
    "from_positions dipole": (lambda v: AtomCluster.from_positions(TWO, v), "dipole", [[0, 0, 0]]),
    "collective f0": (lambda v: AtomCluster.collective(2, f0=v), "f0", [[0.0], []]),
    "collective gamma0": (lambda v: AtomCluster.collective(2, gamma0=v), "gamma0", [0, -1, [1.0]]),
    "jump_operators": (PAIR.jump_operators, "nbar", [-1, [1.0], []]),
    "liouvillian": (PAIR.liouvillian, "nbar", [-1, [1.0], []]),
    "evolve times": (
        lambda v: atoms.evolve(PAIR, GROUND, v, 1.0),
        "times",
        [1.0, [], [-1, 0], [1, 0.5], [[0, 1]]],
    ),
    "evolve nbar": (lambda v: atoms.evolve(PAIR, GROUND, [1.0], v), "nbar", [-1, [1.0], []]),
    "coherence times": (
        lambda v: atoms.coherence(PAIR, v, 1.0),
        "times",
        [1.0, [], [-1, 0], [1, 0.5], [[0, 1]]],
    ),
    "coherence nbar": (lambda v: atoms.coherence(PAIR, [1.0], v), "nbar", [-1, [1.0], []]),
    "steady_state nbar": (lambda v: atoms.steady_state(PAIR, v, GROUND), "nbar", [-1, [1.0]]),
    "long_time_coherence nbar": (
        lambda v: atoms.long_time_coherence(PAIR, v),
        "nbar",
        [-1, [0, -1]],
    ),
    "pair.coherence times": (lambda v: pair.coherence_from_ground(v, 1.0), "times", [-1, [0, -1]]),
    "pair.coherence nbar": (lambda v: pair.coherence_from_ground(1.0, v), "nbar", [-1, [0, -1]]),
    "pair.coherence gamma0": (
        lambda v: pair.coherence_from_ground(1.0, 1.0, v),
        "gamma0",
        [0, -1, [1.0]],
    ),
    "pair.populations times": (lambda v: pair.populations_from_ground(v, 1.0), "times", [-1]),
    "pair.populations nbar": (lambda v: pair.populations_from_ground(1.0, v), "nbar", [-1]),
    "pair.populations gamma0": (lambda v: pair.populations_from_ground(1.0, 1.0, v), "gamma0", [0]),
    "pair.long_time nbar": (lambda v: pair.long_time_coherence(GROUND, v), "nbar", [-1, [0, -1]]),
}
STATE_ARGUMENTS = {
    "l1_coherence": (measures.l1_coherence, "rho", True, None),
    "relative_entropy": (measures.relative_entropy_of_coherence, "rho", True, None),
    "flip_flop_coherence": (measures.flip_flop_coherence, "rho", True, None),
    "evolve": (lambda v: atoms.evolve(PAIR, v, [1.0], 1.0), "rho0", False, 4),
    "coherence": (lambda v: atoms.coherence(PAIR, [1.0], 1.0, rho0=v), "rho0", False, 4),
    "steady_state": (lambda v: atoms.steady_state(PAIR, 1.0, rho0=v), "rho0", False, 4),
    "long_time": (lambda v: atoms.long_time_coherence(PAIR, 1.0, rho0=v), "rho0", False, 4),
    "pair.long_time": (lambda v: pair.long_time_coherence(v, 1.0), "rho0", True, 4),
}
OTHERS = {
    "collective None": (lambda: AtomCluster.collective(None), TypeError, "n_atoms"),
    "collective 2.0": (lambda: AtomCluster.collective(2.0), TypeError, "n_atoms"),
    "collective True": (lambda: AtomCluster.collective(True), TypeError, "n_atoms"),
    "collective numpy bool": (lambda: AtomCluster.collective(np.True_), TypeError, "n_atoms"),
    "collective '2'": (lambda: AtomCluster.collective("2"), TypeError, "n_atoms"),
    "collective [2]": (lambda: AtomCluster.collective([2]), TypeError, "n_atoms"),
    "collective nan": (lambda: AtomCluster.collective(NAN), TypeError, "n_atoms"),
    "collective 0": (lambda: AtomCluster.collective(0), ValueError, "n_atoms"),
    "collective -1": (lambda: AtomCluster.collective(-1), ValueError, "n_atoms"),
    "photon shapes": (lambda: thermal.photon_number([1, 2], [1, 2, 3]), ValueError, "omega"),
    "temperature shapes": (lambda: thermal.temperature([1, 2], [1, 2, 3]), ValueError, "nbar"),
    "qubit shapes": (lambda: thermal.qubit_temperature([0, 1], [1, 2, 3]), ValueError, "p_excited"),
    "pair shapes": (lambda: pair.coherence_from_ground([1, 2], [1, 2, 3]), ValueError, "times"),
    "pair state shapes": (
        lambda: pair.long_time_coherence([GROUND] * 2, [1, 2, 3]),
        ValueError,
        "rho0",
    ),
    "atoms too close": (
        lambda: atoms.dipole_couplings([[0, 0, 0], [0, 0, 1e-200]], Z),
        ValueError,
        "positions",
    ),
    "several states at once": (
        lambda: atoms.evolve(PAIR, [GROUND] * 2, [1.0], 1.0),
        ValueError,
        "rho0",
    ),
    "unknown method": (
        lambda: atoms.evolve(PAIR, GROUND, [1.0], 1.0, "fast"),
        ValueError,
        "method",
    ),
    "unknown method of coherence": (
        lambda: atoms.coherence(PAIR, [1.0], 1.0, method="fast"),
        ValueError,
        "method",
    ),
    "no method": (lambda: atoms.coherence(PAIR, [1.0], 1.0, method=None), ValueError, "method"),
    "degenerate": (lambda: atoms.steady_state(PAIR, 1.0), atoms.DegenerateSteadyStateError, "rho0"),
}
for _function, *_arguments in (
    (atoms.evolve, GROUND, [1.0], 1.0),
    (atoms.coherence, [1.0], 1.0),
    (atoms.steady_state, 1.0),
    (atoms.long_time_coherence, 1.0),
):
    for _cluster in (None, 2, "pair", NO_F):
        OTHERS[f"{_function.__name__} of {type(_cluster).__name__}"] = (
            partial(_function, _cluster, *_arguments),
            TypeError,
            "cluster",
        )


def assert_says_what_is_wrong(call, error, name):
    with pytest.raises(error) as raised:
        call()
    # Not a subclass by accident: a UnicodeError is a ValueError too.
    assert raised.type is error
    assert re.fullmatch(rf"`{name}`( and `\w+`)? must .+, but .+\.", str(raised.value), re.DOTALL)
    assert len(str(raised.value)) < 250


def rows(table):
    return [pytest.param(*row, id=name) for name, row in table.items()]


def bad_numbers():
    found = []
    for label, (call, name, more) in REAL_ARGUMENTS.items():
        for value, error in NO_NUMBERS + [(value, ValueError) for value in more]:
            found.append(pytest.param(call, value, error, name, id=f"{label}: {value!r}"[:70]))
    return found


@pytest.mark.parametrize("call, value, error, name", bad_numbers())
def test_bad_numbers(call, value, error, name):
    assert_says_what_is_wrong(lambda: call(value), error, name)


@pytest.mark.parametrize("call, name, stacks, dimension", rows(STATE_ARGUMENTS))
def test_bad_states(call, name, stacks, dimension):
    values = list(NO_STATES)
    if name == "rho0" and call in (STATE_ARGUMENTS[k][0] for k in ("coherence", "long_time")):
        # There None means the ground state.
        values = values[1:]
    elif name == "rho0" and call is STATE_ARGUMENTS["steady_state"][0]:
        values[0] = (None, atoms.DegenerateSteadyStateError)
    if dimension:
        values += [(np.eye(2) / 2, ValueError), (np.eye(8) / 8, ValueError)]
    if not stacks:
        values += [(np.array([GROUND, GROUND]), ValueError)]
    for value, error in values:
        assert_says_what_is_wrong(lambda v=value: call(v), error, name)


@pytest.mark.parametrize("call, error, name", rows(OTHERS))
def test_bad_calls(call, error, name):
    assert_says_what_is_wrong(call, error, name)


def test_messages_name_the_value():
    for call, message in [
        (lambda: thermal.temperature([3.0, -2.0]), "`nbar` must be >= 0, but got -2.0."),
        (lambda: thermal.photon_number(0.0, 1), "`omega` must be > 0, but got 0.0."),
        (lambda: thermal.temperature([1, NAN]), "`nbar` must be finite, but got nan."),
        (lambda: AtomCluster.collective(0), "`n_atoms` must be >= 1, but got 0."),
        (lambda: AtomCluster.collective("2"), "`n_atoms` must be an integer, but got '2'."),
        (
            lambda: atoms.coherence(PAIR, [0, 2, 1], 1.0),
            "`times` must be non-decreasing, but got 2.0 before 1.0.",
        ),
        (
            lambda: atoms.coherence(PAIR, [1], 1.0, method="fast"),
            "`method` must be one of 'auto', 'closed', 'ladder', 'blocks', 'krylov', 'modes', "
            "'full', 'near_field', but "
            "got 'fast'.",
        ),
        (lambda: measures.l1_coherence(2 * HALF), "`rho` must have trace 1, but got 2+0j."),
        (
            lambda: pair.coherence_from_ground([1, 2], [1, 2, 3]),
            "`times` and `nbar` must broadcast, but got shapes (2,) and (3,).",
        ),
        (
            lambda: atoms.dipole_couplings([[0, 0, 0], [1, 0, 0], [1, 0, 0]], Z),
            "`positions` must differ, but atoms 1 and 2 coincide.",
        ),
    ]:
        with pytest.raises((TypeError, ValueError)) as raised:
            call()
        assert str(raised.value) == message


HALF = np.eye(2) / 2


@pytest.mark.parametrize("value", [2, np.int64(2), np.uint8(2)])
def test_integers_of_any_kind_count_atoms(value):
    assert AtomCluster.collective(value).n_atoms == 2


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int8(1), np.array(1.0)])
def test_real_numbers_of_any_kind_are_numbers(value):
    assert pair.coherence_from_ground(value, 1.0) == pair.coherence_from_ground(1.0, 1.0)


def test_checks_return_copies():
    values = np.array([1.0, 2.0])
    for checked in (_checks.real(values, "x"), _checks.times(values), _checks.time_grid(values)):
        checked[0] = 7
        assert values[0] == 1
    rho = HALF.astype(complex)
    _checks.states(rho)[0, 0] = 7
    assert rho[0, 0] == 0.5


def test_what_python_does_not_write_is_shown_in_words():
    assert _checks.shown(10**5000) == "an int that is too long to write"
    assert _checks.shown("a" * 58) == repr("a" * 58)
    assert _checks.shown("a" * 59) == "'" + "a" * 56 + "..."


def test_a_qobj_that_holds_no_numbers_is_refused():
    broken = qutip.Qobj(np.diag([np.nan, 1.0]))
    with pytest.raises(ValueError, match=r"^`rho` must be finite, but it holds NaN or infinity\.$"):
        measures.l1_coherence(broken)


@pytest.mark.parametrize("number, shown", [(10**400, "inf"), (-(10**400), "-inf")])
def test_whole_numbers_beyond_all_floats_are_infinite(number, shown):
    with pytest.raises(ValueError, match=f"^`x` must be finite, but got {shown}.$"):
        _checks.real([number], "x")
