"""`manage.py check_books`: are the books sound, and what the rows say? Changes nothing; safe at any time."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.dateparse import parse_date, parse_datetime

from payments import ledger_protection
from payments.book_checks import mismatches, totals
from trufan.lib.money import show


def moment(text: str) -> datetime:
    """A date or an ISO 8601 time, without an offset in UTC."""
    try:
        day = parse_date(text)
        found = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    except ValueError as mistake:
        raise ArgumentTypeError(str(mistake)) from mistake
    if found is None:
        raise ArgumentTypeError(f"{text!r} is neither a date nor a time")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Prove that every entry of the ledger sums to zero and that it equals payments, shares, refunds, transfers, "
        "reversals, debts and disputes; prints each difference, exits 1 on any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--venue", type=UUID, metavar="ID", help="Only payments to this venue.")
        parser.add_argument("--since", type=moment, metavar="TIME", help="Only payments begun since (ISO 8601, UTC).")

    def handle(self, *args: Any, **options: Any) -> None:
        for trigger in ledger_protection.missing(connection):
            said = f"The trigger {trigger} does not stand; see payments/ledger_protection.py."
            self.stderr.write(self.style.WARNING(said))
        of = {"venue_id": options["venue"], "since": options["since"]}
        found = 0
        for mismatch in mismatches(**of):
            self.stdout.write(str(mismatch))
            found += 1
        for account, currency, debit, credit in totals(**of):
            self.stdout.write(
                f"{account:<14} {currency}  debit {show(debit, currency)}  credit {show(credit, currency)}  "
                f"balance {show(debit - credit, currency)}"
            )
        if found:
            raise CommandError(f"The books differ in {found} places.")
        self.stdout.write("The books are sound.")
