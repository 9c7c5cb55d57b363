"""Change the code a little, a thousand times, and say which changes no test notices.

    python -m benchmarks.mutation [orders/pricing.py payments.Refund ...]

Exits with 1 if a change survives that docs/mutation.md does not explain.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from typing import NoReturn

os.environ["DJANGO_SETTINGS_MODULE"] = "trufan.tests.settings"
# A child is forked for each mutant and needs the database in its own memory.
os.environ["DATABASE_URL"] = "sqlite:///db.sqlite3"
os.environ["REDIS_URL"] = ""

import pytest

from benchmarks.mutation.running import Result, Session
from benchmarks.mutation.targets import EXPLAINED, STATES, TARGETS

ROW = re.compile(r"^\| `(\S+)` `(\S+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("targets", nargs="*", help="modules and models of benchmarks/mutation/targets.py; all of them")
    targets = parser.parse_args().targets or [*TARGETS, *STATES]
    results = [_asked(target) for target in targets]
    explained = {(file, function, what) for file, function, what, _why in ROW.findall(EXPLAINED.read_text())}
    print("\n| target | mutants | killed | survived |\n|---|---:|---:|---:|")
    for each in results:
        print(f"| `{each.target}` | {each.made} | {each.made - len(each.survivors)} | {len(each.survivors)} |")
    open_ = [one for each in results for one in each.survivors if one not in explained]
    for file, function, what in open_:
        print(f"nobody notices and nothing explains it: {file} {function}: {what}")
    return 1 if open_ else 0


def _asked(target: str) -> Result:
    """The target's mutants, in a process of their own: what one target's tests have set up is no other's business."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _ask(target, writing)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if not said:
        sys.exit(f"{target}: its tests could not be asked.")
    return Result.read(said)


def _ask(target: str, writing: int) -> NoReturn:
    began, output = time.monotonic(), os.dup(1)

    def tell(text: str) -> None:
        os.write(output, f"{time.monotonic() - began:6.0f} s  {text}\n".encode())

    session = Session(target, tell)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    options = "-p no:cacheprovider --no-migrations --create-db --show-capture=no --tb=no".split()
    pytest.main([*options, "-m", "not browser and not postgres", *(TARGETS | STATES)[target]], plugins=[session])
    if session.result:
        os.write(writing, session.result.written().encode())
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
