"""Whatever a figure draws is read: each change that a reader would see is named."""

import datetime
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredText, AnnotationBbox, TextArea
from matplotlib.patches import FancyArrowPatch
from matplotlib.transforms import Affine2D

from coherence_lib.figures import reading
from coherence_lib.figures.reference import stored

# No symmetry: whatever is turned round is another curve.
X = np.array([0.5, 1.0, 1.7, 2.1, 2.6, 3.0])
Y = np.array([1.0, 4.0, 2.5, 6.0, 7.0, 5.0])
# The zero of its axis: days are drawn in the frame of the other numbers.
START = datetime.datetime(1970, 1, 1)


def drawn(draw, *, limits=True):
    """A figure with one curve of its own and what `draw(ax)` adds, in a frame that stands still."""
    figure = Figure()
    ax = figure.subplots()
    ax.plot([1, 2], [1, 2], label="base")
    draw(ax)
    if limits:
        ax.set(xlim=(0.1, 5), ylim=(0.1, 20))
    return figure


def reading_of(figure):
    return stored(reading.read(figure))


@pytest.fixture
def differs(written):
    """What the numbers say of a changed figure."""

    def compare(before, after):
        numbers = written("fig-a", before)
        assert numbers("fig-a", before).agrees
        result = numbers("fig-a", after)
        assert not result.agrees
        return repr(result)

    return compare


# --- every kind of artist ------------------------------------------------------------------------

MAPS = {"C0": "viridis", "C3": "magma"}
MARKS = {"C0": ["C0", "C1", "C0", "C0", "C1", "C1"], "C3": ["C0", "C1", "C0", "C1", "C0", "C1"]}


def labelled(artist, label):
    artist.set_label(label)


def with_legend(ax, x, y, label, colour):
    ax.plot(x, y, color=colour, label=label)
    ax.legend()


def with_legend_of_the_figure(ax, x, y, label, colour):
    ax.plot(x, y, color=colour, label=label)
    ax.figure.legend()


def in_an_inset(ax, x, y, label, colour):
    ax.inset_axes([0.6, 0.6, 0.3, 0.3]).plot(x, y, color=colour, label=label)


def on_the_right(ax, x, y, label, colour):
    ax.twinx().plot(x, y, color=colour, label=label)


def beside(ax, x, y, label, colour):
    """On axes that share both of theirs."""
    ax.figure.add_subplot(2, 2, 4, sharex=ax, sharey=ax).plot(x, y, color=colour, label=label)


def with_colour_bar(ax, x, y, label, colour):
    image = ax.imshow(np.outer(y, x), cmap=MAPS[colour])
    ax.figure.colorbar(image)
    labelled(image, label)


