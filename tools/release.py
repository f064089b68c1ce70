"""What a release publishes, in `dist/`: a wheel, a source archive, and what they were made with.

The workflow does the same with the tag's name, and publishes what comes out; without a tag this is
a dry run.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# It is found also where Python is told not to look beside a script.
sys.path.insert(0, str(ROOT))

import coherence_lib  # noqa: E402

# What the archives are made of.
SOURCES = ("coherence_lib", "pyproject.toml", "README.md", "LICENSE")
# The bill of materials: every package of the lock, with its version and hashes.
BILL = "sbom.cdx.json"
# The same archives whenever they are built; a zip knows no earlier year.
EPOCH = "315532800"


def problems(root, tag):
    """Why this is no release: the tag, the version and the changelog must say the same."""
    version = coherence_lib.__version__
    found = [] if tag == f"v{version}" else [f"the tag is {tag}, the library's version {version}"]
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"(?m)^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changes):
        found.append(f"CHANGELOG.md has no dated section for {version}")
    return found


def build(root, folder, *formats):
    """Build archives, "wheel" or "sdist", in `folder`."""
    # In a copy: setuptools leaves folders of its own beside what it builds.
    with tempfile.TemporaryDirectory() as place:
        for name in SOURCES:
            source, target = root / name, Path(place) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), "."]
        command += [f"--{form}" for form in formats]
        _run(command, place)


def write_bill(root, folder):
    """Write the software bill of materials (CycloneDX) of the lock."""
    command = [Path(sys.executable).with_name("cyclonedx-py"), "requirements"]
    command += ["--output-reproducible", "--pyproject", root / "pyproject.toml"]
    command += ["--output-file", folder / BILL, root / "requirements.txt"]
    _run([str(part) for part in command], root)


def _run(command, place):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}\nNothing was released: see above.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", help="the tag that is released: it must fit the version")
    args = parser.parse_args()
    found = problems(ROOT, args.tag) if args.tag else []
    if found:
        print(f"This is no release: {'; '.join(found)}.", file=sys.stderr)
        return 1
    folder = ROOT / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    build(ROOT, folder, "wheel", "sdist")
    write_bill(ROOT, folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
