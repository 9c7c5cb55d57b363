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
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import administration, lockout, sign_in
from accounts.console import password_change_urls
from accounts.models import Role, SignIn, User
from audit.console import HistoryMixin, history
from audit.trail import record
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin

#: They register tables that play no part here, or that `Lift sign-in lock` does better; imported first to be undone.
REGISTERED_BY = (auth_admin, axes_admin)
for _theirs in (Group, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(_theirs):
        admin.site.unregister(_theirs)

admin.site.extra_urls = password_change_urls  # type: ignore[attr-defined]  # unfold's hook; its own form skips our rule

ROLE_COLOURS = {"super_admin": "danger", "venue_admin": "primary", "venue_staff": "info", "customer": "default"}


class RoleAnswers(Answers):
    """Which role to give."""

    role = forms.ChoiceField(choices=Role.choices, widget=UnfoldAdminSelectWidget)


def _sign_out(user: User, by: Any, now: datetime) -> None:
    with transaction.atomic():
        ended = sign_in.end_all(user, now, because=sign_in.Ended.LOGOUT_ALL)
        record("user.signed_out_everywhere", user, new={"ended": ended}, actor=by)


def _unlock(user: User, by: Any, now: datetime) -> None:
    lockout.forget(user.email)
    record("user.unlocked", user, actor=by)


@admin.register(User)
class UserAdmin(HistoryMixin, TenantModelAdmin):
    """People. What they are changes by buttons; their names and addresses are their own."""

    list_display = ["email", "full_name", "role_label", "is_active", "last_login_shown", "created"]
    list_filter = ["role", "is_active"]
    search_fields = ["email__istartswith", "phone__startswith", "last_name__istartswith", "first_name__istartswith"]
    search_help_text = "E-mail address, phone (+12125550100) or name, from their beginning"
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["email", "phone", ("first_name", "last_name"), "role_label", "is_active"]}),
        ("When", {"fields": ["created", "email_verified", "phone_verified", "last_login_shown", "erased"]}),
    ]
    readonly_fields = ["role_label", "created", "email_verified", "phone_verified", "last_login_shown", "erased"]
    buttons = [
        RowButton(
            name="role",
            label="Change role",
            permission=None,
            run=lambda user, by, now, role: administration.change(user, by=by, now=now, role=role),
            consequence=lambda user: (
                f"{user} is {user.get_role_display()} now. A super admin may do everything everywhere; "
                "what venue staff may do is settled at each venue, under Staff."
            ),
            done="The role of {row} is changed.",
            available=lambda user: user.erased_at is None,
            form=RoleAnswers,
            icon="badge",
        ),
        RowButton(
            name="sign-out",
            label="Sign out everywhere",
            permission=None,
            run=_sign_out,
            consequence="{row} has to sign in again on every device that uses the API.",
            done="{row} is signed out everywhere.",
            icon="logout",
        ),
        RowButton(
            name="unlock",
            label="Lift sign-in lock",
            permission=None,
            run=_unlock,
            consequence="Failed attempts to sign in as {row} are forgotten, from every address they came from.",
            done="{row} may try to sign in again.",
            icon="lock_open",
        ),
        RowButton(
            name="activate",
            label="Activate",
            permission=None,
            run=lambda user, by, now: administration.change(user, by=by, now=now, is_active=True),
            consequence="{row} can sign in again, with the rights held before.",
            done="{row} is active.",
            available=lambda user: not user.is_active and user.erased_at is None,
            icon="person_check",
        ),
        RowButton(
            name="deactivate",
            label="Deactivate",
            permission=None,
            run=lambda user, by, now: administration.change(user, by=by, now=now, is_active=False),
            consequence="{row} is signed out everywhere at once and can't sign in any more. Orders and tickets stay.",
            done="{row} is switched off.",
            available=lambda user: user.is_active,
            icon="person_off",
            is_destructive=True,
        ),
    ]

    role_label = columns.badge("role", "role", ROLE_COLOURS)
    created = columns.moment("created_at", "registered")
    email_verified = columns.moment("email_verified_at", "e-mail verified")
    phone_verified = columns.moment("phone_verified_at", "phone verified")
    last_login_shown = columns.moment("last_login", "last signed in")
    erased = columns.moment("erased_at", "erased")

    def sections(self, request: HttpRequest, row: User) -> Iterable[Section]:
        now = timezone.now()
        rows = row.sign_ins.all()[:20]
        yield Section(
            title="Devices",
            headers=["last used", "device", "address", "state"],
            rows=[
                [
                    self.link(request, each, columns.local_time(each.last_used_at)),
                    each.user_agent or "–",
                    each.ip_address or "–",
                    "signed in" if each.is_live(now) else each.revoked_because.replace("_", " ") or "ran out",
                ]
                for each in rows
            ],
            empty="Never signed in through the API.",
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
    created = columns.moment("created_at", "signed in")
    last_used = columns.moment("last_used_at", "last used")
    expires = columns.moment("expires_at", "runs out")
    revoked = columns.moment("revoked_at", "ended")

    @admin.display(description="state")
    def state(self, row: SignIn) -> str:
        return row.revoked_because.replace("_", " ") or "signed in"