KINDS = {
    "plot": lambda ax, x, y, label, c: ax.plot(x, y, color=c, label=label),
    "dots": lambda ax, x, y, label, c: ax.plot(x, y, "o", color=c, label=label),
    "open dots": lambda ax, x, y, label, c: ax.plot(x, y, "o", mfc="none", mec=c, label=label),
    "semilogx": lambda ax, x, y, label, c: ax.semilogx(x, y, color=c, label=label),
    "loglog": lambda ax, x, y, label, c: ax.loglog(x, y, color=c, label=label),
    "axhline": lambda ax, x, y, label, c: ax.axhline(y[1], color=c, label=label),
    "axvline": lambda ax, x, y, label, c: ax.axvline(y[1] / 2, color=c, label=label),
    "axhspan": lambda ax, x, y, label, c: ax.axhspan(y[0], y[1], color=c, label=label),
    "axvspan": lambda ax, x, y, label, c: ax.axvspan(y[0] / 3, y[1] / 3, color=c, label=label),
    "scatter": lambda ax, x, y, label, c: ax.scatter(x, y, color=c, label=label),
    "scatter of values": lambda ax, x, y, label, c: ax.scatter(
        x, y, c=y[::-1], s=10 * x, cmap=MAPS[c], label=label
    ),
    "scatter of colours": lambda ax, x, y, label, c: ax.scatter(
        x, y, c=MARKS[c][: len(x)], label=label
    ),
    "errorbar": lambda ax, x, y, label, c: ax.errorbar(x, y, 0.1 * y, color=c, label=label),
    "bar": lambda ax, x, y, label, c: ax.bar(x, y, 0.1, color=c, label=label),
    "bars named one by one": lambda ax, x, y, label, c: ax.bar(
        x, y, 0.1, color=c, label=[f"{label} {n}" for n in range(len(x))]
    ),
    "barh": lambda ax, x, y, label, c: ax.barh(x, y / 3, 0.1, color=c, label=label),
    "hist": lambda ax, x, y, label, c: ax.hist(
        x, weights=y, color=c, label=label, bins=[0, 1.05, 2.15, 4]
    ),
    "stairs": lambda ax, x, y, label, c: ax.stairs(y[1:], x, color=c, label=label),
    "fill_between": lambda ax, x, y, label, c: ax.fill_between(x, y / 2, y, color=c, label=label),
    "fill_between where": lambda ax, x, y, label, c: ax.fill_between(
        x, y / 2, y, y > 2, color=c, label=label
    ),
    "fill_betweenx": lambda ax, x, y, label, c: ax.fill_betweenx(
        x, y / 4, y / 2, color=c, label=label
    ),
    "step": lambda ax, x, y, label, c: ax.step(x, y, color=c, label=label),
    "stem": lambda ax, x, y, label, c: ax.stem(x, y, linefmt=c, label=label),
    "vlines": lambda ax, x, y, label, c: ax.vlines(x, 1, y, color=c, label=label),
    "hlines": lambda ax, x, y, label, c: ax.hlines(y, 1, x, color=c, label=label),
    "contour": lambda ax, x, y, label, c: labelled(
        ax.contour(x, x, np.outer(y, x), [3.3, 6.2], colors=c), label
    ),
    "contourf": lambda ax, x, y, label, c: labelled(
        ax.contourf(x, x, np.outer(y, x), [3.3, 6.2, 9.1], cmap=MAPS[c]), label
    ),
    "pcolormesh": lambda ax, x, y, label, c: ax.pcolormesh(
        x, x, np.outer(y, x), cmap=MAPS[c], label=label
    ),
    "imshow": lambda ax, x, y, label, c: labelled(ax.imshow(np.outer(y, x), cmap=MAPS[c]), label),
    "imshow with a colour bar": with_colour_bar,
    "hexbin": lambda ax, x, y, label, c: labelled(ax.hexbin(x, y, gridsize=4, cmap=MAPS[c]), label),
    "polygon": lambda ax, x, y, label, c: ax.fill(x, y, color=c, label=label),
    "text": lambda ax, x, y, label, c: ax.text(y[0], y[1], label, color=c),
    "text in the frame": lambda ax, x, y, label, c: ax.text(
        y[0] / 10, y[1] / 10, label, color=c, transform=ax.transAxes
    ),
    "annotate": lambda ax, x, y, label, c: ax.annotate(
        label, (y[0], y[1]), (9, 9), textcoords="offset points", arrowprops={"color": c}
    ),
    "legend": with_legend,
    "legend of the figure": with_legend_of_the_figure,
    "inset": in_an_inset,
    "twin": on_the_right,
    "shared": beside,
    "gaps": lambda ax, x, y, label, c: ax.plot(
        x, np.where(y > 6.5, np.nan, y), color=c, label=label
    ),
    "masked": lambda ax, x, y, label, c: ax.plot(
        x, np.ma.masked_greater(y, 6.5), color=c, label=label
    ),
    "scaled": lambda ax, x, y, label, c: ax.plot(
        x, y, color=c, label=label, transform=Affine2D().scale(1, 1.2) + ax.transData
    ),
    "shares of the frame": lambda ax, x, y, label, c: ax.plot(
        x / 5, y / 10, color=c, label=label, transform=ax.transAxes
    ),
    "upside down": lambda ax, x, y, label, c: [
        ax.plot(x, y, color=c, label=label),
        ax.invert_yaxis(),
    ],
    "words": lambda ax, x, y, label, c: ax.plot(
        [f"{value:.2f}" for value in x], y, color=c, label=label
    ),
    "days": lambda ax, x, y, label, c: ax.plot(
        [START + datetime.timedelta(days=value) for value in x], y, color=c, label=label
    ),
    "hidden by its label": lambda ax, x, y, label, c: ax.plot(x, y, color=c, label=f"_{label}"),
    "one label": lambda ax, x, y, label, c: [
        ax.plot(x, y, color=c, label=label),
        ax.plot(x, y / 2, color=c, label=label),
    ],
}
CHANGES = {
    "half as large again": {"y": 1.5 * Y},
    "reversed": {"y": Y[::-1]},
    "one point": {"y": Y + (X == 1.0)},
    "elsewhere": {"x": X + 0.1},
    "shorter": {"x": X[:-1], "y": Y[:-1]},
    "another name": {"label": "fall"},
    "another colour": {"c": "C3"},
}
NAMES = {"text": "text", "text in the frame": "text", "annotate": "note"}
# What a kind does not show.
ONE_NUMBER = {"axhline", "axvline", "axhspan", "axvspan", "text", "text in the frame", "annotate"}
EXCUSED = {
    "elsewhere": ONE_NUMBER,
    "shorter": ONE_NUMBER,
    # The picture shows it.
    "another colour": {"text", "text in the frame", "annotate"},
}


