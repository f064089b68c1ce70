"""Run one claim's test and proofs and show all: `make claim ID=p1-eq-19`; without id, list all."""

import argparse
import contextlib
import difflib
import io
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from tools import claims, ledger  # noqa: E402

WIDTH = 96
INDENT = 16
# What a test shows to be wrong, by the call that shows it.
APART = {"printed": "print is off", "counterexample": "counterexample", "broken": "outside"}
SIDES = {"printed": ("printed", "true")}


class Recorder:
    """A plugin of pytest that keeps what the test of a claim measured, or why it failed."""

    def __init__(self):
        self.measured, self.complaints = {}, []

    def pytest_runtest_logreport(self, report):
        self.measured.update(report.user_properties)
        if report.failed:
            self.complaints.append(report.longreprtext)

    def pytest_collectreport(self, report):
        if report.failed:
            self.complaints.append(report.longreprtext)


def measure(root, tests):
    """Run some tests; return the recorder."""
    recorder = Recorder()
    command = ["-q", "-p", "no:cacheprovider", "--rootdir", str(root)]
    command += ["-c", str(root / "pyproject.toml"), *(f"{root}/{test}" for test in tests)]
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        status = pytest.main(command, plugins=[recorder])
    if status and not recorder.complaints:
        recorder.complaints.append(report.getvalue())
    return recorder


def row(name, text):
    """A name and a text, which is wrapped beside it."""
    return textwrap.fill(
        str(text),
        WIDTH,
        initial_indent=f"{name:<{INDENT}}",
        subsequent_indent=" " * INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def apart(call, reading, distance, stated, found):
    """What a test shows to be wrong: by how much, and both sides where it shows it least."""
    one, other = SIDES.get(call, ("stated", "found"))
    read = f' ("{textwrap.shorten(reading, 60, placeholder=" ...")}")' if reading else ""
    return row(APART[call], f"by {distance:.4g}: {one} {stated}, {other} {found}{read}")


def described(entry, test, grade, proofs, recorder):
    """A claim, what its test measured and what proves it, as text."""
    where = f"{claims.PAPERS[entry['paper']]}, {ledger.heading(entry)}"
    lines = [f"{entry['id']}: {where}", row("claim", entry["claim"])]
    for field, name in (("printed", "as printed"), ("derived", "as derived")):
        if field in entry:
            lines.append(row(name, entry[field]))
    lines.append(row("verdict", entry["verdict"]))
    if "condition" in entry:
        lines.append(row("condition", entry["condition"]))
    deviation = recorder.measured.get("deviation")
    lines.append(row("deviation", "not measured" if deviation is None else f"{deviation:.2g}"))
    lines.append(row("tolerance", f"{entry['tolerance']:g}"))
    if "why" in entry:
        lines.append(row("its reason", entry["why"]))
    lines += [apart(*shown) for shown in recorder.measured.get("apart", [])]
    if "evidence" in entry:
        evidence = recorder.measured.get("evidence")
        measured = "not measured" if evidence is None else f"measured {evidence:.5g}"
        lines.append(row("evidence", f"stated {entry['evidence']:g}, {measured}"))
    lines.append(row("grade", grade))
    if "scope" in entry:
        lines.append(row("scope", entry["scope"]))
    lines += [row("chapter", f"book/{entry['chapter']}"), row("test", test)]
    lines += [row("proof", proof) for proof in proofs]
    lines.append(row("result", "failed" if recorder.complaints else "passed"))
    return "\n".join([*lines, *recorder.complaints])


def listed(entries):
    """The ids by section, as text."""
    groups = {}
    for entry in entries:
        groups.setdefault((entry["paper"], entry["section"]), []).append(entry["id"])
    lines = []
    for (paper, section), ids in groups.items():
        lines.append(f"{claims.PAPERS[paper]}, {section}")
        lines.append(
            textwrap.indent(textwrap.fill("  ".join(ids), 92, break_on_hyphens=False), "    ")
        )
    return "\n".join(lines)


def show(root, identifier=None):
    """Print one claim, or all ids; return the exit status."""
    try:
        entries, tests = claims.load(root), claims.carriers(root)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if not identifier:
        print(listed(entries))
        return 0
    by_id = {entry["id"]: entry for entry in entries}
    if identifier not in by_id:
        near = ", ".join(difflib.get_close_matches(identifier, by_id, n=5))
        hint = f"Near it: {near}." if near else "`make claim` lists all."
        print(f"There is no claim {identifier}. {hint}", file=sys.stderr)
        return 1
    test = tests.get(identifier)
    if test is None:
        print(f'No test carries @claim("{identifier}", ...).', file=sys.stderr)
        return 1
    proofs = claims.proofs_of(identifier, claims.proofs(root))
    recorder = measure(root, [test, *proofs])
    grade = claims.grade(identifier, proofs)
    print(described(by_id[identifier], test, grade, proofs, recorder))
    return 1 if recorder.complaints else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id", nargs="?", help="the claim, such as p1-eq-19; none lists all")
    parser.add_argument("--root", type=Path, default=ROOT)
    args = parser.parse_args()
    return show(args.root.resolve(), args.id)


if __name__ == "__main__":
    sys.exit(main())
