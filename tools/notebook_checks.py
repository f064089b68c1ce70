"""What must hold for a notebook as it is stored: each check returns what is wrong, in sentences.

The numbers of a figure are proved when the notebook runs. These checks close the ways around that:
a figure without numbers, numbers that are not compared, a caption that says something else.
"""

import ast
import difflib
import re

import numpy as np

from coherence_lib.figures import reference as comparison

# Of a cell: nothing that hides or skips an output.
TAGS = {"hide-input"}
_MARKERS = re.compile(r"(?i)#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
# Python that can change what a later call means, or what is compared.
_FORBIDDEN = {
    *("exec", "eval", "compile", "setattr", "delattr", "globals", "locals", "vars", "get_ipython"),
    *("environ", "putenv", "WRITE_VARIABLE", "monkeypatch", "patch", "open", "write_text"),
}
_FORBIDDEN_MODULES = {
    *("builtins", "ctypes", "gc", "importlib", "inspect", "io", "os", "pathlib", "shutil"),
    *("subprocess", "sys", "tempfile", "unittest"),
}
_LIBRARY = {
    *("coherence_lib", "atoms", "bounds", "drawings", "explore", "figures", "harvest"),
    *("measures", "ring", "thermal", "transition", "numbers", "Explorer", "Panel"),
}
# All that a notebook needs of what compares.
_USED = {"figures": {"use_style", "Reference"}, "numbers": {"values"}}
# The only setting that is an attribute.
_SETTING = "mpmath.mp.dps"
_AGREES = "agree with the reference"
_FEWEST_WORDS = 8
_FEWEST_WORDS_OF_A_REASON = 5
# Numbers of a row with no more points than this are read one by one.
_FEW = 16


def code_cells(notebook):
    """Code cells that hold something."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def figure_of(cell):
    """Name, caption and alternative text of a cell's figure."""
    metadata = cell.metadata.get("mystnb", {})
    figure = metadata.get("figure", {})
    return (
        figure.get("name", ""),
        figure.get("caption", ""),
        metadata.get("image", {}).get("alt", ""),
    )


# --- one run, in full --------------------------------------------------------------------------


def execution_problems(notebook):
    """What keeps the stored outputs from being those of one run from top to bottom."""
    cells = code_cells(notebook)
    problems = []
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        problems.append("cells were not executed in order, or not at all")
    for cell in cells:
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"a stored output is an error: {output.evalue}")
            if output.get("name") == "stderr":
                problems.append(f"a cell warns: {output.text[:80]}")
    return problems


def metadata_problems(notebook):
    """Metadata that would differ between machines, and tags that hide or skip."""
    keys = [key for cell in notebook.cells for key in cell.metadata if key == "execution"]
    keys += [key for key in notebook.metadata if key not in ("kernelspec", "language_info")]
    problems = [f"metadata {key} would differ between machines" for key in keys]
    for cell in notebook.cells:
        strange = set(cell.metadata.get("tags", ())) - TAGS
        problems += [f"the tag {tag} hides or skips an output" for tag in sorted(strange)]
    return problems


def bypass_problems(notebook, stem):
    """Ways around the comparison: skipped outputs, other meanings, another reference."""
    problems = []
    for cell in code_cells(notebook):
        first = cell.source.splitlines()[0]
        problems += [f"{m} skips a comparison" for m in _MARKERS.findall(cell.source)]
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            problems.append(f"not Python, or a magic: {first!r}")
            continue
        tree.body = [ast.Expr(s.value) if _makes_numbers(s) else s for s in tree.body]
        for node in ast.walk(tree):
            problems += [f"{what}: {first!r}" for what in _changed_meanings(node)]
    made = [call for cell in code_cells(notebook) for call in _references(cell)]
    if len(made) != 1:
        problems.append(f"there are {len(made)} references in place of one")
    alone = f"figures.Reference('{stem}.json')"
    return problems + [
        f'the reference is not figures.Reference("{stem}.json"): {ast.unparse(call)}'
        for call in made
        if ast.unparse(_without_tolerance(call)) != alone
    ]


def _makes_numbers(statement):
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    return ast.unparse(statement).startswith("numbers = figures.Reference(")


