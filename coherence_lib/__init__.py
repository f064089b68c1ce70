"""Coherence from heat: executable companions of two papers, see the book.

Units: hbar = k_B = 1. Subpackages: `measures`, `thermal`, `atoms`, `harvest`, `ring`; and, loaded
when first used, `figures`, `drawings` and `explore` for the book's figures.
"""

import importlib

from coherence_lib import atoms, harvest, measures, ring, thermal
from coherence_lib.atoms import DegenerateSteadyStateError

__version__ = "0.1.0"

__all__ = ["DegenerateSteadyStateError", "atoms", "harvest", "measures", "ring", "thermal"]

# They need matplotlib or Jupyter, which a user of the physics need not wait for.
_LAZY = ("drawings", "explore", "figures")


def __getattr__(name):
    if name in _LAZY:
        return importlib.import_module(f"coherence_lib.{name}")
    raise AttributeError(f"module 'coherence_lib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_LAZY])