@cache
def unchanged(kind):
    return of_kind(kind)


def of_kind(kind, **changes):
    arguments = {"x": X, "y": Y, "label": "rise", "c": "C0", **changes}
    return drawn(lambda ax: KINDS[kind](ax, *arguments.values()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_is_drawn_is_named(differs, kind, change):
    if kind in EXCUSED.get(change, ()):
        assert reading_of(of_kind(kind, **CHANGES[change])) == reading_of(unchanged(kind))
    else:
        assert NAMES.get(kind, "rise") in differs(unchanged(kind), of_kind(kind, **CHANGES[change]))


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_or_goes_is_named(differs, kind):
    without, once = drawn(lambda ax: None), unchanged(kind)

    def another(ax):
        for label in ("rise", "further"):
            KINDS[kind](ax, X, Y, label, "C0")

    assert "not in the reference" in differs(without, once)
    assert "not in the figure" in differs(once, without)
    assert "not in the reference" in differs(once, drawn(another))


# --- what is around the curves -------------------------------------------------------------------


def plain(ax):
    """A figure whose parts the changes below reach by name."""
    ax.plot(X, Y, label="rise")
    ax.plot(X, Y[::-1], label="fall")
    ax.plot([], [], "k--", label="key")
    ax.text(2, 3, "here")
    ax.annotate("there", (1, 2), xytext=(2, 9))
    ax.axvspan(1, 2, label="_band", color="0.9")
    ax.set(xlabel="time", ylabel="height", title="Middle", xticks=[1, 2], xticklabels=["a", "b"])
    ax.set_title("(a) Left", loc="left")
    ax.figure.suptitle("Above")
    ax.legend(title="Lines")


def reordered(ax):
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], title="Lines")


def wrong_keys(ax):
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles, labels[::-1], title="Lines")


def swapped_colours(ax):
    rise, fall = ax.lines[1:3]
    colours = rise.get_color(), fall.get_color()
    rise.set_color(colours[1])
    fall.set_color(colours[0])


def another_transform(ax):
    ax.lines[1].set_transform(Affine2D().scale(1, 1.5) + ax.transData)


