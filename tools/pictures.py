"""Whether two outputs of a notebook show the same picture, judged by what is seen.

A stored picture cannot be compared to the last byte: another version of matplotlib writes other
text, another font rasteriser other edges of letters. Both are drawn and slightly blurred; then no
place may differ by more than a shade.
"""

import base64
import binascii
import io
import json
import re

import numpy as np
import resvg_py
from PIL import Image, ImageFilter, UnidentifiedImageError

# The edges of letters are smoother than this many pixels, and a marker is larger.
_BLUR = 2
# Of 255 shades of a colour, after blurring: the edge of a letter passes, a moved marker does not.
SHADES = 24
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
    for kind, drawn in (("image/png", from_png), ("image/svg+xml", from_svg)):
        if (kind in fresh) != (kind in stored):
            found.append(f"{kind} is {'not stored' if kind in fresh else 'stored and not drawn'}")
        elif kind in fresh:
            found += picture_problems(kind, fresh[kind], stored[kind], drawn)
    blocks = [data.get("text/html", "") for data in (fresh, stored)]
    if 'class="explore"' in "".join(blocks):
        found += explorer_problems(*blocks)
    return found


def picture_problems(kind, fresh, stored, drawn):
    """What two pictures of one kind differ by."""
    try:
        old = drawn(stored)
    except (ValueError, UnidentifiedImageError, binascii.Error) as error:
        return [f"{kind}: what is stored is no picture ({error})"]
    new = drawn(fresh)
    if new.size != old.size:
        return [f"{kind}: {old.size} pixels are stored and {new.size} drawn"]
    shades, place = _largest(new, old)
    if shades <= SHADES:
        return []
    return [f"{kind}: differs by {shades} shades of 255 at pixel {place} of {new.size}"]


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


def _largest(new, old):
    blurred = [
        np.asarray(image.filter(ImageFilter.GaussianBlur(_BLUR)), int) for image in (new, old)
    ]
    difference = np.abs(blurred[0] - blurred[1]).max(axis=2)
    row, column = np.unravel_index(np.argmax(difference), difference.shape)
    return int(difference.max()), (int(column), int(row))


def explorer_problems(fresh, stored):
    """What the blocks of an explorer differ by: picture, curves, words or script."""
    new, old = _EXPLORER.search(fresh), _EXPLORER.search(stored)
    if new is None or old is None:
        return ["the stored block is no explorer" if old is None else "no explorer is drawn"]
    found = [
        f"explorer: the stored {part} differs from the fresh one"
        for part, name in (("text", "head"), ("controls", "controls"), ("script", "rest"))
        if new[name] != old[name]
    ]
    pictures = [base64.b64decode(block["picture"]).decode("utf-8") for block in (new, old)]
    found += [f"explorer: {problem}" for problem in picture_problems("image", *pictures, from_svg)]
    return found + _curve_problems(json.loads(new["data"]), json.loads(old["data"]))


def _curve_problems(fresh, stored):
    """Texts and settings have to be equal; curves may differ where rounding went another way."""
    found = []
    for part in dict.fromkeys([*fresh, *stored]):
        new, old = fresh.get(part), stored.get(part)
        if part == "pool" and new is not None and old is not None:
            if [_kinds(row) for row in new] != [_kinds(row) for row in old]:
                found.append("explorer: the stored curves are others")
            elif any(_apart(a, b) > _TENTHS for a, b in zip(new, old, strict=True)):
                found.append("explorer: the stored curves lie elsewhere")
        elif new != old:
            found.append(f"explorer: the stored {part} differ from the fresh ones")
    return found


def _kinds(row):
    return [type(value).__name__ for value in row]


def _apart(a, b):
    """Rows hold each value minus the last."""
    steps = [np.array([x for x in row if not isinstance(x, list)], int) for row in (a, b)]
    return int(np.max(np.abs(np.cumsum(steps[0]) - np.cumsum(steps[1])), initial=0))
