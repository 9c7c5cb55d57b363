"""Helping one's staff to sign in: a lost phone, a lock, a session left open on somebody's tablet.

Whoever calls has asked `user.can(manage_staff, venue)`. A person is one account at every venue: nobody decides here
over somebody who may do more than they, anywhere.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import lockout, sign_in
from accounts.models import User
from accounts.second_factor import setting_up
from audit.trail import record
from venues.errors import BeyondOwnRights, NotOnStaff
from venues.models import VenueStaff


def reset_second_factor(place: VenueStaff, by: User, now: datetime, reason: str) -> None:
    """Take a lost authenticator away. Raises `BeyondOwnRights`, `NotOnStaff`, `OwnAccount`, `SecondFactorMissing`."""
    _refuse_unless_over(place, by)
    setting_up.reset(place.user, by=by, now=now, reason=reason, venue_id=place.venue_id)


def unlock(place: VenueStaff, by: User, now: datetime) -> None:
    """Let the person try to sign in again. Raises `BeyondOwnRights`, `NotOnStaff`."""
    _refuse_unless_over(place, by)
    with transaction.atomic():
        lockout.lift(place.user, by=by, venue_id=place.venue_id)


def sign_out(place: VenueStaff, by: User, now: datetime) -> None:
    """End every session and sign-in of the person. Raises `BeyondOwnRights`, `NotOnStaff`."""
    _refuse_unless_over(place, by)
    with transaction.atomic():
        ended = sign_in.end_all(place.user, now, because=sign_in.Ended.LOGOUT_ALL)
        record("user.signed_out_everywhere", place.user, new={"ended": ended}, actor=by, venue_id=place.venue_id)


def _refuse_unless_over(place: VenueStaff, by: User) -> None:
    if not place.is_active:
        raise NotOnStaff
    if by.is_superuser:
        return
    # Read anew: what the person holds elsewhere may have changed since the page was shown.
    person = User.objects.get(pk=place.user_id)
    beyond = any(not held <= by.granted.get(venue_id, frozenset()) for venue_id, held in person.granted.items())
    if person.is_superuser or beyond:
        raise BeyondOwnRights
