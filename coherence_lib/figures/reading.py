"""What a figure draws, read from its artists: numbers in data coordinates, and words.

Each artist is found under the name of its panel and its label. A label that begins with an
underscore is matplotlib's way to keep an artist out of the legend: it names it here all the same.
What has no label is named after what it is. An artist of a kind that is not known here is an
error: nothing that is drawn is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Floats

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

_SAMPLES = 16
_AUTOMATIC = re.compile(r"_(child|container)\d+|_nolegend_|_mpl.*")

# Coordinates of points.
Points: TypeAlias = Sequence[float] | Floats


@dataclass(frozen=True)
class Row:
    """Numbers of one thing that is drawn.

    Attributes
    ----------
    values : ndarray
        NaN is a gap.
    log : bool
        Whether they are drawn on a logarithmic axis.
    frame : (float, float) or None
        The limits of that axis.
    shown : bool
        Whether a reader wants to see samples of them.
    axis : str
        What that axis is called, for an x that several curves share.
    """

    values: Floats
    log: bool = False
    frame: tuple[float, float] | None = None
    shown: bool = True
    axis: str = ""


@dataclass(frozen=True)
class Drawn:
    """All that a figure draws: {name: Row} and {name: text}."""

    rows: dict[str, Row]
    words: dict[str, str]


def read(figure: Figure) -> Drawn:
    """Everything that a figure draws.

    Raises
    ------
    TypeError
        If it is no figure.
    ValueError
        If it draws no data, a curve that is nothing but gaps, an infinite number, or an artist
        of a kind that is not known here.
    """
    from matplotlib.figure import Figure

    _checks.instance(figure, Figure, "figure")
    reader = _Reader()
    axes = [ax for ax in _all_axes(figure) if ax.get_visible()]
    for number, ax in enumerate(axes, 1):
        reader.panel(ax, _panel_name(ax, number) if len(axes) > 1 else "")
    reader.around(figure)
    if not any(row.shown for row in reader.rows.values()):
        raise ValueError("`figure` must draw data, but got none.")
    return Drawn(reader.rows, reader.words)


def _all_axes(figure: Any) -> list[Axes]:
    found = list(figure.axes)
    for ax in found:
        found += [child for child in ax.child_axes if child not in found]
    return found


def _panel_name(ax: Axes, number: int) -> str:
    letter = re.match(r"\([a-z]\)", ax.get_title(loc="left"))
    return f"{letter[0]} " if letter else f"panel {number} "


class _Reader:
    """Collects what is drawn, each under a name of its own."""

    rows: dict[str, Row]
    words: dict[str, str]

    def __init__(self) -> None:
        self.rows, self.words, self.prefix = {}, {}, ""

    # --- panels ----------------------------------------------------------------------------

    def panel(self, ax: Axes, prefix: str) -> None:
        from matplotlib.text import Text

        if ax.name != "rectilinear":
            raise ValueError(f"`figure` must have plane axes, but got {ax.name} ones.")
        self.prefix = prefix
        for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            self.axis(name, axis)
        for place in ("left", "center", "right"):
            self.say("title" if place == "center" else f"{place} title", ax.get_title(loc=place))
        if not ax.axison:
            self.say("axes", "not drawn")
        names = _container_names(ax)
        frame = {*ax.spines.values(), ax.xaxis, ax.yaxis, ax.patch, *ax.child_axes}
        for artist in ax.get_children():
            title = isinstance(artist, Text) and artist not in ax.texts
            if artist not in frame and not title and artist.get_visible():
                self.artist(artist, ax, names.get(artist))

    def axis(self, name: str, axis: Any) -> None:
        from matplotlib import ticker

        scale, limits = axis.get_scale(), np.array(axis.get_view_interval())
        if scale not in ("linear", "log"):
            raise ValueError(f"`figure` must have linear or log axes, but got a {scale} one.")
        self.say(f"{name} axis", axis.get_label_text() + _hidden(axis, axis.label))
        self.say(f"{name} scale", scale)
        # In units of the frame: limits that differ by less than a line's width are the same.
        self.put(f"{name} limits", Row(limits, scale == "log", tuple(limits), shown=False))
        locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
        if isinstance(locator, ticker.FixedLocator):
            # Matplotlib's hints leave `locs` out.
            ticks = np.asarray(locator.locs, np.float64)  # type: ignore[attr-defined]
            self.put(f"{name} ticks", Row(ticks, scale == "log", tuple(limits), shown=False))
        if not isinstance(formatter, (ticker.ScalarFormatter, ticker.LogFormatter)):
            self.say(f"{name} tick labels", "; ".join(t.get_text() for t in axis.get_ticklabels()))

    def around(self, figure: Figure) -> None:
        """What belongs to no panel."""
        from matplotlib.axes import Axes

        self.prefix = ""
        for artist in figure.get_children():
            inside = artist is figure.patch or isinstance(artist, Axes)
            if not inside and artist.get_visible():
                self.artist(artist, None, None)

    # --- artists ---------------------------------------------------------------------------

    def artist(self, artist: Artist, ax: Axes | None, name: str | None) -> None:
        from matplotlib import collections, image, legend, lines, patches, quiver, text

        refused = (quiver.Quiver, quiver.QuiverKey, quiver.Barbs, patches.FancyArrowPatch)
        refused += (image.NonUniformImage, image.PcolorImage)
        known = {
            legend.Legend: self.legend,
            text.Annotation: self.annotation,
            text.Text: self.text,
            lines.Line2D: self.line,
            patches.Patch: self.patch,
            image.AxesImage: self.image,
            collections.QuadMesh: self.mesh,
            collections.Collection: self.collection,
        }
        for kind, read_it in known.items():
            if isinstance(artist, kind) and not isinstance(artist, refused):
                read_it(artist, ax, name)
                return
        raise ValueError(
            "`figure` must draw lines, markers, areas, bars, images, text and legends, but got a "
            f"{type(artist).__name__}."
        )

    def line(self, line: Any, ax: Axes | None, name: str | None) -> None:
        x, y = (_filled(v) for v in line.get_data(orig=False))
        if x.size == 0:
            # A key for the legend, which shows how it looks.
            self.say(self.fresh(_named(line, name, "key"), self.words), _look(line))
            return
        kind = "curve"
        if line.get_linestyle() in ("None", "", " "):
            kind = "dots"
        elif np.ptp(y) == 0 and line.get_transform() == _across(ax, "y"):
            kind = "level"
        elif np.ptp(x) == 0 and line.get_transform() == _across(ax, "x"):
            kind = "upright"
        name = self.points(_named(line, name, kind), x, y, line.get_transform(), ax)
        self.say(name, _look(line))

    def patch(self, patch: Any, ax: Axes | None, name: str | None) -> None:
        x, y = patch.get_path().vertices.T
        name = self.points(_named(patch, name, "area"), x, y, patch.get_transform(), ax)
        self.say(name, _look(patch))

    def collection(self, collection: Any, ax: Axes | None, name: str | None) -> None:
        name = _named(collection, name, "dots" if len(collection.get_offsets()) > 1 else "area")
        moves = collection.get_transform()
        if ax is not None and any(moves.contains_branch_seperately(ax.transData)):
            paths = [path.vertices for path in collection.get_paths() if len(path.vertices)]
            gap = np.full((1, 2), np.nan)
            points = np.concatenate([p for path in paths for p in (path, gap)][:-1] or [gap[:0]])
            # Cells of one shape, as those of a honeycomb, are drawn at places of their own.
            moved = _filled(collection.get_offsets())
        else:
            points = _filled(collection.get_offsets())
            moves = collection.get_offset_transform()
            moved = np.zeros((0, 2))
        if not len(points):
            self.say(self.fresh(name, self.words), "nothing")
            return
        x, y = points.T
        name = self.points(name, x, y, moves, ax)
        for letter, values in zip("xy", moved.T, strict=True):
            if np.any(values):
                self.put(f"{name}: moved by {letter}", Row(values, shown=False))
        self.coloured(name, collection)
        sizes = getattr(collection, "get_sizes", lambda: ())()
        if len(sizes):
            self.put(f"{name}: size", Row(np.asarray(sizes, float), shown=len(sizes) > 1))

    def mesh(self, mesh: Any, ax: Axes | None, name: str | None) -> None:
        name = _named(mesh, name, "image")
        x, y = np.asarray(mesh.get_coordinates()).reshape(-1, 2).T
        name = self.points(name, x, y, mesh.get_transform(), ax, shown=False)
        self.coloured(name, mesh)

    def image(self, image: Any, ax: Axes | None, name: str | None) -> None:
        left, right, bottom, top = image.get_extent()
        x, y = (left, right), (bottom, top)
        moves, name = image.get_transform(), _named(image, name, "image")
        name = self.points(name, x, y, moves, ax, shown=False)
        self.coloured(name, image)
        if image.origin != "upper":
            self.say(f"{name}: first row", image.origin)

    def coloured(self, name: str, artist: Any) -> None:
        """Numbers that are shown as colours, or the colours themselves."""
        values = artist.get_array()
        if values is None:
            self.say(name, _look(artist))
            return
        self.put(f"{name}: value", Row(_filled(values)))
        self.put(f"{name}: colours from, to", Row(np.array(artist.get_clim()), shown=False))
        self.say(name, f"colours of {_colours(artist)}")

    def text(self, text: Any, ax: Axes | None, name: str | None) -> None:
        if not text.get_text():
            return
        name = _named(text, name, "text")
        if getattr(text, "_autopos", False):
            # A title of the figure stands where the layout puts it, by the size of letters.
            name = self.fresh(name, self.words)
        else:
            x, y = text.get_position()
            name = self.spot(name, text, x, y, ax)
        self.say(name, text.get_text())

    def annotation(self, note: Any, ax: Axes | None, name: str | None) -> None:
        x, y = note.xy
        name = self.spot(_named(note, name, "note"), note, x, y, ax, note.xycoords)
        x, y = note.xyann
        self.spot(f"{name}: its text", note, x, y, ax, note.anncoords)
        arrow = "" if note.arrowprops is None else ", with an arrow"
        self.say(name, f"{note.get_text()} ({note.xycoords}{arrow})")

    def spot(self, name: str, text: Any, x: Any, y: Any, ax: Any, coordinates: Any = None) -> str:
        """Put down the place of a text: each coordinate has a unit of its own."""
        moves = text.get_transform()
        if coordinates is not None:
            # Only those of the data follow an axis; of others the numbers stand for themselves.
            ax = ax if coordinates == "data" else None
            moves = None if ax is None else ax.transData
        if ax is not None:
            x, y = text.convert_xunits(x), text.convert_yunits(y)
        return self.points(name, [x], [y], moves, ax, shown=False)

    def legend(self, legend: Any, ax: Axes | None, name: str | None) -> None:
        entries = zip(legend.get_texts(), legend.legend_handles, strict=True)
        rows = [f"{text.get_text()}: {_look(handle)}" for text, handle in entries]
        title = legend.get_title().get_text()
        self.say(self.fresh("legend", self.words), "; ".join([title, *rows] if title else rows))

    # --- names -----------------------------------------------------------------------------

    def points(
        self,
        name: str,
        x: Points,
        y: Points,
        transform: Transform | None,
        ax: Any,
        shown: bool = True,
    ) -> str:
        """Put down where points are, in the data's or the frame's coordinates."""
        name = self.fresh(name, self.words)
        if not np.any(np.isfinite(np.asarray(x, float)) & np.isfinite(np.asarray(y, float))):
            if not np.any(np.isinf(x) | np.isinf(y)):
                raise ValueError(f"`figure` must draw points, but got only gaps for {name!r}.")
        where = _as_data(transform, ax)
        points = _in_frame(transform, ax, where, x, y)
        for letter, values, as_data in zip("xy", points, where, strict=True):
            row = Row(values, shown=False)
            if as_data:
                axis = ax.xaxis if letter == "x" else ax.yaxis
                log, frame = axis.get_scale() == "log", tuple(axis.get_view_interval())
                # What crosses the whole frame has one coordinate to show, under its own name.
                its = axis.get_label_text() if all(where) else self.prefix + name
                row = Row(values, log, frame, shown, its)
            self.put(f"{name}: {letter}", row)
        return name

    def fresh(self, name: str, taken: Container[str]) -> str:
        """The name, or the name and a number where it is taken."""
        found, number = name, 1
        while self.prefix + found in taken:
            number += 1
            found = f"{name} {number}"
        return found

    def put(self, name: str, row: Row) -> None:
        if np.any(np.isinf(row.values)):
            raise ValueError(f"`figure` must draw finite numbers, but got inf for {name!r}.")
        self.rows[self.prefix + name] = row

    def say(self, name: str, text: str) -> None:
        if text:
            self.words[self.prefix + name] = text


def _named(artist: Artist, name: str | None, kind: str) -> str:
    label = name or str(artist.get_label())
    return kind if _AUTOMATIC.fullmatch(label) or not label else label.removeprefix("_")


def _container_names(ax: Axes) -> dict[Artist, str]:
    """Names of artists that are drawn together, and labelled as one."""
    names = {}
    for container in ax.containers:
        label = str(container.get_label())
        if _AUTOMATIC.fullmatch(label) or not label:
            continue
        for part in container:
            parts = part if isinstance(part, (tuple, list)) else [part]
            for artist in parts:
                if artist is not None:
                    own = str(artist.get_label())
                    names[artist] = label if _AUTOMATIC.fullmatch(own) or not own else own
    return names


def _filled(values: object) -> Floats:
    values = np.ma.asarray(values)
    return np.ma.filled(values.astype(float), np.nan)


def _across(ax: Axes | None, direction: str) -> Transform | None:
    """The transform of a line that crosses the whole frame: at one y, or at one x."""
    if ax is None:
        return None
    return ax.get_yaxis_transform("grid") if direction == "y" else ax.get_xaxis_transform("grid")


def _as_data(transform: Any, ax: Axes | None) -> Sequence[bool]:
    """Whether x and y move with the data; else they are shares of the frame."""
    if ax is None:
        return (False, False)
    if transform == _across(ax, "y"):
        return (False, True)
    if transform == _across(ax, "x"):
        return (True, False)
    return transform.contains_branch_seperately(ax.transData)


def _in_frame(
    transform: Any, ax: Axes | None, as_data: Sequence[bool], x: Points, y: Points
) -> Iterable[Floats]:
    """x and y as data where they are, else as shares of the frame."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    if ax is None:
        return x, y
    if transform in [ax.transData, ax.transAxes, _across(ax, "x"), _across(ax, "y")]:
        return x, y
    points = np.column_stack([x, y])
    if all(as_data):
        return (transform - ax.transData).transform(points).T
    if not any(as_data):
        return (transform - ax.transAxes).transform(points).T
    shown = transform.transform(points)
    data, frame = (t.inverted().transform(shown).T for t in (ax.transData, ax.transAxes))
    return [data[k] if as_data[k] else frame[k] for k in (0, 1)]


