"""The book's figures: one style sheet, and the numbers that prove a figure.

A picture cannot be compared by a test, and the last digits of a computation differ
from machine to machine. So each figure is followed by *its numbers*: every plotted
point is compared with a committed reference, and what is printed is snapped to it.
Within the tolerance the text is the same on every machine; outside it the text says
what differs, and a test of the notebook's outputs turns red.
"""

import html
import json
import os
import re
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from coherence_lib import _checks

__all__ = ["FigureNumbers", "Reference", "use_style"]

# Set by the command that renews references, and by nothing else.
WRITE_VARIABLE = "COHERENCE_LIB_WRITE_REFERENCES"
_STORED_DIGITS = 12
_SHOWN_DIGITS = 6
_SAMPLES = 5
# A curve whose range is a smaller part of its modulus counts as constant.
_FLAT = 1e-5


def use_style():
    """Use the project's matplotlib style sheet in this session.

    It starts from matplotlib's own defaults, so that a figure looks the same whatever a
    `matplotlibrc` says. In a notebook figures are shown as SVG, with a PNG beside it.

    Examples
    --------
    >>> use_style()
    """
    import matplotlib.pyplot as plt

    plt.style.use(style())
    # No part of a style to matplotlib, and yet seen: dates on an axis, and a warning.
    for name in ("date.epoch", "figure.max_open_warning", "timezone"):
        plt.rcParams[name] = plt.rcParamsDefault[name]
    if "ipykernel" in sys.modules:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", "png", metadata={"Date": None, "Creator": None})


def style(**more):
    """What `matplotlib.style` is to use: its own defaults, the project's sheet, and more."""
    import matplotlib

    sheet = resources.files("coherence_lib") / "figures.mplstyle"
    with resources.as_file(sheet) as path:
        return ["default", matplotlib.rc_params_from_file(path, use_default_template=False), more]


@dataclass(frozen=True)
class Reference:
    """The committed numbers of a notebook's figures, a JSON file beside the notebook.

    Calling it with a figure's name and its plotted arrays compares every point:

    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "chapter.json"
    >>> stored = {"fig-line": {"x": {"shape": [3], "values": [0, 1, 2]},
    ...                        "y": {"shape": [3], "values": [0, 10, 20]}}}
    >>> _ = path.write_text(json.dumps(stored))
    >>> numbers = Reference(path)
    >>> numbers("fig-line", x=[0, 1, 2], y=[0, 10, 20.00001])
    fig-line: 3 points of 2 arrays agree with the reference
        x  0  1  2
        y  0  10  20
    >>> numbers("fig-line", x=[0, 1, 2], y=[0, 10, 20.1])
    fig-line: DIFFERS from the reference; if that is meant, run `make references`
        x  0  1  2
        y  0  10  20.1  DIFFERS by 0.005 of its range at x = 2: 20.1 instead of 20

    Parameters
    ----------
    path : str or Path
        The JSON file; relative to the notebook's folder, where its kernel runs.
    tolerance : float, optional
        Largest accepted deviation, in units of a curve's range (of its modulus where
        the range is below 1e-5 of it).
    """

    path: str | Path
    tolerance: float = 1e-6

    def __call__(self, name, log=(), **arrays):
        """Compare the plotted arrays of one figure with the reference.

        Parameters
        ----------
        name : str
            The figure's name, as in its caption's metadata.
        log : sequence of str, optional
            Names of the arrays that are drawn on a logarithmic axis: their logarithms
            are compared, so that small values count as they do in the picture.
        **arrays : array_like
            All plotted numbers, by label. NaN stands for a gap in a curve.

        Returns
        -------
        FigureNumbers
            Its text is what a notebook shows and a test compares.

        Raises
        ------
        TypeError, ValueError
            If there is no array, one is not made of real numbers or is infinite, or is
            to be compared by logarithms and not positive.
        """
        if not arrays:
            raise ValueError("`arrays` must hold the plotted numbers, but got none.")
        plotted = {label: _plotted(label, values, label in log) for label, values in arrays.items()}
        unknown = [label for label in log if label not in arrays]
        if unknown:
            raise ValueError(f"`log` must name plotted arrays, but got {unknown[0]!r}.")
        path = Path(self.path)
        if os.environ.get(WRITE_VARIABLE) == "1":
            _write(path, name, plotted, set(log))
        if not path.exists():
            return FigureNumbers(name, (), (), missing=_not_beside(path))
        stored = json.loads(path.read_text(encoding="utf-8")).get(name)
        if stored is None:
            return FigureNumbers(name, (), (), missing=_holds_no(path, name))
        return _compare(name, plotted, stored, self.tolerance, set(log))


@dataclass(frozen=True)
class FigureNumbers:
    """Result of a comparison; its text is snapped to the reference when it agrees."""

    name: str
    rows: tuple
    problems: tuple
    points: int = 0
    missing: str = ""

    @property
    def agrees(self):
        """Whether every plotted point agrees with the reference."""
        return not self.problems and not self.missing

    def __repr__(self):
        if self.missing:
            return f"{self.name}: NOT COMPARED, {self.missing}"
        if self.agrees:
            head = (
                f"{self.name}: {self.points} points of {len(self.rows)} arrays agree with "
                "the reference"
            )
            return "\n".join([head, *(f"    {row}" for row in self.rows)])
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

    def _repr_html_(self):
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
            f'<details class="numbers"><summary>{self.points} points of {len(self.rows)} arrays '
            f"agree with the reference</summary><table>{rows}</table></details>"
        )


