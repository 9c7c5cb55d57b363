"""Are the lock files what their .in files ask for? Read from the files alone, without a network.

Every wish has a pin that satisfies it, every pin that says it was wished for is wished for, every pin has a hash, both
files agree, and no file names an index. What only the index knows (a newer version) is not asked.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
INDEX = re.compile(r"://|^\s*--(?!hash=)|^\s*-[if]\b", re.MULTILINE)

Pins = dict[str, list[Requirement]]


def wishes(path: Path) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def blocks(path: Path) -> list[str]:
    """One text for each pin: its line, its hashes, and the comment that says who asked for it."""
    return [block for block in re.split(r"\n(?=[A-Za-z0-9])", path.read_text()) if block[:1].isalnum()]


def requirement_of(block: str) -> Requirement:
    return Requirement(block.splitlines()[0].rstrip("\\ "))


def pins(path: Path) -> Pins:
    found: Pins = {}
    for block in blocks(path):
        requirement = requirement_of(block)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def problems(wanted: Path, locked: Path) -> list[str]:
    found: list[str] = []
    pinned = pins(locked)
    wished = {canonicalize_name(wish.name): wish for wish in wishes(wanted)}
    for name, wish in wished.items():
        if not any(wish.specifier.contains(version(pin), prereleases=True) for pin in pinned.get(name, [])):
            found.append(f"{locked.name} has no pin for {wish}")
    for block in blocks(locked):
        name = canonicalize_name(requirement_of(block).name)
        if "--hash=sha256:" not in block:
            found.append(f"{locked.name}: {name} has no hash")
        if f"-r {wanted.name}" in block and name not in wished:
            found.append(f"{locked.name}: {name} is no longer in {wanted.name}")
    if INDEX.search(locked.read_text()):
        found.append(f"{locked.name} names an index or an option of one machine")
    return found


def disagreements() -> list[str]:
    run, tools = pins(ROOT / "requirements.txt"), pins(ROOT / "requirements-dev.txt")
    return [
        f"requirements.txt and requirements-dev.txt pin {name} differently"
        for name in sorted(run.keys() & tools.keys())
        if {version(pin) for pin in run[name]}.isdisjoint(version(pin) for pin in tools[name])
    ]


def main() -> int:
    found = [
        *problems(ROOT / "requirements.in", ROOT / "requirements.txt"),
        *problems(ROOT / "requirements-dev.in", ROOT / "requirements-dev.txt"),
        *problems(ROOT / "requirements-clients.in", ROOT / "requirements-clients.txt"),
        *disagreements(),
    ]
    for problem in found:
        print(problem, file=sys.stderr)
    print("Run `make lock`." if found else "The lock files are in step.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
