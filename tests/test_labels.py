"""What carries more than numbers: labelled arrays, series, and stacks of states."""

import subprocess
import sys
from functools import partial

import numpy as np
import pandas
import pytest
import qutip
import xarray
from bad_value_rows import ROWS

from coherence_lib import _checks, _labels, atoms, harvest, measures, ring, thermal
from coherence_lib.ring import SourceRing, bounds, transition

RING = SourceRing(6, 0.5, 0.2, 0.25)
T = xarray.DataArray([0.5, 1.0, 2.0], dims="T", coords={"T": [0.5, 1.0, 2.0]})
OMEGA = xarray.DataArray([1.0, 2.0], dims="omega", coords={"omega": [1.0, 2.0]})
N = xarray.DataArray([2, 3, 4, 5], dims="N", coords={"N": [2, 3, 4, 5]})

OF_TEMPERATURE = [
    ring.coherence,
    ring.incoherence,
    ring.log_partition_function,
    bounds.free_magnetisation,
    bounds.high_temperature,
    bounds.large_gap_limit,
    bounds.lower_bound,
    bounds.strong_coupling_limit,
    bounds.upper_bound,
    bounds.upper_bound_high_temperature,
    bounds.weak_coupling_limit,
    transition.slope,
]


@pytest.mark.parametrize("function", OF_TEMPERATURE)
def test_labelled_temperatures_come_back_labelled(function):
    labelled = function(RING, T)
    assert isinstance(labelled, xarray.DataArray)
    assert labelled.dims == ("T",)
    assert labelled.name == function.__name__
    np.testing.assert_array_equal(labelled["T"], T.values)
    np.testing.assert_array_equal(labelled.values, function(RING, T.values))


def test_options_reach_labelled_calls():
    np.testing.assert_array_equal(
        ring.coherence(RING, T, log=True), ring.coherence(RING, T.values, log=True)
    )
    np.testing.assert_array_equal(
        bounds.high_temperature(RING, T, order=1),
        bounds.high_temperature(RING, T.values, order=1),
    )


def test_names_broadcast_and_not_positions():
    table = ring.local_coherence(T, N, 0.5, gamma=0.2, J=0.25)
    assert table.sizes == {"T": 3, "N": 4}
    for t in T.values:
        for n in N.values:
            alone = ring.local_coherence(t, int(n), 0.5, 0.2, 0.25)
            assert float(table.sel(T=t, N=n)) == pytest.approx(alone, rel=1e-14)
    assert thermal.photon_number(OMEGA, T).sizes == {"omega": 2, "T": 3}
    # The same dimension is the same one.
    assert thermal.photon_number(T, T).sizes == {"T": 3}
    assert thermal.temperature(T, OMEGA).name == "temperature"
    assert thermal.qubit_temperature(T / 4, OMEGA).sizes == {"T": 3, "omega": 2}
    J = xarray.DataArray([-0.2, 0.1], dims="J")
    assert transition.critical_gap(N, 0.2, J).sizes == {"N": 4, "J": 2}
    assert transition.critical_coupling(N, 0.2, OMEGA).sizes == {"N": 4, "omega": 2}


# Kinds of arguments that may be labelled, and values of the others that are no defaults.
LABELLED = ("real", "positive", "nonnegative", "probability", "temperature", "warm", "grid")
LABELLED += ("integers 1", "integers 2")
OPTIONS = {"gamma0": 2.0, "omega": 1.5, "log": True, "order": 1, "method": "full"}
OPTIONS |= {"harvest.beam_evolve: order": 2, "rho0": np.diag([0.1, 0.2, 0.3, 0.4])}


@pytest.mark.parametrize(
    "name, argument",
    [
        pytest.param(name, argument, id=f"{name}: {argument}")
        for name, (_, arguments) in ROWS.items()
        for argument, (kind, _) in arguments.items()
        if kind in LABELLED
    ],
)
def test_one_labelled_argument_is_enough_and_all_others_count(name, argument):
    function, arguments = ROWS[name]
    call = {
        other: valid.flat[0] if kind in LABELLED and isinstance(valid, np.ndarray) else valid
        for other, (kind, valid) in arguments.items()
    }
    call |= {k: OPTIONS.get(f"{name}: {k}", OPTIONS[k]) for k in call if k in OPTIONS}
    values = np.array([0.1, 0.1, 0.7])
    if arguments[argument][0].startswith("integers"):
        values = np.array([2, 4, 5])
    label = xarray.DataArray(values, dims="here", coords={"here": ["a", "b", "c"]})
    found, plain = function(**call | {argument: label}), function(**call | {argument: values})
    if isinstance(found, tuple):
        found, plain = found[0], plain[0]
    else:
        assert found.name == function.__name__
    assert found.dims[0] == "here"
    assert found["here"].values.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(found.values, plain)


