"""Paper I's model in exact algebra, from its definitions (I.1)-(I.3) and (I.6)-(I.9) alone.

Everything is a polynomial over the rationals and i. A matrix is an array of such polynomials, and
an identity between two of them holds when their difference has no term left. The elements of a
state are symbols of their own, and so are a complex number and its conjugate: what holds for them
holds for every state and more. In a product with an array the array stands first.
"""

from functools import reduce
from itertools import product
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from sympy import QQ_I
from sympy.polys.rings import ring

PAIR = [f"a{row}{column}" for row in range(1, 5) for column in range(1, 5)]
QUBIT = ["ree", "reg", "rge", "rgg"]
# Of the beam: g tau, rate of arrivals, frequency; c = cos(sqrt2 g tau), s = sin(sqrt2 g tau)/sqrt2.
BEAM = ["g", "p", "omega", "c", "s"]
# Of the bath in (I.18): gamma, gamma N, gamma M and its conjugate; of the drive: p g tau lambda and
# its conjugate.
BATH = ["gamma", "gn", "gm", "gmc", "drive", "drivec"]
# Of hopping: cos(ft) and sin(ft); of the atoms: photons, hopping, and the amplitudes of which the
# shared decay rates are made up.
ATOMS = ["cf", "sf", "nbar", "f12", "b11", "b12", "b22"]
# Of (I.21): e^(i phi) and its conjugate, cosh r, sinh r and N_th.
SQUEEZED = ["u", "uc", "ch", "sh", "nth"]
RING = ring([*PAIR, *QUBIT, *BEAM, *BATH, *ATOMS, *SQUEEZED], QQ_I)[0]
SYMBOLS = SimpleNamespace(**{str(symbol): symbol for symbol in RING.gens})
# Which symbol is the conjugate of which; the others are real.
SWAPPED = [("gm", "gmc"), ("drive", "drivec"), ("u", "uc"), ("reg", "rge")]
SWAPPED += [(f"a{i}{j}", f"a{j}{i}") for i in range(1, 5) for j in range(1, i)]
NAMES = [str(symbol) for symbol in RING.gens]
CONJUGATE = {a: b for pair in SWAPPED for a, b in (pair, pair[::-1])}
ORDER = [NAMES.index(CONJUGATE.get(name, name)) for name in NAMES]
ZERO, UNIT, IMAG = RING(0), RING(1), RING(QQ_I(0, 1))


def array(rows):
    """An array of polynomials."""
    numbers = np.array(rows, dtype=object)
    return np.vectorize(RING, otypes=[object])(numbers)


# --- one atom: |e> = (1, 0), |g> = (0, 1) ----------------------------------------

ONE = array([[1, 0], [0, 1]])
LOWER = array([[0, 0], [1, 0]])
RAISE = LOWER.T
X, Y, Z = LOWER + RAISE, (LOWER - RAISE) * IMAG, array([[1, 0], [0, -1]])


def kron(*factors):
    """The tensor product."""
    return reduce(np.kron, factors)


def conjugate(polynomial):
    """The complex conjugate: that of the coefficients, and of the symbols that are complex."""
    return RING.from_dict(
        {
            tuple(powers[place] for place in ORDER): QQ_I(number.x, -number.y)
            for powers, number in RING(polynomial).items()
        }
    )


def dagger(matrix):
    """The adjoint."""
    return np.vectorize(conjugate, otypes=[object])(matrix.T)


def commutator(one, other):
    return one @ other - other @ one


def dissipator(jump, rho):
    """J rho J^+ - {J^+ J, rho}/2."""
    return transfer(jump, jump, rho)


def transfer(jump, other, rho):
    """J rho K^+ - {K^+ J, rho}/2, a term of (I.2) and (I.3)."""
    loss = dagger(other) @ jump
    return jump @ rho @ dagger(other) - (loss @ rho + rho @ loss) / 2


def adjoint_dissipator(jump, operator):
    """J^+ A J - {J^+ J, A}/2."""
    loss = dagger(jump) @ jump
    return dagger(jump) @ operator @ jump - (loss @ operator + operator @ loss) / 2


# --- identities ------------------------------------------------------------------


def remainder(left, right, relations=()):
    """What is left of left - right, by the relations, polynomials that are zero."""
    left, right = np.broadcast_arrays(np.array(left, object), np.array(right, object))
    relations = list(relations)

    def difference(one, other):
        left_over = RING(one) - RING(other)
        return left_over.rem(relations) if relations else left_over

    if left.shape == ():
        return difference(left[()], right[()])
    return np.vectorize(difference, otypes=[object])(left, right)


