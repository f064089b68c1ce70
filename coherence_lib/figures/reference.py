"""The committed numbers of a notebook's figures, and the comparison with them."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coherence_lib import _checks, _writing
from coherence_lib._types import Floats, Real
from coherence_lib.figures.reading import Drawn, Row, read
from coherence_lib.figures.sheet import just_shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Set by the command that renews references, and by nothing else.
WRITE_VARIABLE = "COHERENCE_LIB_WRITE_REFERENCES"
# Largest accepted deviation, in units of a curve's range.
TOLERANCE = 1e-6
_STORED_DIGITS = 12
_SHOWN_DIGITS = 6
_SAMPLES = 5
# A curve whose range is a smaller part of its modulus counts as constant.
_FLAT = 1e-5
# Of a curve on a logarithmic axis, the largest range that is its unit.
_DECADE = float(np.log(10))

# What is stored of a figure, as JSON has it.
Entry: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """The committed numbers of a notebook's figures, a JSON file beside the notebook.

    In a notebook, `numbers("fig-line")` compares all that the figure just shown draws: every
    point of every artist, and labels, scales, limits, legends and texts. Elsewhere the figure is
    given:

    >>> import os, pathlib, tempfile
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> ax = figure.subplots()
    >>> _ = ax.plot([0, 1, 2], [0, 10, 20], label="rise")
    >>> _ = ax.set(xlabel="time")
    >>> numbers = Reference(pathlib.Path(tempfile.mkdtemp()) / "chapter.json")
    >>> os.environ[WRITE_VARIABLE] = "1"
    >>> _ = numbers("fig-line", figure)
    >>> del os.environ[WRITE_VARIABLE]
    >>> numbers("fig-line", figure)
    fig-line: 3 points of 1 curve agree with the reference
        time  0  1  2
        rise  0  10  20
    >>> ax.lines[0].set_ydata([0, 10, 20.1])
    >>> numbers("fig-line", figure)
    fig-line: DIFFERS from the reference; if that is meant, run `make references`
        time  0  1  2
        rise  0  10  20.1  DIFFERS by 0.005 of its range at time = 2: 20.1 instead of 20

    Parameters
    ----------
    path : str or Path
        The JSON file; relative to the notebook's folder, where its kernel runs.
    tolerance : float, optional
        Largest accepted deviation, in units of a curve's range within its frame (of its modulus
        where the range is below 1e-5 of it, and of one decade where a logarithmic axis has more).
    """

    path: str | Path
    tolerance: float = TOLERANCE
    _written: dict[str, Entry] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, name: str, figure: Figure | None = None, /, **said: Real) -> FigureNumbers:
        """Compare all that a figure draws with the reference.

        Parameters
        ----------
        name : str
            The figure's name, as in its caption's metadata.
        figure : matplotlib.figure.Figure, optional
            By default the one that the notebook has just shown.
        **said : array_like
            Numbers that the caption says and the figure does not show.

        Returns
        -------
        FigureNumbers
            Its text is what a notebook shows and a test compares.

        Raises
        ------
        TypeError, ValueError
            If no figure was shown, if it draws no data, a curve of gaps only, an infinite number
            or an artist of a kind that is not known, or if what is said is no number. While
            references are written, also if two figures have one name.
        """
        drawn = just_shown() if figure is None else read(figure)
        rows = {**drawn.rows, **{label: _given(label, v, False) for label, v in said.items()}}
        return self._compared(name, Drawn(rows, drawn.words))

    def values(self, name: str, /, log: Sequence[str] = (), **arrays: Real) -> FigureNumbers:
        """Compare numbers that no figure shows, as those of a table or of a fit.

        Parameters
        ----------
        name : str
            What they are called in the reference.
        log : sequence of str, optional
            Names of the arrays whose logarithms are compared, so that small values count.
        **arrays : array_like
            The numbers, by label. NaN stands for a gap.

        Returns
        -------
        FigureNumbers
            As for a figure.

        Raises
        ------
        TypeError, ValueError
            If there is no array, one is not made of real numbers, is infinite or nothing but
            gaps, or is to be compared by logarithms and not positive.
        """
        if not arrays:
            raise ValueError("`arrays` must hold numbers, but got none.")
        unknown = [label for label in log if label not in arrays]
        if unknown:
            raise ValueError(f"`log` must name arrays, but got {unknown[0]!r}.")
        rows = {label: _given(label, values, label in log) for label, values in arrays.items()}
        return self._compared(name, Drawn(rows, {}))

    def also(self, name: str, drawn: Drawn, rows: Mapping[str, Row]) -> FigureNumbers:
        """Compare what a drawing shows, and further rows: what an explorer is held to."""
        return self._compared(name, Drawn({**rows, **drawn.rows}, drawn.words))

    def _compared(self, name: str, drawn: Drawn) -> FigureNumbers:
        path = Path(self.path)
        if os.environ.get(WRITE_VARIABLE) == "1":
            entry = stored(drawn)
            if self._written.setdefault(name, entry) != entry:
                raise ValueError(f"`name` must be of one figure, but got {name!r} for two.")
            store(path, name, **entry)
        if not path.exists():
            return FigureNumbers(name, missing=_not_beside(path))
        entry = load(path).get(name)
        if entry is None:
            return FigureNumbers(name, missing=_holds_no(path, name))
        return _compare(name, drawn, entry, self.tolerance)


@dataclass(frozen=True)
class FigureNumbers:
    """Result of a comparison; its text is snapped to the reference when it agrees."""

    name: str
    rows: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    points: int = 0
    curves: int = 0
    missing: str = ""

    @property
    def agrees(self) -> bool:
        """Whether everything agrees with the reference."""
        return not self.problems and not self.missing

    @property
    def _count(self) -> str:
        curves = "1 curve" if self.curves == 1 else f"{self.curves} curves"
        return f"{self.points} points of {curves} agree with the reference"

    def __repr__(self) -> str:
        if self.missing:
            return f"{self.name}: NOT COMPARED, {self.missing}"
        if self.agrees:
            return "\n".join([f"{self.name}: {self._count}", *(f"    {row}" for row in self.rows)])
        extra = [
            problem for problem in self.problems if not any(problem in row for row in self.rows)
        ]
        return "\n".join(
            [
                # First what to do: a test may cut a long report short.
                f"{self.name}: DIFFERS from the reference; if that is meant, run `make references`",
                *(f"    {row}" for row in [*self.rows, *extra]),
            ]
        )

    def _repr_html_(self) -> str:
        """One line for a page, and the samples below it on opening."""
        if not self.agrees:
            return f'<pre class="numbers-differ">{html.escape(repr(self))}</pre>'
        rows = "".join(
            f'<tr><th scope="row" class="tex2jax_process">{_in_words(label)}</th>'
            + "".join(f"<td>{sample}</td>" for sample in samples.split("  "))
            + "</tr>"
            for label, samples in (row.split("  ", 1) for row in self.rows)
        )
        return (
            f'<details class="numbers"><summary>{self._count}</summary>'
            f"<table>{rows}</table></details>"
        )


def _in_words(label: str) -> str:
    """A label for a page: formulas are typeset there."""
    text = re.sub(r"\bnbar\b", "n\u0304", html.escape(label))
    if "$" in text:
        return re.sub(r"\$([^$]*)\$", r"\\(\1\\)", text)
    # A legend's text without its dollars.
    return rf"\({text}\)" if "\\" in text else text


def _not_beside(path: Path) -> str:
    # Only the file's name: a page is not to tell where a machine keeps its folders.
    return (
        f"since its reference {path.name} was not found beside the notebook. Open the notebook "
        f"where it stands in the project's folder, or copy {path.name} from there into the folder "
        "in which the notebook runs."
    )


def _holds_no(path: Path, name: str) -> str:
    return (
        f"since {path.name} holds no figure of this name. If {name} is new, `make references` "
        "stores it."
    )


def _given(label: str, values: Real, logarithmic: bool) -> Row:
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" or array.size == 0:
        raise TypeError(
            f"`{label}` must be a non-empty array of real numbers, but got dtype {array.dtype}."
        )
    array = array.astype(float)
    known = array[~np.isnan(array)]
    if known.size == 0:
        raise ValueError(f"`{label}` must hold numbers, but got only gaps.")
    _checks.real(known, label)
    if logarithmic and np.any(known <= 0):
        raise ValueError(
            f"`{label}` must be > 0 where logarithms are compared, but got "
            f"{float(np.min(known))!r}."
        )
    return Row(array, logarithmic)


# --- the file ------------------------------------------------------------------------------


def load(path: str | Path) -> dict[str, Entry]:
    """What a reference file holds, {name: entry}; a damaged one is told with its remedy."""
    path = Path(path)
    remedy = f"restore {path.name} from the repository, or delete it and run `make references`"

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, _ in pairs:
            if [k for k, _ in pairs].count(key) > 1:
                raise ValueError(f"{path.name} must hold {key!r} once, but got it twice; {remedy}.")
        return dict(pairs)

    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text, object_pairs_hook=once)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} must be JSON, but got: {error}; {remedy}.") from None
    for name, entry in found.items() if isinstance(found, dict) else [("all of it", found)]:
        if not isinstance(entry, dict) or not isinstance(entry.get("numbers"), dict):
            raise ValueError(f"{path.name} must hold numbers by name, but not in {name}; {remedy}.")
        words = entry.get("words", {})
        if not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
            raise ValueError(f"{path.name} must hold words by place, but not in {name}; {remedy}.")
        for label in entry["numbers"]:
            numbers_of(entry, label, path.name, remedy)
    return found


def numbers_of(
    entry: Entry, label: str, file: str = "The reference", remedy: str = "run `make references`"
) -> Floats:
    """The array that is stored under a label; one that repeats another names it."""
    stored_row = entry["numbers"][label]
    if isinstance(stored_row, str):
        stored_row = entry["numbers"].get(stored_row)
    try:
        array = np.array(stored_row["values"], dtype=float)
        return array.reshape(stored_row["shape"])
    except (TypeError, KeyError, ValueError):
        raise ValueError(
            f"{file} must hold shape and values of {label!r}, but it is damaged there; {remedy}."
        ) from None


def stored(drawn: Drawn) -> Entry:
    """What is stored of a drawing: {"words": ..., "numbers": ...}."""
    numbers: dict[str, Any] = {}
    for label, row in drawn.rows.items():
        # Of what is seen: next to a point far outside the frame all others would count as zero.
        largest = 0.0 if row.log else np.nanmax(np.abs(_as_seen(row.values, row)), initial=0.0)
        flat = [_rounded(value, largest) for value in row.values.ravel()]
        entry = {"shape": list(row.values.shape), "values": flat}
        # Curves share their x: it is stored once.
        same = next((known for known, old in numbers.items() if old == entry), None)
        numbers[label] = entry if same is None or len(flat) < 8 else same
    return {"words": drawn.words, "numbers": numbers}


def store(path: str | Path, name: str, **parts: Any) -> None:
    """Put parts of one entry into a reference file; the other parts and entries are kept."""
    path = Path(path)
    with _writing.alone(path):
        entries = load(path) if path.exists() else {}
        entries[name] = {**entries.get(name, {}), **parts}
        _writing.write_text(path, _text(entries))


def _text(entries: dict[str, Entry]) -> str:
    """Entries as JSON with a curve a line, which tells a change from the next."""
    lines = []
    for name, entry in sorted(entries.items()):
        inner = []
        for part, content in sorted(entry.items()):
            if isinstance(content, dict):
                rows = ",\n".join(f"   {_json(k)}: {_json(v)}" for k, v in content.items())
                content = f"{{\n{rows}\n  }}" if content else "{}"
            else:
                content = _json(content)
            inner.append(f"  {_json(part)}: {content}")
        lines.append(f" {_json(name)}: {{\n" + ",\n".join(inner) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rounded(value: float, largest: float) -> float | None:
    if np.isnan(value):
        return None
    # What is left of an exact zero differs from machine to machine.
    return 0.0 if abs(value) < 1e-14 * largest else float(f"{value:.{_STORED_DIGITS}g}")


# --- the comparison ------------------------------------------------------------------------


def _compare(name: str, drawn: Drawn, entry: Entry, tolerance: float) -> FigureNumbers:
    problems = _word_problems(drawn.words, entry.get("words", {}))
    rows, points, curves, x_shown = [], 0, 0, None
    for label in [*drawn.rows, *(key for key in entry["numbers"] if key not in drawn.rows)]:
        if label not in drawn.rows:
            problems.append(f"{label} is in the reference and not in the figure")
            continue
        row, values = drawn.rows[label], drawn.rows[label].values
        if label not in entry["numbers"]:
            problems.append(f"{label} is not in the reference")
            continue
        reference = numbers_of(entry, label)
        text, difference = _shown_name(label, row), ""
        if values.shape != reference.shape:
            problems.append(
                f"{label} has shape {values.shape}, the reference has {reference.shape}"
            )
            continue
        point, deviation = _worst_point(values.ravel(), reference.ravel(), row)
        if not deviation <= tolerance:
            place = _place(label, drawn.rows, point)
            difference = (
                f"DIFFERS by {deviation:.3g} of its range at {place}: "
                f"{values.flat[point]:.10g} instead of {reference.flat[point]:.10g}"
            )
            problems.append(difference)
        if row.shown and not label.endswith(": x"):
            points, curves = points + values.size, curves + 1
        if not difference and not row.shown:
            continue
        shown = samples((values if difference else reference).ravel())
        line = f"{text}  {shown}" + (f"  {difference}" if difference else "")
        # The x of a group of curves is shown once.
        if not label.endswith(": x") or difference or line != x_shown:
            rows.append(line)
        if label.endswith(": x"):
            x_shown = line
    return FigureNumbers(name, tuple(rows), tuple(problems), points, curves)


def _word_problems(fresh: Mapping[str, str], reference: Mapping[str, str]) -> list[str]:
    problems = []
    for place in dict.fromkeys([*fresh, *reference]):
        if place not in fresh:
            problems.append(f"{place} is in the reference and not in the figure")
        elif place not in reference:
            problems.append(f"{place} is not in the reference: {fresh[place]!r}")
        elif fresh[place] != reference[place]:
            problems.append(f"{place} DIFFERS: {fresh[place]!r} instead of {reference[place]!r}")
    return problems


def _shown_name(label: str, row: Row) -> str:
    """What a reader calls a row: a curve by its own name, its x by the axis's."""
    name, _, letter = label.rpartition(": ")
    if not name or not row.shown:
        return label
    if letter == "x" and row.axis:
        return row.axis
    return name if letter == "y" else label


