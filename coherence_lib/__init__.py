"""Coherence from heat: executable companions of two papers, see the book.

Units: hbar = k_B = 1. Subpackages: `measures`, `thermal`, `atoms`.
"""

from coherence_lib import atoms, measures, thermal
from coherence_lib.atoms import DegenerateSteadyStateError

__version__ = "0.1.0"

__all__ = ["DegenerateSteadyStateError", "atoms", "measures", "thermal"]
