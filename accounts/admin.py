"""The console's pages of people, for super admins. Django's own groups and permissions play no part here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from axes import admin as axes_admin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import administration, lockout, new_devices, sign_in
from accounts.console_sessions import sessions
from accounts.models import ConsoleSession, Role, SignIn, User
from accounts.my_account.urls import urls
from accounts.second_factor import checking, setting_up
from audit.console import HistoryMixin, history
from audit.trail import record
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: They register tables that play no part here, or that `Lift sign-in lock` does better; imported first to be undone.
REGISTERED_BY = (auth_admin, axes_admin)
for _theirs in (Group, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(_theirs):
        admin.site.unregister(_theirs)

admin.site.extra_urls = urls  # type: ignore[attr-defined]  # unfold's hook

ROLE_COLOURS = {"super_admin": "danger", "venue_admin": "primary", "venue_staff": "info", "customer": "default"}


class RoleAnswers(Answers):
    """Which role to give."""

    role = forms.ChoiceField(choices=lambda: Role.choices, widget=UnfoldAdminSelectWidget)


def _sign_out(user: User, by: Any, now: datetime) -> None:
    with transaction.atomic():
        ended = sign_in.end_all(user, now, because=sign_in.Ended.LOGOUT_ALL)
        record("user.signed_out_everywhere", user, new={"ended": ended}, actor=by)


def _unlock(user: User, by: Any, now: datetime) -> None:
    with transaction.atomic():
        lockout.lift(user, by=by)


def _reset_factor(user: User, by: Any, now: datetime, reason: str) -> None:
    setting_up.reset(user, by=by, now=now, reason=reason)


@admin.register(User)
class UserAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """People. What they are changes by buttons; their names and addresses are their own."""

    list_display = ["email", "whole_name", "role_label", "is_active", "last_login_shown", "created"]
    list_filter = ["role", "is_active"]
    search_fields = ["email"]
    search_help_text = _("E-mail address, phone (+12125550100) or name, from their beginning")
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["email", "phone", ("first_name", "last_name"), "role_label", "has_factor", "is_active"]}),
        (_("When"), {"fields": ["created", "email_verified", "phone_verified", "last_login_shown", "erased"]}),
    ]
    readonly_fields = [
        "role_label", "has_factor", "created", "email_verified", "phone_verified", "last_login_shown", "erased",
    ]  # fmt: skip
    buttons = [
        RowButton(
            name="role",
            label=_("Change role"),
            permission=None,
            run=lambda user, by, now, role: administration.change(user, by=by, now=now, role=role),
            consequence=lambda user: gettext(
                "{user} is {role} now. A super admin may do everything everywhere; what venue staff "
                "may do is settled at each venue, under Staff."
            ).format(user=user, role=user.get_role_display()),
            done=_("The role of {row} is changed."),
            available=lambda user: user.erased_at is None,
            form=RoleAnswers,
            icon="badge",
        ),
        RowButton(
            name="sign-out",
            label=_("Sign out everywhere"),
            permission=None,
            run=_sign_out,
            consequence=_(
                "{row} has to sign in again everywhere: in the console, and on every device that uses the API."
            ),
            done=_("{row} is signed out everywhere."),
            icon="logout",
        ),
        RowButton(
            name="unlock",
            label=_("Lift sign-in lock"),
            permission=None,
            run=_unlock,
            consequence=_(
                "Failed attempts to sign in as {row} are forgotten, wrong passwords and wrong codes, "
                "from every address they came from."
            ),
            done=_("{row} may try to sign in again."),
            icon="lock_open",
        ),
        RowButton(
            name="reset-second-factor",
            label=_("Reset second factor"),
            permission=None,
            run=_reset_factor,
            consequence=_(
                "The authenticator and the recovery codes of {row} are no longer good, and {row} is "
                "signed out everywhere. The password alone signs in, until another second factor is "
                "set up. Make sure that you speak with {row} and nobody else. A mail tells them."
            ),
            done=_("The second factor of {row} is reset."),
            available=lambda user: checking.of(user) is not None,
            form=ReasonForm,
            icon="phonelink_erase",
            is_destructive=True,
        ),
        RowButton(
            name="activate",
            label=_("Activate"),
            permission=None,
            run=lambda user, by, now: administration.change(user, by=by, now=now, is_active=True),
            consequence=_("{row} can sign in again, with the rights held before."),
            done=_("{row} is active."),
            available=lambda user: not user.is_active and user.erased_at is None,
            icon="person_check",
        ),
        RowButton(
            name="deactivate",
            label=_("Deactivate"),
            permission=None,
            run=lambda user, by, now: administration.change(user, by=by, now=now, is_active=False),
            consequence=_(
                "{row} is signed out everywhere at once and can't sign in any more. Orders and tickets stay."
            ),
            done=_("{row} is switched off."),
            available=lambda user: user.is_active,
            icon="person_off",
            is_destructive=True,
        ),
    ]

    role_label = columns.badge("role", _("role"), ROLE_COLOURS)
    created = columns.moment("created_at", _("registered"))
    email_verified = columns.moment("email_verified_at", _("e-mail verified"))
    phone_verified = columns.moment("phone_verified_at", _("phone verified"))
    last_login_shown = columns.moment("last_login", _("last signed in"))
    erased = columns.moment("erased_at", _("erased"))

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        words = typed.split()
        if len(words) > 1:
            return [Q(first_name__istartswith=words[0], last_name__istartswith=words[-1])]
        by_name = [Q(last_name__istartswith=typed), Q(first_name__istartswith=typed)]
        return [Q(email__startswith=typed.lower()), Q(phone__startswith=typed), *by_name]

    @admin.display(description=_("Full name"))
    def whole_name(self, row: User) -> str:
        return row.full_name

    @admin.display(description=_("second factor"), boolean=True)
    def has_factor(self, row: User) -> bool:
        return checking.of(row) is not None

    def sections(self, request: HttpRequest, row: User) -> Iterable[Section]:
        now = timezone.now()
        rows = row.sign_ins.all()[:20]
        yield Section(
            title=gettext("Devices"),
            headers=[gettext("last used"), gettext("device"), gettext("address"), gettext("state")],
            rows=[
                [
                    self.link(request, each, columns.local_time(each.last_used_at)),
                    each.user_agent or "–",
                    each.ip_address or "–",
                    gettext("signed in")
                    if each.is_live(now)
                    else each.revoked_because.replace("_", " ") or gettext("ran out"),
                ]
                for each in rows
            ],
            empty=gettext("Never signed in through the API."),
        )
        yield Section(
            title=gettext("Sessions of the console"),
            headers=[gettext("last seen"), gettext("device"), gettext("address"), gettext("state")],
            rows=[
                [
                    self.link(request, each, columns.local_time(each.last_seen_at)),
                    new_devices.name(each.user_agent).capitalize(),
                    each.ip_address or "–",
                    gettext("signed in")
                    if each.is_live(now)
                    else each.ended_because.replace("_", " ") or gettext("ran out"),
                ]
                for each in row.console_sessions.all()[:20]
            ],
            empty=gettext("Never signed in to the console."),
        )
        yield from history(self, request, row)


@admin.register(SignIn)
class SignInAdmin(TenantModelAdmin):
    """Signed-in devices; the tokens themselves are stored nowhere."""

    list_display = ["user", "last_used", "ip_address", "state"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email__istartswith", "ip_address"]
    list_select_related = ["user"]
    ordering = ["-last_used_at"]
    fields = ["user", "created", "last_used", "expires", "revoked", "revoked_because", "ip_address", "user_agent"]
    readonly_fields = ["created", "last_used", "expires", "revoked"]
    created = columns.moment("created_at", _("signed in"))
    last_used = columns.moment("last_used_at", _("last used"))
    expires = columns.moment("expires_at", _("runs out"))
    revoked = columns.moment("revoked_at", _("ended"))

    @admin.display(description=_("state"))
    def state(self, row: SignIn) -> str:
        return row.revoked_because.replace("_", " ") or gettext("signed in")


@admin.register(ConsoleSession)
class ConsoleSessionAdmin(TenantModelAdmin):
    """Sessions of the console; the keys that open them are shown nowhere."""

    list_display = ["user", "last_seen", "device", "ip_address", "state"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email__istartswith", "ip_address"]
    list_select_related = ["user"]
    ordering = ["-last_seen_at"]
    fields = ["user", "began", "last_seen", "expires", "ended", "ended_because", "ip_address", "user_agent"]
    readonly_fields = ["began", "last_seen", "expires", "ended"]
    began = columns.moment("created_at", _("signed in"))
    last_seen = columns.moment("last_seen_at", _("last seen"))
    expires = columns.moment("expires_at", _("runs out"))
    ended = columns.moment("ended_at", _("ended"))
    buttons = [
        RowButton(
            name="end",
            label=_("End session"),
            permission=None,
            run=lambda row, by, now: sessions.end(row, now, because=sessions.BY_ADMIN, by=by),
            consequence=lambda row: gettext(
                "{user} is signed out of the console in this one browser. What was typed there and not saved is lost."
            ).format(user=row.user),
            done=_("The session is ended."),
            available=lambda row: row.is_live(timezone.now()),
            icon="logout",
            is_destructive=True,
        ),
    ]

    @admin.display(description=_("device"))
    def device(self, row: ConsoleSession) -> str:
        return new_devices.name(row.user_agent).capitalize()

    @admin.display(description=_("state"))
    def state(self, row: ConsoleSession) -> str:
        if row.is_live(timezone.now()):
            return gettext("signed in")
        return row.ended_because.replace("_", " ") or gettext("ran out")
