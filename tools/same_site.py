"""Build the site twice from what git knows, in two folders, and compare it byte for byte.

A page that tells when, where or in which order it was made would differ, and nobody could check
that a published site is the one of its commit.
"""

import argparse
import filecmp
import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

from tools import build_book  # noqa: E402

# Files that may differ, and why.
MAY_DIFFER = {}


def copied(root, folder):
    """What git knows of a checkout, in a folder."""
    command = ["git", "ls-files", "-z"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8")
    for name in filter(None, names.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, folder / name)
    return folder


def differences(one, other, may_differ=MAY_DIFFER):
    """Files of two folders that are not the same, byte for byte, in words."""
    files = [
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    found = [f"{name} is there once" for name in sorted(files[0] ^ files[1])]
    found += [
        f"{name} differs"
        for name in sorted(files[0] & files[1])
        if not filecmp.cmp(one / name, other / name, shallow=False)
    ]
    return [text for text in found if not any(fnmatch(text.split()[0], p) for p in may_differ)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="a folder that both sites are left in")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        # Names of two lengths: a page that tells where it was made has another size.
        folders = [(args.keep or Path(place)) / name for name in ("one", "another/place")]
        for folder in folders:
            if build_book.build(copied(ROOT, folder), "off"):
                return 1
        sites = [folder / "_build" / "html" for folder in folders]
        found = differences(*sites)
        count = sum(path.is_file() for path in sites[0].rglob("*"))
    print("\n".join([*found, f"{count} files, {len(found)} of them differ"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
