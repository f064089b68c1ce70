"""What atoms keep that share every photon: counts, dark states, mixtures, negative eigenvalues."""

from fractions import Fraction
from itertools import combinations, permutations, product
from math import comb, gcd

import sympy
from proofs import algebra
from proving import proves

r = sympy.symbols("r", positive=True)
# Any prime: what is independent modulo it is independent.
PRIME = 2**31 - 1


def orbits(n, group):
    """Orbits of the permutations on the sets of k of n things, one by one."""
    kinds = set()
    for label in range(2**n):
        chosen = [i for i in range(n) if label >> i & 1]
        kinds.add(min(tuple(sorted(p[i] for i in chosen)) for p in group))
    return [sum(len(kind) == k for kind in kinds) for k in range(n + 1)]


def graphs(n):
    """Every matrix of couplings 0 and 1, as {pair: coupling}."""
    pairs = list(combinations(range(n), 2))
    for values in product((0, 1), repeat=len(pairs)):
        yield dict(zip(pairs, values, strict=True))


def kept(n, f):
    """All permutations that leave the couplings as they are."""
    edges = {pair for pair, value in f.items() if value}
    return [
        p
        for p in permutations(range(n))
        if all(tuple(sorted((p[i], p[j]))) in edges for i, j in edges)
    ]


def reached(n, f):
    """Dimensions of what J^+, J^- and the hopping reach, in whole numbers modulo a prime."""
    rows = [{} for _ in range(n + 1)]
    waiting = [(0, {0: 1})]
    while waiting:
        k, vector = waiting.pop()
        for pivot, known in rows[k].items():
            factor = vector.get(pivot, 0)
            if factor:
                vector = _minus(vector, known, factor)
        if not vector:
            continue
        pivot = min(vector)
        inverse = pow(vector[pivot], -1, PRIME)
        vector = {label: value * inverse % PRIME for label, value in vector.items()}
        # Each row is zero at the others' pivots, so that one pass reduces.
        for other, known in rows[k].items():
            if known.get(pivot):
                rows[k][other] = _minus(known, vector, known[pivot])
        rows[k][pivot] = vector
        images = (
            (k, _hopped(vector, f)),
            (k + 1, _moved(vector, n, 0)),
            (k - 1, _moved(vector, n, 1)),
        )
        waiting += [(q, image) for q, image in images if image]
    return [len(found) for found in rows]


def _minus(vector, known, factor):
    total = dict(vector)
    for label, value in known.items():
        total[label] = (total.get(label, 0) - factor * value) % PRIME
    return {label: value for label, value in total.items() if value}


def _moved(vector, n, bit):
    """J^+ for bit 0, J^- for bit 1; a set bit is an excited atom."""
    total = {}
    for label, value in vector.items():
        for i in range(n):
            if label >> i & 1 == bit:
                there = label ^ (1 << i)
                total[there] = (total.get(there, 0) + value) % PRIME
    return {label: value for label, value in total.items() if value}


def _hopped(vector, f):
    total = {}
    for label, value in vector.items():
        for (i, j), coupling in f.items():
            if coupling and (label >> i & 1) != (label >> j & 1):
                there = label ^ (1 << i) ^ (1 << j)
                total[there] = (total.get(there, 0) + coupling * value) % PRIME
    return {label: value for label, value in total.items() if value}


def independent(rows):
    """The rank of whole-number rows modulo the prime."""
    rows, rank = [dict(row) for row in rows if row], 0
    while rows:
        first = rows.pop()
        pivot = min(first)
        inverse = pow(first[pivot], -1, PRIME)
        first = {place: value * inverse % PRIME for place, value in first.items()}
        rank += 1
        rows = [_minus(row, first, row[pivot]) if row.get(pivot) else row for row in rows]
        rows = [row for row in rows if row]
    return rank