def is_zero(left_over):
    return all(polynomial == 0 for polynomial in np.ravel(np.array(left_over, object)))


def identical(left, right, relations=()):
    """Fail unless both sides are one polynomial, or one array of polynomials."""
    left_over = remainder(left, right, relations)
    assert is_zero(left_over), f"not an identity, the sides differ by\n{left_over}"


# --- atoms in a shared bath ------------------------------------------------------


def generic(name, size):
    """A matrix whose elements are a11, a12, ..., or those of a qubit, ree, reg, rge, rgg."""
    names = QUBIT if name == "r" else [f"{name}{i}{j}" for i, j in _places(size)]
    return np.array([getattr(SYMBOLS, each) for each in names], object).reshape(size, size)


def _places(size):
    return product(range(1, size + 1), repeat=2)


def couplings():
    """Any hopping strengths of two atoms, and amplitudes B of any decay rates gamma = B B^T."""
    s = SYMBOLS
    return array([[0, s.f12], [s.f12, 0]]), array([[s.b11, s.b12], [0, s.b22]])


def lowering(count):
    """sigma_i^- of each atom."""
    sites = range(count)
    return [kron(*(LOWER if site == i else ONE for site in sites)) for i in sites]


def hopping(f):
    """H_d, over every ordered pair of two atoms."""
    down = lowering(len(f))
    pairs = [(i, j) for i in range(len(f)) for j in range(len(f)) if i != j]
    zero = down[0] * ZERO
    return sum((dagger(down[i]) @ down[j] * f[i, j] for i, j in pairs), zero)


def emission(gamma, nbar, rho):
    """(I.2)."""
    return _shared(gamma, lowering(len(gamma)), rho) * (nbar + 1)


def absorption(gamma, nbar, rho):
    """(I.3)."""
    return _shared(gamma, [dagger(down) for down in lowering(len(gamma))], rho) * nbar


def _shared(gamma, jumps, rho):
    terms = [
        transfer(other, one, rho) * gamma[i, j]
        for i, one in enumerate(jumps)
        for j, other in enumerate(jumps)
    ]
    return sum(terms[1:], terms[0])


def liouvillian(f, gamma, nbar, rho):
    """(I.1)."""
    turning = commutator(hopping(f), rho) * -IMAG
    return turning + emission(gamma, nbar, rho) + absorption(gamma, nbar, rho)


# --- the beam: pair first, qubit last --------------------------------------------

UP = kron(RAISE, ONE) + kron(ONE, RAISE)
EXCHANGE = kron(UP, LOWER) + kron(dagger(UP), RAISE)
# Between c and s of the collision, and between those of hopping.
COLLISION = [SYMBOLS.c**2 + 2 * SYMBOLS.s**2 - 1]
HOPPING = [SYMBOLS.cf**2 + SYMBOLS.sf**2 - 1]
CIRCLE, HYPERBOLA = [SYMBOLS.u * SYMBOLS.uc - 1], [SYMBOLS.ch**2 - SYMBOLS.sh**2 - 1]


def trace(matrix):
    return sum(np.diagonal(matrix), ZERO)


def traced(both):
    """The qubit's part of an operator of pair and qubit."""
    size = len(both) // 2
    return np.einsum("aiaj->ij", both.reshape(size, 2, size, 2))


def collision():
    """exp(-i g tau S) in c and s: S^3 = 2 S, so that its series closes."""
    square = EXCHANGE @ EXCHANGE
    return kron(ONE, ONE, ONE) - EXCHANGE * (IMAG * SYMBOLS.s) + square * ((SYMBOLS.c - 1) / 2)


def collided(pair, qubit):
    """The qubit after one collision of any strength."""
    u = collision()
    return traced(u @ kron(pair, qubit) @ dagger(u))


def slope(values, slopes):
    """The derivative of an array, {symbol: its derivative}, all others being constant."""
    terms = [
        np.vectorize(lambda value, s=symbol: value.diff(s), otypes=[object])(values) * rate
        for symbol, rate in slopes.items()
    ]
    return sum(terms[1:], terms[0])


def along_the_collision(values):
    """The derivative by g tau."""
    return slope(values, {SYMBOLS.c: -2 * SYMBOLS.s, SYMBOLS.s: SYMBOLS.c})


def replaced(values, replacements):
    """An array with {symbol: polynomial} put in."""
    pairs = [(symbol, RING(value)) for symbol, value in replacements.items()]
    return np.vectorize(lambda value: value.compose(pairs), otypes=[object])(values)


