r"""Where Eq. (I.1) ends: exact projections onto what never decays, for any cluster.

Atoms that share every photon have many steady states, and a solver that returns
"the" steady state picks one of them at random. Here the initial state decides:

* With photons (nbar > 0) the thermal state of the bare atoms is always stationary
  and has full rank, whatever `f` and `gamma`. The conserved quantities are then the
  operators X that commute with the Hamiltonian and with every jump operator, and
  the stationary operators are :math:`\rho_{th}^{1/2} X \rho_{th}^{1/2}`. The X know
  nothing of nbar, so no limit of few or many photons is ill-conditioned.
* Without photons (nbar = 0) everything ends in the dark subspace, the largest
  subspace that no jump operator leaves and the Hamiltonian maps into itself. What
  arrives there is found sector by sector, from the most excited one down, with one
  Sylvester equation each.

Neither needs a tolerance on decay rates: a slow decay is not a conserved quantity. Two
roundings remain. Couplings that differ by less than about 1e-8 of the largest count as
equal; and at nbar = 0 a decay slower than 1e-6 gamma0 beside several dark states costs
digits, about 1e-16 divided by it. A state whose trace or positivity is off by more than
1e-7 is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
import scipy.sparse as sp

from coherence_lib import _checks
from coherence_lib._types import Complexes, Floats, Integers, Matrix, Number, Whole
from coherence_lib.atoms.basis import (
    atoms_of_a_state,
    excitation_numbers,
    hopping,
    lowering,
    sectors,
)

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

# Operators are scaled to norm of order one before ranks are decided. What is smaller counts as
# zero: vectors that only so much holds apart are mixed by 1e-16 divided by it.
_ZERO = 1e-8
# The largest error of the trace and of the lowest eigenvalue of what is returned.
_LOST = 1e-7


@dataclass(frozen=True)
class Orbit:
    r"""The state at long times, :math:`\rho(t) \to \sum_\omega e^{-i\omega t} A_\omega`.

    `frequencies` has shape (n,), `amplitudes` (n, 2**N, 2**N); the frequency 0 is
    always there, and its amplitude is the time average.
    """

    frequencies: Floats
    amplitudes: Complexes

    @property
    def average(self) -> Matrix:
        """The time average, a density matrix."""
        return self.amplitudes[np.argmin(np.abs(self.frequencies))]


def orbit(cluster: AtomCluster, nbar: float, rho0: Matrix) -> Orbit:
    """Everything of `rho0` that survives; `rho0` is a checked array.

    Raises
    ------
    ValueError
        If couplings are so nearly equal that roundings decide.
    """
    rates, jumps, hamiltonian = model_operators(cluster)
    n = cluster.n_atoms
    if nbar > 0 and len(rates) == n:
        return Orbit(np.zeros(1), thermal_state(n, nbar)[None])
    if nbar == 0 or len(rates) == 0:
        found = _dark_orbit(n, rates, jumps, hamiltonian, rho0)
    else:
        found = _thermal_orbit(n, nbar, jumps, hamiltonian, rho0)
    trace, lowest = np.trace(found.average).real, np.linalg.eigvalsh(found.average)[0]
    if not (abs(trace - 1) <= _LOST and lowest >= -_LOST):
        raise ValueError(
            "`cluster` must have couplings that are equal or differ by more than roundings, but "
            "here the projection has lost its digits: its trace is "
            f"{trace:.9g} and its lowest eigenvalue {lowest:.1e}."
        )
    return found


def is_unique(cluster: AtomCluster, nbar: float) -> bool:
    """Whether every initial state has the same time average."""
    rates, jumps, hamiltonian = model_operators(cluster)
    n = cluster.n_atoms
    if len(rates) == n:
        return True
    if nbar == 0 or len(rates) == 0:
        dark = _dark_subspaces(n, jumps, hamiltonian)
        return sum(basis.shape[1] for basis in dark) == 1
    conserved = conserved_operators(n, jumps, hamiltonian)
    return sum(len(elements) for elements in conserved.values()) == 1


def thermal_state(n_atoms: Whole, nbar: Number) -> Matrix:
    r"""Thermal state of independent atoms, :math:`p_e/p_g = \bar n/(\bar n+1)`.

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, >= 1.
    nbar : float
        Mean number of thermal photons, >= 0.

    Returns
    -------
    ndarray, shape (2**N, 2**N)
        Complex and diagonal. Stationary in any geometry.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer >= 1, `nbar` not a finite number >= 0, or the state
        does not fit the memory.

    Examples
    --------
    >>> print(thermal_state(1, nbar=1.0).real.round(6))
    [[0.333333 0.      ]
     [0.       0.666667]]
    """
    n_atoms = atoms_of_a_state(n_atoms)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    ratio = nbar / (nbar + 1)
    excitations = excitation_numbers(n_atoms)
    weights = ratio**excitations
    return np.diag(weights / weights.sum()).astype(np.complex128)


def model_operators(cluster: AtomCluster) -> tuple[Floats, Floats, Floats]:
    """Channel rates, channel operators of norm one each, H: dense real arrays."""
    rates, vectors = cluster.decay_channels()
    n, pairs = cluster.n_atoms, np.argwhere(cluster.f)
    jumps = lowering(n).dense(vectors.T)
    hamiltonian = hopping(n, pairs).dense(cluster.f[tuple(pairs.T)])
    return rates, jumps, hamiltonian


def _null_space(matrix: Floats) -> Floats:
    """Orthonormal columns that `matrix`, of norm of order one, maps to zero."""
    if matrix.shape[1] == 0 or matrix.shape[0] == 0:
        return np.eye(matrix.shape[1])
    _, values, rows = np.linalg.svd(matrix)
    rank = int(np.sum(values > _ZERO))
    return rows[rank:].conj().T


def _largest_invariant(operator: Floats, basis: Floats) -> Floats:
    """The largest subspace of span(basis) that a Hermitian operator maps into itself."""
    while basis.shape[1]:
        leaves = operator @ basis - basis @ (basis.conj().T @ operator @ basis)
        stays = _null_space(leaves)
        if stays.shape[1] == basis.shape[1]:
            break
        basis = basis @ stays
    return basis


def _unit_scale(operator: Floats) -> Floats:
    largest = np.abs(operator).max()
    return operator / largest if largest > 0 else operator


# --- without photons -------------------------------------------------------------


def _dark_subspaces(n: int, jumps: Floats, hamiltonian: Floats) -> list[Floats]:
    """For each number of excitations an orthonormal basis of the dark states."""
    scaled = _unit_scale(hamiltonian)
    bases = []
    for labels in sectors(n):
        columns = jumps[:, :, labels].reshape(-1, len(labels))
        bases.append(_largest_invariant(scaled[np.ix_(labels, labels)], _null_space(columns)))
    return bases


@dataclass(frozen=True)
class _DarkModel:
    """What the way into the dark subspace needs, sector by sector of k excitations.

    `dark` and `bright` are orthonormal columns, `energies` those of the dark states, and
    `damped` the generator -iH - (decay)/2 within the bright ones.
    """

    labels: list[Integers]
    rates: Floats
    jumps: Floats
    dark: list[Floats]
    bright: list[Floats]
    energies: list[Floats]
    damped: list[Complexes]
    tolerance: float

    def gaps(self, q: int) -> list[Floats]:
        """Energy differences between dark states of k and of k - q excitations, k = q, .., N."""
        pairs = zip(self.energies[q:], self.energies, strict=False)
        return [np.subtract.outer(upper, lower) for upper, lower in pairs]

    def arrived(self, rho0: Matrix, q: int, omega: float) -> Matrix:
        """Amplitude at frequency omega between dark states whose excitations differ by q."""
        amplitude, gaps, last = np.zeros_like(rho0), self.gaps(q), len(self.labels) - 1
        source = np.zeros((len(self.labels[last]), len(self.labels[last - q])), np.complex128)
        for k in range(last, q - 1, -1):
            row, column = self.labels[k], self.labels[k - q]
            arriving = rho0[np.ix_(row, column)] + source
            matched = np.abs(gaps[k - q] - omega) <= self.tolerance
            left, right = self.dark[k], self.dark[k - q]
            survives = np.where(matched, left.T @ arriving @ right, 0)
            amplitude[np.ix_(row, column)] = left @ survives @ right.T
            if k > q:
                source = self._fed(arriving, k, q, omega)
        return amplitude

    def _fed(self, arriving: Complexes, k: int, q: int, omega: float) -> Complexes:
        """What the decaying part of one sector feeds into the next one below."""
        left, right = self.bright[k], self.bright[k - q]
        decaying = left.T @ arriving @ right
        spent = decaying
        if decaying.size:
            # Time spent in the decaying part: integral of e^{i omega t} rho(t).
            turning = self.damped[k] + 1j * omega * np.eye(len(self.damped[k]))
            spent = scipy.linalg.solve_sylvester(turning, self.damped[k - q].conj().T, -decaying)
        spent = left @ spent @ right.T
        down_left = self.jumps[:, self.labels[k - 1]][:, :, self.labels[k]]
        down_right = self.jumps[:, self.labels[k - q - 1]][:, :, self.labels[k - q]]
        return np.einsum(
            "c,cai,ij,cbj->ab", self.rates, down_left, spent, down_right, optimize=True
        )


def _dark_orbit(n: int, rates: Floats, jumps: Floats, hamiltonian: Floats, rho0: Matrix) -> Orbit:
    subspaces = _dark_subspaces(n, jumps, hamiltonian)
    if sum(basis.shape[1] for basis in subspaces) == 1:
        # Only |gg..g> is dark; all ends there, and no slow rate has to be divided by.
        return Orbit(np.zeros(1), thermal_state(n, 0.0)[None])
    model = _dark_model(n, rates, jumps, hamiltonian, subspaces)
    found = {0.0: np.zeros_like(rho0)}
    for q in range(n + 1):
        gaps = np.concatenate([gap.ravel() for gap in model.gaps(q)])
        for omega in _distinct(gaps, model.tolerance):
            part = model.arrived(rho0, q, omega)
            _add(found, omega, part, model.tolerance)
            if q > 0:
                _add(found, -omega, part.conj().T, model.tolerance)
    return Orbit(np.array(list(found)), np.array(list(found.values())))


def _dark_model(
    n: int, rates: Floats, jumps: Floats, hamiltonian: Floats, subspaces: Sequence[Floats]
) -> _DarkModel:
    labels = sectors(n)
    dark, bright, energies, damped = [], [], [], []
    for states, basis in zip(labels, subspaces, strict=True):
        block = hamiltonian[np.ix_(states, states)]
        energy, rotation = np.linalg.eigh(basis.T @ block @ basis)
        dark.append(basis @ rotation)
        energies.append(energy)
        bright.append(_null_space(basis.T))
        decay = np.einsum("c,cai,caj->ij", rates, jumps[:, :, states], jumps[:, :, states])
        damped.append(bright[-1].T @ (-1j * block - 0.5 * decay) @ bright[-1])
    tolerance = _ZERO * max(np.abs(hamiltonian).max(), np.finfo(float).tiny)
    return _DarkModel(labels, rates, jumps, dark, bright, energies, damped, tolerance)


def _distinct(values: Floats, tolerance: float) -> list[float]:
    """Representatives of values that agree within the tolerance."""
    representatives: list[float] = []
    for value in np.sort(values):
        if not representatives or value - representatives[-1] > tolerance:
            representatives.append(float(value))
    return representatives


def _add(found: dict[float, Matrix], omega: float, part: Matrix, tolerance: float) -> None:
    for known in found:
        if abs(known - omega) <= tolerance:
            found[known] = found[known] + part
            return
    found[omega] = part


# --- with photons ----------------------------------------------------------------


def conserved_operators(
    n: int, jumps: Floats, hamiltonian: Floats | None = None
) -> dict[int, Floats]:
    """Operators that commute with all jumps (and H), by the excitations q that they add.

    A dict q -> array (m_q, 2**N, 2**N) of real, orthonormal operators; q < 0 are the
    transposes of q > 0 and are included.
    """
    dimension = 2**n
    identity = sp.identity(dimension, format="csr")
    generators = [*jumps, *(j.T for j in jumps)]
    if hamiltonian is not None:
        generators.append(_unit_scale(hamiltonian))
    commutators = [
        sp.csr_array(sp.kron(sp.csr_array(g), identity) - sp.kron(identity, sp.csr_array(g.T)))
        for g in generators
    ]
    excitations = excitation_numbers(n)
    added = np.subtract.outer(excitations, excitations).ravel()
    conserved = {}
    for q in range(n + 1):
        columns = np.flatnonzero(added == q)
        narrow = [c[:, columns] for c in commutators]
        squares = sum((c.T @ c for c in narrow[1:]), narrow[0].T @ narrow[0]).toarray()
        values, vectors = np.linalg.eigh(squares)
        # The squared form only preselects; the commutators themselves decide.
        near = vectors[:, : _count_below_gap(values)]
        # NumPy's hints do not know that this mode returns an array.
        upper: Floats = np.linalg.qr(np.vstack([c @ near for c in narrow]), mode="r")  # type: ignore[assignment]
        exact = near @ _null_space(upper)
        elements = np.zeros((exact.shape[1], dimension**2))
        elements[:, columns] = exact.T
        elements = elements.reshape(-1, dimension, dimension)
        if len(elements):
            conserved[q] = elements
            if q > 0:
                conserved[-q] = elements.swapaxes(1, 2)
    return conserved


def _count_below_gap(values: Floats) -> int:
    """How many of the ascending values lie below the widest relative gap around 1e-2.

    Vectors on the two sides of a narrow gap would be mixed by rounding. What is soft
    but not conserved is kept here, for the commutators to tell apart.
    """
    first, last = np.searchsorted(values, [1e-4, 1e-1])
    bounds = np.concatenate([[1e-14], values, [1e3]])
    ratios = bounds[first + 1 : last + 2] / np.maximum(bounds[first : last + 1], 1e-14)
    return int(first + np.argmax(ratios))


def _thermal_orbit(n: int, nbar: float, jumps: Floats, hamiltonian: Floats, rho0: Matrix) -> Orbit:
    conserved = conserved_operators(n, jumps, hamiltonian)
    average = _thermal_average(n, nbar, conserved, rho0)
    damping_only = conserved_operators(n, jumps)
    if _count(damping_only) == _count(conserved):
        return Orbit(np.zeros(1), average[None])
    frequencies, amplitudes = [0.0], [average]
    scale = np.abs(hamiltonian).max()
    for elements in damping_only.values():
        for omega, mode in _rotating(elements, hamiltonian / scale):
            frequencies.append(omega * scale)
            amplitudes.append(_weighted_projection(n, nbar, mode, rho0))
    return Orbit(np.array(frequencies), np.array(amplitudes))


def _count(conserved: dict[int, Floats]) -> int:
    return sum(len(elements) for elements in conserved.values())


def _rotating(elements: Floats, hamiltonian: Floats) -> list[tuple[float, Floats]]:
    """Pairs (omega != 0, array of modes) of [H, .] within span(elements)."""
    dimension = elements.shape[-1]

    def commutator(basis: Floats) -> Floats:
        shaped = basis.T.reshape(-1, dimension, dimension)
        return (hamiltonian @ shaped - shaped @ hamiltonian).reshape(len(shaped), -1).T

    basis = elements.reshape(len(elements), -1).T
    while basis.shape[1]:
        image = commutator(basis)
        stays = _null_space(image - basis @ (basis.T @ image))
        if stays.shape[1] == basis.shape[1]:
            break
        basis = basis @ stays
    if not basis.shape[1]:
        return []
    energies, rotation = np.linalg.eigh(basis.T @ commutator(basis))
    modes = (basis @ rotation).T.reshape(-1, dimension, dimension)
    return [
        (omega, modes[np.abs(energies - omega) <= _ZERO])
        for omega in _distinct(energies, _ZERO)
        if abs(omega) > _ZERO
    ]


def _root_weights(n: int, nbar: float, lowest: int = 0) -> Floats:
    """Diagonal of rho_th^(1/2), scaled to 1 at `lowest` excitations; below them unused."""
    excitations = excitation_numbers(n)
    return np.sqrt(nbar / (nbar + 1)) ** np.maximum(excitations - lowest, 0)


def _weighted_projection(n: int, nbar: float, modes: Floats, rho0: Matrix) -> Matrix:
    """Projection onto rho_th^(1/2) X rho_th^(1/2), X in the span of the modes."""
    root = _root_weights(n, nbar)
    weighted = root[:, None] * modes * root
    gram = np.einsum("aij,bij->ab", modes.conj(), weighted)
    overlaps = np.einsum("aij,ij->a", modes.conj(), rho0)
    return np.einsum("a,aij->ij", np.linalg.solve(gram, overlaps), weighted)


def _thermal_average(n: int, nbar: float, conserved: dict[int, Floats], rho0: Matrix) -> Matrix:
    """Time average: in each irreducible subspace thermal, with its conserved weight.

    A random Hermitian conserved operator splits the space into irreducible
    subspaces; between two of them there is at most one conserved operator. In that
    basis the weights of different subspaces never mix, so tiny nbar keeps its digits.
    """
    random = np.random.default_rng(20170922)
    neutral = conserved[0]
    mix = np.tensordot(
        random.normal(size=len(neutral)) + 1j * random.normal(size=len(neutral)), neutral, axes=1
    )
    subspaces = _irreducible(n, mix + mix.conj().T)
    excitations = excitation_numbers(n)
    average = np.zeros_like(rho0)
    for q, elements in conserved.items():
        mix = np.tensordot(random.normal(size=len(elements)), elements, axes=1)
        for left in subspaces:
            for right in subspaces:
                link = left @ (left.conj().T @ mix @ right) @ right.conj().T
                if np.abs(link).max() < 1e-7 * np.abs(mix).max():
                    continue
                lowest = excitations[np.abs(right).max(axis=1) > 1e-7].min()
                to, origin = _root_weights(n, nbar, lowest + q), _root_weights(n, nbar, lowest)
                weighted = to[:, None] * link * origin
                overlap = np.vdot(link, rho0) / np.vdot(link, weighted)
                average += overlap * weighted
    return average


def _irreducible(n: int, operator: Complexes) -> list[Complexes]:
    """Eigenspaces of a Hermitian operator that conserves the excitations, as columns."""
    energies, vectors_of = [], []
    for labels in sectors(n):
        energy, vectors = np.linalg.eigh(operator[np.ix_(labels, labels)])
        full = np.zeros((2**n, len(labels)), np.complex128)
        full[labels] = vectors
        energies.append(energy)
        vectors_of.append(full.T)
    values, columns = np.concatenate(energies), np.concatenate(vectors_of)
    tolerance = 1e-7 * max(np.abs(values).max(), np.finfo(float).tiny)
    return [
        columns[np.abs(values - level) <= tolerance].T for level in _distinct(values, tolerance)
    ]