def _references(cell):
    """Calls that make a reference."""
    try:
        nodes = ast.walk(ast.parse(cell.source))
    except SyntaxError:
        return []
    return [node for node in nodes if isinstance(node, ast.Call) and _called(node) == "Reference"]


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _without_tolerance(call):
    others = [keyword for keyword in call.keywords if keyword.arg != "tolerance"]
    return ast.Call(call.func, call.args, others)


def _changed_meanings(node):
    """What a piece of Python can change that others rely on."""
    name = getattr(node, "id", None) or getattr(node, "attr", None) or ""
    if name in _FORBIDDEN or name.startswith("__") or name in _FORBIDDEN_MODULES:
        return [f"{name} can change what is compared"]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return _import_problems(node)
    if isinstance(node, ast.Attribute):
        return _attribute_problems(node)
    names = [name] if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)) else []
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)):
        names = [node.name]
    return [f"the library's name {name} is changed" for name in names if name in _LIBRARY]


def _attribute_problems(node):
    text = ast.unparse(node)
    if not isinstance(node.ctx, ast.Load) and text != _SETTING:
        return [f"the attribute {text} is changed"]
    if node.attr.startswith("_") or node.attr not in _USED.get(
        ast.unparse(node.value), {node.attr}
    ):
        return [f"{text} is not for notebooks"]
    return []


def _import_problems(node):
    module = getattr(node, "module", None) or ""
    found = []
    for alias in node.names:
        parts = [*module.split("."), *alias.name.split(".")]
        own = parts[0] == "coherence_lib"
        bound = alias.asname or (alias.name if module else parts[0])
        if any(part in _FORBIDDEN_MODULES or part.startswith("_") for part in parts):
            found.append(f"{'.'.join(filter(None, parts))} is not for notebooks")
        elif own and (alias.asname or module.startswith("coherence_lib.figures")):
            found.append(f"{alias.name} of the library has another name")
        elif alias.name == "*" or (not own and bound in _LIBRARY):
            found.append(f"{bound} can hide a name of the library")
    return found


def tolerance_problems(notebook, stem, looser):
    """Tolerances that are not the library's, and not on the list with their reason.

    `looser` maps a notebook's stem to [tolerance, reason].
    """
    value, reason = looser.get(stem, ("nan", ""))
    tolerances = [
        ast.unparse(keyword.value)
        for cell in code_cells(notebook)
        for call in _references(cell)
        for keyword in call.keywords
        if keyword.arg == "tolerance"
    ]
    return [
        f"the tolerance {found} is not the library's; name it with its reason in "
        "tests/repo/looser_tolerances.yml"
        for found in tolerances
        if len(reason.split()) < _FEWEST_WORDS_OF_A_REASON or not _is_number(found, float(value))
    ]


def _is_number(text, value):
    try:
        return float(text) == value
    except ValueError:
        return False


# --- figures and their numbers -----------------------------------------------------------------


def figure_problems(notebook):
    """Figures without name, or without numbers that are bound to them and compared."""
    cells, problems, names = code_cells(notebook), [], []
    for number, cell in enumerate(cells):
        pictures = [output for output in cell.outputs if _shows_a_picture(output)]
        if numbers_call(cell) is None and _mentions_numbers(cell):
            problems.append(f"numbers do not stand alone in their cell: {cell.source[:60]!r}")
        name = figure_of(cell)[0]
        if not pictures:
            if name:
                problems.append(f"{name} shows no picture")
            continue
        if len(pictures) > 1:
            problems.append(f"{name or 'a cell'} shows {len(pictures)} pictures")
        if not re.fullmatch(r"fig-[\w-]+", name):
            problems.append(f"a figure has no name: {cell.source[:60]!r}")
        names.append(name)
        # A drawing is held to its physics by tests of its own, in tests/drawings.
        if re.fullmatch(r"drawings\.\w+\(\)", cell.source):
            continue
        following = cells[number + 1] if number + 1 < len(cells) else None
        if following is None or numbers_call(following) != f"numbers {name}":
            problems.append(f'{name} is not followed by numbers("{name}")')
    return problems + [
        f"{name} is there twice" for name in sorted(set(names)) if names.count(name) > 1
    ]


def _shows_a_picture(output):
    """Whether an output holds a picture of any kind; an explorer is compared in its own way."""
    data = output.get("data", {})
    page = "".join(data.get("text/html", ""))
    drawn = re.search(r"<(img|svg|canvas|iframe|video|object)\b", page)
    return any(kind.startswith("image/") for kind in data) or (
        drawn is not None and 'class="explore"' not in page
    )


