"""A phase diagram of the ring at a million points, beside one call with all of them, on one core.

Outputs are compared before times, and the memory that each takes is printed and stored.
"""

import tracemalloc

import numpy as np
from side_by_side import fastest, report

from coherence_lib import ring
from coherence_lib.sweep import sweep

GRIDS = {
    "J": np.linspace(-0.5, 0.5, 100),
    "omega_a": np.linspace(0.1, 2.0, 100),
    "temperature": np.geomspace(0.05, 5.0, 100),
}
FIXED = {"n_sources": 6, "gamma": 0.2}


def phase_diagram():
    return sweep(ring.local_coherence, progress=False, fixed=FIXED, **GRIDS)


def by_one_call():
    J, omega_a, temperature = np.meshgrid(*GRIDS.values(), indexing="ij")
    return ring.local_coherence(temperature, omega_a=omega_a, J=J, **FIXED)


def peak(call):
    """Bytes that a call allocates at most, and what it returns."""
    tracemalloc.start()
    try:
        result = call()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def test_a_million_points_in_bounded_memory(benchmark):
    ours, table = peak(phase_diagram)
    theirs, array = peak(by_one_call)
    np.testing.assert_allclose(table, array, rtol=1e-12)
    assert ours < theirs / 2
    benchmark.extra_info.update(megabytes=ours / 1e6, peer_megabytes=theirs / 1e6)
    print(f"\n{ours / 1e6:.0f} MB, one call {theirs / 1e6:.0f} MB")
    benchmark.pedantic(phase_diagram, rounds=2)
    peer_seconds, _ = fastest(by_one_call, 2)
    assert report(benchmark, "phase diagram", peer_seconds, "one call") > 0.5
