"""Settings that all tests share."""

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# Matrices are small here: workers that each start a thread per core only wait for each other.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import claims  # noqa: E402

# The same examples everywhere and every time: a red test is red on every machine.
# `deviation` is one object for all examples of a test, as its largest value is meant to be.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Forty times as many, and others: `pytest --hypothesis-profile=long` looks for what nobody met.
settings.register_profile(
    "long", settings.get_profile("unit"), max_examples=1000, derandomize=False, print_blob=True
)
settings.load_profile("unit")

_DEVIATION = pytest.StashKey()
_MEASURED, _LOCKS = pytest.StashKey(), pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption(
        "--write-measured",
        action="store_true",
        help="store the deviations that the claims' tests measure in measured.json",
    )


def pytest_configure(config):
    config.stash[_MEASURED] = {}
    # Locks of files that are gone with their test, those of its children too.
    config.stash[_LOCKS] = tempfile.TemporaryDirectory(prefix="locks-")
    os.environ["COHERENCE_LIB_LOCKS"] = config.stash[_LOCKS].name
    if config.getoption("--write-measured") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--write-measured needs one process: leave out -n")


def pytest_unconfigure(config):
    config.stash[_LOCKS].cleanup()
    os.environ.pop("COHERENCE_LIB_LOCKS")


@pytest.fixture
def deviation(request):
    """Hold a test to the verdict and the tolerance of the claim that it proves."""
    marker = request.node.get_closest_marker("claim")
    if marker is None or len(marker.args) != 2:
        pytest.fail("`deviation` needs a test that carries `@claim(id, verdict)`")
    identifier, verdict = marker.args
    if identifier not in claims.load():
        pytest.fail(f"claims/ has no claim {identifier}")
    request.node.stash[_DEVIATION] = claims.Deviation(claims.load()[identifier], verdict)
    return request.node.stash[_DEVIATION]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    marker = item.get_closest_marker("claim")
    if marker is not None:
        measured = item.stash.get(_DEVIATION, None)
        gap = measured.gap() if measured else "the test does not use the fixture `deviation`"
        if gap:
            pytest.fail(f"{marker.args[0]}: {gap}")
        item.user_properties.append(("deviation", measured.largest))
        item.user_properties.append(("evidence", measured.measured_evidence))
        item.user_properties.append(("apart", [[*key, *v] for key, v in measured.apart.items()]))
        item.config.stash[_MEASURED][marker.args[0]] = measured.largest
        if not item.config.getoption("--write-measured"):
            stored = claims.stored().get(marker.args[0])
            contradiction = None if stored is None else measured.contradiction(stored)
            if contradiction:
                pytest.fail(f"{marker.args[0]}: {contradiction}")
    return result


def pytest_sessionfinish(session, exitstatus):
    if session.config.getoption("--write-measured") and exitstatus == 0:
        claims.write_measured(session.config.stash[_MEASURED])
