"""Paper I, Secs. II, III.A-B and IV: atoms in a shared thermal photon bath."""

from coherence_lib.atoms import pair
from coherence_lib.atoms.cluster import AtomCluster
from coherence_lib.atoms.geometry import dipole_couplings
from coherence_lib.atoms.solve import (
    DegenerateSteadyStateError,
    coherence,
    evolve,
    long_time_coherence,
    steady_state,
)

__all__ = [
    "AtomCluster",
    "DegenerateSteadyStateError",
    "coherence",
    "dipole_couplings",
    "evolve",
    "long_time_coherence",
    "pair",
    "steady_state",
]
