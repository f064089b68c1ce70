"""Claims and their tests: the marker, what a test shows, and where deviations are stored.

`claims/` lists what the papers say; one test carries the id and the verdict of each entry,
`@claim("p1-eq-5", "reproduces")`, and hands what it computes to the fixture `deviation`, which
holds it to what the verdict says.
"""

import json
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from coherence_lib import _writing
from tools import claims as files

ROOT = Path(__file__).parents[1]
# What is said to be wrong is off by so many tolerances: far beyond what rounding, or the way to a
# limit, could do to the right form.
MARGIN = 1000


class Duty(NamedTuple):
    """What the test of a verdict must call beside plain comparisons, and what is missing if not."""

    call: str
    missing: str


# A test of `reproduces` owes comparisons alone.
DUTIES = {
    "definition": Duty("definition", "that what is coded has the property that defines it"),
    "misprint": Duty("printed", "by how much the printed form is off"),
    "fails": Duty("counterexample", "where a computation contradicts what is stated"),
    "holds under a condition": Duty("broken", "that the statement fails outside of its condition"),
}


def claim(identifier, verdict):
    """Mark a test as the proof of one claim and of its verdict."""
    return pytest.mark.claim(identifier, verdict)


@cache
def load():
    """The claims by their ids."""
    return {entry["id"]: entry for entry in files.load(ROOT)}


@cache
def stored():
    """The deviations that `make ledger` has stored, by the claims' ids."""
    return files.read_measured(ROOT)


def half_a_digit(stated):
    """Half a unit of the last digit of a number as it is stated; a little more for rounding."""
    return 0.5001 * 10.0 ** Decimal(repr(stated)).as_tuple().exponent


