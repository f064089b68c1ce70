"""Paper I, (I.20)-(I.30): two Lindblad operators, heat, power, and where the qubit settles."""

import numpy as np
import sympy
from proofs import algebra
from proofs.algebra import IMAG, LOWER, RAISE, SYMBOLIC_BATH, SYMBOLS, Z
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


def squeezed_lowering():
    """R of (I.21), with cosh r, sinh r and e^(i phi) as symbols of a hyperbola and a circle."""
    return LOWER * SYMBOLS.ch + RAISE * (SYMBOLS.u * SYMBOLS.sh)


def bath_of_operators():
    """gamma, gamma N and gamma M of the two operators (I.21)."""
    gamma, ch, sh, nth = SYMBOLS.gamma, SYMBOLS.ch, SYMBOLS.sh, SYMBOLS.nth
    photons = gamma * (nth * (ch**2 + sh**2) + sh**2)
    squeezing = -gamma * ch * sh * (2 * nth + 1) * SYMBOLS.u
    return SYMBOLIC_BATH._replace(gn=photons, gm=squeezing, gmc=algebra.conjugate(squeezing))


def printed_power(bath, qubit):
    """(I.28)."""
    _, _, up, down = means(qubit)
    return -IMAG * OMEGA * (bath.drive * up - bath.drivec * down)


def in_laboratory(bath):
    """Qubit and drive, which turns as e^(-i omega t), the symbol u."""
    drive = RAISE * (bath.drive * SYMBOLS.u) + LOWER * (bath.drivec * SYMBOLS.uc)
    return drive + Z * (OMEGA / 2)


def by_time(values):
    """The derivative of what turns as u = e^(-i omega t)."""
    rate = -IMAG * OMEGA * SYMBOLS.u
    return algebra.slope(values, {SYMBOLS.u: rate, SYMBOLS.uc: algebra.conjugate(rate)})


# Into the frame of the bare qubit, up to a phase: e^(i omega t) for |e>.
FRAME = algebra.array([[SYMBOLS.uc, 0], [0, 1]])


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


@proves("p1-eq-20", "identity")
def test_two_lindblad_operators_are_the_whole_bath():
    gamma, nth, r = SYMBOLS.gamma, SYMBOLS.nth, squeezed_lowering()
    heat = algebra.dissipator(r, QUBIT) * (gamma * (nth + 1))
    heat = heat + algebra.dissipator(algebra.dagger(r), QUBIT) * (gamma * nth)
    relations = algebra.CIRCLE + algebra.HYPERBOLA
    bath = bath_of_operators()
    algebra.identical(heat, algebra.squeezed(bath, QUBIT), relations)
    # With the drive this is the beam, (I.12) and (I.18).
    beam, own = sum(algebra.change(PAIR, QUBIT)), algebra.bath_of(PAIR)
    algebra.identical(beam, algebra.driving(own, QUBIT) + algebra.squeezed(own, QUBIT))


@proves("p1-eq-21", "identity")
def test_the_squeezed_operator_has_the_bath_s_numbers():
    bath, (gamma, ch, sh) = bath_of_operators(), (SYMBOLS.gamma, SYMBOLS.ch, SYMBOLS.sh)
    thermal = 2 * SYMBOLS.nth + 1
    relations = algebra.CIRCLE + algebra.HYPERBOLA
    # 2N + 1 = (2N_th + 1) cosh 2r and M = -(2N_th + 1) sinh 2r/2, with its phase.
    algebra.identical(bath.weight, gamma * thermal * (ch**2 + sh**2), relations)
    algebra.identical(bath.gm, -gamma * thermal * ch * sh * SYMBOLS.u)
    # Turned round, N_th is that of (2N_th + 1)^2 = (2N + 1)^2 - 4|M|^2.
    area = bath.weight**2 - 4 * bath.gm * bath.gmc
    algebra.identical(area, (gamma * thermal) ** 2, relations)


