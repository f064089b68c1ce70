"""The algebra of the proofs refuses what is false."""

import numpy as np
import pytest

from proofs import algebra
from proofs.algebra import IMAG, SYMBOLS
from proofs.paper1 import test_bloch


def test_the_printed_bloch_equations_are_refused():
    true = test_bloch.derived_from_collisions(test_bloch.PAIR)
    bath = algebra.bath_of(test_bloch.PAIR)
    algebra.identical(test_bloch.derived_bloch(bath), true)
    with pytest.raises(AssertionError, match="not an identity, the sides differ by"):
        algebra.identical(test_bloch.printed_bloch(bath), true)


def test_relations_are_used_and_do_not_make_a_false_identity_true():
    c, s = SYMBOLS.cf, SYMBOLS.sf
    algebra.identical(c**4 - s**4, 1 - 2 * s**2, algebra.HOPPING)
    with pytest.raises(AssertionError, match="not an identity"):
        algebra.identical(c**4 - s**4, 1 - 2 * s**2)
    with pytest.raises(AssertionError, match="not an identity"):
        algebra.identical(c**4 + s**4, 1 - 2 * s**2, algebra.HOPPING)


def test_arrays_are_compared_element_by_element():
    matrix = algebra.generic("a", 4)
    algebra.identical(matrix, matrix.copy())
    wrong = matrix.copy()
    wrong[3, 2] = -wrong[3, 2]
    with pytest.raises(AssertionError, match="a43"):
        algebra.identical(matrix, wrong)


def test_the_adjoint_conjugates_numbers_and_symbols():
    assert algebra.conjugate(IMAG * SYMBOLS.a12 + SYMBOLS.g) == SYMBOLS.g - IMAG * SYMBOLS.a21
    assert algebra.conjugate(SYMBOLS.a11**2) == SYMBOLS.a11**2
    state = algebra.generic("r", 2)
    algebra.identical(algebra.dagger(state), state)
    algebra.identical(algebra.dagger(algebra.LOWER * IMAG), algebra.RAISE * -IMAG)


def test_spin_algebra():
    algebra.identical(algebra.X @ algebra.Y, algebra.Z * IMAG)
    algebra.identical(algebra.commutator(algebra.RAISE, algebra.LOWER), algebra.Z)
    assert np.shape(algebra.lowering(3)) == (3, 8, 8)
