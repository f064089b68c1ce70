"""Two atoms, and three: their common wave, their ladder, and what hopping does to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import atoms
from coherence_lib._types import Floats
from coherence_lib.atoms import basis
from coherence_lib.drawings import pieces as p

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The drawing of two dipoles: where the second one is, and how both are turned.
XI, ALPHA = 4.2, np.radians(70)
_FAR = 14.4
_SCALE = 4.0
# The drawing of hopping: the height of f0.
_PER_F0 = 4.2


def wave_of_a_dipole(distances: Iterable[float]) -> tuple[Floats, Floats]:
    """f_12 and gamma_12 in units of gamma0 between an atom and others on a line."""
    places: list[list[float]] = [[0, 0, 0], *([0, 0, xi] for xi in distances)]
    f, gamma = atoms.dipole_couplings(places, [np.sin(ALPHA), 0, np.cos(ALPHA)])
    return f[0, 1:], gamma[0, 1:]


@p.styled
def two_dipoles() -> Figure:
    r"""Two parallel dipoles in one field, their distance :math:`\xi` and angle :math:`\alpha`.

    Returns
    -------
    matplotlib.figure.Figure
        Crests of the first dipole's wave, a wavelength apart, and true to that scale the two
        couplings of a second dipole that it finds wherever it is put.

    Examples
    --------
    >>> len(two_dipoles().axes[0].texts) > 4
    True
    """
    figure, ax = p.canvas(45)
    left, axis = 8.0, 35.5
    second = left + _SCALE * XI
    for k in (1, 2):
        radius = 2 * np.pi * k * _SCALE
        spread = np.degrees(np.arcsin(8.0 / radius))
        p.arc(ax, (left, axis), radius, -spread, spread, p.VERMILION, p.LINE, 1 - 0.35 * k,
              gid=f"crest {k}")  # fmt: skip
    p.line(ax, [left, second], [axis, axis], p.INK, p.THIN, p.SOFT, (0, (4, 3)))
    turn = 4.6 * np.array([np.cos(ALPHA), np.sin(ALPHA)])
    for x in (left, second):
        p.atom(ax, x, axis, radius=2.0)
        p.arrow(ax, (x, axis) - turn, (x, axis) + turn, p.INK, p.LINE, head=12)
    p.line(ax, [second + 2, second + 6.5], [axis, axis], p.INK, p.THIN, p.SOFT, (0, (4, 3)))
    p.arc(ax, (second, axis), 4.4, 0, np.degrees(ALPHA), gid="alpha")
    p.words(ax, second + 5.6, axis + 3.2, r"$\alpha$", 17)
    p.words(ax, (left + second) / 2, axis - 3.2, r"$\xi = k_0 r$", 17)
    crests = [left + 2 * np.pi * k * _SCALE for k in (1, 2)]
    p.arrow(
        ax, (crests[0] + 0.6, axis), (crests[1] - 0.6, axis), p.INK, p.THIN, p.SOFT, 9, both=True
    )
    p.words(ax, sum(crests) / 2, axis + 2.6, r"$\lambda_0$", 17)
    _couplings(ax, left, second)
    return figure


def _couplings(ax: Axes, left: float, second: float) -> None:
    inner = p.plot(ax, left, 4, _SCALE * _FAR, 19)
    inner.set(xlim=(0, _FAR), ylim=(-0.62, 1.12))
    inner.spines["bottom"].set_position("zero")
    xi = np.linspace(0.02, _FAR, 481)
    here = np.array(wave_of_a_dipole([XI]))[:, 0]
    looks: list[tuple[str, p.Dashes]] = [(p.VERMILION, (0, (5, 2))), (p.BLUE, "-")]
    curves = zip(wave_of_a_dipole(xi), here, looks, ("f", "gamma"), strict=True)
    for curve, now, (colour, dashes), name in curves:
        # Beyond the frame hopping diverges as 1/xi^3.
        shown = np.where(np.abs(curve) < 1.12, curve, np.nan)
        p.line(inner, xi, shown, colour, p.THICK, 1.0, dashes, gid=name)
        inner.plot([XI], [now], "o", color=colour, ms=7, gid=f"{name} here")
    p.line(ax, [second, second], [5, 31.5], p.INK, p.THIN, p.FAINT, (0, (2, 3)))
    for y, formula, word, colour, dashes in (
        (20.5, r"$\gamma_{12}$", "decay", p.BLUE, "-"),
        (16.5, "$f_{12}$", "hopping", p.VERMILION, (0, (5, 2))),
    ):
        p.line(ax, [46, 51], [y, y], colour, p.THICK, 1.0, dashes)
        p.words(ax, 52.3, y, formula, 17, ha="left")
        p.words(ax, 57.2, y, word, p.SMALL, ha="left")
    top, bottom = inner.get_ylim()[::-1]
    for value, name in ((1, r"$\gamma_0$"), (0, "$0$")):
        p.words(ax, left - 1.2, 4 + 19 * (value - bottom) / (top - bottom), name, 16, ha="right")
    p.words(ax, left + _SCALE * _FAR, 6.5, "distance", p.SMALL, ha="right")


def symmetric_states() -> dict[str, Floats]:
    """|gg>, |T>, |ee> and the singlet |S> in the basis of the library."""
    gg, ge, eg, ee = np.eye(4)[::-1]
    return {"gg": gg, "T": (eg + ge) / np.sqrt(2), "ee": ee, "S": (eg - ge) / np.sqrt(2)}


def rates_of_two() -> dict[tuple[str, str], tuple[float, float]]:
    """{(from, to): (rate of absorption / nbar, of emission / (nbar + 1))}, in units of gamma0."""
    states = symmetric_states()
    # Without photons there is emission only.
    jumps = [jump.full().real for jump in atoms.AtomCluster.collective(2).jump_operators(0.0)]

    def rate(start: str, end: str) -> float:
        """Of emission; absorption is its reverse."""
        return float(sum(abs(states[end] @ jump @ states[start]) ** 2 for jump in jumps))

    return {(a, b): (rate(b, a), rate(a, b)) for a in states for b in states}


@p.styled
def ladder_of_two() -> Figure:
    r"""The ladder gg, T, ee with its rates, and the dark state S beside it.

    Returns
    -------
    matplotlib.figure.Figure
        Levels at their energies; the number at each arrow is the squared matrix element of the
        collective jump between the two states.

    Examples
    --------
    >>> len(ladder_of_two().axes)
    1
    """
    figure, ax = p.canvas(50)
    height = dict(gg=14.0, T=30.0, S=30.0, ee=46.0)
    middle, width = 32.0, 18.0
    rates = rates_of_two()
    for name in ("gg", "T", "ee"):
        colour = p.GREEN if name == "T" else p.INK
        p.level(ax, middle, height[name], width, colour, p.THICK, gid=f"level {name}")
        p.words(ax, middle - width / 2 - 1.5, height[name], rf"$|{name}\rangle$", 16, ha="right")
    _atoms_of_the_rungs(ax, height)
    for low, high in (("gg", "T"), ("T", "ee")):
        bottom, top = height[low] + 0.8, height[high] - 0.8
        p.arrow(ax, (middle - 4, bottom), (middle - 4, top), p.VERMILION, p.THICK, head=15)
        p.arrow(ax, (middle + 4, top), (middle + 4, bottom), p.BLUE, p.THICK, head=15)
        up, down = rates[low, high][0], rates[high, low][1]
        centre = (height[low] + height[high]) / 2
        p.words(ax, middle - 5.5, centre, rf"${up:g}\gamma_0\bar n$", 17, ha="right")
        p.words(ax, middle + 5.5, centre, rf"${down:g}\gamma_0(\bar n+1)$", 17, ha="left")
    _dark_state(ax, height, rates)
    for x, name in ((middle, "T"), (56.5, "S")):
        element = _root(rates["gg", name][0])
        p.words(
            ax, x, 7.0, rf"$\langle {name}|\sigma_1^+{{+}}\sigma_2^+|gg\rangle = {element}$", 16
        )
    p.words(ax, middle, 2.6, "the rate is its square", p.SMALL)
    return figure


def _root(square: float) -> str:
    """The root of an integer, as a formula."""
    return "0" if square < 1e-12 else rf"\sqrt{{{square:g}}}"


def _atoms_of_the_rungs(ax: Axes, height: Mapping[str, float]) -> None:
    for name, excited in (("gg", 0), ("ee", 1)):
        for x in (5.3, 9.9):
            p.atom(ax, x, height[name], excited)
    p.pair(ax, 7.6, height["T"])
    p.words(ax, 7.6, height["T"] - 5.2, r"$C_{l_1} = p_T$", 17)


def _dark_state(
    ax: Axes, height: Mapping[str, float], rates: Mapping[tuple[str, str], tuple[float, float]]
) -> None:
    centre, width = 60.0, 10.0
    y = height["S"]
    p.level(ax, centre, y, width, p.INK, p.THICK, p.SOFT, (0, (3, 1.5)), gid="level S")
    p.words(ax, centre, y + 3.0, r"$|S\rangle$", 16)
    p.words(ax, centre, y - 3.0, "dark")
    for end, state in ((height["gg"], "gg"), (height["ee"], "ee")):
        towards = 1 if end > y else -1
        start, stop = (42.0, end - towards * 0.6), (56.0, y + towards * 5.8)
        xs, ys = zip(start, stop, strict=True)
        p.line(ax, xs, ys, p.INK, p.LINE, p.FAINT, (0, (4, 3)))
        x, at = (start[0] + stop[0]) / 2, (start[1] + stop[1]) / 2
        for lean in (-1, 1):
            p.line(ax, [x - 1, x + 1], [at - lean, at + lean], p.INK, p.LINE)
        total = sum(rates[state, "S"]) + sum(rates["S", state])
        p.words(ax, x + 2.4, at + towards * 2.4, f"{abs(round(total, 9)):g}")


def levels_of_hopping(n_atoms: int) -> dict[int, Floats]:
    """Eigenvalues of H_d for identical f0 = 1, {number of excitations: ascending energies}."""
    hamiltonian = atoms.AtomCluster.collective(n_atoms, f0=1.0).hamiltonian().full().real
    excited = basis.excitation_numbers(n_atoms)
    return {
        k: np.linalg.eigvalsh(hamiltonian[np.ix_(excited == k, excited == k)])
        for k in range(n_atoms + 1)
    }


@p.styled
def who_feels_hopping() -> Figure:
    """What hopping moves and what it leaves, for two and for three atoms.

    Returns
    -------
    matplotlib.figure.Figure
        On the left the basis states by their number of excitations, with an arrow where an
        excitation can hop; on the right the eigenvalues of the hopping Hamiltonian.

    Examples
    --------
    >>> len(who_feels_hopping().axes)
    1
    """
    figure, ax = p.canvas(60)
    p.words(ax, 19.5, 57.5, "who can hop")
    p.words(ax, 55, 57.5, "energy in $H_d$")
    _sectors(ax, 2, 48)
    _sectors(ax, 3, 28.5)
    for k in range(4):
        for x in (4.5 + 10 * k, 46 + 6 * k):
            p.words(ax, x, 15, f"{k}", p.SMALL)
    for x in (19.5, 55):
        p.words(ax, x, 11.5, "excitations", p.SMALL)
    p.words(ax, 34, 4.0, "the population of a level stays,\n"
            "a coherence between two turns at their distance", p.SMALL)  # fmt: skip
    return figure


def _sectors(ax: Axes, n_atoms: int, middle: float) -> None:
    labels = atoms.sectors(n_atoms)
    energies = levels_of_hopping(n_atoms)
    for k in range(n_atoms + 1):
        x, states = 4.5 + 10 * k, labels[k]
        heights = middle + 6.4 * (np.arange(len(states))[::-1] - (len(states) - 1) / 2)
        for state, y in zip(states, heights, strict=True):
            for i in range(n_atoms):
                # A set bit of a label is an atom in its ground state.
                excited = state & basis.bit(n_atoms, i) == 0
                p.atom(ax, x + 2.7 * (i - (n_atoms - 1) / 2), y, excited, radius=1.1)
        for high, low in zip(heights[:-1], heights[1:], strict=True):
            p.arrow(ax, (x, high - 1.6), (x, low + 1.6), p.GREEN, p.LINE, head=9, both=True)
        if len(states) == 3:
            p.arrow(ax, (x + 4.2, heights[0]), (x + 4.2, heights[2]), p.GREEN, p.LINE, head=9,
                    both=True, bend=-0.18)  # fmt: skip
        _energies(ax, n_atoms, k, energies[k], middle)
    lowest, *_, highest = energies[1]
    low, high = (middle + _PER_F0 * value for value in (lowest + 0.1, highest - 0.1))
    p.arrow(ax, (49.0, low), (49.0, high), p.GREEN, p.LINE, head=9, both=True)
    p.words(ax, 52.3, middle, _energy(highest - lowest), 16)
    for value in (lowest, 0.0, highest):
        p.words(ax, 42.8, middle + _PER_F0 * value, _energy(value), 16, ha="right")
    if n_atoms == 2:
        for name, value in (("S", lowest), ("T", highest)):
            p.words(ax, 57.3, middle + _PER_F0 * value, rf"$|{name}\rangle$", 16)


def _energy(value: float) -> str:
    """A multiple of f0 as a formula."""
    count = round(float(value), 9)
    return "$0$" if count == 0 else f"${count:g}f_0$".replace("1f", "f")


def _energies(ax: Axes, n_atoms: int, k: int, values: Floats, middle: float) -> None:
    x = 46 + 6 * k
    for value in np.unique(values.round(9)):
        count = int(np.sum(np.abs(values - value) < 1e-9))
        colour = p.INK if abs(value) < 1e-9 else p.GREEN
        for j in range(count):
            at = x + (j - (count - 1) / 2) * 2.4
            p.level(ax, at, middle + _PER_F0 * value, 4.4 if count == 1 else 1.8, colour,
                    gid=f"{n_atoms} atoms, {k} excitations")  # fmt: skip
