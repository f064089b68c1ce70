"""Claims and their tests: the marker, the measured deviation, and where both are stored.

`claims/` lists what the papers say; one test carries the id of each entry, `@claim("p1-eq-5")`,
and hands what it compares to the fixture `deviation`.
"""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tools import claims as files

ROOT = Path(__file__).parents[1]
# A measured piece of evidence agrees with the stated one to this relative accuracy.
EVIDENCE_TOLERANCE = 0.01


def claim(identifier):
    """Mark a test as the proof of one claim."""
    return pytest.mark.claim(identifier)


@cache
def load():
    """The claims by their ids."""
    return {entry["id"]: entry for entry in files.load(ROOT)}


class Deviation:
    """The largest distance between two routes, held against the claim's tolerance."""

    def __init__(self, entry):
        self.entry = entry
        self.largest = None
        self.measured_evidence = None

    def __call__(self, computed, expected, scale=1.0):
        """Record max|computed - expected|/scale and return it; fail above the tolerance."""
        computed, expected = _array(computed), _array(expected)
        if computed.shape != expected.shape and computed.ndim and expected.ndim:
            pytest.fail(f"{self.entry['id']}: shapes {computed.shape} and {expected.shape} differ")
        value = float(np.max(np.abs(computed - expected) / scale, initial=0.0))
        # A nan is not below anything.
        if not value <= self.entry["tolerance"]:
            pytest.fail(
                f"{self.entry['id']}: the routes deviate by {value:.3g}, "
                f"more than the tolerance {self.entry['tolerance']:.3g}"
            )
        self.largest = max(value, self.largest or 0.0)
        return value

    def evidence(self, value):
        """Record the claim's evidence; fail if it is not the number that the claim states."""
        if "evidence" not in self.entry:
            pytest.fail(f"{self.entry['id']}: the claim states no evidence")
        stated, value = self.entry["evidence"], float(value)
        if not abs(value - stated) <= EVIDENCE_TOLERANCE * abs(stated):
            pytest.fail(f"{self.entry['id']}: the evidence is {value:.6g}, stated is {stated:.6g}")
        self.measured_evidence = value
        return value

    def gap(self):
        """What the test left out, or None."""
        if self.largest is None:
            return "the test compared nothing: call `deviation(computed, expected)`"
        if "evidence" in self.entry and self.measured_evidence is None:
            return "the claim states evidence that the test does not measure: `deviation.evidence`"
        return None


def _array(values):
    if isinstance(values, Fraction) or type(values).__module__.startswith("mpmath"):
        values = np.array(values, dtype=object)
    return np.asarray(values)


def rounded(deviation):
    """Two significant digits: the rest is noise of the machine."""
    return float(f"{deviation:.1e}")


def write_measured(deviations):
    """Store new deviations beside those of claims that were not run now."""
    kept = {
        **files.read_measured(ROOT),
        **{name: rounded(value) for name, value in deviations.items()},
    }
    ordered = {name: kept[name] for name in load() if name in kept}
    text = json.dumps(ordered, indent=2) + "\n"
    (ROOT / "measured.json").write_text(text, encoding="utf-8")