AROUND = {
    "name of x": (lambda ax: ax.set_xlabel("length"), "x axis DIFFERS: 'length' instead of 'time'"),
    "no name of y": (lambda ax: ax.set_ylabel(""), "y axis is in the reference and not"),
    "hidden name": (lambda ax: ax.yaxis.label.set_visible(False), "'height (hidden)' instead of"),
    "hidden axis": (lambda ax: ax.xaxis.set_visible(False), "'time (hidden)' instead of 'time'"),
    "no axes": (lambda ax: ax.set_axis_off(), "axes is not in the reference: 'not drawn'"),
    "title": (lambda ax: ax.set_title("Centre"), "title DIFFERS: 'Centre' instead of 'Middle'"),
    "left title": (lambda ax: ax.set_title("(b)", loc="left"), "left title DIFFERS: '(b)' instead"),
    "right title": (lambda ax: ax.set_title("r", loc="right"), "right title is not in the ref"),
    "title of the figure": (lambda ax: ax.figure.suptitle("Below"), "'Below' instead of 'Above'"),
    "limits": (lambda ax: ax.set_ylim(0.1, 21), "y limits  0.1  21  DIFFERS by"),
    "turned": (lambda ax: ax.invert_xaxis(), "x limits  5  0.1  DIFFERS by"),
    "scale": (lambda ax: ax.set_yscale("log"), "y scale DIFFERS: 'log' instead of 'linear'"),
    "ticks": (lambda ax: ax.set_xticks([1, 3], ["a", "b"]), "x ticks  1  3  DIFFERS by"),
    "tick labels": (lambda ax: ax.set_xticks([1, 2], ["a", "c"]), "'a; c' instead of 'a; b'"),
    "order of the legend": (reordered, "legend DIFFERS: 'Lines; key: "),
    "words of the legend": (wrong_keys, "legend DIFFERS: 'Lines; key: #1f77b4ff"),
    "no legend": (lambda ax: ax.get_legend().remove(), "legend is in the reference and not"),
    "title of the legend": (lambda ax: ax.legend(title="Keys"), "legend DIFFERS: 'Keys; "),
    "word": (lambda ax: ax.texts[0].set_text("nowhere"), "text DIFFERS: 'nowhere' instead of 'her"),
    "moved word": (lambda ax: ax.texts[0].set_x(2.1), "text: x  2.1  DIFFERS by"),
    "moved arrow": (lambda ax: setattr(ax.texts[1], "xy", (1, 2.5)), "note: y  2.5  DIFFERS by"),
    "moved note": (lambda ax: ax.texts[1].set_y(8), "note: its text: y  8  DIFFERS by"),
    "colours": (swapped_colours, "rise DIFFERS: '#2ca02cff, line - of 1.5' instead of"),
    "see-through": (lambda ax: ax.lines[1].set_alpha(0.5), "rise DIFFERS: '#ff7f0e80, line"),
    "dashes": (lambda ax: ax.lines[1].set_linestyle(":"), "rise DIFFERS: '#ff7f0eff, line :"),
    "width": (lambda ax: ax.lines[1].set_linewidth(3), "rise DIFFERS: '#ff7f0eff, line - of 3'"),
    "markers": (lambda ax: ax.lines[1].set_marker("s"), "marker s of 6 in #ff7f0eff' instead"),
    "fewer markers": (lambda ax: ax.lines[1].set(marker="s", markevery=2), "every 2' instead of"),
    "hidden": (lambda ax: ax.lines[1].set_visible(False), "rise is in the reference and not in"),
    "transform": (another_transform, "10.5 instead of 7"),
    "key": (lambda ax: ax.lines[3].set_color("r"), "key DIFFERS: '#ff0000ff, line -- of 1.5'"),
    "band": (lambda ax: ax.patches[0].set_facecolor("r"), "band DIFFERS: 'filled #ff0000ff, "),
    "hatch": (lambda ax: ax.patches[0].set_hatch("/"), "hatch /' instead of"),
    "other axes": (lambda ax: ax.figure.subplots(2, 2), "panel 2 x scale is not in the reference"),
}


