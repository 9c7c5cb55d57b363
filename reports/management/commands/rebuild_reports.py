"""Compute the rollups of reports anew from what the other apps recorded, or only check them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.rollups import base, keeping
from venues.models import Venue


class Command(BaseCommand):
    help = "Rebuild the rollups of reports day by day; with --check, only say which days differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venue", help="Slug of one venue; all where it is left out.")
        parser.add_argument("--since", type=date.fromisoformat, help="First day, by the venue's clock.")
        parser.add_argument("--until", type=date.fromisoformat, help="Last day, by the venue's clock.")
        parser.add_argument("--rollup", help="Name of one rollup; all where it is left out.")
        parser.add_argument(
            "--check", action="store_true", help="Count what waits, compare, and fail where a day differs."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        while keeping.sweep(now):  # what happened and waits to be counted is no difference
            pass
        seen = different = 0
        for venue in self._venues(options["venue"]):
            for rollup in self._rollups(options["rollup"]):
                if rollup.prepare and not options["check"]:
                    rollup.prepare(venue.pk)
                for day in keeping.days_of(rollup, venue, now):
                    if (options["since"] or day.day) <= day.day <= (options["until"] or day.day):
                        seen += 1
                        different += self._one(rollup, day, options["check"])
        self.stdout.write(f"{seen} days looked at, {different} of them different.")
        if different and options["check"]:
            raise CommandError("Rollups differ from their sources. Run rebuild_reports.")

    def _one(self, rollup: base.Rollup, day: base.VenueDay, check: bool) -> bool:
        differs = keeping.differs(rollup, day) if check else keeping.rebuild(rollup, day)
        if differs:
            self.stdout.write(f"{rollup.name} {day.venue_id} {day.day}: {'differs' if check else 'rebuilt'}")
        return differs

    def _venues(self, slug: str | None) -> list[Venue]:
        rows = Venue.objects.order_by("pk")
        found = list(rows.filter(slug=slug) if slug else rows)
        if slug and not found:
            raise CommandError(f"There is no venue {slug}.")
        return found

    def _rollups(self, name: str | None) -> list[base.Rollup]:
        found = [each for each in base.rollups() if name in (None, each.name)]
        if not found:
            raise CommandError(f"There is no rollup {name}.")
        return found
