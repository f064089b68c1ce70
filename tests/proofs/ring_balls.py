"""The coherence of the ring of paper II in ball arithmetic, and the search through a box.

A ball holds every value that its parameters allow, so that what is decided for a box is decided
for all of its points. Energies are in units of omega.
"""

from flint import arb, arb_series, ctx

from proofs import ring_algebra as ra

# Bits beside each midpoint: small differences of cold curves need more than 53.
BITS = 160
# Halvings of a box before it counts as undecided.
DEPTH = 14


def exact(text):
    """A decimal or a fraction such as `1/3`, as the ball that encloses it."""
    top, _, bottom = text.partition("/")
    return arb(top) / arb(bottom or 1)


def interval(low, high):
    """The ball of all numbers between two decimals."""
    return exact(low).union(exact(high))


def coherence(n, omega_a, gamma, J, T):
    """A mean of r_M tanh tanh over M, the weights being relative to the aligned ring.

    Exponents are differences of the energy to that of M = -N, which keeps cold rings in range.
    """
    with ctx.workprec(BITS):
        return _coherence(n, omega_a, gamma, J, T)


def slope(n, omega_a, gamma, J, T):
    """dC/dT for a ball of temperatures, by power series.

    Where the ball of the series itself holds 0, the slope at its midpoint is taken, and what the
    second derivative can change of it up to the ends: much narrower for a narrow box.
    """
    with ctx.workprec(BITS):
        try:
            direct = _coherence(n, omega_a, gamma, J, arb_series([T, 1], 3))
            if sign(direct[1]):
                return direct[1]
            middle = _coherence(n, omega_a, gamma, J, arb_series([T.mid(), 1], 2))
            return middle[1] + 2 * direct[2] * (T - T.mid())
        except ValueError:
            # The ball of the norm holds 0: the box is too wide to say anything.
            return arb(0, 1)


def sign(value):
    """1 or -1 for a ball of that sign, None if it holds 0."""
    return 1 if value > 0 else -1 if value < 0 else None


def _coherence(n, omega_a, gamma, J, T):
    beta, half = 1 / T, arb(1) / 2
    top = norm = 0 * beta
    for m in range(n % 2, n + 1, 2):
        lam, missing = _level(gamma, m), n - m
        ratio = gamma**2 * (n**2 - m**2) / (lam + _level(gamma, n))
        bonds = sum(ra.degeneracy(n, m, k) * (-4 * beta * J * k).exp() for k in range(n // 2 + 1))
        weight = bonds * (-beta * (omega_a * missing * half + ratio)).exp()
        lost, spent = (-beta * omega_a * m).exp(), (-2 * beta * lam).exp()
        share = half if m == 0 else arb(1)
        norm += share * weight * (1 + lost) * (1 + spent)
        top += share * weight * gamma * m / lam * (1 - lost) * (1 - spent)
    return top / norm


def _level(gamma, m):
    return (arb(1) / 4 + (gamma * m) ** 2).sqrt()


def first_failure(holds, boxes, depth=DEPTH):
    """The first box for which `holds` is not proved, or None.

    `holds` returns True or False if it is so for all of the box, and None if the box is too wide;
    it is then halved along its longest side.
    """
    for box in boxes:
        decided = holds(*box)
        if decided is None and depth > 0:
            failure = first_failure(holds, _halves(box), depth - 1)
        else:
            failure = None if decided else box
        if failure is not None:
            return failure
    return None


def _halves(box):
    longest = max(range(len(box)), key=lambda i: float(box[i].rad()))
    low, high, middle = box[longest].lower(), box[longest].upper(), box[longest].mid()
    return [
        (*box[:longest], part, *box[longest + 1 :])
        for part in (low.union(middle), middle.union(high))
    ]


def less(one, other):
    """True or False if it is so for all values, None if the balls overlap."""
    return True if one < other else False if one >= other else None
