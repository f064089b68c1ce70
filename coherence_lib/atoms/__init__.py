"""Paper I, Secs. II, III.A-B and IV: atoms in a shared thermal photon bath."""

from coherence_lib.atoms import ladder, pair, symmetry
from coherence_lib.atoms.asymptotics import thermal_state
from coherence_lib.atoms.basis import ground_state, sectors
from coherence_lib.atoms.cluster import AtomCluster
from coherence_lib.atoms.geometry import dipole_couplings, missing_decay
from coherence_lib.atoms.solve import (
    DegenerateSteadyStateError,
    coherence,
    evolve,
    long_time_coherence,
    route,
    steady_state,
)
from coherence_lib.atoms.spectrum import relaxation_rates, slow_rates

__all__ = [
    "AtomCluster",
    "DegenerateSteadyStateError",
    "coherence",
    "dipole_couplings",
    "evolve",
    "ground_state",
    "ladder",
    "long_time_coherence",
    "missing_decay",
    "pair",
    "relaxation_rates",
    "route",
    "sectors",
    "slow_rates",
    "steady_state",
    "symmetry",
    "thermal_state",
]