@pytest.mark.parametrize("change, named", AROUND.values(), ids=AROUND)
def test_a_change_around_the_curves_is_named(differs, change, named):
    before, after = drawn(plain), drawn(plain)
    change(after.axes[0])
    assert named in differs(before, after)


def test_the_layout_of_titles_is_not_read():
    figure = Figure(layout="constrained")
    figure.subplots().plot(X, Y)
    figure.suptitle("Above")
    figure.supxlabel("Below")
    before = reading_of(figure)
    figure.draw_without_rendering()
    assert reading_of(figure) == before


def two_panels(letters, order=(0, 1)):
    figure = Figure()
    for k, ax in enumerate(figure.subplots(1, 2, sharex=True)):
        ax.plot(X, [Y, Y[::-1]][order[k]])
        ax.set_title(letters[k], loc="left")
    return figure


def test_panels_are_called_by_their_letters(differs):
    before = two_panels(["(a) one", "(b) two"])
    assert set(reading.read(before).rows) >= {"(a) curve: y", "(b) curve: y", "(b) x limits"}
    assert "(a) curve  5  " in differs(before, two_panels(["(a) one", "(b) two"], (1, 0)))
    numbered = reading.read(two_panels(["", ""]))
    assert set(numbered.rows) >= {"panel 1 curve: y", "panel 2 curve: y"}


def test_panels_of_one_letter_are_both_read():
    rows = reading.read(two_panels(["(a)", "(a)"])).rows
    assert [name for name in rows if name.endswith(": y")] == ["(a) curve: y", "(a) curve 2: y"]


def test_what_is_hidden_is_not_read(differs):
    def hidden(ax):
        plain(ax)
        ax.plot(X, 2 * Y, visible=False)
        ax.figure.add_axes((0, 0, 0.2, 0.2)).set_visible(False)

    assert reading_of(drawn(hidden)) == reading_of(drawn(plain))


# --- where it is drawn ---------------------------------------------------------------------------


def test_a_transform_is_part_of_the_data():
    figure = drawn(lambda ax: KINDS["scaled"](ax, X, Y, "rise", "C0"))
    assert np.allclose(reading.read(figure).rows["rise: y"].values, 1.2 * Y, rtol=1e-12)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("kind", ["bar", "axvspan", "polygon", "fill_between", "vlines"])
def test_areas_are_read_in_the_units_of_their_axes(kind, scale):
    figure = drawn(lambda ax: [ax.set_yscale(scale), KINDS[kind](ax, X, Y, "rise", "C0")])
    rows = reading.read(figure).rows
    highest = max(np.nanmax(row.values) for name, row in rows.items() if name.startswith("rise"))
    assert highest == pytest.approx({"axvspan": 4 / 3}.get(kind, 7.0), rel=1e-12)


def test_shares_of_the_frame_do_not_follow_the_data():
    row = reading.read(of_kind("shares of the frame")).rows["rise: y"]
    assert np.allclose(row.values, Y / 10, rtol=1e-12)
    assert row.frame is None


def test_an_image_is_read_the_way_up_that_it_is_drawn(differs):
    def image(ax, origin, **more):
        ax.imshow(np.outer(Y, X), origin=origin, extent=(1, 4, 1, 6), **more)

    before = drawn(lambda ax: image(ax, "upper"))
    assert "image: first row" in differs(before, drawn(lambda ax: image(ax, "lower")))
    assert "LogNorm" in differs(before, drawn(lambda ax: image(ax, "upper", norm="log")))
    assert "colours from, to" in differs(before, drawn(lambda ax: image(ax, "upper", vmin=0)))

    def moved(ax):
        image(ax, "upper")
        ax.images[0].set_transform(Affine2D().translate(0, 1) + ax.transData)

    assert "image: y  2  7  DIFFERS" in differs(before, drawn(moved))