@pytest.mark.parametrize(
    "name, argument",
    [
        pytest.param(name, argument, id=f"{name}: {argument}")
        for name, (_, arguments) in ROWS.items()
        for argument, (kind, _) in arguments.items()
        if kind.split()[0] == "states" and name != "measures.quantum_fisher_information"
    ],
)
def test_one_labelled_stack_of_matrices_is_enough(name, argument):
    function, arguments = ROWS[name]
    call = {other: valid for other, (_, valid) in arguments.items()}
    call |= {k: OPTIONS[k] for k in call if k in OPTIONS and k != argument}
    valid = call[argument]
    stack = np.array([valid, valid / 2 + np.eye(len(valid)) / 2 / len(valid)])
    label = xarray.DataArray(stack, dims=("here", "i", "j"), coords={"here": [5, 6]})
    found = function(**call | {argument: label})
    assert found.name == function.__name__
    assert found.dims == ("here",)
    assert found["here"].values.tolist() == [5, 6]
    plain = [function(**call | {argument: matrix}) for matrix in stack]
    np.testing.assert_allclose(found.values, plain, rtol=1e-14)
    assert abs(plain[0] - plain[1]) > 1e-3


def test_a_state_and_its_derivative_are_labelled_alike_or_one_of_them_alone():
    rho = np.array([[[0.4, 0.3j], [-0.3j, 0.6]], [[0.7, 0.1], [0.1, 0.3]]])
    change = np.array([[[0.1, 0.2], [0.2, -0.1]], [[-0.3, 0.1j], [-0.1j, 0.3]]])
    fisher = measures.quantum_fisher_information
    dims = ("here", "i", "j")
    both = fisher(xarray.DataArray(rho, dims=dims), xarray.DataArray(change, dims=dims))
    assert both.dims == ("here",)
    plain = [fisher(*pair) for pair in zip(rho, change, strict=True)]
    np.testing.assert_allclose(both.values, plain, rtol=1e-14)
    single = xarray.DataArray(rho[0], dims=dims[1:]), xarray.DataArray(change[0], dims=dims[1:])
    for pair in ((single[0], change[0]), (rho[0], single[1])):
        alone = fisher(*pair)
        assert alone.dims == ()
        assert float(alone) == pytest.approx(plain[0], rel=1e-14)


def test_results_with_dimensions_of_their_own_name_them():
    state = ring.target_state(RING, T)
    assert state.dims == ("T", "row", "column")
    np.testing.assert_array_equal(state.values, ring.target_state(RING, T.values))
    excited = state.sel(row="e", column="e")
    assert np.all(excited < 0.5)
    beta_J = xarray.DataArray([0.1, 0.2], dims="beta_J")
    weights = ring.log_weights(6, beta_J)
    assert weights.dims == ("beta_J", "magnetisation")
    np.testing.assert_array_equal(weights.magnetisation, [-6, -4, -2, 0, 2, 4, 6])


@pytest.mark.parametrize(
    "measure",
    [
        measures.l1_coherence,
        measures.relative_entropy_of_coherence,
        measures.flip_flop_coherence,
    ],
)
def test_measures_of_labelled_states(measure):
    states = ring.target_state(RING, T)
    labelled = measure(states)
    assert labelled.dims == ("T",)
    np.testing.assert_array_equal(labelled["T"], T["T"])
    np.testing.assert_array_equal(labelled.values, measure(states.values))
    assert float(measure(states[0])) == measure(states.values[0])


def test_a_grid_is_handed_over_whole_and_keeps_its_name():
    times = xarray.DataArray([0.0, 0.1, 1.0], dims="t", coords={"t": ["a", "b", "c"]})
    populations = partial(atoms.ladder.populations, n_atoms=2, nbar=1.0)
    labelled = _labels.apply(populations, grids=("times",), output={"k": range(3)}, times=times)
    assert labelled.dims == ("t", "k")
    assert labelled.t.values.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(labelled.values, populations(times.values))
    with pytest.raises(ValueError, match="^`times` must have one dimension, but got"):
        _labels.apply(populations, grids=("times",), times=times.expand_dims("run"))