def foreign_picture_problems(notebook):
    """Pictures that no code of the notebook draws, and text that is shown as it is."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "raw":
            found.append(f"a raw cell is shown as it is: {cell.source[:60]!r}")
        if cell.cell_type == "markdown":
            pictures = re.findall(
                r"!\[[^\]]*\]\(|<(?:img|svg|iframe)\b|\{(?:image|figure)\}", cell.source
            )
            pictures += list(cell.get("attachments", {}))
            found += [f"no code draws the picture {what!r} of a text" for what in pictures]
    return found


def numbers_call(cell):
    """`numbers name` or `values name` where that is all that a cell does, else None."""
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:
        return None
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return None
    call = body[0].value
    if not isinstance(call, ast.Call) or not call.args or cell.source.rstrip().endswith(";"):
        return None
    what = {"numbers": "numbers", "numbers.values": "values"}.get(ast.unparse(call.func))
    # A second argument would be another figure than the one that is shown.
    named = isinstance(call.args[0], ast.Constant) and len(call.args) == 1
    return f"{what} {call.args[0].value}" if what and named else None


def _mentions_numbers(cell):
    """Whether a cell calls `numbers`, as code or in a comment, in any other way."""
    return re.search(r"\bnumbers(\.\w+)?\(", cell.source) is not None


def number_problems(notebook, reference):
    """Stored texts of numbers that show something else than the reference."""
    problems = []
    for cell in code_cells(notebook):
        texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        for name in names_of_numbers(cell):
            if name not in reference:
                problems.append(f"{name} is not in the reference")
                continue
            if not any(text.startswith(f"{name}: ") and _AGREES in text for text in texts):
                problems.append(f"{name} has no stored output that agrees with its reference")
            known = _known_rows(reference[name])
            problems += [
                f"the reference of {name} does not hold the stored row {row.strip()!r}"
                for text in texts
                for row in text.splitlines()[1:]
                if tuple(row.strip().split("  ", 1)) not in known
            ]
    return problems


def names_of_numbers(cell):
    """Names under which a cell compares something, as a figure, as numbers or as an explorer."""
    return re.findall(r'\b(?:numbers|numbers\.values|Explorer)\(\s*"([\w-]+)"', cell.source)


def _known_rows(entry):
    """Rows of a text that an entry of a reference allows: (what, samples)."""
    axes = [text for place, text in entry.get("words", {}).items() if place.endswith(" axis")]
    known = set()
    for label in entry["numbers"]:
        samples = comparison.samples(comparison.numbers_of(entry, label).ravel())
        name, _, letter = label.rpartition(": ")
        called = [
            label,
            *([name] if letter in ("x", "y") else []),
            *(axes if letter == "x" else []),
        ]
        known |= {(what, samples) for what in called}
    return known


# --- captions ----------------------------------------------------------------------------------


def caption_problems(notebook, reference):
    """Captions and alternative texts that are filler, or say what nothing checks."""
    problems = []
    for cell in code_cells(notebook):
        name, caption, alt = figure_of(cell)
        if not name:
            continue
        for what, text in (("caption", caption), ("alternative text", alt)):
            if len(set(_words(text))) < _FEWEST_WORDS:
                problems.append(f"{name}: the {what} has fewer than {_FEWEST_WORDS} words")
        if difflib.SequenceMatcher(None, caption.lower(), alt.lower()).ratio() > 0.8:
            problems.append(f"{name}: caption and alternative text are the same")
        entry = reference.get(name, {})
        for what, text in (("caption", caption), ("alt", alt)):
            if entry.get(what) != text:
                problems.append(f"{name}: another {what} was stored; see it again, then renew it")
        problems += _axis_problems(name, f"{caption} {alt}", entry)
        problems += said_problems(notebook, cell, entry)
    return problems


def _words(text):
    return re.findall(r"[a-z]{3,}", re.sub(r"\$[^$]*\$", " ", text.lower()))


def _axis_problems(name, text, entry):
    """Axes that neither text names."""
    found = []
    for place, label in entry.get("words", {}).items():
        words = [word for word in _words(label) if len(word) > 3]
        if place.endswith(" axis") and words:
            known = {word[:4] for word in _words(text)}
            if not any(word[:4] in known for word in words):
                found.append(f"{name}: neither text says that an axis is {label!r}")
    return found


def said_problems(notebook, cell, entry):
    """Numbers that a caption or an alternative text says, and nothing checks.

    A number is checked if the figure shows it (limits, ticks, ends and turns of curves, the values
    of short rows, words in it), if its numbers hold it, or if the code before it is given it.
    """
    name, *texts = figure_of(cell)
    cells = code_cells(notebook)
    # With the cell that follows, which compares.
    known = [*_numbers_of(entry), *_literals(cells[: cells.index(cell) + 2])]
    return [
        f"{name}: nothing checks the number {token} of its texts"
        for token, value, digits in spoken(" ".join(texts))
        if not any(abs(value - sign * n) <= 0.5001 * digits for n in known for sign in (1, -1))
    ]


_NUMBER = re.compile(
    r"(?P<fraction>-?\d+/\d+)"
    r"|(?P<power>(?P<mantissa>-?[\d.]+)?(\s*\\times\s*)?10\^\{?(?P<ten>-?\d+)\}?)"
    r"|(?P<decimal>-?\d+(,\d{3})*(\.\d+)?)(?P<percent>\\?%)?"
)
_REFERENCE = re.compile(
    r"\{[\w:]+\}`[^`]*`|\((?:ours )?[IV]*\.?[A-C]?\d+\)|Figs?\. [\d, ()a-dand]+"
)
_INDEX = re.compile(r"_\{[^}]*\}|_\w|\b[a-z]+_\w+|\^\{?-?\d+\}?")


def spoken(text):
    """Numbers in a text: (as written, value, worth of the last digit)."""
    # References to formulas, figures and other text, and indices, are no results.
    text = re.sub(
        r"\{[\w:]+\}`[^`]*`|\((?:ours )?[IV]*\.?[A-C]?\d+\)|Figs?\. [\d, ()a-dand]+", " ", text
    )
    text = re.sub(r"\\t?frac(\d)(\d)", r"\1/\2", text.replace("minus ", "-"))
    text = re.sub(
        r"_\{[^}]*\}|_\w|\bgamma_0|\b[a-z]_\w+|\^\{?-?\d+\}?(?<!10\^\{)", _kept_power, text
    )
    found = []
    for match in _NUMBER.finditer(text):
        if match["fraction"]:
            top, bottom = match["fraction"].split("/")
            found.append((match[0], int(top) / int(bottom), 1e-9))
        elif match["power"]:
            size = 10.0 ** int(match["ten"])
            found.append((match[0], float(match["mantissa"] or 1) * size, 1e-6 * size))
        else:
            plain = match["decimal"].replace(",", "")
            worth = 10.0 ** -len(plain.partition(".")[2])
            scale = 0.01 if match["percent"] else 1.0
            if "." in plain or match["percent"] or abs(int(plain)) >= 10:
                found.append((match[0], float(plain) * scale, worth * scale))
    return found


def _kept_power(match):
    """Powers of ten are numbers; other powers and all indices are not."""
    before = match.string[: match.start()]
    return match[0] if match[0].startswith("^") and re.search(r"(?<![\d.])10$", before) else " "


def _numbers_of(entry):
    """The numbers that a figure shows without a reader measuring a curve."""
    found = []
    rows = entry.get("numbers", {})
    for row in rows.values():
        row = rows[row] if isinstance(row, str) else row
        values = np.array(row["values"], float)
        values = values[~np.isnan(values)]
        if values.size <= _FEW:
            found += values.tolist()
        elif values.size:
            turns = np.flatnonzero(np.diff(np.sign(np.diff(values)))) + 1
            found += [values[0], values[-1], values.min(), values.max(), *values[turns][:8]]
    text = " ".join(entry.get("words", {}).values())
    return found + [value for _, value, _ in spoken(text)]


def _literals(cells):
    found = []
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                found.append(node.value)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                sides = [getattr(side, "value", None) for side in (node.left, node.right)]
                if all(type(side) in (int, float) for side in sides) and sides[1]:
                    found.append(sides[0] / sides[1])
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += [value for _, value, _ in spoken(node.value)]
    return found
