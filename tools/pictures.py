"""Whether two outputs of a notebook show the same picture, judged by what is seen.

A stored picture cannot be compared to the last byte: another version of matplotlib writes other
text, another font rasteriser other edges of letters. Both are drawn and slightly blurred; then no
place may differ by more than a shade. An SVG holds its letters as outlines, which no rasteriser has
touched. In a PNG they may stand a little aside, and be somewhat fatter or thinner.
"""

import base64
import io
import json
import re

import numpy as np
import resvg_py
from PIL import Image, ImageFilter
from scipy.ndimage import maximum_filter

# The edges of letters are smoother than this many pixels, and a marker is larger.
_BLUR = 2
# Of 255 shades of a colour, after blurring: the edge of a letter passes, a moved marker does not.
SHADES = 24
# In pixels: so far aside may a rasteriser set a letter of a PNG, and the pixels around with it.
_ASIDE = 2
_NEIGHBOURHOOD = 3
# Whole tenths of a unit of an explorer's drawing, where rounding may go either way.
_TENTHS = 2
_EXPLORER = re.compile(
    r'(?s)(?P<head><div class="explore".*?src="data:image/svg\+xml;base64,)(?P<picture>[^"]*)'
    r'(?P<controls>".*?<script type="application/json">)(?P<data>.*?)(?P<rest></script>.*)'
)


def output_problems(fresh, stored):
    """What is seen to differ between the outputs of a cell, fresh and stored."""
    pairs = zip(_data(fresh), _data(stored), strict=False)
    found = [problem for new, old in pairs for problem in _data_problems(new, old)]
    if found:
        found.append(
            "The stored picture is not the one that the code draws: run `make execute "
            "NOTEBOOKS=...` to store the fresh one."
        )
    return found


def _data(outputs):
    return [output["data"] for output in outputs if "data" in output]


def _data_problems(fresh, stored):
    found = []
    for kind, drawn, seen in (("image/png", from_png, _letters), ("image/svg+xml", from_svg, _all)):
        if (kind in fresh) != (kind in stored):
            found.append(f"{kind} is {'not stored' if kind in fresh else 'stored and not drawn'}")
        elif kind in fresh:
            found += picture_problems(kind, fresh[kind], stored[kind], drawn, seen)
    blocks = [data.get("text/html", "") for data in (fresh, stored)]
    if 'class="explore"' in "".join(blocks):
        found += explorer_problems(*blocks)
    return found


def picture_problems(kind, fresh, stored, drawn, seen):
    """What two pictures of one kind differ by."""
    if fresh == stored:
        return []
    try:
        old = drawn(stored)
    # What Pillow and resvg raise for damaged data.
    except (ValueError, OSError, SyntaxError) as error:
        return [f"{kind}: what is stored is no picture ({error})"]
    new = drawn(fresh)
    if new.size != old.size:
        return [f"{kind}: {old.size} pixels are stored and {new.size} drawn"]
    shades = seen(*(_blurred(image) for image in (new, old)))
    row, column = np.unravel_index(np.argmax(shades), shades.shape)
    if shades[row, column] <= SHADES:
        return []
    return [
        f"{kind}: differs by {shades[row, column]} shades of 255 at pixel "
        f"{(int(column), int(row))} of {new.size}"
    ]


def from_png(text):
    """The picture of an output's base64 text."""
    return _on_white(Image.open(io.BytesIO(base64.b64decode(text, validate=False))))


def from_svg(text):
    """The picture that an SVG text draws, at one pixel a unit."""
    # At two pixels a unit, as sharp as a good screen.
    png = resvg_py.svg_to_bytes(svg_string=text, dpi=144, skip_system_fonts=True)
    return _on_white(Image.open(io.BytesIO(bytes(png))))


def _on_white(image):
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _blurred(image):
    return np.asarray(image.filter(ImageFilter.GaussianBlur(_BLUR)), np.int16)


def _all(new, old):
    """Shades by which each pixel differs."""
    return np.abs(new - old).max(axis=2)


def _letters(new, old):
    """Shades by which each pixel differs that are not the rasteriser's choice of letters."""
    least = _all(new, old)
    if least.max() <= SHADES:
        return least
    rows, columns = least.shape
    around = np.pad(old, ((_ASIDE, _ASIDE), (_ASIDE, _ASIDE), (0, 0)), mode="edge")
    for down, across in np.ndindex(2 * _ASIDE + 1, 2 * _ASIDE + 1):
        difference = new - around[down : down + rows, across : across + columns]
        # A colour counts in full, a grey half: letters are black, and fatter or thinner.
        red, green, blue = np.moveaxis(difference, 2, 0)
        highest = np.maximum(np.maximum(red, green), blue)
        lowest = np.minimum(np.minimum(red, green), blue)
        grey = np.abs(red + green + blue) // 6
        shades = maximum_filter(np.maximum(highest - lowest, grey), _NEIGHBOURHOOD)
        least = np.minimum(least, shades)
    return least


def explorer_problems(fresh, stored):
    """What the blocks of an explorer differ by: picture, curves, words or script."""
    new, old = _EXPLORER.search(fresh), _EXPLORER.search(stored)
    if new is None or old is None:
        return ["the stored block is no explorer" if old is None else "no explorer is drawn"]
    name = re.search(r'id="(explore-[\w-]+)"', new["head"])[1]
    return [f"{name}: {problem}" for problem in _block_problems(new, old)]


def _block_problems(new, old):
    found = [
        f"the stored {part} differs from the fresh one"
        for part, name in (("text", "head"), ("controls", "controls"), ("script", "rest"))
        if new[name] != old[name]
    ]
    pictures = (new["picture"], old["picture"])
    found += picture_problems("picture", *pictures, _from_base64, _all)
    try:
        return found + _curve_problems(json.loads(new["data"]), json.loads(old["data"]))
    except (ValueError, TypeError, LookupError) as error:
        return [*found, f"the stored data are damaged ({error!r})"]


def _from_base64(text):
    return from_svg(base64.b64decode(text).decode("utf-8"))


def _curve_problems(fresh, stored):
    """Texts and settings have to be equal; curves may differ where rounding went another way."""
    found = [
        f"the stored {part} differ from the fresh ones"
        for part in ("sliders", "texts")
        if fresh[part] != stored[part]
    ]
    new, old = _rows(fresh), _rows(stored)
    if [_kinds(row) for row in new] != [_kinds(row) for row in old]:
        found.append("the stored curves are others")
    elif any(_apart(a, b) > _TENTHS for a, b in zip(new, old, strict=True)):
        found.append("the stored curves lie elsewhere")
    return found


def _rows(data):
    """The curves of all frames, whether they are stored once or twice, after what names them."""
    names = [[curve["id"], curve["dots"]] for curve in data["curves"]]
    frames = [data["pool"][number] for frame in data["frames"] for number in frame]
    return [[names], *(curve["x"] for curve in data["curves"]), *frames]


def _kinds(row):
    """Gaps as they are, and that a number is one."""
    return [value if isinstance(value, list) else type(value).__name__ for value in row]


def _apart(a, b):
    """Rows hold each value minus the last."""
    steps = [np.array([x for x in row if not isinstance(x, list)], int) for row in (a, b)]
    return int(np.max(np.abs(np.cumsum(steps[0]) - np.cumsum(steps[1])), initial=0))
