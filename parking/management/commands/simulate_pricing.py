"""`manage.py simulate_pricing`: what a pricing configuration would have done to the past. Changes nothing."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from parking.lots.models import ParkingCapacity
from parking.pricing import configuration, picture, replaying, report
from parking.pricing.simulation import Simulation
from parking.rates import tariff
from trufan.lib.errors import DomainError
from trufan.lib.money import validate_currency


def moment(text: str) -> datetime:
    """A day, or a time, in ISO 8601; naive: by the lot's clock, which is not known yet."""
    try:
        day = parse_date(text)
        when = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001  see above
    except ValueError:
        when = None
    if when is None:
        raise ArgumentTypeError(f"{text!r} is no day or time such as 2026-11-22 or 2026-11-22T20:15")
    return when


def zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentTypeError(f"{text!r} is no time zone such as Europe/Berlin") from None


def currency(text: str) -> str:
    try:
        validate_currency(text)
    except ValidationError as refusal:
        raise ArgumentTypeError(refusal.message) from None
    return text


def number(kind: Callable[[str], Any], least: float, most: float) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            found = kind(text)
        except ValueError:
            found = None
        if found is None or not least <= found <= most:
            raise ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:g}")
        return found

    return read


class Command(BaseCommand):
    help = (
        "Replay the past of a lot, its own or from a file of readings, under a pricing configuration: prints a table, "
        "what it stands on, and draws a picture. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--lot", metavar="SLUG", help="Whose past; with --csv: whose tariff, spaces, zone and currency.")
        add("--kind", help="Which kind of space; else the one with the most spaces.")
        add("--csv", type=Path, metavar="FILE", help="Readings: timestamp,lot,free.")
        add("--csv-lot", metavar="NAME", help="Which lot of the file; else as --lot.")
        add("--spaces", type=number(int, 1, 1_000_000), help="How many that lot has.")
        add("--tariff", type=Path, metavar="FILE", help="JSON; else the lot's.")
        add("--config", type=Path, metavar="FILE", help="The configuration to try, JSON; else the lot's.")
        add("--out", type=Path, required=True, metavar="SVG", help="Where to draw the picture.")
        add("--since", type=moment, help="A day or time, by the lot's clock.")
        add("--until", type=moment, help="Not included.")
        add(
            "--elasticity", type=number(float, 0, 5), default=0.4, help="Percent of cars lost for one percent of price."
        )
        add("--typical-minutes", type=number(int, 1, 100_000), help="A stay; else the lot's average, or 120.")
        add("--currency", type=currency, help="Else the lot's, or EUR.")
        add("--zone", type=zone, help="Else the lot's, or UTC.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found, notes = self._simulate(options)
            if not found.rows:
                raise CommandError("There is no reading in this time: nothing to simulate.")
            drawn = picture.draw(found, f"Prices that follow demand: {options['csv_lot'] or options['lot']}")
            options["out"].write_bytes(drawn)
        except DomainError as refusal:
            told = [f"{each.field}: {each.message}" for each in refusal.details]
            raise CommandError(" ".join(told) or refusal.message) from refusal
        except OSError as failure:
            raise CommandError(str(failure)) from failure
        for line in [*notes, "", *report.lines(found), "", f"Drawn to {options['out']}."]:
            self.stdout.write(line)

    def _simulate(self, options: dict[str, Any]) -> tuple[Simulation, list[str]]:
        capacity = _capacity(options["lot"], options["kind"]) if options["lot"] else None
        place = options["zone"] or (capacity.lot.zone if capacity else ZoneInfo("UTC"))
        terms = replaying.Terms(
            configuration=configuration.parse(_written(options["config"], capacity and capacity.lot.pricing, "config")),
            tariff=tariff.parse(_written(options["tariff"], capacity and capacity.tariff_in_force, "tariff")),
            spaces=options["spaces"] or (capacity.spaces if capacity else None),
            zone=place,
            currency=options["currency"] or (capacity.lot.currency if capacity else "EUR"),
            elasticity=options["elasticity"],
            typical_minutes=options["typical_minutes"],
            since=_aware(options["since"], place),
            until=_aware(options["until"], place),
        )
        if options["csv"]:
            with options["csv"].open(encoding="utf-8-sig", errors="replace", newline="") as lines:
                return replaying.of_file(lines, options["csv_lot"] or options["lot"] or "", terms)
        if capacity is None:
            raise CommandError("Say which --lot, or give a --csv.")
        return replaying.of_stays(capacity, terms, timezone.now())


def _capacity(slug: str, kind: str | None) -> ParkingCapacity:
    kinds = ParkingCapacity.objects.filter(lot__slug=slug).select_related("lot__venue").order_by("-spaces", "kind")
    found = (kinds.filter(kind=kind) if kind else kinds).first()
    if found is None:
        raise CommandError(f"There is no lot {slug} with {f'{kind} spaces' if kind else 'any space'}.")
    return found


def _written(path: Path | None, of_the_lot: Any, option: str) -> Any:
    """The JSON of a file; else what the lot has."""
    if path is None:
        if not of_the_lot:
            raise CommandError(f"Give --{option}: there is no lot that has one.")
        return of_the_lot
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise CommandError(f"{path} is not JSON: {problem}") from None


def _aware(when: datetime | None, place: ZoneInfo) -> datetime | None:
    return when.replace(tzinfo=place) if when and when.tzinfo is None else when
