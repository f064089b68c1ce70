"""Paper I, (I.20)-(I.30): two Lindblad operators, heat, power, and where the qubit settles."""

from proofs import algebra
from proofs.algebra import LOWER, RAISE, SYMBOLIC_BATH, SYMBOLS, Z
from proving import proves

PAIR, QUBIT = algebra.generic("a", 4), algebra.generic("r", 2)
OMEGA = SYMBOLS.omega


def drive_of(bath):
    """H_eff of (I.12)."""
    return RAISE * bath.drive + LOWER * bath.drivec


def energy_of(bath):
    """H_eff + omega sigma_z/2 of (I.26)."""
    return drive_of(bath) + Z * (OMEGA / 2)


def means(qubit):
    """The trace, <sigma_z>, <sigma_+> and <sigma_->."""
    operators = algebra.ONE, Z, RAISE, LOWER
    return [algebra.trace(operator @ qubit) for operator in operators]


def heat_from_collisions(pair, qubit):
    """What the dissipation of the collisions does to the energy."""
    _, dissipation = algebra.change(pair, qubit)
    return algebra.trace(energy_of(algebra.bath_of(pair)) @ dissipation)


def bracket(bath, up, down):
    """gamma p g tau B, with the bracket B of (I.27)."""
    half = bath.weight / 2
    one = bath.drivec * (half * down + bath.gm * up)
    return one + bath.drive * (bath.gmc * down + half * up)


def printed_heat(bath, one, z, up, down):
    """(I.27) as printed; `one` is the trace of the qubit's state."""
    bare = (bath.gamma * one - bath.weight * z) * OMEGA / 4
    return bare - bracket(bath, up, down) / 2


def derived_heat(bath, one, z, up, down):
    """Its derived form."""
    bare = (bath.gamma * one + bath.weight * z) * OMEGA / 2
    return -bare - bracket(bath, up, down)


# --- the conventions in play -----------------------------------------------------

HALF = algebra.UNIT / 2
# The bracket of lambda knows all but the last two, the rest of the print these and the last two.
BRACKETS = {
    "M": algebra.SQUEEZINGS,
    "lambda": algebra.DRIVES,
    "lowering": {"sigma_-": False, "sigma_+": True},
    "of sigma_-": {"in full": 1, "half": HALF, "x - iy": 2},
}
NUMBERS = {"N": 1, "N/2": HALF, "2N": 2}
COMMON = {
    "heat": {"into the qubit": 1, "out of the qubit": -1},
    "gamma": {"gamma": 1, "2 gamma": 2, "gamma/2": HALF},
    "N": NUMBERS,
}
BARE = {"up": {"|e> up": 1, "|g> up": -1}, "of sigma_z": {"in full": 1, "half": HALF}}


def left_by_brackets():
    """Of every reading of the bracket of (I.27), what it has too much."""
    _, _, up, down = means(QUBIT)
    true, left = -bracket(SYMBOLIC_BATH, up, down), {}
    for names, read in algebra.readings(BRACKETS):
        bath = algebra.driven(*read["lambda"], algebra.turned(*read["M"], SYMBOLIC_BATH))
        values = [value * read["of sigma_-"] for value in (up, down)]
        values = values[:: -1 if read["lowering"] else 1]
        prints = {n: -bracket(bath._replace(gn=bath.gn * n), *values) / 2 for n in NUMBERS.values()}
        for common, shared in algebra.readings(COMMON):
            factor = shared["gamma"] * shared["heat"]
            left[names, common] = prints[shared["N"]] * factor - true
    return left


def left_without_drive():
    """Of every reading of the rest of (I.27), what it has too much."""
    one, z, _, _ = means(QUBIT)
    still = SYMBOLIC_BATH._replace(drive=algebra.ZERO, drivec=algebra.ZERO)
    true, left = derived_heat(still, one, z, 0, 0), {}
    for names, read in algebra.readings(BARE):
        for common, shared in algebra.readings(COMMON):
            bath = still._replace(gn=still.gn * shared["N"])
            printed = printed_heat(bath, one, z * (read["up"] * read["of sigma_z"]), 0, 0)
            left[names, common] = printed * (shared["gamma"] * shared["heat"]) - true
    return left


def readings_that_save():
    """The readings of (I.27) that leave nothing in both parts, as their names."""
    good = [names for names, left in left_by_brackets().items() if left == 0]
    bare = [names for names, left in left_without_drive().items() if left == 0]
    return [
        (*one, *other, *common) for one, common in good for other, same in bare if same == common
    ]


# --- the proofs ------------------------------------------------------------------


@proves("p1-eq-27", "identity")
def test_the_heat_is_as_derived_and_no_reading_within_the_definitions_saves_the_print():
    bath = algebra.bath_of(PAIR)
    algebra.identical(heat_from_collisions(PAIR, QUBIT), derived_heat(bath, *means(QUBIT)))
    bath, (one, z, up, down) = SYMBOLIC_BATH, means(QUBIT)
    wrong = printed_heat(bath, one, z, up, down) - derived_heat(bath, one, z, up, down)
    bare = (3 * bath.gamma * one + bath.weight * z) * OMEGA / 4
    algebra.identical(wrong, bare + bracket(bath, up, down) / 2)
    assert wrong != 0
    assert len(left_by_brackets()) * len(left_without_drive()) == 192 * 18 * 4 * 18
    # Two readings leave nothing. They reverse three signs and double gamma all at once: heat counts
    # out of the qubit, |g> is up, lambda is that of -H_eff. (I.18) has gamma, and (I.12) lambda.
    saving = readings_that_save()
    assert len(saving) == 2
    for reading in saving:
        assert {"out of the qubit", "2 gamma", "|g> up"} < set(reading)
        assert reading[1] in ("-lambda", "-lambda^*")
