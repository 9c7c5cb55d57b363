"""Prove that the order of waiting rooms is the one that was drawn."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ticketing.waitingroom.models import WaitingRoom
from ticketing.waitingroom.proving import wrongs


class Command(BaseCommand):
    help = "Work every number in waiting rooms out again from their seeds; fails when one is not as it was drawn."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--event", help="The id of an event; all rooms without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        rooms = WaitingRoom.objects.select_related("event").order_by("pk")
        if options["event"]:
            rooms = rooms.filter(event=options["event"])
        found = [wrong for room in rooms for wrong in wrongs(room)]
        for wrong in found:
            self.stderr.write(wrong)
        if found:
            raise CommandError(f"{len(found)} numbers or seeds are wrong.")
        self.stdout.write(f"{rooms.count()} rooms: every number is the one that was drawn.")
