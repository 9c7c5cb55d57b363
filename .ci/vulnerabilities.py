"""Is a weakness known of anything in the lock files? Asks pip-audit, which asks the package index or OSV.

A weakness fails. Where no service answers (no network, an index without that knowledge), nothing is known and this
says so in capitals, and passes; with AUDIT_REQUIRED=1, as where a release is made, it fails. Everything that was not
audited is counted: pip-audit by itself passes over it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
SERVICES = ("pypi", "osv")
PATIENCE = 120


def ask(lock: str, service: str) -> list[dict[str, Any]] | None:
    """What the service said of each pin; None when it did not answer."""
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", lock,
        "--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return list(json.loads(run.stdout)["dependencies"])
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def judge(told: list[dict[str, Any]]) -> tuple[list[str], int]:
    """The weaknesses, a line each, and how many pins the service could say nothing about."""
    known = [f"{pin['name']} {pin['version']}: {line}" for pin in told for line in _weaknesses(pin)]
    return known, sum("skip_reason" in pin for pin in told)


def _weaknesses(pin: dict[str, Any]) -> Iterator[str]:
    for weakness in pin.get("vulns", []):
        mended = ", ".join(weakness["fix_versions"]) or "no version"
        yield f"{weakness['id']}, mended in {mended}"


def audit(lock: str) -> tuple[list[str], int | None]:
    """The weaknesses by the first service that knows anything, and how many pins went unaudited (None: all)."""
    for service in SERVICES:
        told = ask(lock, service)
        if told:
            known, skipped = judge(told)
            if skipped < len(told):
                print(f"{lock}: {len(told) - skipped} pins audited by {service}, {len(known)} weaknesses known.")
                return known, skipped
    return [], None


def main() -> int:
    known, blind = [], []
    for lock in LOCKS:
        found, skipped = audit(lock)
        known += found
        if skipped is None:
            blind.append(f"{lock} WAS NOT AUDITED: no service answered.")
        elif skipped:
            blind.append(f"{skipped} PINS OF {lock} WERE NOT AUDITED: the service does not know them.")
    for line in [*known, *blind]:
        print(line, file=sys.stderr)
    return 1 if known or (blind and os.environ.get("AUDIT_REQUIRED")) else 0


if __name__ == "__main__":
    sys.exit(main())