def _in_words(label):
    """A label for a page: formulas are typeset there."""
    text = re.sub(r"\bnbar\b", "n\u0304", html.escape(label))
    if "$" in text:
        return re.sub(r"\$([^$]*)\$", r"\\(\1\\)", text)
    # A legend's text without its dollars.
    return rf"\({text}\)" if "\\" in text else text


def _not_beside(path):
    # Only the file's name: a page is not to tell where a machine keeps its folders.
    return (
        f"since its reference {path.name} was not found beside the notebook. Open the notebook "
        f"where it stands in the project's folder, or copy {path.name} from there into the folder "
        "in which the notebook runs."
    )


def _holds_no(path, name):
    return (
        f"since {path.name} holds no figure of this name. If {name} is new, `make references` "
        "stores it."
    )


def _plotted(label, values, logarithmic):
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" or array.size == 0:
        raise TypeError(
            f"`{label}` must be a non-empty array of real numbers, but got dtype {array.dtype}."
        )
    array = array.astype(float)
    _checks.real(array[~np.isnan(array)], label)
    if logarithmic and np.any(array <= 0):
        raise ValueError(
            f"`{label}` must be > 0 on a logarithmic axis, but got {float(np.nanmin(array))!r}."
        )
    return array


def _write(path, name, plotted, log):
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    figures[name] = {
        label: {
            "shape": list(array.shape),
            "values": [
                _stored(v, 0.0 if label in log else np.nanmax(np.abs(array), initial=0.0))
                for v in array.ravel()
            ],
        }
        for label, array in plotted.items()
    }
    lines = []
    for figure, curves in sorted(figures.items()):
        entries = ",\n".join(
            f"  {json.dumps(label)}: {json.dumps(curve)}" for label, curve in curves.items()
        )
        lines.append(f"{json.dumps(figure)}: {{\n{entries}\n }}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _stored(value, largest):
    if np.isnan(value):
        return None
    # What is left of an exact zero differs from machine to machine.
    return 0.0 if abs(value) < 1e-14 * largest else float(f"{value:.{_STORED_DIGITS}g}")


def _compare(name, plotted, stored, tolerance, log):
    rows, problems = [], []
    axis_label, axis = next(iter(plotted.items()))
    for label in [*plotted, *(key for key in stored if key not in plotted)]:
        if label not in plotted:
            problems.append(f"{label} is in the reference and not in the figure")
            continue
        fresh = plotted[label]
        if label not in stored:
            problems.append(f"{label} is not in the reference")
        elif list(fresh.shape) != stored[label]["shape"]:
            problems.append(
                f"{label} has shape {fresh.shape}, the reference has "
                f"{tuple(stored[label]['shape'])}"
            )
        else:
            reference = np.array(stored[label]["values"], dtype=float)
            fresh = fresh.ravel()
            point, deviation = _worst_point(fresh, reference, label in log)
            if deviation <= tolerance:
                rows.append(f"{label}  {_samples(reference)}")
                continue
            same_size = label != axis_label and axis.size == fresh.size
            place = f"{axis_label} = {axis.flat[point]:g}" if same_size else f"point {point}"
            problem = (
                f"DIFFERS by {deviation:.3g} of its range at {place}: "
                f"{fresh[point]:.10g} instead of {reference[point]:.10g}"
            )
            rows.append(f"{label}  {_samples(fresh)}  {problem}")
            problems.append(problem)
    return FigureNumbers(name, tuple(rows), tuple(problems), axis.size)


def _worst_point(fresh, reference, logarithmic):
    """Index of the largest deviation, and that deviation in units of the curve's range."""
    gaps = np.isnan(fresh) != np.isnan(reference)
    if np.any(gaps):
        return int(np.argmax(gaps)), np.inf
    known = np.flatnonzero(~np.isnan(reference))
    if known.size == 0:
        return 0, 0.0
    a, b = (np.log(v) if logarithmic else v for v in (fresh[known], reference[known]))
    # An axis of logarithms has the natural unit 1.
    modulus = max(np.max(np.abs(b)), 1.0 if logarithmic else 0.0)
    # Below this the range is made of stored digits and rounding, and is no unit.
    scale = np.ptp(b) if np.ptp(b) > _FLAT * modulus else modulus or 1.0
    deviation = np.abs(a - b) / scale
    worst = int(np.argmax(deviation))
    return int(known[worst]), float(deviation[worst])


def _samples(values):
    chosen = np.unique(np.linspace(0, len(values) - 1, _SAMPLES).round().astype(int))
    return "  ".join(
        "gap" if np.isnan(values[i]) else f"{values[i]:.{_SHOWN_DIGITS}g}" for i in chosen
    )
