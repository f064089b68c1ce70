"""Proofs of claims: the marker that says which claim a test proves, by which kind of evidence."""

import pytest

# From the strongest down; `sampled` is what no proof carries.
GRADES = ("identity", "exhaustive", "enclosure", "proof", "sampled")


def proves(identifier, grade):
    """Mark a test as the proof of one claim, by a grade of evidence."""
    return pytest.mark.proves(identifier, grade)