class Deviation:
    """What a test shows of its claim: how near the routes are, and how far what is wrong."""

    def __init__(self, entry, verdict):
        if entry["verdict"] != verdict:
            pytest.fail(
                f"{entry['id']}: the test says {verdict!r}, claims/ says {entry['verdict']!r}"
            )
        self.entry, self.verdict = entry, verdict
        self.largest = None
        self.measured_evidence = None
        self.shown, self.readings = set(), set()
        # The nearest case of what is wrong, {(call, reading): (distance, stated, found)}.
        self.apart = {}

    def __call__(self, computed, expected, scale=1.0, *, reading=None):
        """Record max|computed - expected|/scale and return it; fail above the tolerance."""
        value, *_ = self._distance(computed, expected, scale)
        # A nan is not below anything.
        if not value <= self.entry["tolerance"]:
            self._fail(
                f"the routes deviate by {value:.3g}, "
                f"more than the tolerance {self.entry['tolerance']:.3g}"
            )
        self._name(reading)
        self.largest = max(value, self.largest or 0.0)
        return value

    def definition(self, coded, defined, scale=1.0):
        """Compare what is coded with what defines it, word for word."""
        self._own("definition")
        self.shown.add(("definition", None))
        return self(coded, defined, scale)

    def printed(self, printed, true, scale=1.0, *, reading=None):
        """Show that the printed form, as it stands or as a reading has it, is off."""
        return self._apart("printed", printed, true, scale, reading)

    def counterexample(self, stated, found, scale=1.0):
        """Show that a computation finds something else than what is stated."""
        return self._apart("counterexample", stated, found, scale)

    def broken(self, stated, found, scale=1.0):
        """Show that the statement is off where its condition does not hold."""
        return self._apart("broken", stated, found, scale)

    def evidence(self, value):
        """Record the claim's evidence; fail if it is not the number that the claim states."""
        if "evidence" not in self.entry:
            self._fail("the claim states no evidence")
        stated, value = self.entry["evidence"], float(value)
        if not abs(value - stated) <= half_a_digit(stated):
            self._fail(f"the evidence is {value:.10g}, stated is {stated:.10g}")
        self.measured_evidence = value
        return value

    def gap(self):
        """What the test left out, or None."""
        if self.largest is None:
            return "the test compared nothing: call `deviation(computed, expected)`"
        duty = DUTIES.get(self.verdict)
        if duty and (duty.call, None) not in self.shown:
            return f"the test does not show {duty.missing}: call `deviation.{duty.call}`"
        if self.verdict == "misprint":
            for reading in self.entry["readings"]:
                if reading not in self.readings:
                    return f"the test leaves out the reading {reading!r}: name it by `reading=`"
        if "evidence" in self.entry and self.measured_evidence is None:
            return "the claim states evidence that the test does not measure: `deviation.evidence`"
        return None

    def contradiction(self, stored):
        """What the stored deviation has against the one just measured, or None."""
        if files.agree(stored, self.largest):
            return None
        return (
            f"the deviation is {self.largest:.2g}, but measured.json has {stored:.2g}: "
            "find out which is right, and run `make ledger`"
        )

    def _apart(self, call, stated, found, scale, reading=None):
        self._own(call)
        value, stated, found = self._distance(stated, found, scale)
        if not MARGIN * self.entry["tolerance"] < value < np.inf:
            self._fail(
                f"`deviation.{call}` gets {stated} and {found}, which differ by {value:.3g} only, "
                f"not by more than {MARGIN} tolerances, {MARGIN * self.entry['tolerance']:.3g}"
            )
        key = call, self._name(reading)
        self.shown.add(key)
        self.apart[key] = min(self.apart.get(key, (np.inf,)), (value, stated, found))
        return value

    def _own(self, call):
        """Fail if a call belongs to another verdict."""
        if self.verdict not in DUTIES or DUTIES[self.verdict].call != call:
            owner = next(verdict for verdict, duty in DUTIES.items() if duty.call == call)
            self._fail(f"`deviation.{call}` is for {owner!r}, but the claim is {self.verdict!r}")

    def _name(self, reading):
        """The one reading of the claim that holds the given words."""
        if reading is None:
            return None
        found = [text for text in self.entry.get("readings", []) if reading in text]
        if len(found) != 1:
            self._fail(f"{len(found)} readings of the claim hold the words {reading!r}, not one")
        self.readings.update(found)
        return found[0]

    def _distance(self, one, other, scale):
        """max|one - other|/scale, and both as text where they are farthest apart."""
        # A negative scale would make every distance small.
        one, other, scale = _array(one), _array(other), np.abs(_array(scale))
        if one.shape != other.shape and one.ndim and other.ndim:
            self._fail(f"shapes {one.shape} and {other.shape} differ")
        one, other, distance = np.broadcast_arrays(one, other, np.abs(one - other) / scale)
        if not distance.size:
            return 0.0, "nothing", "nothing"
        # `argmax` takes a nan for the largest, as it should.
        place = np.argmax(distance.astype(float))
        return float(distance.flat[place]), _text(one.flat[place]), _text(other.flat[place])

    def _fail(self, problem):
        pytest.fail(f"{self.entry['id']}: {problem}")


def _array(values):
    if isinstance(values, Fraction) or type(values).__module__.startswith("mpmath"):
        values = np.array(values, dtype=object)
    return np.asarray(values)


def _text(value):
    value = complex(value)
    return f"{value:.4g}" if value.imag else f"{value.real:.4g}"


def rounded(deviation):
    """Two significant digits: the rest is noise of the machine."""
    return float(f"{deviation:.1e}")


def write_measured(deviations):
    """Store new deviations beside those of claims that were not run now."""
    kept = {name: rounded(value) for name, value in deviations.items()}
    with _writing.alone(ROOT / "measured.json"):
        if set(load()) - set(kept):
            kept = {**files.read_measured(ROOT), **kept}
        ordered = {name: kept[name] for name in load() if name in kept}
        _writing.write_text(ROOT / "measured.json", json.dumps(ordered, indent=2) + "\n")
