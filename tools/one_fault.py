"""A plugin of pytest for tests that meet a fault in the library: see `tools/mutants.py`."""

import os
import signal

import pytest

# Seconds of processor time, several times what the slowest test takes: one that is longer hangs.
LIMIT = 60
# What mutmut says where it puts no fault in, and where it only asks whether the tests are green.
FAULTLESS, GREEN = ("stats", "list_all_tests", "mutant_generation", "fail", ""), ""


def _is_red(signum, frame):
    # Not an exception, which the test or the library might catch: mutmut reads a red test.
    os._exit(1)


def pytest_collection_modifyitems(config, items):
    """Green when they were timed, with the same library, all but one need not run again."""
    if os.environ.get("MUTANT_UNDER_TEST") == GREEN and items:
        config.hook.pytest_deselected(items=items[1:])
        items[:] = items[:1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if os.environ.get("MUTANT_UNDER_TEST", GREEN) in FAULTLESS:
        return (yield)
    signal.signal(signal.SIGPROF, _is_red)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