def test_words_and_days_place_texts(differs):
    def note(ax, day):
        KINDS["days"](ax, X, Y, "rise", "C0")
        ax.text(START + datetime.timedelta(days=day), 2, "here")
        ax.annotate("there", (START + datetime.timedelta(days=day), 3))

    before = drawn(lambda ax: note(ax, 1))
    assert reading.read(before).rows["text: x"].values == [1.0]
    text = differs(before, drawn(lambda ax: note(ax, 2)))
    assert "text: x  2  DIFFERS" in text
    assert "note: x  2  DIFFERS" in text


@pytest.mark.parametrize("far", [1e3, 1e9, 1e300])
def test_a_curve_that_leaves_its_frame_does_not_loosen_the_tolerance(differs, far):
    def diverging(ax, seen=Y[2]):
        ax.plot(X, [1, Y[1], seen, Y[3], far, -far], label="rise")

    before = drawn(diverging)
    assert "rise" in differs(before, drawn(lambda ax: diverging(ax, Y[2] + 1e-4)))


def test_how_far_outside_its_frame_a_curve_is_does_not_matter(written):
    def diverging(far):
        return drawn(lambda ax: ax.plot(X, [1, 4, 2, 3, far, -far]))

    assert written("fig-a", diverging(1e4))("fig-a", diverging(1.1e4)).agrees


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_level_in_a_narrow_frame_is_compared_with_the_frame(differs, scale):
    def level(height):
        figure = drawn(lambda ax: ax.axhline(height))
        figure.axes[0].set(ylim=(1000, 1000.1), yscale=scale)
        return figure

    assert "level" in differs(level(1000.05), level(1000.0501))


def test_a_level_at_zero_is_compared_with_the_frame(differs):
    def level(height):
        figure = drawn(lambda ax: ax.axhline(height))
        figure.axes[0].set_ylim(-1e-6, 1e-6)
        return figure

    assert "level" in differs(level(0.0), level(1e-8))


# A point at the edge of two cells, and a word made of digits, are no rounding noise.
@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("hexbin", "words")])
def test_rounding_noise_changes_no_text(written, kind):
    noise = 1 + 1e-9 * np.array([1, -1, 0.5, -0.5, 1, -1])
    numbers = written("fig-a", unchanged(kind))
    noisy = of_kind(kind, x=X * noise[::-1], y=Y * noise)
    assert repr(numbers("fig-a", noisy)) == repr(numbers("fig-a", unchanged(kind)))
    assert numbers("fig-a", noisy).agrees


# --- what is refused -----------------------------------------------------------------------------


def table(ax):
    ax.table([["1"]])


def arrow(ax):
    ax.add_patch(FancyArrowPatch((0, 0), (1, 1)))


def box(ax):
    ax.add_artist(AnchoredText("words", loc="center"))


def picture_in_a_box(ax):
    ax.add_artist(AnnotationBbox(TextArea("words"), (1, 1)))


REFUSED = {
    table: "Table",
    arrow: "FancyArrowPatch",
    box: "AnchoredText",
    picture_in_a_box: "AnnotationBbox",
    lambda ax: ax.quiver([1], [1], [1], [1]): "Quiver",
    lambda ax: ax.barbs([1], [1], [9], [9]): "Barbs",
    lambda ax: ax.streamplot([1, 2], [1, 2], *2 * [np.ones((2, 2))]): "FancyArrowPatch",
    lambda ax: ax.pcolorfast(X, X, np.ones((5, 5))): "PcolorImage",
    lambda ax: ax.figure.figimage(np.ones((2, 2))): "FigureImage",
    lambda ax: ax.indicate_inset([0, 0, 1, 1], ax.inset_axes([0.5, 0.5, 0.2, 0.2])): "InsetIndicat",
}


@pytest.mark.parametrize("draw, kind", REFUSED.items())
def test_an_artist_that_is_not_known_is_named(draw, kind):
    message = "^`figure` must draw lines, markers, areas, bars, images, text and legends, but got a"
    with pytest.raises(ValueError, match=f"{message} {kind}"):
        reading.read(drawn(draw))


