"""One core for everybody: the ratios compare algorithms, not thread pools. And their table."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_core():
    with threadpool_limits(1):
        yield


def pytest_terminal_summary(terminalreporter, config):
    """One line for each comparison: both times, the ratio, and what is asked of it."""
    session = getattr(config, "_benchmarksession", None)
    rows = [bench.extra_info for bench in session.benchmarks] if session else []
    rows = [row for row in rows if "ratio" in row]
    if not rows:
        return
    terminalreporter.section("beside the peers, seconds of one core")
    wide = max(len(row["name"]) for row in rows)
    head = f"{'question':{wide}}  {'ours':>9}  {'peer':>9}  {'ratio':>8}  {'asked':>7}  peer"
    terminalreporter.write_line(head)
    for row in rows:
        asked = "" if row["at_least"] is None else f"{row['at_least']:.3g}"
        terminalreporter.write_line(
            f"{row['name']:{wide}}  {row['seconds']:9.3g}  {row['peer_seconds']:9.3g}  "
            f"{row['ratio']:8.3g}  {asked:>7}  {row['peer']}"
        )
