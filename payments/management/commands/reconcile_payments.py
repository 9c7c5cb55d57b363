"""Compare our books with the payment provider's, mend what a lost webhook left, print what a person must decide."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payments import gateways, reconciliation
from payments.management.commands.replay_webhooks import moment
from payments.reconcilers import Difference
from trufan.lib.errors import DomainError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str) -> datetime:
    """A moment, or how long ago: 2026-11-22, 2026-11-22T20:15:00Z, 90m, 36h, 7d, 2w."""
    ago = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    return timezone.now() - timedelta(**{UNITS[ago[2]]: int(ago[1])}) if ago else moment(text)


def moment_or_ago(text: str) -> datetime:
    try:
        when = since(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"{text!r} is neither a time such as 2026-11-22 nor an age such as 36h or 7d") from None
    if when > timezone.now():
        raise ArgumentTypeError(f"{text!r} is in the future")
    return when


class Command(BaseCommand):
    help = (
        "Compare charges, refunds and transfers with the payment provider's own books, both ways. What a lost webhook "
        "left behind is mended by the rules a webhook follows; what only a person can decide is kept for the console, "
        "printed, and makes this exit with 1. Doing so twice is harmless."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment_or_ago, required=True, help="A time, or an age: 36h, 7d, 2w.")
        parser.add_argument("--provider", choices=list(gateways.BOOKS), help="Only this one; else all that serve here.")
        parser.add_argument("--dry-run", action="store_true", help="Compare and print; mend, keep and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        providers = [options["provider"]] if options["provider"] else gateways.served()
        left = 0
        for provider in providers:
            if not gateways.is_served(provider):
                raise CommandError(f"{provider} is not set up here.")
            left += self._compare(provider, options["since"], dry_run=options["dry_run"])
        if left:
            sys.exit(1)

    def _compare(self, provider: str, when: datetime, *, dry_run: bool) -> int:
        try:
            _, report = reconciliation.reconcile(provider, when, timezone.now(), dry_run=dry_run)
        except DomainError as refusal:
            raise CommandError(f"{provider}: {refusal.message}") from refusal
        mended = "to be mended" if dry_run else "mended"
        self.stdout.write(
            f"{provider}: {report.checked} compared, {len(report.mended)} {mended}, {len(report.left)} for a person"
        )
        for difference in report.mended:
            self._print(mended, difference)
        for difference in report.left:
            self._print("decide", difference)
        return len(report.left)

    def _print(self, what: str, difference: Difference) -> None:
        order = f" (order {difference.payment.reference})" if difference.payment else ""
        self.stdout.write(
            f"  {what}: {difference.kind.replace('_', ' ')} {difference.reference}{order}: "
            f"ours {difference.ours}, theirs {difference.theirs}"
        )
