"""Permutations that leave the hopping as it is, by trying all; the count, by exact projection."""

from fractions import Fraction
from itertools import permutations
from math import comb, factorial, prod

import numpy as np
import pytest
import xarray
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, ladder, symmetry


def matrix(n, values):
    """A symmetric matrix with zero diagonal of its upper triangle, row by row."""
    f = np.zeros((n, n))
    f[np.triu_indices(n, 1)] = values
    return f + f.T


@st.composite
def hoppings(draw, largest=6):
    """Few different couplings, so that many matrices have symmetries."""
    n = draw(st.integers(2, largest))
    pairs = n * (n - 1) // 2
    return matrix(n, draw(st.lists(st.sampled_from([0, 1, 1, 2]), min_size=pairs, max_size=pairs)))


def tried(f):
    """All permutations that leave f as it is."""
    return [p for p in permutations(range(len(f))) if np.array_equal(f[np.ix_(p, p)], f)]


def cycle_type(p):
    seen, lengths = set(), []
    for start in range(len(p)):
        here, length = start, 0
        while here not in seen:
            seen.add(here)
            here, length = p[here], length + 1
        if length:
            lengths.append(length)
    return tuple((x, lengths.count(x)) for x in sorted(set(lengths)))


@given(f=hoppings())
def test_the_search_finds_what_trying_all_finds(f):
    group, found = tried(f), symmetry.automorphisms(f)
    assert found.order == len(group)
    orbits = {tuple(sorted({p[i] for p in group})) for i in range(len(f))}
    assert found.orbits == tuple(sorted(orbits))
    index = {}
    for p in group:
        kind = cycle_type(p)
        index[kind] = index.get(kind, 0) + Fraction(1, len(group))
    assert found.cycle_index == index
    # Orbits counted one by one.
    sets = {frozenset(i for i in range(len(f)) if label >> i & 1) for label in range(2 ** len(f))}
    kinds = {min(tuple(sorted(p[i] for i in chosen)) for p in group) for chosen in sets}
    counts = [sum(len(kind) == k for kind in kinds) for k in range(len(f) + 1)]
    assert list(found.orbit_counts) == counts


@given(f=hoppings(4), nbar=st.floats(-3, 3).map(lambda x: 10**x))
def test_the_count_is_the_projection_where_it_should_be(f, nbar):
    exact = atoms.long_time_coherence(AtomCluster(f, np.ones(f.shape)), nbar)
    counted = symmetry.long_time_coherence(f, nbar)
    if symmetry.reached(f) == symmetry.automorphisms(f).orbit_counts:
        assert counted == pytest.approx(exact, rel=1e-9, abs=1e-12)
    else:
        assert counted < exact


def closure(f):
    """Dimensions of what is reached, by excitations: all operators tried in the whole space."""
    n = len(f)
    cluster = AtomCluster(f, np.ones(f.shape))
    lower = sum(
        np.kron(np.kron(np.eye(2**i), [[0, 0], [1, 0]]), np.eye(2 ** (n - i - 1))) for i in range(n)
    )
    hopping = cluster.hamiltonian().full().real
    space = np.eye(2**n)[:, -1:]
    while True:
        grown = np.hstack([space, lower @ space, lower.T @ space, hopping @ space])
        left, values, _ = np.linalg.svd(grown, full_matrices=False)
        new = left[:, values > 1e-9 * values[0]]
        if new.shape[1] == space.shape[1]:
            break
        space = new
    excited = n - np.array([bin(label).count("1") for label in range(2**n)])
    projector = space @ space.T
    return tuple(round(np.trace(projector[excited == k][:, excited == k])) for k in range(n + 1))


@given(f=hoppings(5))
@settings(max_examples=15)
# States of one excitation that are reached from two, and not from none.
@example(f=matrix(5, [0, 1, 0, 0, 2, 1, 2, 1, 1, 0]))
def test_what_is_reached_is_the_smallest_space_that_nothing_leaves(f):
    assert symmetry.reached(f) == closure(f)