@proves("p1-eq-22", "identity")
def test_heat_is_the_mean_of_the_adjoint_dissipators():
    gamma, nth, r = SYMBOLS.gamma, SYMBOLS.nth, squeezed_lowering()
    bath = bath_of_operators()
    energy = energy_of(bath)
    adjoint = algebra.adjoint_dissipator(r, energy) * (gamma * (nth + 1))
    adjoint = adjoint + algebra.adjoint_dissipator(algebra.dagger(r), energy) * (gamma * nth)
    heat = algebra.trace(QUBIT @ adjoint)
    dissipation = algebra.squeezed(bath, QUBIT)
    relations = algebra.CIRCLE + algebra.HYPERBOLA
    algebra.identical(heat, algebra.trace(energy @ dissipation), relations)
    # What is left of the change of the mean energy comes from the changing Hamiltonian alone.
    turning = algebra.commutator(energy, QUBIT) * -IMAG
    algebra.identical(algebra.trace(energy @ turning), algebra.ZERO)


@proves("p1-eq-23", "identity")
def test_power_is_the_mean_of_the_changing_hamiltonian():
    bath, pushed = SYMBOLIC_BATH, by_time(in_laboratory(SYMBOLIC_BATH))
    there = algebra.dagger(FRAME) @ QUBIT @ FRAME
    power = algebra.trace(there @ pushed)
    algebra.identical(power, printed_power(bath, QUBIT), algebra.CIRCLE)
    # In the frame of the qubit it is what the drive does to the energy.
    done = algebra.trace(energy_of(bath) @ algebra.driving(bath, QUBIT))
    algebra.identical(power, done, algebra.CIRCLE)


@proves("p1-eq-24", "identity")
def test_heat_is_the_same_in_every_rotating_frame():
    s = SYMBOLS
    # Any operator, any energy; the state is any as well.
    jump = algebra.array([[s.a12, s.a13], [s.a14, s.a23]])
    energy = algebra.array([[s.a11, s.a24], [s.a42, s.a22]])
    there = [FRAME @ each @ algebra.dagger(FRAME) for each in (jump, energy, QUBIT)]
    turned = algebra.trace(there[1] @ algebra.dissipator(there[0], there[2]))
    heat = algebra.trace(energy @ algebra.dissipator(jump, QUBIT))
    algebra.identical(turned, heat, algebra.CIRCLE)
    algebra.identical(heat, algebra.trace(QUBIT @ algebra.adjoint_dissipator(jump, energy)))


@proves("p1-eq-25", "identity")
def test_the_frame_leaves_the_drive_alone():
    # FRAME is e^(i omega t sigma_z/2) times e^(i omega t/2), a phase that adds omega/2 to H.
    back = algebra.dagger(FRAME)
    moved = FRAME @ in_laboratory(SYMBOLIC_BATH) @ back - FRAME @ by_time(back) * IMAG
    phase = algebra.ONE * (OMEGA / 2)
    algebra.identical(moved + phase, drive_of(SYMBOLIC_BATH), algebra.CIRCLE)


@proves("p1-eq-26", "identity")
def test_the_energy_in_the_frame_keeps_the_bare_part():
    seen = FRAME @ in_laboratory(SYMBOLIC_BATH) @ algebra.dagger(FRAME)
    algebra.identical(seen, energy_of(SYMBOLIC_BATH), algebra.CIRCLE)
    # With it the first law holds: heat and power are the whole change of the energy.
    bath = algebra.bath_of(PAIR)
    whole = algebra.trace(energy_of(bath) @ sum(algebra.change(PAIR, QUBIT)))
    heat = derived_heat(bath, *means(QUBIT))
    algebra.identical(whole, heat + printed_power(bath, QUBIT))


@proves("p1-eq-28", "identity")
def test_the_power_needs_a_lambda_that_turns():
    bath = SYMBOLIC_BATH
    # p g tau (lambda-dot <sigma_+> + c.c.), the frequency being constant: with lambda-dot
    # = -i omega lambda it makes up for the heat in every steady state ..
    done = algebra.trace(energy_of(bath) @ algebra.driving(bath, QUBIT))
    algebra.identical(done, printed_power(bath, QUBIT))
    whole = sum(
        algebra.trace(energy_of(bath) @ part(bath, QUBIT))
        for part in (algebra.driving, algebra.squeezed)
    )
    heat = derived_heat(bath, *means(QUBIT))
    algebra.identical(whole - heat, printed_power(bath, QUBIT))
    # .. and with lambda-dot = 0 nothing would.
    assert printed_power(bath, QUBIT) != 0


def charged():
    """A pair in equilibrium, not normalised, with any weight of the singlet."""
    n, singlet = SYMBOLS.nbar, SYMBOLS.p
    pair = algebra.array(np.diag([2 * n**2, 0, 0, 2 * (n + 1) ** 2]))
    shared, apart = n * (n + 1), algebra.array([[1, -1], [-1, 1]]) * singlet
    pair[1:3, 1:3] = algebra.array([[shared, shared], [shared, shared]]) + apart
    return pair


