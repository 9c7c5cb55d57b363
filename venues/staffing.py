"""Who works at a venue: invited, changed, let go.

Whoever calls has asked `user.can(manage_staff, venue)`. What stands here holds for everyone besides: nobody decides
over more than they hold, and a venue keeps a manager. Changes to one venue's staff wait for each other on its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse

from accounts import password_reset, sign_in
from accounts.console_sessions import sessions
from accounts.models import Role as PersonRole
from accounts.models import User
from audit.trail import record
from notifications import outbox
from venues import roles
from venues.errors import AccountClosed, AlreadyOnStaff, BeyondOwnRights, LastManager, NotOnStaff
from venues.models import Venue, VenueStaff


def invite(
    venue: Venue, email: str, role: str, extra_permissions: Iterable[str], by: User | None, now: datetime
) -> VenueStaff:
    """Put the person with this e-mail address on the staff and tell them by mail; `by` None is the system itself.

    An unknown address gets an account whose password is chosen through the link in that mail, and so does an account
    that never proved the address to be its own: whoever made it may be somebody else. A customer becomes venue staff.
    Raises `Invalid` (unknown permission), `BeyondOwnRights`, `AlreadyOnStaff`, `AccountClosed`.
    """
    extra = roles.checked(extra_permissions)
    _refuse_beyond(by, venue, roles.held(role, extra))
    with transaction.atomic():
        lock_staff(venue)
        user = _account(email)
        place = _seat(user, venue, role, extra)
        _make_staff(user)
        record("staff.invited", place, new=_values(place), actor=by, venue_id=venue.pk)
        _tell(user, venue, place, now)
    return place


def invite_again(place: VenueStaff, by: User | None, now: datetime) -> None:
    """Mail the invitation once more, with a new link, to who has not chosen a password yet.

    Raises `NotOnStaff`, `BeyondOwnRights`, and `AlreadyOnStaff` for who has come by the first one.
    """
    with transaction.atomic():
        lock_staff(place.venue)
        place = _active(place)
        _refuse_beyond(by, place.venue, roles.held(place.role, place.extra_permissions))
        if not awaits(place):
            raise AlreadyOnStaff
        record("staff.invited_again", place, actor=by, venue_id=place.venue_id)
        _tell(place.user, place.venue, place, now)


def awaits(place: VenueStaff) -> bool:
    """Whether the person was invited and has not proved the address yet."""
    return place.is_active and place.user.email_verified_at is None and not place.user.is_superuser


def change(
    place: VenueStaff, by: User | None, *, role: str | None = None, extra_permissions: Iterable[str] | None = None
) -> VenueStaff:
    """Give a person another role or other additions; what is None stays.

    Raises `Invalid`, `NotOnStaff`, `BeyondOwnRights`, `LastManager`.
    """
    with transaction.atomic():
        lock_staff(place.venue)
        place = _active(place)
        _refuse_beyond(by, place.venue, roles.held(place.role, place.extra_permissions))
        before = _values(place)
        if role is not None and role != place.role:
            refuse_last_manager(place)
            place.role = role
        if extra_permissions is not None:
            place.extra_permissions = roles.checked(extra_permissions)
        _refuse_beyond(by, place.venue, roles.held(place.role, place.extra_permissions))
        if _values(place) != before:
            place.save(update_fields=["role", "extra_permissions", "updated_at"])
            record("staff.changed", place, old=before, new=_values(place), actor=by, venue_id=place.venue_id)
    return place


def deactivate(place: VenueStaff, by: User | None, now: datetime) -> VenueStaff:
    """Take all rights at the venue from a person, and sign them out of the console; the row stays.

    Raises `NotOnStaff`, `BeyondOwnRights`, `LastManager`.
    """
    with transaction.atomic():
        lock_staff(place.venue)
        place = _active(place)
        _refuse_beyond(by, place.venue, roles.held(place.role, place.extra_permissions))
        refuse_last_manager(place)
        place.is_active = False
        place.save(update_fields=["is_active", "updated_at"])
        sessions.end_all(place.user, now, because=sign_in.Ended.STAFF)
        record("staff.deactivated", place, old=_values(place), actor=by, venue_id=place.venue_id)
    return place


def appoint(user: User, venue: Venue, by: User | None) -> VenueStaff:
    """Make a person the first manager of a venue that was just opened."""
    place = VenueStaff.objects.create(user=user, venue=venue, role=VenueStaff.Role.MANAGER)
    record("staff.appointed", place, new=_values(place), actor=by, venue_id=venue.pk)
    return place


def lock_staff(venue: Venue) -> None:
    """Hold the venue's row, so that no two changes of its staff each leave the other's manager in charge.

    A lock without its key: orders and events that point to the venue are written meanwhile.
    """
    list(Venue.objects.select_for_update(no_key=True).filter(pk=venue.pk).order_by().values_list("pk"))


def refuse_last_manager(place: VenueStaff) -> None:
    """Raise `LastManager` if without this person nobody who can sign in manages the venue. The staff is locked."""
    if place.role != VenueStaff.Role.MANAGER:
        return
    others = VenueStaff.objects.managing(place.venue_id).exclude(pk=place.pk)
    if not others.exists():
        raise LastManager


def _refuse_beyond(by: User | None, venue: Venue, permissions: Collection[str]) -> None:
    if by is None or by.is_superuser:
        return
    if not by.granted.get(venue.pk, frozenset()) >= frozenset(permissions):
        raise BeyondOwnRights


def _account(email: str) -> User:
    """The account of this address, made if there is none. Raises `AccountClosed`."""
    user, _ = User.objects.get_or_create(
        email=User.objects.normalize_email(email),
        defaults={"role": PersonRole.VENUE_STAFF, "password": make_password(None)},
    )
    if not user.is_active:
        raise AccountClosed
    return user


def _seat(user: User, venue: Venue, role: str, extra: list[str]) -> VenueStaff:
    """A new place, or the old one of a person who comes back. Raises `AlreadyOnStaff`."""
    place, created = VenueStaff.objects.get_or_create(
        user=user, venue=venue, defaults={"role": role, "extra_permissions": extra}
    )
    if created:
        return place
    if place.is_active:
        raise AlreadyOnStaff
    place.role, place.extra_permissions, place.is_active = role, extra, True
    place.save(update_fields=["role", "extra_permissions", "is_active", "updated_at"])
    return place


def _make_staff(user: User) -> None:
    if user.role != PersonRole.CUSTOMER:
        return
    User.objects.filter(pk=user.pk, role=PersonRole.CUSTOMER).update(role=PersonRole.VENUE_STAFF)
    user.role = PersonRole.VENUE_STAFF
    record("user.role_changed", user, old={"role": PersonRole.CUSTOMER}, new={"role": PersonRole.VENUE_STAFF})


def _tell(user: User, venue: Venue, place: VenueStaff, now: datetime) -> None:
    """Mail the person; who has not proved the address is sent a link to choose a password, which proves it."""
    is_unproven = user.email_verified_at is None and not user.is_superuser
    if is_unproven:
        _shut_out(user, now)
    context = {
        "venue": venue.name,
        "role": place.get_role_display(),
        "choose_password": is_unproven,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "link": password_reset.link_for(user) if is_unproven else settings.PUBLIC_URL + reverse("admin:index"),
    }
    outbox.send("staff_invited", user.email, context=context, user=user, venue_id=venue.pk)


def _shut_out(user: User, now: datetime) -> None:
    """Whoever registered this address without owning it must not inherit the rights of its owner."""
    user.password = make_password(None)
    User.objects.filter(pk=user.pk).update(password=user.password)
    sign_in.end_all(user, now, because=sign_in.Ended.RESET)


def _active(place: VenueStaff) -> VenueStaff:
    """The row as it now stands. Raises `NotOnStaff`."""
    place = VenueStaff.objects.select_related("user", "venue").get(pk=place.pk)
    if not place.is_active:
        raise NotOnStaff
    return place


def _values(place: VenueStaff) -> dict[str, Any]:
    return {"user_id": place.user_id, "role": place.role, "extra_permissions": place.extra_permissions}
