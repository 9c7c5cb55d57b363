"""What accounts keep of people, and for how long."""

from __future__ import annotations

from accounts import password_reset, sign_in
from accounts.models import ResetRequest, SignIn
from trufan.lib import retention
from trufan.lib.retention import Kind, Staying
from trufan.lib.words import lazy as _


def connect() -> None:
    """Called when the app is ready."""
    retention.declare(
        Kind(
            "accounts.reset_requests",
            _("Addresses that asked for another password"),
            _("They wait for the mail with the link."),
            password_reset.answer_requests,
            retention.oldest_of(ResetRequest.objects.all, "created_at"),
            term=_("until the next sweep"),
            fields=("accounts.ResetRequest.email",),
        )
    )
    retention.declare(
        Kind(
            "accounts.expired",
            _(
                "Sign-ins, console sessions and codes that ended, with IP address and browser; "
                "failed sign-ins until they lock nobody"
            ),
            _("Who asks what happened to an account can be told."),
            sign_in.remove_expired,
            retention.oldest_of(SignIn.objects.all, "expires_at"),
            setting="SIGN_IN_DAYS",
            fields=(
                "accounts.SignIn.ip_address",
                "accounts.SignIn.user_agent",
                "accounts.ConsoleSession.ip_address",
                "accounts.ConsoleSession.user_agent",
                "accounts.PhoneCode.phone",
                "axes.AccessAttempt.ip_address",
                "axes.AccessAttempt.user_agent",
                "axes.AccessAttempt.username",
            ),
        )
    )
    own = ("email", "phone", "first_name", "last_name")
    retention.stays(
        Staying(
            "accounts.people",
            _("Accounts"),
            _("They stand until their owner erases them; the row stays without its data, for the books refer to it."),
            tuple(f"accounts.User.{name}" for name in own),
        )
    )