@proves("p1-eq-29", "identity")
def test_charged_pairs_only_excite_and_deexcite():
    f = algebra.array([[0, SYMBOLS.f12], [SYMBOLS.f12, 0]])
    together = algebra.array([[1, 1], [1, 1]])
    # From the ground state, and from any mixture of the ladder's rungs and the singlet, the pair
    # never leaves these mixtures, whatever f is: no lambda and no epsilon at any time.
    s = SYMBOLS
    rungs = algebra.array(np.diag([s.a11, 0, 0, s.a44]))
    rungs[1:3, 1:3] = algebra.array([[s.a22, s.a22], [s.a22, s.a22]])
    rungs[1:3, 1:3] += algebra.array([[1, -1], [-1, 1]]) * s.a33
    moved = algebra.liouvillian(f, together, s.nbar, rungs)
    inner = moved[1:3, 1:3]
    algebra.identical([inner[0, 0], inner[0, 1]], [inner[1, 1], inner[1, 0]])
    moved[0, 0] = moved[3, 3] = algebra.ZERO
    moved[1:3, 1:3] = algebra.array([[0, 0], [0, 0]])
    algebra.identical(moved, algebra.ZERO)
    # What it comes to stays; its collisions only exchange.
    algebra.identical(algebra.liouvillian(f, together, s.nbar, charged()), algebra.ZERO)
    for pair in (rungs, charged()):
        first, second = algebra.orders(pair, QUBIT)
        r_e, r_d, lam, lamc, eps, epsc = algebra.coefficients(pair)
        algebra.identical([lam, lamc, eps, epsc], algebra.ZERO)
        algebra.identical(first, algebra.ZERO)
        exchange = algebra.dissipator(RAISE, QUBIT) * r_e + algebra.dissipator(LOWER, QUBIT) * r_d
        algebra.identical(second, exchange)


@proves("p1-eq-30", "identity")
def test_the_populations_settle_in_the_ratio_of_the_rates():
    s = SYMBOLS
    pair = algebra.array(np.diag([s.a11, s.a22, s.a33, s.a44]))
    pair[1, 2], pair[2, 1] = s.a23, s.a32
    r_e, r_d, *_ = algebra.coefficients(pair)
    moved = algebra.orders(pair, QUBIT)[1]
    # All that is not in this ratio dies out: the coherences and the distance from it.
    algebra.identical(
        [moved[0, 1], moved[1, 0]], [-(r_e + r_d) * s.reg / 2, -(r_e + r_d) * s.rge / 2]
    )
    apart = [r_d * rho[0, 0] - r_e * rho[1, 1] for rho in (moved, QUBIT)]
    algebra.identical(apart[0], -(r_e + r_d) * apart[1])


@proves("p1-s3c-2", "identity")
def test_the_temperature_is_a_quotient_and_that_of_the_bath():
    n = SYMBOLS.nbar
    r_e, r_d, *_ = algebra.coefficients(charged())
    # r_d/r_e = (nbar + 1)/nbar = e^(omega/T) of the bath, whatever the weight of the singlet, ..
    algebra.identical(r_d * n, r_e * (n + 1))
    # .. and a qubit at this temperature is left alone by a collision of any strength.
    qubit = algebra.array([[n, 0], [0, n + 1]])
    whole = qubit * algebra.trace(charged())
    algebra.identical(algebra.collided(charged(), qubit), whole, algebra.COLLISION)
    # The print is wrong with either sign and with r_e and r_d exchanged.
    logarithm, omega = sympy.symbols("L omega", positive=True)
    derived = omega / logarithm
    for sign in (1, -1):
        left = sympy.factor(sign * omega * logarithm - derived)
        assert left == sympy.factor(omega * (sign * logarithm**2 - 1) / logarithm)
        assert left != 0


# --- sentences of Sec. III.C -----------------------------------------------------


