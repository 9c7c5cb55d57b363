"""Buttons on the page of somebody's place on a staff that help them to sign in."""

from __future__ import annotations

from django.utils.translation import gettext

from accounts.grants import Permission
from accounts.second_factor import checking
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import ReasonForm
from trufan.lib.words import lazy as _
from venues import staff_sign_in

SIGN_IN_BUTTONS = (
    RowButton(
        name="unlock",
        label=_("Lift sign-in lock"),
        permission=Permission.MANAGE_STAFF,
        run=staff_sign_in.unlock,
        consequence=lambda place: gettext(
            "Failed attempts to sign in as {user} are forgotten, wrong passwords and wrong "
            "codes, from every address they came from."
        ).format(user=place.user),
        done=_("{row} may try to sign in again."),
        available=lambda place: place.is_active,
        icon="lock_open",
    ),
    RowButton(
        name="sign-out",
        label=_("Sign out everywhere"),
        permission=Permission.MANAGE_STAFF,
        run=staff_sign_in.sign_out,
        consequence=lambda place: gettext(
            "{user} has to sign in again everywhere: in the console, and on every device that "
            "uses the API, scanners too."
        ).format(user=place.user),
        done=_("{row} is signed out everywhere."),
        available=lambda place: place.is_active,
        icon="logout",
    ),
    RowButton(
        name="reset-second-factor",
        label=_("Reset second factor"),
        permission=Permission.MANAGE_STAFF,
        run=staff_sign_in.reset_second_factor,
        consequence=lambda place: gettext(
            "The authenticator and the recovery codes of {user} are no longer good, and {user} "
            "is signed out everywhere. The password alone signs in, until another second factor "
            "is set up. Make sure that you speak with {user} and nobody else. A mail tells them."
        ).format(user=place.user),
        done=_("The second factor of {row} is reset."),
        available=lambda place: place.is_active and checking.of(place.user) is not None,
        form=ReasonForm,
        icon="phonelink_erase",
        is_destructive=True,
    ),
)