@given(st.integers(0, 2**32 - 1))
def test_generic_couplings_leave_no_coherence(seed):
    f = matrix(5, np.random.default_rng(seed).normal(size=10))
    assert symmetry.automorphisms(f).order == 1
    assert symmetry.reached(f) == tuple(comb(5, k) for k in range(6))
    assert symmetry.long_time_coherence(f, 3.0) == 0.0


def ring(n):
    place = np.arange(n)
    steps = np.abs(np.subtract.outer(place, place))
    return (np.minimum(steps, n - steps) == 1).astype(float)


def row(n):
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return 1.0 / (distance + np.eye(n)) ** 3 - np.eye(n)


@pytest.mark.parametrize("n", [2, 3, 7, 40, 400])
def test_identical_atoms_are_the_ladder(n):
    nbar = np.array([0.0, 1e-9, 0.3, 10.0, 1e4])
    f = 2.5 * (1 - np.eye(n))
    counted = symmetry.long_time_coherence(f, nbar)
    assert counted == pytest.approx(ladder.long_time_coherence(n, nbar), rel=1e-10)
    assert symmetry.automorphisms(f).order == factorial(n)


@pytest.mark.parametrize("n", [3, 4, 9, 60, 61])
def test_a_row_has_one_reflection_and_a_ring_is_dihedral(n):
    assert symmetry.automorphisms(row(n)).order == 2
    assert symmetry.automorphisms(ring(n)).order == (6 if n == 3 else 2 * n)
    r = 0.5
    turned = (1 + r * r) ** (n // 2) * (1 + r) ** (n % 2)
    closed = 2 * (1 + r) ** n / ((1 + r) ** n + turned) - 1
    assert symmetry.long_time_coherence(row(n), 1.0) == pytest.approx(closed, rel=1e-12)


def test_groups_of_interchangeable_atoms_are_permuted_as_a_whole():
    # Three pairs, each as close as the others, and two atoms of their own.
    f = np.zeros((8, 8))
    for pair in ((0, 5), (1, 6), (2, 7)):
        f[pair] = f[pair[::-1]] = 1.0
    found = symmetry.automorphisms(f)
    assert found.order == 2 * 2**3 * 6
    assert found.orbits == ((0, 1, 2, 5, 6, 7), (3, 4))
    z = sum(c * prod(Fraction(1 + 2**x) ** m for x, m in kind) for kind, c in
            found.cycle_index.items())  # fmt: skip
    assert z == sum(d * 2**k for k, d in enumerate(found.orbit_counts))


def test_roundings_are_no_differences_and_units_none_either():
    f = row(5)
    noise = matrix(5, 1e-13 * np.random.default_rng(1).normal(size=10))
    for scale in (1e-300, 1.0, 1e290):
        assert symmetry.automorphisms(scale * (f + noise)).order == 2
    assert symmetry.automorphisms(f + 1e6 * noise).order == 1


def test_many_atoms_without_interchangeable_ones():
    assert symmetry.reached(row(9)) == symmetry.automorphisms(row(9)).orbit_counts
    # Few photons: a singly excited state of N elements, and an orbit each two atoms.
    assert symmetry.long_time_coherence(row(300), 1e-12) == pytest.approx(1.5e-10, rel=1e-9)
    bath = xarray.DataArray([0.1, 1.0], dims="nbar")
    labelled = symmetry.long_time_coherence(row(4), bath)
    assert labelled.dims == ("nbar",)
    assert labelled.values == pytest.approx(symmetry.long_time_coherence(row(4), [0.1, 1.0]))


def test_what_is_too_much_is_refused():
    far_pairs = np.kron(np.eye(12), [[0, 1, 0], [1, 0, 2], [0, 2, 0]])
    with pytest.raises(ValueError, match="must fit the memory"):
        symmetry.automorphisms(far_pairs)
    with pytest.raises(ValueError, match="must ask for less work"):
        symmetry.reached(row(16))
    with pytest.raises(ValueError, match="`n_atoms` must be <= 40"):
        _ = symmetry.automorphisms(row(41)).cycle_index
    with pytest.raises(ValueError, match="beyond the largest float"):
        symmetry.long_time_coherence(1 - np.eye(1100), 1e6)