def test_labelled_times_of_atoms():
    t = xarray.DataArray([0.0, 0.1, 1.0], dims="t", coords={"t": [0.0, 0.1, 1.0]})
    nbar = xarray.DataArray([0.5, 2.0], dims="nbar")
    near = atoms.AtomCluster.from_positions([[0, 0, 0], [0.3, 0, 0]], [0, 0, 1])
    start = atoms.ground_state(2)
    of_states = [
        partial(atoms.evolve, near, start, nbar=1.0),
        partial(atoms.pair.evolve, start, nbar=1.0, f0=2.0),
        partial(atoms.pair.unitary_elements, start, 1.0),
    ]
    for function in of_states:
        assert function(times=t).dims == ("t", "row", "column")
        np.testing.assert_array_equal(function(times=t).values, function(times=t.values))
    for function in (
        partial(atoms.coherence, near, nbar=1.0),
        partial(atoms.ladder.coherence, n_atoms=3, nbar=1.0),
    ):
        assert function(times=t).dims == ("t",)
        np.testing.assert_array_equal(function(times=t).values, function(times=t.values))
    assert atoms.ladder.populations(t, 3, 1.0).dims == ("t", "excitations")
    assert atoms.pair.coherence_from_ground(t, nbar).sizes == {"t": 3, "nbar": 2}
    assert atoms.pair.populations_from_ground(t, nbar).dims == ("t", "nbar", "excitations")
    states = atoms.evolve(near, start, t, 1.0)
    assert atoms.pair.long_time_coherence(states, nbar).sizes == {"t": 3, "nbar": 2}
    assert atoms.ladder.long_time_coherence(N, nbar).sizes == {"N": 4, "nbar": 2}


def test_the_runs_of_a_beam_keep_the_name_of_their_times():
    beam, cold = np.diag([0.4, 0.1, 0.1, 0.4]), np.diag([0.0, 1])
    t = xarray.DataArray([0.0, 1.0, 5.0], dims="t", coords={"t": [0.0, 1.0, 5.0]})
    both = harvest.random_arrivals(beam, cold, 1.0, 0.5, t, n_runs=20)
    plain = harvest.random_arrivals(beam, cold, 1.0, 0.5, t.values, n_runs=20)
    for labelled, values, name in zip(both, plain, ("mean", "error"), strict=True):
        assert labelled.dims == ("t", "pauli")
        assert labelled.name == name
        assert list(labelled.pauli.values) == ["x", "y", "z"]
        np.testing.assert_array_equal(labelled["t"], t.values)
        np.testing.assert_array_equal(labelled.values, values)


def test_one_labelled_number_is_one():
    value = ring.coherence(RING, T[1])
    assert value.dims == ()
    assert float(value) == ring.coherence(RING, 1.0)


