"""What every comparison needs: the shortest of several runs, and the ratio to the peer."""

import time


def fastest(function, repeats):
    """Shortest of several runs in seconds, and the result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def report(benchmark, name, peer_seconds, peer):
    """Store and print the ratio of the peer's time to our shortest; return it."""
    ratio = peer_seconds / benchmark.stats.stats.min
    benchmark.extra_info.update(ratio=ratio, peer=peer, peer_seconds=peer_seconds)
    print(
        f"\n{name}: {benchmark.stats.stats.min:.3g} s, {peer}: {peer_seconds:.3g} s, "
        f"ratio {ratio:.3g}"
    )
    return ratio