def before_the_collision(values):
    """The value at g tau = 0."""
    return replaced(values, {SYMBOLS.c: 1, SYMBOLS.s: 0})


def orders(pair, qubit):
    """First and second order of the collision in g tau, for any trace of the pair."""
    both, s = kron(pair, qubit), EXCHANGE
    first = traced(commutator(s, both)) * -IMAG
    square = s @ s
    return first, traced(s @ both @ s - (square @ both + both @ square) / 2)


def coefficients(pair):
    """Table I as moments of the pair's dipole: r_e, r_d, lambda, lambda^*, epsilon, epsilon^*."""
    down = dagger(UP)
    moments = [UP @ down, down @ UP, down, UP, down @ down / 2, UP @ UP / 2]
    return [trace(moment @ pair) for moment in moments]


def bloch(change):
    """The 3 x 4 matrix by which x, y, z and the trace of a qubit make the change of x, y, z."""
    columns = [change(axis / 2) for axis in (X, Y, Z, ONE)]
    return np.array([[trace(axis @ column) for column in columns] for axis in (X, Y, Z)], object)


class Bath(NamedTuple):
    """What (I.18) and (I.12) call gamma, gamma N, gamma M, p g tau lambda, and the conjugates.

    N and M are fractions in the elements of the pair; with gamma in front they are polynomials.
    """

    gamma: object
    gn: object
    gm: object
    gmc: object
    drive: object
    drivec: object

    @property
    def weight(self):
        """gamma (2N + 1)."""
        return 2 * self.gn + self.gamma

    @property
    def twice_real(self):
        """gamma (M + M^*)."""
        return self.gm + self.gmc

    @property
    def difference(self):
        """gamma (M - M^*)."""
        return self.gm - self.gmc


SYMBOLIC_BATH = Bath(*(getattr(SYMBOLS, name) for name in BATH))


def bath_of(pair):
    """The same in the elements of the pair, by Table I and (I.18)."""
    r_e, r_d, lam, lamc, eps, epsc = coefficients(pair)
    once, twice = SYMBOLS.p * SYMBOLS.g, SYMBOLS.p * SYMBOLS.g**2
    rates = (r_d - r_e) * twice, r_e * twice, -2 * eps * twice, -2 * epsc * twice
    return Bath(*rates, lam * once, lamc * once)


def squeezed(bath, qubit):
    """The squeezed heat bath of (I.18)."""
    heat = dissipator(LOWER, qubit) * (bath.gn + bath.gamma) + dissipator(RAISE, qubit) * bath.gn
    pairs = RAISE @ qubit @ RAISE * bath.gm + LOWER @ qubit @ LOWER * bath.gmc
    return heat - pairs


def driving(bath, qubit):
    """The drive of (I.12)."""
    return commutator(RAISE * bath.drive + LOWER * bath.drivec, qubit) * -IMAG


def change(pair, qubit):
    """The beam's Liouvillian to second order: drive and dissipation apart."""
    first, second = orders(pair, qubit)
    return first * (SYMBOLS.p * SYMBOLS.g), second * (SYMBOLS.p * SYMBOLS.g**2)


# --- readings --------------------------------------------------------------------


def readings(choices):
    """Every combination of conventions: their names, and what they stand for by kind.

    `choices` is {kind: {name: meaning}}.
    """
    for names in product(*choices.values()):
        kinds = zip(choices.items(), names, strict=True)
        yield names, {kind: meanings[name] for (kind, meanings), name in kinds}


def turned(sign, conjugated, bath):
    """The bath with M multiplied by a number of modulus one, and M^* for M or not."""
    one, other = (bath.gmc, bath.gm) if conjugated else (bath.gm, bath.gmc)
    return bath._replace(gm=one * sign, gmc=other * conjugate(sign))


PHASES = {"": UNIT, "-": -UNIT, "i ": IMAG, "-i ": -IMAG}
SQUEEZINGS = {
    f"{name}M{'^*' if star else ''}": (phase, star)
    for star in (False, True)
    for name, phase in PHASES.items()
}
# Quarter turns of lambda are those of the frame.
DRIVES = {
    f"{name}lambda{'^*' if star else ''}": (PHASES[name], star)
    for star in (False, True)
    for name in ("", "-")
}


def driven(phase, conjugated, bath):
    """The bath with lambda multiplied by a number of modulus one, and conjugated or not."""
    one, other = (bath.drivec, bath.drive) if conjugated else (bath.drive, bath.drivec)
    return bath._replace(drive=one * phase, drivec=other * conjugate(phase))
