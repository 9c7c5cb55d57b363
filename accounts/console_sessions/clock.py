"""What a console session remembers about itself, inside Django's own session: read and written with it, no query more.

A session ends when nobody worked in it for `CONSOLE_IDLE_MINUTES`, and after `SESSION_COOKIE_AGE` however busy it is.
What a page's script asks by itself (a board that renews itself) is no work. Screens that hang on a wall all night
belong to people who move no money: for them only the end counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.second_factor import policy

KEY = "console"
#: How often, in seconds, a session that is worked in is written down.
WRITTEN_EVERY = 60


@dataclass
class Clock:
    """Times are seconds since 1970. `worked`: when the person last did something; `written`: when the row was."""

    row: str
    began: int
    worked: int
    written: int
    has_passed: bool = False

    @classmethod
    def read(cls, session: Any) -> Clock | None:
        kept = session.get(KEY)
        return cls(**kept) if kept else None

    def keep(self, session: Any) -> None:
        session[KEY] = asdict(self)

    @property
    def ends(self) -> int:
        return self.began + settings.SESSION_COOKIE_AGE


def idle_seconds(user: Any) -> int:
    """How long the person's session lives without work; 0: until its end."""
    minutes = settings.CONSOLE_IDLE_MINUTES
    return minutes * 60 if minutes > 0 and policy.moves_money(user) else 0


def seconds_left(clock: Clock, user: Any, now: datetime) -> int:
    """Until the session ends if nobody works in it; 0 or less: it has ended."""
    present = int(now.timestamp())
    left = clock.ends - present
    if idle := idle_seconds(user):
        left = min(left, clock.worked + idle - present)
    return left


def is_work(request: HttpRequest) -> bool:
    """Whether a person did something, and not a page by itself: scripts that only ask don't count."""
    if request.method not in ("GET", "HEAD"):
        return True
    if (kind := request.headers.get("Sec-Fetch-Dest")) is not None:
        return kind == "document"
    # Browsers of before 2023 don't say; what only a script sends tells it.
    by_script = ("X-Screen-Part", "X-Requested-With", "HX-Request", "If-None-Match")
    return not any(name in request.headers for name in by_script)
