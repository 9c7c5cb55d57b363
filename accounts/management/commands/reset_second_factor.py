"""For the day on which the one super admin has lost phone and recovery codes: whoever runs the server helps."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import setting_up
from trufan.lib.errors import DomainError


class Command(BaseCommand):
    help = "Take the second factor away from somebody who lost it; signs them out everywhere, is audited and mailed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The person's e-mail address.")
        parser.add_argument("--reason", required=True, help="Kept in the audit trail. Don't name people here.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(options["email"])).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        try:
            setting_up.reset(user, by=None, now=timezone.now(), reason=options["reason"])
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("Reset. The password alone signs in, until another second factor is set up.")
