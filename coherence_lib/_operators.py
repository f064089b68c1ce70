"""QuTiP's operators, made of their elements: its own arithmetic drops what is below 1e-14."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coherence_lib._types import Complexes, Floats, Integers

if TYPE_CHECKING:
    import qutip
    from qutip.core.dimensions import Dimensions


def sparse(
    compressed: tuple[Floats | Complexes, Integers, Integers], dims: Dimensions
) -> qutip.Qobj:
    """A Qobj of values, columns and starts of the rows, in ascending order within each row."""
    import qutip

    values, columns, starts = compressed
    size, n = len(starts) - 1, len(values)
    matrix = qutip.data.csr.empty(size, size, n)
    # Filled in place: no constructor that checks, sorts and tidies what is right already.
    filled = matrix.as_scipy(full=True)
    filled.data[:n], filled.indices[:n], filled.indptr[:] = values, columns, starts
    return qutip.Qobj(matrix, dims=dims, copy=False)


def dimensions(factors: Sequence[object]) -> Dimensions:
    """QuTiP's dimensions of an operator on a product, which take long to make from lists."""
    from qutip.core.dimensions import Dimensions

    return Dimensions([factors, factors])