def _hidden(*artists: Artist) -> str:
    return "" if all(artist.get_visible() for artist in artists) else " (hidden)"


def _colours(artist: Any) -> str:
    """Which colours stand for which values, apart from the limits."""
    import matplotlib
    from matplotlib.colors import Normalize

    known, cmap = matplotlib.colormaps, artist.get_cmap()
    text = cmap.name
    if text not in known or known[text] != cmap:
        # A name says nothing about colours that somebody has chosen.
        chosen = cmap(np.linspace(0, 1, min(cmap.N, _SAMPLES)))
        text = f"{text}: {' '.join(map(_colour, chosen))}"
    kind = type(artist.norm)
    return text if kind is Normalize else f"{text}, {kind.__name__}"


def _look(artist: Any) -> str:
    """Colours, lines and markers, as one text."""
    if hasattr(artist, "get_marker"):
        colour = _colour(artist.get_color(), artist.get_alpha())
        look = f"{colour}, line {artist.get_linestyle()}"
        look += f" of {artist.get_linewidth():g}"
        if artist.get_drawstyle() != "default":
            look += f", {artist.get_drawstyle()}"
        if artist.get_marker() not in ("None", None, "", " "):
            face = _colour(artist.get_markerfacecolor(), artist.get_alpha())
            edge = _colour(artist.get_markeredgecolor(), artist.get_alpha())
            look += f", marker {artist.get_marker()} of {artist.get_markersize():g} in {face}"
            look += "" if edge == colour else f", edged in {edge}"
        # Legends set it for the keys of lines.
        every = artist.get_markevery() if artist in getattr(artist.axes, "lines", ()) else None
        return look if every is None else f"{look}, every {every}"
    if not hasattr(artist, "get_facecolor"):
        # A legend's key for several artists, which are read where they are drawn.
        return type(artist).__name__
    face, edge = (
        _each(_colour(colour) for colour in np.atleast_2d(colours))
        for colours in (artist.get_facecolor(), artist.get_edgecolor())
    )
    width = _each(f"{w:g}" for w in np.atleast_1d(artist.get_linewidth()))
    look = f"filled {face or 'none'}, edge {edge or 'none'} of {width}"
    return f"{look}, hatch {artist.get_hatch()}" if artist.get_hatch() else look


def _each(texts: Iterable[str]) -> str:
    """All of them in their order, or the one that they all are."""
    texts = list(texts)
    return " ".join(texts if len(set(texts)) > 1 else texts[:1])


def _colour(colour: Any, alpha: float | None = None) -> str:
    from matplotlib.colors import to_hex, to_rgba

    if isinstance(colour, str) and colour.lower() == "none":
        return "none"
    return to_hex(to_rgba(colour, alpha), keep_alpha=True)