def _place(label: str, rows: Mapping[str, Row], point: int) -> str:
    """Where on its curve a point is."""
    name, _, letter = label.rpartition(": ")
    x = rows.get(f"{name}: x")
    if letter != "y" or x is None or x.values.size <= point:
        return f"point {point}"
    return f"{x.axis or 'x'} = {x.values.flat[point]:g}"


def _worst_point(fresh: Floats, reference: Floats, row: Row) -> tuple[int, float]:
    """Index of the largest deviation, and that deviation in units of the curve's range."""
    gaps = np.isnan(fresh) != np.isnan(reference)
    if np.any(gaps):
        return int(np.argmax(gaps)), np.inf
    known = np.flatnonzero(~np.isnan(reference))
    if known.size == 0:
        return 0, 0.0
    a, b = (_as_seen(values[known], row) for values in (fresh, reference))
    # Below this the range is made of stored digits and rounding, and is no unit.
    modulus = max(np.max(np.abs(b)), 1.0 if row.log else 0.0)
    scale = np.ptp(b) if np.ptp(b) > _FLAT * modulus else _unit_of_a_level(modulus, row)
    # Next to hundreds of decades, a number that is off by a hundred-thousandth would count as none.
    scale = min(scale, _DECADE) if row.log else scale
    deviation = np.abs(a - b) / scale
    worst = int(np.argmax(deviation))
    return int(known[worst]), float(deviation[worst])


