"""What a solver says of itself, so that one table can choose among all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coherence_lib._types import Floats, Matrices, Matrix

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

__all__ = ["Route"]


@dataclass(frozen=True)
class Route:
    """One way to evolve a cluster. Each solver's module ends in its route.

    Attributes
    ----------
    name : str
        What `method=` calls it.
    needs : str
        What it needs of the cluster and the initial state, in words.
    fits : callable
        ``fits(cluster, rho0) -> bool``. `rho0` is None for the ground state.
    numbers : callable
        ``numbers(n_atoms) -> float``: how many complex numbers it holds while it runs, besides
        the states that `evolve` returns.
    evolve, coherence : callable
        ``(cluster, rho0, times, nbar, progress) -> ndarray``, for checked arguments.
    seconds : callable
        ``seconds(cluster, nbar, times) -> float``: about what `coherence` takes on one core, for
        checked arguments.
    promise : float
        Its largest error, relative to the largest coherence that is asked for.
    """

    name: str
    needs: str
    fits: Callable[[AtomCluster, Matrix | None], bool]
    numbers: Callable[[int], float]
    evolve: Callable[[AtomCluster, Matrix | None, Floats, float, bool], Matrices]
    coherence: Callable[[AtomCluster, Matrix | None, Floats, float, bool], Floats]
    seconds: Callable[[AtomCluster, float, Floats], float]
    promise: float = 1e-8


@dataclass(frozen=True)
class Choice:
    """The route that a question takes, and what it costs.

    Attributes
    ----------
    name : str
        What `method=` calls it.
    needs : str
        What it needs of the cluster and the initial state.
    bytes : float
        Memory that `coherence` takes at the most. `evolve` takes that of its states besides,
        16 bytes times 4^N for each time.
    seconds : float
        About what `coherence` takes on one core, to an order of magnitude.
    reason : str
        Why no cheaper route was taken.
    """

    name: str
    needs: str
    bytes: float
    seconds: float
    reason: str