@proves("p1-s3c-14", "identity")
def test_the_frame_s_hamiltonian_is_not_the_bare_one():
    bare, bath = Z * (OMEGA / 2), SYMBOLIC_BATH
    back = algebra.dagger(FRAME)
    moved = FRAME @ in_laboratory(bath) @ back - FRAME @ by_time(back) * IMAG
    moved = moved + algebra.ONE * (OMEGA / 2)
    wrong = algebra.remainder(bare, moved, algebra.CIRCLE)
    algebra.identical(wrong, bare - drive_of(bath))
    for meant in (moved, in_laboratory(bath)):
        assert not algebra.is_zero(algebra.remainder(bare, meant, algebra.CIRCLE))


@proves("p1-s3c-15", "identity")
def test_heat_without_the_drive_lacks_the_bracket():
    bath, dissipation = algebra.bath_of(PAIR), algebra.change(PAIR, QUBIT)[1]
    _, _, up, down = means(QUBIT)
    cited = algebra.trace(Z @ dissipation) * (OMEGA / 2)
    missing = cited - heat_from_collisions(PAIR, QUBIT)
    algebra.identical(missing, bracket(bath, up, down))
    assert missing != 0


@proves("p1-s3c-16", "identity")
def test_the_dissipator_gives_no_power():
    # (I.14) is the dissipation without squeezing.
    bath = SYMBOLIC_BATH._replace(gm=algebra.ZERO, gmc=algebra.ZERO)
    cited = algebra.trace(energy_of(bath) @ algebra.squeezed(bath, QUBIT))
    power = printed_power(bath, QUBIT)
    algebra.identical(cited, derived_heat(bath, *means(QUBIT)))
    assert power not in (cited, -cited)
    # With the opposite sign it is the power in the steady state alone: their sum is all change.
    both = algebra.driving(bath, QUBIT) + algebra.squeezed(bath, QUBIT)
    algebra.identical(cited + power, algebra.trace(energy_of(bath) @ both))


@proves("p1-s3c-4", "identity")
def test_without_a_drive_there_is_no_power():
    still = SYMBOLIC_BATH._replace(drive=algebra.ZERO, drivec=algebra.ZERO)
    algebra.identical(printed_power(still, QUBIT), algebra.ZERO)


@proves("p1-s3c-10", "identity")
def test_squeezing_enters_the_heat_by_the_drive_alone():
    def heat(bath):
        return algebra.trace(energy_of(bath) @ algebra.squeezed(bath, QUBIT))

    none = {"gm": algebra.ZERO, "gmc": algebra.ZERO}
    still = SYMBOLIC_BATH._replace(drive=algebra.ZERO, drivec=algebra.ZERO)
    algebra.identical(heat(still), heat(still._replace(**none)))
    assert heat(SYMBOLIC_BATH) != heat(SYMBOLIC_BATH._replace(**none))


@proves("p1-s3c-11", "identity")
def test_gamma_is_the_decay_rate_in_a_beam_without_excitations():
    pair = algebra.array(np.diag([0, 0, 0, SYMBOLS.a44]))
    drive, dissipation = algebra.change(pair, QUBIT)
    bath = algebra.bath_of(pair)
    algebra.identical(drive, algebra.ZERO)
    assert bath.gn == 0
    algebra.identical(dissipation, algebra.dissipator(LOWER, QUBIT) * bath.gamma)


@proves("p1-s3c-21", "identity")
def test_without_lambda_only_the_coherence_in_n_carries_heat():
    s, (_, z, _, _) = SYMBOLS, means(QUBIT)
    # The energy has no drive, whether the terms of lambda are zero or cancel each other.
    heat = algebra.trace(Z @ algebra.change(PAIR, QUBIT)[1]) * (OMEGA / 2)
    coherences = "a12 a21 a13 a31 a24 a42 a34 a43 a14 a41 a23 a32".split()
    without = {getattr(s, name): 0 for name in coherences}
    bare = algebra.replaced(np.array([heat]), without)[0]
    # 2 Re a_23 is a_23 + a_32.
    algebra.identical(heat - bare, -s.p * s.g**2 * OMEGA * (s.a23 + s.a32) * z)


@proves("p1-s3c-23", "identity")
def test_the_populations_alone_decide_the_sign_of_the_temperature():
    # T = omega/ln(r_d/r_e) has the sign of r_d - r_e.
    r_e, r_d, *_ = algebra.coefficients(PAIR)
    algebra.identical(r_d - r_e, 2 * (SYMBOLS.a44 - SYMBOLS.a11) * algebra.UNIT)
    # The coherences do change the size.
    assert r_e.diff(SYMBOLS.a23) == algebra.UNIT