@pytest.mark.parametrize("axes", ["polar", "3d", "mollweide"])
def test_axes_that_are_not_plane_are_named(axes):
    figure = Figure()
    figure.add_subplot(projection=axes)
    with pytest.raises(ValueError, match=f"^`figure` must have plane axes, but got {axes} ones"):
        reading.read(figure)


@pytest.mark.parametrize("scale", ["symlog", "asinh"])
def test_scales_that_are_not_known_are_named(scale):
    with pytest.raises(ValueError, match=f"^`figure` must have linear .*, but got a {scale} one"):
        reading.read(drawn(lambda ax: ax.set_yscale(scale), limits=False))


EMPTY = {
    "axes": lambda ax: None,
    "words": lambda ax: ax.text(0, 0, "words"),
    "key": lambda ax: ax.plot([], []),
    "hidden": lambda ax: ax.plot(X, Y, visible=False),
}


@pytest.mark.parametrize("draw", EMPTY.values(), ids=EMPTY)
def test_a_figure_draws_data(draw):
    figure = Figure()
    draw(figure.subplots())
    for empty in (figure, Figure()):
        with pytest.raises(ValueError, match="^`figure` must draw data, but got none"):
            reading.read(empty)


@pytest.mark.parametrize("kind", ["plot", "dots", "scatter", "loglog"])
def test_a_curve_of_gaps_is_named(kind):
    with pytest.raises(ValueError, match="^`figure` must draw points, .* only gaps for 'rise'"):
        reading.read(of_kind(kind, y=np.full(6, np.nan)))


@pytest.mark.parametrize("kind", ["plot", "dots", "step"])
@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_an_infinite_number_is_named(kind, infinity):
    y = np.where(X == 1.7, infinity, Y)
    with pytest.raises(ValueError, match="^`figure` must draw finite numbers, but got inf for 'ri"):
        reading.read(of_kind(kind, y=y))


@pytest.mark.parametrize("figure", [3, "fig-a", np.eye(2), Figure().subplots()])
def test_only_figures_are_read(figure):
    with pytest.raises(TypeError, match="^`figure` must be a Figure, but got "):
        reading.read(figure)


def test_only_infinities_are_no_gaps():
    with pytest.raises(ValueError, match="^`figure` must draw finite numbers, but got inf for 'ri"):
        reading.read(of_kind("plot", y=np.where(X > 2, np.inf, np.nan)))


def test_a_text_without_words_is_not_read():
    plain, empty = drawn(lambda ax: None), drawn(lambda ax: ax.text(1, 1, ""))
    assert reading.read(empty).words == reading.read(plain).words


def test_bars_of_error_have_their_container_s_name():
    figure = drawn(lambda ax: ax.errorbar(X, Y, yerr=0.5, fmt="none", label="measured"))
    found = reading.read(figure)
    bar = Y[0] + np.array([-0.5, 0.5])
    np.testing.assert_array_equal(found.rows["measured: y"].values[:2], bar)
    # What has no colour of its own is called by its kind.
    assert reading._look(figure.axes[0].containers[0]) == "ErrorbarContainer"


def test_a_line_across_the_paper_is_read_in_the_frame():
    def across(ax):
        ax.add_line(Line2D([0, 1], [0, 1], transform=ax.figure.transFigure, label="across"))

    figure = drawn(across)
    found = reading.read(figure)
    frame = figure.axes[0].get_position()
    ends = np.array([[-frame.x0 / frame.width, (1 - frame.x0) / frame.width]])
    np.testing.assert_allclose([found.rows["across: x"].values], ends, rtol=1e-12)
    ends = [-frame.y0 / frame.height, (1 - frame.y0) / frame.height]
    np.testing.assert_allclose(found.rows["across: y"].values, ends, rtol=1e-12)


def test_a_line_beside_all_axes_is_read_on_the_paper():
    figure = drawn(lambda ax: None)
    figure.add_artist(Line2D([0.1, 0.9], [0.2, 0.2], label="rule"))
    found = reading.read(figure)
    np.testing.assert_array_equal(found.rows["rule: x"].values, [0.1, 0.9])
