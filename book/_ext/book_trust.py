"""Tables of the page on trust: what was counted, covered and killed, as it was last measured."""

import sys
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools import trust  # noqa: E402


def counted(numbers):
    """Rows of what was counted."""
    rows = [(words, str(number)) for words, number in numbers["counts"].items()]
    coverage = numbers.get("coverage", {})
    for kind in ("lines", "branches") if coverage else ():
        rows.append((f"{kind} of the library", str(coverage[kind])))
        missed = coverage[kind] - coverage[f"{kind} run"]
        rows.append((f"{kind} that no unit test runs", str(missed)))
    return ["what", "number"], rows


def mutated(scores):
    """Rows of what was put into each module, and noticed."""
    rows = [
        _mutated_row(f"`{module.removeprefix('coherence_lib.')}`", [row])
        for module, row in sorted(scores.items())
    ]
    rows.append(_mutated_row("**all**", list(scores.values())))
    return ["module", "possible", "put in", "noticed", "explained", "noticed, %"], rows


def _mutated_row(name, rows):
    made, noticed, known = (
        sum(row.get(key, 0) for row in rows) for key in ("made", "noticed", "explained")
    )
    # Of a module that was run before they were counted nobody knows how many are possible.
    counted = all("possible" in row for row in rows)
    possible = str(sum(row["possible"] for row in rows)) if counted else ""
    return name, possible, str(made), str(noticed), str(known), _percent(noticed, made - known)


def changed_figures(scores):
    """Rows of the constants of each chapter that were changed, and of what was noticed."""
    kinds = ("made", "shown", "asserted", "refused", "coarse", "explained")
    rows = []
    for chapter, row in sorted(scores.items()):
        left = len(row.get("survived", []))
        numbers = [row["there"], *(row[kind] for kind in kinds), left]
        rows.append((f"`{chapter}`", *numbers))
    total = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    rows.append(("**all**", *total))
    head = ["chapter", "constants", "changed", "figure or table differs", "assertion fails"]
    head += ["refused", "seen at a hundredth", "explained", "open"]
    return head, [tuple(map(str, row)) for row in rows]


def _percent(part, whole):
    return f"{100 * part / whole:.0f}" if whole else ""


class TrustTable(SphinxDirective):
    """The table that the argument names, "counts", "mutants" or "figures"."""

    required_arguments = 1

    def run(self):
        root = Path(self.env.srcdir)
        for name in trust.REMEDIES:
            self.env.note_dependency(str(root / name))
        if self.arguments[0] == "counts":
            head, rows = counted(trust.read(root, trust.STORED))
        elif self.arguments[0] == "figures":
            head, rows = changed_figures(trust.read(root, trust.FIGURE_MUTANTS))
        else:
            head, rows = mutated(trust.read(root, trust.MUTANTS))
        lines = ["| " + " | ".join(head) + " |", "|:--" + "|--:" * (len(head) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        parent = nodes.container()
        self.state.nested_parse(StringList(lines, source="trust"), self.content_offset, parent)
        return parent.children


def setup(app):
    app.add_directive("trust-table", TrustTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
