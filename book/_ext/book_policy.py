"""A security policy in every page: nothing from another host, no script without its hash."""

import base64
import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.published import read_page  # noqa: E402

# Styles are set in line by figures, formulas and the theme; they run nothing.
RULES = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "frame-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def policy(page, handlers=()):
    """The policy of a page, as the text of its header; `handlers` are those of other pages."""
    own = read_page(page)
    handlers = {*own.handlers, *handlers}
    hashes = sorted({_hash(text) for text in [*own.scripts, *handlers]})
    # Handlers may run by their hash only where this word allows it.
    words = [*(["'unsafe-hashes'"] if handlers else []), *hashes]
    rules = {**RULES, "script-src": " ".join(["'self'", *words])}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def with_policy(page, handlers=()):
    """The page with its policy before all that it could stop."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, handlers)}" />'
    return page.replace("<head>", f"<head>\n    {meta}", 1)


def write_policies(app, exception):
    """Put the policies in, once every page is as it will be."""
    if exception or app.builder.format != "html":
        return
    texts = {p: p.read_text(encoding="utf-8") for p in sorted(Path(app.outdir).rglob("*.html"))}
    # The search reads every page that it finds, buttons included.
    handlers = {handler for text in texts.values() for handler in read_page(text).handlers}
    for path, text in texts.items():
        if "<head>" in text:
            path.write_text(with_policy(text, handlers), encoding="utf-8", newline="\n")


def setup(app):
    # After every other extension has had the pages.
    app.connect("build-finished", write_policies, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
