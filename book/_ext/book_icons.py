"""The theme's icons as a font of those that the site shows.

The theme brings all icons twice, as a script of 1.5 MB and as fonts; a page shows a dozen.
"""

import logging
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

STYLES = Path("_static/styles/pydata-sphinx-theme.css")
FONTS = Path("_static/vendor/fontawesome/webfonts")
# What `book.css` names.
ICONS = Path("_static/icons.woff")
UNUSED = (
    "_static/scripts/fontawesome.js",
    "_static/scripts/fontawesome.js.LICENSE.txt",
    "_static/scripts/*.map",
    "_static/styles/*.map",
)


# What it prunes is no news.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)


def keep_icons(app, exception):
    """Write the font of the icons in use, and drop what it replaces."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    font = TTFont(site / FONTS / "fa-solid-900.ttf")
    subsetter = subset.Subsetter(subset.Options(hinting=False))
    subsetter.populate(unicodes=_codes(site))
    subsetter.subset(font)
    font.flavor = "woff"
    # The same font on every build.
    font.recalcTimestamp = False
    font.save(site / ICONS)
    for path in [*(site / FONTS).iterdir(), *(p for name in UNUSED for p in site.glob(name))]:
        path.unlink()


def _codes(site):
    """Code points of the icons that pages and scripts name."""
    styles = (site / STYLES).read_text(encoding="utf-8")
    rules = re.findall(r'((?:\.fa-[a-z0-9-]+:+before,?)+)\{content:"\\([0-9a-f]+)"', styles)
    code = {name: hexa for names, hexa in rules for name in re.findall(r"fa-[a-z0-9-]+", names)}
    files = [*site.rglob("*.html"), *site.glob("_static/scripts/*.js"), *site.glob("_static/*.js")]
    named = {
        name
        for path in files
        if path.name != "fontawesome.js"
        for name in re.findall(r"\bfa-[a-z0-9-]+", path.read_text(encoding="utf-8"))
    }
    return [int(code[name], 16) for name in named & set(code)]


def setup(app):
    app.connect("build-finished", keep_icons, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
