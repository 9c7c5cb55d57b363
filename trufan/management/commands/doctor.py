"""`manage.py doctor`: is this installation well, and if not, what is to be done? Changes nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from trufan.doctor.examination import examine
from trufan.doctor.findings import Finding, Severity

_MARKS = {Severity.OK: "ok     ", Severity.NOTE: "note   ", Severity.WARNING: "WARNING", Severity.ERROR: "ERROR  "}


class Command(BaseCommand):
    help = (
        "Look at settings, database, Redis, workers, queues, keys, certificate and providers, and say what to do. "
        "Exits with 1 on an error, with --strict on a warning too."
    )
    #: A refused setting is a finding, not the end.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")
        parser.add_argument("--offline", action="store_true", help="Ask nobody outside: no provider, no PUBLIC_URL.")
        parser.add_argument("--strict", action="store_true", help="A warning is a failure too.")

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[Finding] = []
        for finding in examine(offline=options["offline"]):
            found.append(finding)
            if not options["json"]:
                self._tell(finding)
        count = {severity: sum(each.severity == severity for each in found) for severity in Severity}
        is_healthy = not count[Severity.ERROR] and not (options["strict"] and count[Severity.WARNING])
        if options["json"]:
            told = {"healthy": is_healthy, "findings": [each.as_json() for each in found]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            verdict = "Healthy" if is_healthy else "Not healthy"
            self.stdout.write(f"{verdict}: {count[Severity.ERROR]} errors, {count[Severity.WARNING]} warnings.")
        if not is_healthy:
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        style = {Severity.ERROR: self.style.ERROR, Severity.WARNING: self.style.WARNING}.get(finding.severity, str)
        self.stdout.write(style(f"{_MARKS[finding.severity]}  {finding.check}: {finding.message}"))
        if finding.advice:
            self.stdout.write(f"         {finding.advice}")
