"""A mail when somebody signs in from where they never did before: the owner's chance to notice a thief."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import ConsoleSession, SignIn, User
from notifications import outbox
from notifications.values import moment

#: One such mail in this time: a thief who tries many machines shall not fill the mailbox.
PAUSE = timedelta(hours=1)
#: What a user agent says → how we call it; the first that fits. Nothing of the header itself goes into the mail.
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def name(user_agent: str) -> str:
    """Such as `Firefox on Windows`; `an app` for what is no browser that we know."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    if not browser:
        return gettext("an app on {system}").format(system=system) if system else gettext("an app")
    return f"{browser} on {system}" if system else browser


def tell(user: User, sign_in: SignIn, now: datetime) -> None:
    """Write to the person if neither the device nor the address was theirs before; not at the first sign-in of all.

    Part of the transaction that signs in. Two queries.
    """
    earlier = SignIn.objects.filter(user=user).exclude(pk=sign_in.pk)
    known = earlier.filter(Q(user_agent=sign_in.user_agent) | Q(ip_address=sign_in.ip_address)).exists()
    if known or not earlier.exists():
        return
    _write(user, sign_in.user_agent, now)


def tell_of_session(user: User, session: ConsoleSession, now: datetime) -> None:
    """The same for the console, which knows the devices of the API as well; four queries at most."""
    same = Q(user_agent=session.user_agent) | Q(ip_address=session.ip_address)
    earlier = ConsoleSession.objects.filter(user=user).exclude(pk=session.pk)
    used = SignIn.objects.filter(user=user)
    if earlier.filter(same).exists() or used.filter(same).exists():
        return
    if earlier.exists() or used.exists():
        _write(user, session.user_agent, now)


def _write(user: User, user_agent: str, now: datetime) -> None:
    slot = int(now.timestamp() // PAUSE.total_seconds())
    outbox.send(
        "new_sign_in",
        user.email,
        user=user,
        dedupe_key=f"new_sign_in:{user.pk}:{slot}",
        context={
            "first_name": user.first_name,
            "device": name(user_agent),
            "at": moment(now, ZoneInfo("UTC")),
            "reset_url": f"{settings.FRONTEND_URL}/reset-password",
        },
    )