def commuting(n, f):
    """How many operators commute with J^+, J^- and the hopping, at least: modulo the prime."""
    size = 2**n
    conditions = []
    for step in (
        lambda state: _moved(state, n, 0),
        lambda state: _moved(state, n, 1),
        lambda state: _hopped(state, f),
    ):
        image = [step({x: 1}) for x in range(size)]
        for row in range(size):
            for column in range(size):
                # (A X - X A) at this place, where X has the unknowns row * size + column.
                terms = {}
                for x in range(size):
                    if image[x].get(row):
                        place = x * size + column
                        terms[place] = (terms.get(place, 0) + image[x][row]) % PRIME
                for x, value in image[column].items():
                    place = row * size + x
                    terms[place] = (terms.get(place, 0) - value) % PRIME
                conditions.append({place: value for place, value in terms.items() if value})
    return size**2 - independent(conditions)


@proves("ours-symmetry-1", "proof")
def test_what_is_reached_cannot_be_split_and_the_cut_state_stays():
    # Any hopping and any rates leave the thermal state of independent atoms as it is.
    nbar = algebra.SYMBOLS.nbar
    f, amplitudes = algebra.couplings()
    one = algebra.array([[nbar, 0], [0, nbar + 1]])
    change = algebra.liouvillian(f, amplitudes @ amplitudes.T, nbar, algebra.kron(one, one))
    algebra.identical(change, algebra.array([[0] * 4] * 4))
    # What commutes with the three operators: multiples of one where all is reached; of the two
    # projectors on V and on the rest, with a rest of two states that cannot be split either; and
    # with a rest of two equal doublets a matrix of 2 x 2 more.
    for values, parts, dimensions in (((1, 2, 3), 1, 8), ((1, 1, 2), 2, 6), ((1, 1, 1), 5, 4)):
        hopping = dict(zip(combinations(range(3), 2), values, strict=True))
        assert commuting(3, hopping) == parts
        assert sum(reached(3, hopping)) == dimensions


@proves("ours-symmetry-2", "proof")
@proves("ours-symmetry-3", "proof")
def test_the_projector_of_a_group_adds_up_to_all_and_its_trace_counts():
    """The two sums of Theorem 2; and every hopping of 0 and 1 reaches all that it may."""
    for n in (2, 3, 4):
        for f in graphs(n):
            group = kept(n, f)
            mean = [[Fraction(0)] * 2**n for _ in range(2**n)]
            for p in group:
                for label in range(2**n):
                    there = sum(1 << p[i] for i in range(n) if label >> i & 1)
                    mean[there][label] += Fraction(1, len(group))
            counts = orbits(n, group)
            for k in range(n + 1):
                labels = [x for x in range(2**n) if x.bit_count() == k]
                block = [mean[a][b] for a in labels for b in labels]
                assert min(block) >= 0
                assert sum(block) == comb(n, k)
                assert sum(mean[a][a] for a in labels) == counts[k]
            assert reached(n, f) == counts
    # The sum of all states of k excitations is reached, so that its expectation bounds the sum of
    # the absolute values from below in a smaller space as well; and 1 is the identity's share.
    strange = dict(zip(combinations(range(4), 2), (1, 2, 5, 7, 3, 4), strict=True))
    assert reached(4, strange) == [1, 4, 5, 4, 1]
    assert reached(4, strange | {(2, 3): 6}) == [1, 4, 6, 4, 1]


