"""What a bare `pytest --nbval` needs to know about the book's notebooks."""

# The sliders' block is compared by its digest beside it, and in a browser; to the last byte it
# differs between versions of matplotlib.
EXPLORER = r'(?s)<div class="explore".*</div><!-- explore -->'


def pytest_collection_modifyitems(items):
    for item in items:
        patterns = getattr(item.parent, "sanitize_patterns", None)
        if patterns is not None:
            patterns[EXPLORER] = "an explorer"
