"""Write `book/ledger.md` and `book/errata.md` from `claims.yml` and `measured.json`.

The ledger shows every claim with its verdict, how far the two routes of its test are apart, and
the test itself. The errata page tells a reader of the papers what to change, and why.
"""

import json
import re
from collections import Counter

import yaml

VERDICTS = ("definition", "reproduces", "holds under a condition", "misprint", "fails")
ERRATA = {
    "misprint": (
        "Misprints",
        "As printed, the formula contradicts the model of its own paper, in every reading tried.",
    ),
    "fails": (
        "Statements that fail",
        "A computation from the paper's own equations says something else.",
    ),
    "holds under a condition": (
        "Statements that need a condition",
        "True where the authors looked. The condition says where; the number says what happens "
        "elsewhere.",
    ),
}
PAPERS = {1: "Paper I", 2: "Paper II", "ours": "Beyond the papers"}
ID = r"(?:p[12]|ours)-[a-z0-9]+(?:-[a-z0-9]+)+"

LEDGER_HEAD = """# The ledger

Every sentence and every numbered equation of the papers that can be computed, with a verdict. One
test stands behind each: it compares the statement, or what is stated here as right, with another
route from first principles, on inputs that the authors did not choose. The measured deviation is
the largest distance between the two routes; above the tolerance the test is red. Where a piece of
evidence is given, the test measures that number too, to one percent.

Units are those of {doc}`part1/model`: rates in $\\gamma_0$, lengths in $1/k_0$, energies and
temperatures with $\\hbar = k_B = 1$. Formulas are compared as they are in our copies of the
papers. {doc}`errata` is the short list of what a reader of the papers should change.
"""
ERRATA_HEAD = """# Errata

What a reader of the papers should change, and what to add to some of their sentences. Each entry
gives the statement as printed in our copy, in our words, then as derived, with a number that tells
them apart. It is measured by a test, which {doc}`ledger` shows. Everything that is not listed here
and is in the ledger reproduces.
"""


def load(root):
    """The claims in order, and the measured deviations by claim."""
    claims = yaml.safe_load((root / "claims.yml").read_text(encoding="utf-8"))
    measured = json.loads((root / "measured.json").read_text(encoding="utf-8"))
    return claims, measured


def sections(claims):
    """Claims by paper and section, both in the order of the file."""
    groups = {}
    for claim in claims:
        groups.setdefault((claim["paper"], claim["section"]), []).append(claim)
    return groups


def number(value):
    """A number as Markdown mathematics."""
    text = f"{value:.4g}"
    if "e" not in text:
        return f"${text}$"
    mantissa, exponent = text.split("e")
    factor = "" if mantissa == "1" else rf"{mantissa}\times "
    return f"${factor}10^{{{int(exponent)}}}$"


def linked(text):
    """Text in which the ids of other claims are links to them."""
    return re.sub(rf"\b{ID}\b", r"{ref}`\g<0> <\g<0>>`", str(text))


def summary(claims):
    """Counts by section and verdict, as a table."""
    head = ["section", *VERDICTS, "all"]
    lines = ["| " + " | ".join(head) + " |", "|:--" + "|--:" * (len(head) - 1) + "|"]
    rows = [(f"{PAPERS[p]}, {name}", group) for (p, name), group in sections(claims).items()]
    for name, group in [*rows, ("**all**", claims)]:
        counts = Counter(claim["verdict"] for claim in group)
        cells = [name, *(counts[verdict] or "" for verdict in VERDICTS), len(group)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def details(claim):
    """What a claim says beyond its statement, as a list."""
    lines = []
    for field, name in (("condition", "Condition"), ("printed", "As printed")):
        if field in claim:
            lines.append(f"- **{name}.** {linked(claim[field])}")
    if "readings" in claim:
        lines.append(f"- **Readings tried.** {linked('; '.join(claim['readings']))}.")
    if "derived" in claim:
        lines.append(f"- **As derived.** {linked(claim['derived'])}")
    if "evidence" in claim:
        lines.append(f"- **Evidence.** {number(claim['evidence'])}")
    if claim.get("inherits"):
        lines.append(f"- **Repeated in.** {linked(', '.join(claim['inherits']))}")
    return "\n".join(lines) + "\n" if lines else ""


def entry(claim, measured):
    """One claim of the ledger with its proof, in little HTML: there are hundreds of them."""
    path, name = claim["test"].split("::")
    deviation = measured.get(claim["id"])
    result = "not measured yet" if deviation is None else f"deviation {number(deviation)}"
    return f"""({claim["id"]})=
### {claim["locus"]}

**{claim["verdict"]}** · {result}, tolerance {number(claim["tolerance"])} · \
{{doc}}`{claim["chapter"]}` · `{claim["id"]}`

{linked(claim["claim"])}

{details(claim)}
<details><summary>The test, in <code>{path}</code></summary>

```{{literalinclude}} ../{path}
:language: text
:pyobject: {name}
```

</details>
"""


def ledger_page(claims, measured):
    """The whole ledger as Markdown."""
    parts = [LEDGER_HEAD, summary(claims)]
    for (paper, name), group in sections(claims).items():
        parts.append(f"## {PAPERS[paper]}, {name}\n")
        parts += [entry(claim, measured) for claim in group]
    return "\n".join(parts)


def errata_page(claims):
    """The claims that a reader of the papers has to know of, as Markdown."""
    parts = [ERRATA_HEAD]
    for verdict, (title, explanation) in ERRATA.items():
        group = [claim for claim in claims if claim["verdict"] == verdict]
        if not group:
            continue
        parts.append(f"## {title}\n\n{explanation}\n")
        for claim in group:
            statement = "" if "printed" in claim else f"- **Stated.** {linked(claim['claim'])}\n"
            parts.append(
                f"### {PAPERS[claim['paper']]}, {claim['locus']}\n\n{statement}{details(claim)}\n"
                f"In the ledger with its test: {linked(claim['id'])}.\n"
            )
    return "\n".join(parts)


def write(root):
    """Write both pages; unchanged ones keep their time stamp."""
    claims, measured = load(root)
    pages = {"ledger.md": ledger_page(claims, measured), "errata.md": errata_page(claims)}
    for name, text in pages.items():
        path = root / "book" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
