"""Many atoms: their ladder, and the blocks of their density matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import atoms
from coherence_lib._types import Floats
from coherence_lib.atoms import basis
from coherence_lib.drawings import pieces as p

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_ATOMS = 4
NBAR = 10.0


def symmetric(n_atoms: int, k: int) -> Floats:
    """The equal superposition of all basis states with k excitations."""
    there = basis.excitation_numbers(n_atoms) == k
    return there / np.sqrt(there.sum())


def rates_of_the_ladder(n_atoms: int) -> list[float]:
    """Squared matrix elements of the collective jump from k to k + 1, k = 0 .. N - 1."""
    # Without photons there is emission only.
    (down,) = atoms.AtomCluster.collective(n_atoms).jump_operators(0.0)
    up = down.full().real.T
    return [
        float(abs(symmetric(n_atoms, k + 1) @ up @ symmetric(n_atoms, k)) ** 2)
        for k in range(n_atoms)
    ]


@p.styled
def ladder_of_atoms() -> Figure:
    """The ladder of four atoms: rates, basis states a rung, and what each adds to the coherence.

    Returns
    -------
    matplotlib.figure.Figure
        A rung is drawn as wide as it has basis states.

    Examples
    --------
    >>> len(ladder_of_atoms().axes)
    1
    """
    figure, ax = p.canvas(55)
    middle, low, step = 34.0, 3.0, 10.0
    for x, word, formula in ((6.5, "excited", "$k$"), (60, "coherence", r"$\binom{N}{k} - 1$")):
        p.words(ax, x, 52.8, word, p.SMALL)
        p.words(ax, x, 48.6, formula, 17)
    for k, states in enumerate(block_sizes(N_ATOMS)):
        y = low + k * step
        p.words(ax, 6.5, y, f"${k}$", 17)
        for j in range(states):
            x = middle + 4.2 * (j - (states - 1) / 2)
            p.level(ax, x, y, 3.2, p.GREEN if states > 1 else p.INK, 3.4, gid=f"rung {k}")
        p.words(ax, 60, y, f"${states - 1}$", 17)
    for k, rate in enumerate(rates_of_the_ladder(N_ATOMS)):
        bottom, top = low + k * step + 1.4, low + (k + 1) * step - 1.4
        p.arrow(ax, (middle - 1.6, bottom), (middle - 1.6, top), p.VERMILION, p.THICK, head=13)
        p.arrow(ax, (middle + 1.6, top), (middle + 1.6, bottom), p.BLUE, p.THICK, head=13)
        y = (bottom + top) / 2
        p.words(ax, middle - 3.4, y, rf"${rate:g}\gamma_0\bar n$", 16, ha="right")
        p.words(ax, middle + 3.4, y, rf"${rate:g}\gamma_0(\bar n{{+}}1)$", 16, ha="left")
    return figure


def block_sizes(n_atoms: int) -> list[int]:
    """Number of basis states with 0, 1, .., N excitations."""
    return [len(labels) for labels in atoms.sectors(n_atoms)]


def settled(n_atoms: int) -> Floats:
    """The long-time state of atoms that start in their ground state, sorted by excitations."""
    cluster = atoms.AtomCluster.collective(n_atoms)
    rho = atoms.steady_state(cluster, NBAR, rho0=atoms.ground_state(n_atoms)).real
    order = np.concatenate(atoms.sectors(n_atoms))
    return rho[np.ix_(order, order)]


@p.styled
def matrix_blocks() -> Figure:
    """The density matrix of four atoms: what the dynamics couples, three times smaller.

    Returns
    -------
    matplotlib.figure.Figure
        On the left the matrix of the long-time state, sorted by excitations, darker where it is
        larger; on the right the numbers that three routes need.

    Examples
    --------
    >>> len(matrix_blocks().axes)
    1
    """
    figure, ax = p.canvas(42)
    side, left, top = 38.0, 2.0, 40.0
    rho = settled(N_ATOMS)
    cell = side / len(rho)
    p.line(ax, [left, left + side, left + side, left, left],
           [top, top, top - side, top - side, top], p.INK, p.THIN, p.SOFT)  # fmt: skip
    start = 0
    for k, size in enumerate(block_sizes(N_ATOMS)):
        weight = rho[start, start] / rho.max()
        x, y, width = left + start * cell, top - start * cell, size * cell
        p.square(ax, x, y - width, width, p.GREEN, 0.15 + 0.75 * weight, gid=f"block {k}")
        for j in range(size):
            p.square(ax, x + j * cell, y - (j + 1) * cell, cell, p.INK, 0.35)
        p.words(ax, x + width + 1.4, y - width / 2 - 0.2, f"${size}$", 13)
        start += size
    whole, blocks, rungs = numbers_of_the_routes(N_ATOMS)
    for y, word, formula in (
        (34, "whole matrix", rf"$4^N = {whole}$"),
        (21, "blocks", rf"$\sum_k \binom{{N}}{{k}}^{{\!2}} = {blocks}$"),
        (8, "ladder", rf"$N + 1 = {rungs}$"),
    ):
        p.words(ax, 46, y + 4.6, word, ha="left")
        p.words(ax, 46, y, formula, 17, ha="left")
    return figure


def numbers_of_the_routes(n_atoms: int) -> tuple[int, int, int]:
    """How many numbers the full matrix, its blocks and the ladder hold."""
    sizes = block_sizes(n_atoms)
    return 4**n_atoms, sum(size**2 for size in sizes), len(sizes)
