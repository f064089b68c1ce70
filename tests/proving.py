"""Proofs of claims: the marker that says which claim a test proves, and by what kind of evidence.

Proofs are in `tests/proofs/`. The grades are those of `tools/claims.py`, which finds the proofs by
this mark.
"""

import pytest


def proves(identifier, grade):
    """Mark a test as the proof of one claim, by a grade of evidence."""
    return pytest.mark.proves(identifier, grade)
