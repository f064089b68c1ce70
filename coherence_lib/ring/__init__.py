"""Paper II: a ring of interacting sources induces coherence in a target."""

from coherence_lib.ring import bounds, transition
from coherence_lib.ring.coherence import (
    coherence,
    incoherence,
    local_coherence,
    log_partition_function,
    target_state,
)
from coherence_lib.ring.model import Levels, SourceRing, degeneracy
from coherence_lib.ring.sources import SourceGraph
from coherence_lib.ring.weights import log_weights

__all__ = [
    "Levels",
    "SourceGraph",
    "SourceRing",
    "bounds",
    "coherence",
    "degeneracy",
    "incoherence",
    "local_coherence",
    "log_partition_function",
    "log_weights",
    "target_state",
    "transition",
]
