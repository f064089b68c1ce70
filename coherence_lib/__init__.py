"""Coherence from heat: executable companions of two papers, see the book.

Units: hbar = k_B = 1. Subpackages: `measures`, `thermal`, `atoms`, `harvest`, `ring`.
"""

from coherence_lib import atoms, harvest, measures, ring, thermal
from coherence_lib.atoms import DegenerateSteadyStateError

__version__ = "0.1.0"

__all__ = ["DegenerateSteadyStateError", "atoms", "harvest", "measures", "ring", "thermal"]