def _unit_of_a_level(modulus: float, row: Row) -> float:
    """A constant is compared with its modulus, and with no more than the height of its frame."""
    limits = _limits(row)
    if limits is None:
        return modulus or 1.0
    height = max(limits[1] - limits[0], _FLAT * modulus)
    return min(modulus or height, height)


def _limits(row: Row) -> tuple[float, float] | None:
    """Lowest and highest place of the frame on the axis's scale, or None."""
    if row.frame is None:
        return None
    low, high = sorted(row.frame)
    return (np.log(low), np.log(high)) if row.log else (low, high)


def _as_seen(values: Floats, row: Row) -> Floats:
    """Values on the axis's scale; far outside the frame one is as good as another."""
    limits = _limits(row)
    if limits is None:
        return np.log(values) if row.log else values
    low, high = limits
    if row.log:
        # Nothing is drawn where a logarithmic axis has no place.
        below = np.exp(2 * low - high)
        values = np.log(np.where(values > 0, values, below))
    return np.clip(values, low - (high - low), high + (high - low))


def samples(values: Floats) -> str:
    """Text of a few values of a row, its ends among them."""
    if len(values) == 0:
        return "nothing"
    chosen = np.unique(np.linspace(0, len(values) - 1, _SAMPLES).round().astype(int))
    return "  ".join(
        "gap" if np.isnan(values[i]) else f"{values[i]:.{_SHOWN_DIGITS}g}" for i in chosen
    )
