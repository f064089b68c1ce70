"""What a bare `pytest --nbval` needs to know about the book's notebooks."""

import pytest

from tools import kernels, notebook_checks, pictures

# Compared by what is seen, below: to the last byte they differ between versions of matplotlib.
EXPLORER = r'(?s)<div class="explore".*</div><!-- explore -->'
PICTURES = ("image/png", "image/svg+xml")


def _is_cell(item):
    return hasattr(item.parent, "sanitize_patterns")


def pytest_collection_modifyitems(items):
    for item in filter(_is_cell, items):
        item.parent.sanitize_patterns[EXPLORER] = "an explorer"
        skipped = item.parent.skip_compare
        item.parent.skip_compare = (*(key for key in skipped if key not in PICTURES), *PICTURES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """A notebook's kernel, which its first cell starts, knows nothing of the reader's settings."""
    if not _is_cell(item):
        return (yield)
    with kernels.isolated():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A picture that is stored is the one that the code draws."""
    result = yield
    if _is_cell(item):
        problems = pictures.output_problems(item.test_outputs, item.cell.outputs)
        if problems:
            name = notebook_checks.figure_of(item.cell)[0]
            heading = f"{name}: pictures differ" if name else "Pictures differ"
            item.raise_cell_error(heading, "\n".join(problems))
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The cells of a notebook stay together: they share a kernel."""
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return None
    if config.getvalue("dist") in ("loadfile", "each"):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)
