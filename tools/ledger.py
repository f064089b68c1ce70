"""Write the ledger, the errata and the open questions from `claims/` and `measured.json`.

The ledger has a page a section, which shows every claim with its verdict, how far the two routes
of its test are apart, its grade of evidence, the test itself and its proofs. The errata page tells
a reader of the papers what to change, and why.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

from coherence_lib import _writing
from tools import claims as files
from tools import public

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

LEDGER_HEAD = """# The ledger

Every sentence and every numbered equation of the papers that can be computed, with a verdict, and
what the chapters beyond the papers state themselves. One test stands behind each: it compares the
statement, or what is stated here as right, with another route from first principles, on inputs that
the authors did not choose. Above the tolerance it is red. Where a piece of evidence is given, the
test measures that number too, to half a unit of its last digit.

The test says the verdict as well, and is red unless it shows it. What it shows to be wrong is off
by more than a thousand tolerances:

definition
: what is coded has the property that defines it.

reproduces
: the statement agrees with another route.

holds under a condition
: it agrees where the condition holds, and is off where it does not.

misprint
: the printed form is off, each reading of it is tried, and the derived form agrees.

fails
: a computation finds something else than what is stated, and what is derived instead agrees.

Deviation
: the largest distance between the statement, or what is stated here as right, and the other route.

Tolerance
: the largest deviation that the test accepts, fixed before it ran. At most {exact}; a limit that
  is approached, a derivative by differences or a measured number has a larger one with its reason,
  and none is above {largest}.

Evidence
: a number that tells print and derivation apart, or that shows what happens outside a condition.

What a test samples, a proof shows for all values. The grade of evidence is that of the claim's
strongest proof:

identity
: derived from the model's definition by computer algebra, for all values of its parameters; the
  number of atoms or sources is a symbol, or one of a stated range.

exhaustive
: computed in exact integers or fractions, for every case of a stated finite range.

enclosure
: computed with balls that hold the true value, over a whole stated box of parameters.

proof
: an argument in a chapter, whose steps a test follows.

sampled
: compared with another route at many values, and not proved.

Of a misprint, what is proved is the derived form, and that no convention in play saves the print.

Units are those of {doc}`/book/part1/model`: rates in $\\gamma_0$, lengths in $1/k_0$, energies and
temperatures with $\\hbar = k_B = 1$. Formulas are compared as they are in our copies of the
papers. {doc}`/book/errata` is the short list of what a reader of the papers should change,
{doc}`/book/open` what resists a proof, and {doc}`/book/how_we_know` shows each grade at work.
"""
OPEN_HEAD = """# Open questions

Some statements speak of *all* values, and nobody here could prove them: growth or decay over a
whole range, a list that should be complete, a number that should be the largest. They agree with
another route wherever they were tried, or are proved in a part of their range, and this is all that
can be said. For each, what was tried and how far it holds. {doc}`/book/how_we_know` says what the
grades mean.

Whoever has a proof, or a single counterexample, closes a question. A proof is a test with the
claim's id, like those in the ledger; its claim then leaves this page by itself.
"""
SECTION_HEAD = """What the verdicts and numbers mean is said in {doc}`/book/ledger`.
"""
ERRATA_HEAD = """# Errata

What a reader of the papers should change, and what to add to some of their sentences. Each entry
gives the statement as printed in our copy beside what is derived, with a number that tells them
apart. It is measured by a test, which {doc}`/book/ledger` shows.

These are {listed} of the {all} claims of the papers in the ledger. Of the others {reproduces} agree
with another route within their tolerances, as they are stated there in our words, and {definition}
are definitions that what is coded fulfils. A sentence that asserts nothing that can be computed is
no claim. What could not be proved is in {doc}`/book/open`.
"""


def sections(claims):
    """Claims by the file of their section, both in order."""
    groups = {}
    for claim in claims:
        groups.setdefault(claim["file"], []).append(claim)
    return groups


def title(claim):
    """The paper and section of a claim."""
    return f"{files.PAPERS[claim['paper']]}, {claim['section']}"


def heading(claim):
    """What a claim is about, as a reader would look for it."""
    return f"{claim['locus']}, {claim['title']}"


def badge(claim):
    """The verdict as a badge, which also tells the page's filter what the claim belongs to."""
    kind, chapter = claim["verdict"].split()[0], claim["chapter"].split("/")[-1]
    data = f'data-paper="{files.PAPERS[claim["paper"]]}" data-chapter="{chapter}"'
    return f'<span class="badge verdict-{kind}" {data}>{claim["verdict"]}</span>'


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
    return re.sub(rf"\b{files.ID}\b", r"{ref}`\g<0> <\g<0>>`", str(text))


def graded(claim, proofs):
    """The grade of a claim, with the range over which its proof holds."""
    scope = f" ({linked(claim['scope'].rstrip('.'))})" if "scope" in claim else ""
    return files.grade(claim["id"], proofs) + scope


