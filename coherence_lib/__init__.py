"""Coherence from heat: executable companions of two papers, see the book.

Units: hbar = k_B = 1. Subpackages, each loaded when it is first used: `measures`, `thermal`,
`atoms`, `harvest`, `ring`, `sweep`; and for the book's figures `figures`, `drawings` and
`explore`.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

__all__ = ["DegenerateSteadyStateError", "atoms", "harvest", "measures", "ring", "sweep", "thermal"]

# Who asks for photons need not wait for SciPy's sparse matrices, nor anybody for matplotlib.
_PACKAGES = (*__all__[1:], "drawings", "explore", "figures")

# As in `typing`, whose import would take a tenth of ours.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from coherence_lib import atoms, harvest, measures, ring, sweep, thermal
    from coherence_lib import drawings as drawings
    from coherence_lib import explore as explore
    from coherence_lib import figures as figures
    from coherence_lib.atoms import DegenerateSteadyStateError
else:

    def __getattr__(name: str) -> object:
        if name in _PACKAGES:
            return importlib.import_module(f"coherence_lib.{name}")
        if name == "DegenerateSteadyStateError":
            return importlib.import_module("coherence_lib.atoms").DegenerateSteadyStateError
        raise AttributeError(f"module 'coherence_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_PACKAGES})
