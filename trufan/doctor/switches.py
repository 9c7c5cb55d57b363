"""Switches: rows that no code knows, flags that should be gone by now, and what is switched."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from trufan.doctor.findings import Finding, note, ok, warning
from trufan.lib import flags
from trufan.lib.flags import FlagSetting, Mode


def switches() -> Iterator[Finding]:
    leftovers = flags.leftovers()
    for row in leftovers:
        yield warning(
            f"The switch {row.flag} is set, and no code declares it.",
            "Forget it on the console's page Switches, unless an older release still runs.",
        )
    today = timezone.now().date()
    overdue = [flag for flag in flags.declared() if flag.until and flag.until <= today]
    for flag in overdue:
        yield warning(
            f"The flag {flag.name} was to be removed from {flag.until}.", "Take it out of the code, or say when."
        )
    for row in FlagSetting.objects.exclude(mode=Mode.DEFAULT).exclude(pk__in=[each.pk for each in leftovers]):
        yield note(f"{row.flag} is switched: {row.mode}.")
    if not leftovers and not overdue:
        yield ok(f"All switches are declared: {', '.join(flag.name for flag in flags.declared())}.")
