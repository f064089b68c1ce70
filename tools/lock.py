"""Seal the lock: its last line is a digest of all others, so that a change by hand is seen.

Whether a hash is that of the package, pip finds out when it installs. What pip cannot know is that
a version was lowered, or a package put in or taken out: `make lock` alone does that.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from coherence_lib import _writing  # noqa: E402

SEAL = "# sealed by make lock: sha256 "


def content(lock):
    """The text of a lock without its seal."""
    return "".join(
        line for line in lock.splitlines(keepends=True) if not line.startswith(SEAL.rstrip())
    )


def sealed(lock):
    """The text of a lock with the seal that it should have."""
    text = content(lock)
    return f"{text}{SEAL}{hashlib.sha256(text.encode()).hexdigest()}\n"


def main():
    path = ROOT / "requirements.txt"
    _writing.write_text(path, sealed(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