@pytest.mark.parametrize(
    "call, error, pattern",
    [
        (
            lambda: thermal.photon_number(OMEGA, [1.0, 2.0]),
            TypeError,
            r"^`temperature` must be labelled too, or single, .* but got \[1.0, 2.0\]\.$",
        ),
        (
            lambda: thermal.photon_number(T, T.assign_coords(T=[1.0, 2.0, 3.0])),
            ValueError,
            "^`omega` and `temperature` must have the same coordinates .*but got",
        ),
        (lambda: ring.coherence(RING, -T), ValueError, "^`temperature` must be >= 0, but got"),
        (lambda: measures.l1_coherence(T), ValueError, "^`rho` must have shape"),
        (
            lambda: ring.coherence(RING, T.where(T > 0.7)),
            ValueError,
            "^`temperature` must be finite, but got nan",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, pattern):
    with pytest.raises(error, match=pattern):
        call()


def test_series_are_values_by_position():
    series = pandas.Series([0.5, 1.0], index=[7, 3])
    np.testing.assert_array_equal(ring.coherence(RING, series), ring.coherence(RING, [0.5, 1.0]))
    assert type(ring.coherence(RING, series)) is np.ndarray


def test_xarray_is_imported_only_where_it_is_used():
    code = (
        "import sys; from coherence_lib import thermal, ring; thermal.temperature(1.0);"
        "ring.coherence(ring.SourceRing(3, 1, 1, 1), [1.0]);"
        "sys.exit(any(name in sys.modules for name in ('xarray', 'pandas', 'tqdm')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def decay():
    return qutip.mesolve(
        qutip.sigmax(), qutip.basis(2, 0), np.linspace(0, 3, 7), [qutip.sigmam()], e_ops=[]
    )


def test_states_of_a_solver_are_a_stack():
    states = decay().states
    stacked = np.array([state.full() if state.isoper else state.proj().full() for state in states])
    for measure in (measures.l1_coherence, measures.flip_flop_coherence):
        assert measure(states).shape == (7,)
        np.testing.assert_array_equal(measure(states), measure(stacked))
        np.testing.assert_array_equal(measure(tuple(states)), measure(stacked))


def test_kets_in_a_list_are_projectors():
    kets = [qutip.basis(2, 0), (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()]
    np.testing.assert_allclose(measures.l1_coherence(kets), [0, 1], atol=1e-15)


@pytest.mark.parametrize("error", [1e-7, -1e-7])
def test_a_solver_that_is_not_tight_is_told_what_to_do(error):
    trace, negative = np.diag([0.5, 0.5 + abs(error)]), np.diag([1 + 1e-7, -1e-7])
    skew = np.array([[0.5, error], [0, 0.5]])
    for rho, what in ((trace, "trace"), (negative, "positive"), (skew, "Hermitian")):
        with pytest.raises(ValueError, match=rf"^`rho` must .*{what}.*'atol': 1e-12.*\.$"):
            measures.l1_coherence(rho)
    with pytest.raises(ValueError, match=r"eigenvalue -0.5\.$"):
        measures.l1_coherence(np.diag([1.5, -0.5]))


def test_choices_and_instances_and_memory_have_one_grammar():
    for call, message in [
        (
            lambda: _checks.choice("c", ("a", "b", 3), "x"),
            "`x` must be one of 'a', 'b', 3, but got 'c'.",
        ),
        (lambda: _checks.choice(True, (1, 2), "x"), "`x` must be 1 or 2, but got True."),
        (lambda: _checks.instance(1, SourceRing, "x"), "`x` must be a SourceRing, but got int."),
        (lambda: _checks.flag(1, "x"), "`x` must be True or False, but got 1."),
        (
            lambda: _checks.memory(1e11, "x", "a table", "Ask for less."),
            "`x` must fit the memory, but a table would take 1e+11 bytes, and 6.44e+09 are "
            "allowed. Ask for less.",
        ),
        (
            lambda: _checks.work(1234.5, "x", "a sum", "Ask for less."),
            "`x` must ask for less work, but a sum would take some 1.23e+03 s, and 100 s are "
            "allowed. Ask for less.",
        ),
    ]:
        with pytest.raises((TypeError, ValueError)) as raised:
            call()
        assert str(raised.value) == message
    assert _checks.choice(np.int64(2), ("exact", 2), "x") == 2
    _checks.memory(6e9, "x", "a table", "Ask for less.")
    _checks.work(500, "x", "a sum that shows how far it is", "Ask for less.", shown=True)


def test_means_over_the_levels_are_labelled():
    levels = RING.levels()
    labelled = levels.mean(levels.coherence, T)
    assert labelled.dims == ("T",)
    np.testing.assert_array_equal(labelled.values, levels.mean(levels.coherence, T.values))


def test_labels_of_a_matrix_own_rows_and_columns_need_not_agree():
    rho = xarray.DataArray(np.diag([0.7, 0.3]), dims=("a", "b"), coords={"a": [0, 1]})
    derivative = xarray.DataArray(np.diag([1.0, -1.0]), dims=("a", "b"), coords={"a": ["e", "g"]})
    found = measures.quantum_fisher_information(rho, derivative)
    assert float(found) == pytest.approx(1 / 0.7 + 1 / 0.3, rel=1e-12)
    # Beside labelled matrices a single one may be QuTiP's.
    found = measures.quantum_fisher_information(rho, qutip.sigmaz())
    assert float(found) == pytest.approx(1 / 0.7 + 1 / 0.3, rel=1e-12)
    with pytest.raises(TypeError, match="^`derivative` must be labelled too, or single, beside "):
        measures.quantum_fisher_information(rho, qutip.sigmaz().full()[0])
