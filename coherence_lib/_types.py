"""The words of the signatures: what may be handed in, and what comes back.

Real numbers are taken in any form: single ones, lists, arrays, and labelled arrays. The form of
what comes back is that of what went in, and the functions say so as overloads: a float where all
are single numbers, a labelled array where one is labelled, else an array. Types know no shapes,
but for those of states: a number in an array without dimensions counts as an array, though a
float comes back for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xarray import DataArray

# --- what comes back -----------------------------------------------------------------

# An array of real numbers.
Floats: TypeAlias = NDArray[np.float64]
# An array of complex numbers.
Complexes: TypeAlias = NDArray[np.complex128]
# An array of whole numbers.
Integers: TypeAlias = NDArray[np.signedinteger]
# An array of what holds and what does not.
Bools: TypeAlias = NDArray[np.bool]
# One complex matrix, such as a density matrix: shape (d, d).
Matrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.complex128]]
# One complex matrix for each time: shape (T, d, d).
Matrices: TypeAlias = np.ndarray[tuple[int, int, int], np.dtype[np.complex128]]
# An array of xarray, whose dimensions have names.
Labelled: TypeAlias = Union["DataArray"]
# A number for single numbers, an array for arrays, a labelled one for labelled ones.
Value: TypeAlias = Union[float, Floats, "DataArray"]

# --- what may be handed in -----------------------------------------------------------

# One real number.
Number: TypeAlias = float | np.integer | np.floating
# Many of them, in an array or in lists.
Array: TypeAlias = (
    NDArray[np.integer | np.floating]
    | Sequence[Number]
    | Sequence[NDArray[np.integer | np.floating]]
    | Sequence[Sequence[Number]]
)
# One or many, without labels.
Numbers: TypeAlias = Number | Array
# One or many, labelled or not.
Real: TypeAlias = Union[Numbers, "DataArray"]
# One whole number.
Whole: TypeAlias = int | np.integer
# One or many, without labels.
WholeNumbers: TypeAlias = Whole | NDArray[np.integer] | Sequence[Whole]
# One or many, labelled or not.
Wholes: TypeAlias = Union[WholeNumbers, "DataArray"]
# Times without labels, in one dimension.
Times: TypeAlias = NDArray[np.integer | np.floating] | Sequence[Number]
# The values of one argument in a sweep, numbers or words in one dimension.
Grid: TypeAlias = Union[Times, Sequence[str], "DataArray"]


class Operator(Protocol):
    """What is asked of a `qutip.Qobj`, which brings no types of its own."""

    @property
    def isket(self) -> bool: ...
    @property
    def isoper(self) -> bool: ...
    def full(self) -> NDArray[np.complex128]: ...


# One state: an operator or a ket of QuTiP, or a density matrix in an array or in lists.
OneState: TypeAlias = (
    Operator | np.ndarray[tuple[int, int], np.dtype[np.number]] | Sequence[Sequence[complex]]
)
# Many states: an array of shape (..., d, d), or a list of single ones.
ManyStates: TypeAlias = (
    NDArray[np.number]
    | Sequence[Operator]
    | Sequence[NDArray[np.number]]
    | Sequence[Sequence[Sequence[complex]]]
)
# One state, labelled or not.
State: TypeAlias = Union[OneState, "DataArray"]
# One or many, labelled or not.
States: TypeAlias = Union[OneState, ManyStates, "DataArray"]

# --- choices -------------------------------------------------------------------------

# Which route evolves a cluster.
Method: TypeAlias = Literal[
    "auto", "closed", "ladder", "blocks", "krylov", "modes", "full", "near_field"
]
# Whether a collision is taken exactly or to second order.
Order: TypeAlias = Literal["exact", 2]

# --- within formulas -----------------------------------------------------------------

# A number or an array of numbers that have been checked.
Numeric: TypeAlias = float | NDArray[np.integer | np.floating]
