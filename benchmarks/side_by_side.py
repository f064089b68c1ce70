"""What every comparison needs: the shortest of several runs, and the ratio to the peer."""

import time

# Seconds of this process alone: whatever else the machine does, it does not count.
clock = time.process_time


def fastest(function, repeats):
    """Shortest of several runs in seconds, and the result."""
    seconds = []
    for _ in range(repeats):
        start = clock()
        result = function()
        seconds.append(clock() - start)
    return min(seconds), result


def report(benchmark, name, peer_seconds, peer, at_least=None):
    """Store the ratio of the peer's time to our shortest for the table; return it."""
    ours = benchmark.stats.stats.min
    ratio = peer_seconds / ours
    benchmark.extra_info.update(
        name=name,
        seconds=ours,
        peer=peer,
        peer_seconds=peer_seconds,
        ratio=ratio,
        at_least=at_least,
    )
    return ratio
