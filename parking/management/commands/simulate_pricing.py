"""`manage.py simulate_pricing`: what a pricing configuration would have done to the past. Changes nothing."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from parking.lots.models import ParkingCapacity, ParkingLot
from parking.pricing import configuration, past, picture, reading_csv, report, simulation
from parking.pricing.shows import Show
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
        add("--csv-lot", metavar="NAME", help="Which lot of the file.")
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
            found = self._simulate(options)
            if not found.rows:
                raise CommandError("There is no reading in this time: nothing to simulate.")
            drawn = picture.draw(found, f"Prices that follow demand: {options['csv_lot'] or options['lot']}")
            options["out"].write_bytes(drawn)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        except OSError as failure:
            raise CommandError(str(failure)) from failure
        for line in report.lines(found):
            self.stdout.write(line)
        self.stdout.write(f"\nDrawn to {options['out']}.")

    def _simulate(self, options: dict[str, Any]) -> simulation.Simulation:
        capacity = self._capacity(options)
        lot = capacity.lot if capacity else None
        place = options["zone"] or (lot.zone if lot else ZoneInfo("UTC"))
        rules = configuration.parse(_json(options["config"]) if options["config"] else lot.pricing if lot else {})
        price = tariff.parse(
            _json(options["tariff"]) if options["tariff"] else capacity.tariff_in_force if capacity else {}
        )
        since, until = (_aware(options[name], place) for name in ("since", "until"))
        if options["csv"]:
            readings, spaces = self._from_file(options, capacity, since, until)
            minutes, shows = options["typical_minutes"] or 120, []
        else:
            assert capacity is not None
            readings, minutes, shows = self._from_stays(options, capacity, since, until, rules)
            spaces = options["spaces"] or capacity.spaces
        return simulation.simulate(
            readings, spaces, rules, price, zone=place, elasticity=options["elasticity"], typical_minutes=minutes,
            currency=options["currency"] or (lot.currency if lot else "EUR"), shows=shows,
        )  # fmt: skip