@proves("ours-symmetry-4", "exhaustive")
def test_rows_and_rings_one_by_one():
    for n in range(3, 13):
        turn = [tuple((i + s) % n for i in range(n)) for s in range(n)]
        mirrors = [p[::-1] for p in turn]
        m, x = n // 2, sympy.symbols("x")
        row = ((1 + x) ** n + (1 + x**2) ** m * (1 + x) ** (n - 2 * m)) / 2
        assert orbits(n, [turn[0], mirrors[0]]) == _coefficients(row, x)
        turned = sum((1 + x ** (n // gcd(s, n))) ** gcd(s, n) for s in range(n))
        if n % 2:
            mirrored = n * (1 + x) * (1 + x**2) ** m
        else:
            mirrored = m * (1 + x**2) ** m + m * (1 + x) ** 2 * (1 + x**2) ** (m - 1)
        assert orbits(n, turn + mirrors) == _coefficients((turned + mirrored) / (2 * n), x)


def _coefficients(polynomial, x):
    return sympy.Poly(sympy.expand(polynomial), x).all_coeffs()[::-1]


@proves("ours-symmetry-5", "proof")
def test_equal_pair_sums_leave_a_dark_state():
    a, b, c, d, e = sympy.symbols("f12 f13 f14 f23 f24")
    f = sympy.Matrix([[0, a, b, c], [a, 0, d, e], [b, d, 0, b + e - a], [c, e, b + e - a, 0]])
    pairs = list(combinations(range(4), 2))

    def hopped(state):
        image = dict.fromkeys(pairs, 0)
        for pair, value in state.items():
            for i in pair:
                (stays,) = set(pair) - {i}
                for j in set(range(4)) - set(pair):
                    image[tuple(sorted((stays, j)))] += f[i, j] * value
        return {pair: sympy.expand(value) for pair, value in image.items()}

    v = {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1, (0, 3): 0, (1, 2): 0}
    energy = -(c + d)
    assert hopped(v) == {pair: sympy.expand(energy * value) for pair, value in v.items()}
    for atom in range(4):
        assert sum(value for pair, value in v.items() if atom in pair) == 0
    # All else is reached, by whole couplings without another coincidence, and so by almost all.
    whole = dict(zip(pairs, (1, 2, 5, 7, 3, 4), strict=True))
    assert reached(4, whole) == [1, 4, 5, 4, 1]
    # The projector on the rest of the six states, element by element.
    vector = sympy.Matrix([v[pair] for pair in pairs]) / 2
    middle = sympy.eye(6) - vector * vector.T
    total = 1 + 4 * r + sum(abs(x) for x in middle) * r**2 + 4 * r**3 + r**4
    weight = (1 + r) ** 4 - r**2
    assert sympy.simplify(total / weight - 1 - 3 * r**2 / weight) == 0


@proves("ours-symmetry-6", "identity")
def test_the_pyramid_s_edge_is_a_root_of_a_quintic():
    edge = sympy.symbols("L", positive=True)
    height_squared = edge**2 - sympy.Rational(1, 3)
    slanted = (1 - 3 * height_squared / edge**2) / edge**3
    assert sympy.simplify(slanted - 1 + (edge**5 + 2 * edge**2 - 1) / edge**5) == 0
    quintic = sympy.Poly(edge**5 + 2 * edge**2 - 1)
    # One positive root, and there is a pyramid: L^2 > 1/3.
    assert quintic.count_roots(0, sympy.oo) == 1
    assert quintic.eval(sympy.sqrt(3) / 3).is_negative


@proves("ours-symmetry-7", "identity")
def test_the_mixture_has_the_populations_of_the_ladder():
    """N!/(k!(N-k)!) times the integral of t^k (1-t)^(N-k) is 1/(N+1), by parts from k = 0."""
    n, k = sympy.symbols("N k", integer=True, nonnegative=True)
    x = sympy.symbols("x", positive=True)
    # The derivative of t^(k+1) (1-t)^(N-k) vanishes at both ends, so that binomial(N, k) I_k has
    # one value for all k ..
    slope = sympy.diff((k + 1) * sympy.log(x) + (n - k) * sympy.log(1 - x), x) * x * (1 - x)
    assert sympy.simplify(slope - ((k + 1) * (1 - x) - (n - k) * x)) == 0
    step = sympy.binomial(n, k + 1) * (k + 1) - sympy.binomial(n, k) * (n - k)
    assert sympy.combsimp(step) == 0
    # .. which is that of k = 0, the integral of (1 - x)^N.
    assert sympy.simplify(sympy.diff(-((1 - x) ** (n + 1)) / (n + 1), x) - (1 - x) ** n) == 0


@proves("ours-symmetry-8", "proof")
def test_a_group_with_the_orbits_of_all_permutations_is_free():
    """The last step of Theorem 3, for all hoppings of 0 and 1 of up to five atoms."""
    for n in (2, 3, 4, 5):
        for f in graphs(n):
            group = kept(n, f)
            parts = {frozenset(p[i] for p in group) for i in range(n)}
            whole = [
                p
                for p in permutations(range(n))
                if all(frozenset(p[i] for i in part) == part for part in parts)
            ]
            # Products of one state for each orbit span what `whole` leaves, never less.
            same = orbits(n, group) == orbits(n, whole)
            assert same == (len(group) == len(whole))


@proves("ours-symmetry-8", "proof")
def test_three_atoms_reach_all_that_their_symmetries_leave():
    """An eigenvector (u, v, -u-v) of the couplings f12, f13, f23 makes all or two of them equal."""
    u, v, energy = sympy.symbols("u v E")
    a, b, c = sympy.symbols("f12 f13 f23")
    state = sympy.Matrix([u, v, -u - v])
    f = sympy.Matrix([[0, a, b], [a, 0, c], [b, c, 0]])
    unlike = list(f * state - energy * state)
    # Without a zero in it, the three equations have one solution, and there all are -E.
    (solution,) = sympy.solve(unlike, [a, b, c], dict=True)
    assert [sympy.simplify(solution[x] + energy) for x in (a, b, c)] == [0, 0, 0]
    assert sympy.factor(sympy.linear_eq_to_matrix(unlike, [a, b, c])[0].det()) in (
        2 * u * v * (u + v),
        -2 * u * v * (u + v),
    )
    # With one, (1, -1, 0), its atom hops alike to both others.
    third = unlike[2].subs({u: 1, v: -1})
    assert sympy.expand(third - (b - c)) == 0
    # Two excitations are one hole, which hops as an excitation does.
    for values in product((0, 1, 2), repeat=3):
        couplings = dict(zip(combinations(range(3), 2), values, strict=True))
        group = [
            p
            for p in permutations(range(3))
            if all(
                couplings[tuple(sorted((p[i], p[j])))] == value
                for (i, j), value in couplings.items()
            )
        ]
        assert reached(3, couplings) == orbits(3, group)


@proves("ours-symmetry-9", "proof")
def test_a_row_of_four_has_one_negative_eigenvalue():
    states = list(product((1, 0), repeat=4))
    weight = {state: r ** sum(state) for state in states}
    # rho = rho_th (1 + turned), before it is divided by its trace.
    matrix = sympy.zeros(16, 16)
    for column, state in enumerate(states):
        matrix[column, column] += weight[state]
        matrix[states.index(state[::-1]), column] += weight[state]
    crossed = sympy.zeros(16, 16)
    for i, left in enumerate(states):
        for j, right in enumerate(states):
            one = (right[0], *left[1:])
            other = (left[0], *right[1:])
            crossed[i, j] = matrix[states.index(one), states.index(other)]
    negative = sympy.zeros(16, 1)
    for ends in ((1, 1), (0, 0)):
        negative[states.index((ends[0], 1, 0, ends[1]))] = 1
        negative[states.index((ends[0], 0, 1, ends[1]))] = -1
    assert (crossed * negative + r**2 * negative).applyfunc(sympy.expand) == sympy.zeros(16, 1)
    trace = sympy.expand(matrix.trace() - (1 + r) ** 4 - (1 + r**2) ** 2)
    assert trace == 0
    # No other one is negative: at r = 1/3 and at infinite temperature, by the signs of the
    # characteristic polynomial; in between none can change its sign, since without the weights,
    # which are positive and multiply from both sides, the matrix does not depend on r.
    for value in (sympy.Rational(1, 3), 1):
        polynomial = crossed.subs(r, value).charpoly()
        assert polynomial.count_roots(-sympy.oo, sympy.Rational(-1, 10**6)) == 1


@proves("ours-symmetry-11", "exhaustive")
def test_multiplets_add_up_to_catalan_numbers_and_middle_binomials():
    for n in range(1, 61):
        multiplets = [comb(n, k) - (comb(n, k - 1) if k else 0) for k in range(n // 2 + 1)]
        # They fill the space.
        assert sum(m * (n - 2 * k + 1) for k, m in enumerate(multiplets)) == 2**n
        assert sum(m * m for m in multiplets) * (n + 1) == comb(2 * n, n)
        assert sum(multiplets) == comb(n, n // 2)