def grades(claims, proofs):
    """Counts by grade, of each paper and of the numbered equations, as a table."""
    groups = {}
    for claim in claims:
        groups.setdefault(files.PAPERS[claim["paper"]], []).append(claim)
    groups["**all**"] = claims
    groups["numbered equations"] = [claim for claim in claims if files.is_equation(claim)]
    lines = [f"| claims | {' | '.join(files.GRADES)} |", "|:--" + "|--:" * len(files.GRADES) + "|"]
    for name, group in groups.items():
        counts = Counter(files.grade(claim["id"], proofs) for claim in group)
        lines.append(f"| {name} | {' | '.join(str(counts[g] or '') for g in files.GRADES)} |")
    return "\n".join(lines) + "\n"


def summary(claims):
    """Counts by section and verdict, as a table whose rows lead to the sections' pages."""
    head = ["section", *files.VERDICTS, "all"]
    lines = ["| " + " | ".join(head) + " |", "|:--" + "|--:" * (len(head) - 1) + "|"]
    groups = sections(claims).items()
    rows = [(f"{{doc}}`{title(group[0])} </book/ledger/{name}>`", group) for name, group in groups]
    for name, group in [*rows, ("**all**", claims)]:
        counts = Counter(claim["verdict"] for claim in group)
        cells = [name, *(counts[verdict] or "" for verdict in files.VERDICTS), len(group)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def listing(claims):
    """All claims, a row each."""
    lines = ["| claim | section | verdict |", "|:--|:--|:--|"]
    for claim in claims:
        name = heading(claim).replace("|", r"\|")
        link = f"{{ref}}`{claim['id']} <{claim['id']}>`"
        lines.append(f"| {link}: {name} | {title(claim)} | {badge(claim)} |")
    return "\n".join(lines) + "\n"


def of_papers(claims):
    """Without those that go beyond the papers: there is no print to correct."""
    return [claim for claim in claims if claim["paper"] != "ours"]


def errata_summary(claims):
    """Links to the claims of the errata, by verdict, as a list."""
    lines = []
    for verdict, (name, _) in ERRATA.items():
        group = [claim for claim in of_papers(claims) if claim["verdict"] == verdict]
        if group:
            links = ", ".join(linked(claim["id"]) for claim in group)
            lines.append(f"- **{name}** ({len(group)}): {links}")
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


def box(claim):
    """Print beside derivation, and the number that tells them apart."""
    parts = [linked(claim["printed"]), linked(claim["derived"])]
    parts.append(f"The evidence is {number(claim['evidence'])}.")
    body = "\n\n---\n\n".join(parts)
    rest = {
        key: value for key, value in claim.items() if key not in ("printed", "derived", "evidence")
    }
    return f":::{{printed}} {claim['id']}\n:class: stacked\n{body}\n:::\n\n{details(rest)}"


# --- the library under test ------------------------------------------------------


def tested(test, root):
    """What a test calls of the library, as the paths that people type, in order.

    Where the test itself calls nothing, what the helpers in its own file call.
    """
    functions, imported = _read((Path(root) / test.path).read_text(encoding="utf-8"))
    function = functions[test.name]
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    helpers = [functions[name] for name in functions if name in used]
    return _called([function], imported) or _called(helpers, imported)


@cache
def _read(text):
    """The functions of a file of tests by their names, and what it takes from the library."""
    module = ast.parse(text)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    return functions, _imported(module)


def _imported(module):
    """What the names that a file takes from the library stand for."""
    names = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coherence_lib"):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.asname or a.name: a.name for a in node.names if a.name == "coherence_lib"}
    return names


def _called(functions, imported):
    calls = [n for f in functions for n in ast.walk(f) if isinstance(n, ast.Call)]
    paths = []
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        first, *rest = ast.unparse(call.func).split(".")
        path = ".".join([imported.get(first, ""), *rest])
        if public.is_function(path) and path not in paths:
            paths.append(path)
    return paths


# --- the pages -------------------------------------------------------------------


def source(what, test):
    """A test, folded."""
    return f"""<details><summary>{what}, in <code>{test.path}</code></summary>

```{{literalinclude}} /{test.path}
:language: text
:pyobject: {test.name}
```

</details>
"""


def entry(claim, measured, test, proofs, root):
    """One claim with its test and proofs, in little HTML: there are hundreds of them."""
    deviation = measured.get(claim["id"])
    result = "not measured yet" if deviation is None else f"deviation {number(deviation)}"
    paths = tested(test, root)
    names = ", ".join(f"{{py:obj}}`{p.removeprefix('coherence_lib.')} <{p}>`" for p in paths)
    library = f"Calls {names}.\n" if names else ""
    reason = f" ({linked(claim['why'].rstrip('.'))})" if "why" in claim else ""
    own = files.proofs_of(claim["id"], proofs)
    folded = [source("The test", test), *(source("The proof", proof) for proof in own)]
    sources = "\n".join(folded)
    return f"""({claim["id"]})=
## {heading(claim)}: {claim["verdict"]}

{badge(claim)} · {result}, tolerance {number(claim["tolerance"])}{reason} · \
evidence: {graded(claim, proofs)} · \
{{place}}`{claim["id"]}` · `{claim["id"]}`

{linked(claim["claim"])}

{details(claim)}
{sources}
{library}"""


def section_page(claims, measured, tests, proofs, root):
    """The claims of one section as Markdown."""
    head = f"# {title(claims[0])}\n\n{SECTION_HEAD}"
    parts = [entry(claim, measured, tests[claim["id"]], proofs, root) for claim in claims]
    return "\n".join([head, *parts])


def index_page(claims, proofs):
    """The way into the ledger as Markdown: the errata, then a table of all sections."""
    corrections = "" if not claims else f"\n## What to correct\n\n{errata_summary(claims)}"
    sections = f"\n## Sections\n\n{summary(claims)}"
    head = LEDGER_HEAD.replace("{exact}", number(files.EXACT))
    head = head.replace("{largest}", number(files.LARGEST))
    evidence = f"\n## Evidence\n\n{grades(claims, proofs)}"
    return f"{head}{corrections}{sections}{evidence}\n## All claims\n\n{listing(claims)}"


def errata_page(claims, proofs):
    """The claims that a reader of the papers has to know of, as Markdown."""
    claims = of_papers(claims)
    counts = Counter(claim["verdict"] for claim in claims)
    listed = sum(counts[verdict] for verdict in ERRATA)
    head = {"listed": listed, "all": len(claims), **counts}
    parts = [re.sub(r"\{(\w+)\}(?!`)", lambda m: str(head.get(m[1], 0)), ERRATA_HEAD)]
    for verdict, (title, explanation) in ERRATA.items():
        group = [claim for claim in claims if claim["verdict"] == verdict]
        if not group:
            continue
        parts.append(f"## {title}\n\n{explanation}\n")
        for claim in group:
            if "printed" in claim:
                text = box(claim)
            else:
                text = f"- **Stated.** {linked(claim['claim'])}\n{details(claim)}"
            parts.append(
                f"### {files.PAPERS[claim['paper']]}, {heading(claim)}: {verdict}\n\n{text}\n"
                f"In the ledger with its test: {linked(claim['id'])}. "
                f"Grade of evidence: {graded(claim, proofs)}.\n"
            )
    return "\n".join(parts)


def open_page(claims, proofs):
    """The statements about all values that resist a proof, and all else that is sampled."""
    sampled = [claim for claim in claims if files.grade(claim["id"], proofs) == "sampled"]
    parts = [OPEN_HEAD]
    for claim in claims:
        if "open" in claim:
            name = f"{files.PAPERS[claim['paper']]}, {heading(claim)}"
            parts.append(f"## {name}\n\n{linked(claim['claim'])}\n\n{linked(claim['open'])}\n")
            parts.append(
                f"In the ledger with its test: {linked(claim['id'])}. "
                f"Grade of evidence: {graded(claim, proofs)}.\n"
            )
    rest = [claim for claim in sampled if "open" not in claim]
    parts.append(
        f"## Sampled, and no question\n\nThe other {len(rest)} sampled claims speak of examples, "
        "of what a figure shows or of a condition that a counterexample shows to be needed, or "
        "would fall to an argument that is not written down. Proofs of them are welcome too.\n\n"
        f"{', '.join(linked(claim['id']) for claim in rest)}.\n"
    )
    return "\n".join(parts)


def pages(root):
    """All pages that are written, {path below book/: Markdown}."""
    claims, measured = files.load(root), files.read_measured(root)
    tests, proofs = files.carriers(root), files.proofs(root)
    untested = [claim["id"] for claim in claims if claim["id"] not in tests]
    if untested:
        raise ValueError(f"No test carries {', '.join(untested)}.")
    found = {
        "ledger.md": index_page(claims, proofs),
        "errata.md": errata_page(claims, proofs),
        "open.md": open_page(claims, proofs),
    }
    for name, group in sections(claims).items():
        found[f"ledger/{name}.md"] = section_page(group, measured, tests, proofs, root)
    return found


def write(root):
    """Write the pages and drop those of sections that are gone; the same text is left alone."""
    book, wanted = root / "book", pages(root)
    (book / "ledger").mkdir(exist_ok=True)
    for path in (book / "ledger").glob("*.md"):
        if f"ledger/{path.name}" not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = book / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _writing.write_text(path, text)


def of_chapter(root, chapter):
    """The claims of a chapter, {title of the section: ids}."""
    found = {}
    for claim in files.load(root):
        if claim["chapter"] == chapter:
            found.setdefault(title(claim), []).append(claim["id"])
    return found
