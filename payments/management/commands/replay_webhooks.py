"""Act on stored webhooks again: what failed, or what a person picks."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from payments import webhooks
from payments.models import WebhookEvent


def moment(text: str) -> datetime:
    """A date or time in ISO 8601; without an offset it is UTC, which every stored time is."""
    try:
        when = parse_datetime(text)
        day = None if when else parse_date(text)
    except ValueError:
        when = day = None
    if day:
        when = datetime(day.year, day.month, day.day)  # noqa: DTZ001  made aware below
    if when is None:
        raise ArgumentTypeError(f"{text!r} is no date or time such as 2026-11-22 or 2026-11-22T20:15:00Z")
    return when if timezone.is_aware(when) else timezone.make_aware(when)


class Command(BaseCommand):
    help = (
        "Act on stored webhooks again, oldest first. Without ids or --since: those that failed. "
        "Doing so twice is harmless: each only makes us ask the provider where the payment stands."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", help="Only these, by the provider's id (evt_…), failed or not.")
        parser.add_argument("--since", type=moment, help="All that came since then, failed or not.")
        parser.add_argument("--provider", default="", help="Only those of this provider.")

    def handle(self, *args: Any, **options: Any) -> None:
        events = WebhookEvent.objects.all()
        if options["provider"]:
            events = events.filter(provider=options["provider"])
        if options["ids"]:
            events = events.filter(provider_id__in=options["ids"])
            if missing := set(options["ids"]) - set(events.values_list("provider_id", flat=True)):
                raise CommandError(f"There is no webhook {', '.join(sorted(missing))}.")
        if options["since"]:
            events = events.filter(created_at__gte=options["since"])
        if not (options["ids"] or options["since"]):
            events = events.filter(processed_at=None).exclude(error="")
        tried, failed = webhooks.replay(events, timezone.now())
        self.stdout.write(f"{tried} webhooks replayed, {failed} failed")
        if failed:
            raise CommandError("Some failed again: the log says why, and the sweep goes on trying.")
