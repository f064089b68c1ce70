"""Every benchmark runs on one core."""

import one_core  # noqa: F401
