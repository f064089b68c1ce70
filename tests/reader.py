"""A reader whose settings of matplotlib differ from the defaults wherever they can."""

import matplotlib as mpl

# Of text, with few values: those that a reader may well have, and some that move the drawing.
CHOSEN = {
    "savefig.bbox": "tight",
    "savefig.format": "png",
    "savefig.dpi": 300,
    "svg.fonttype": "none",
    "svg.hashsalt": "another",
    "figure.constrained_layout.use": False,
    "figure.autolayout": True,
    "axes.autolimit_mode": "round_numbers",
    "font.family": ["monospace"],
    "font.size": 20.0,
    "lines.linestyle": ":",
    "mathtext.fontset": "cm",
    "axes.facecolor": "black",
    "text.color": "white",
    "timezone": "Asia/Tokyo",
    "xtick.direction": "in",
    "legend.loc": "lower left",
}


def other(value):
    """Another value of the same kind, or the same one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 3
    if isinstance(value, float):
        return value / 2 + 0.1
    return value


def change_everything():
    """Change every parameter that takes another value; the names of those that did."""
    changed = set()
    for name in mpl.rcParams:
        # A backend belongs to the process, not to a figure.
        if name.startswith(("backend", "webagg", "interactive")):
            continue
        before = mpl.rcParams[name]
        try:
            mpl.rcParams[name] = CHOSEN.get(name, other(before))
        except (ValueError, TypeError):
            continue  # not a value of this parameter
        if mpl.rcParams[name] != before:
            changed.add(name)
    return changed
