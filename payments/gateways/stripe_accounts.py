"""Recipients at Stripe: accounts of its second generation, opened, led through its form and asked about.

https://docs.stripe.com/connect/accounts-v2. Accounts that were made by the first generation's API go on through it:
Stripe says by itself which one it is, so nothing of ours has to remember it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import stripe

from payments.errors import GatewayRefused, GatewayUnavailable, NeverHeard
from payments.gateways.base import AccountOutcome, OnboardingLink
from payments.gateways.stripe_client import ask, not_found, refused
from payments.models import ConnectedAccount

Status = ConnectedAccount.Status
Answer = TypeVar("Answer")

INCLUDED = ["configuration.recipient", "requirements"]
#: Asked by the new API about an account that it does not know, because the old one made it.
OF_V1 = frozenset({"v1_account_instead_of_v2_account", "account_not_yet_compatible_with_v2"})
#: Where the capability to receive transfers stands; one that nobody asked for has no status.
V2_STATES = {
    "active": Status.READY,
    "pending": Status.RESTRICTED,
    "restricted": Status.RESTRICTED,
    "rejected": Status.DISABLED,
    "unsupported": Status.DISABLED,
}
#: Requirements that keep the account from something now; what is due some day is not shown yet.
PRESSING = frozenset({"currently_due", "past_due"})


class StripeAccounts:
    """The accounts' part of `payments.gateways.base.PayoutGateway`."""

    client: stripe.StripeClient

    def open_account(self, account: ConnectedAccount) -> AccountOutcome:
        options: Any = {"idempotency_key": account.idempotency_key}
        try:
            return _v2_outcome(ask(lambda: self.client.v2.core.accounts.create(_account_params(account), options)))
        except stripe.InvalidRequestError as refusal:
            raise refused(refusal) from refusal

    def onboarding_link(self, account: ConnectedAccount, return_url: str) -> OnboardingLink:
        urls = {
            "return_url": _with(return_url, payouts="returned"),
            # Shown to who comes with a link that was used or is too old: asking us again gives a fresh one.
            "refresh_url": _with(return_url, payouts="expired"),
        }
        try:
            return self._either(lambda: self._v2_link(account, urls), lambda: self._v1_link(account, urls))
        except stripe.InvalidRequestError as refusal:
            raise refused(refusal) from refusal
        except NeverHeard as gone:
            raise GatewayRefused(gone.message) from gone

    def look_up_account(self, account: ConnectedAccount) -> AccountOutcome:
        known = account.provider_id or ""
        include: Any = {"include": INCLUDED}
        try:
            return self._either(
                lambda: _v2_outcome(self.client.v2.core.accounts.retrieve(known, include)),
                lambda: _v1_outcome(self.client.v1.accounts.retrieve(known)),
            )
        except stripe.InvalidRequestError as problem:
            raise not_found(problem) from problem

    def _either(self, new: Callable[[], Answer], old: Callable[[], Answer]) -> Answer:
        """By the new API, or by the old one for the accounts that it made. A bad request is left to the caller."""
        try:
            return ask(new)
        except stripe.InvalidRequestError as problem:
            if problem.code not in OF_V1:
                raise
        try:
            return ask(old)
        except GatewayUnavailable as absence:
            # The old API answers like this for an account that took our access away.
            if _code_of(absence.__cause__) == "account_invalid":
                raise NeverHeard("The payment provider gives us no access to this account any more.") from absence
            raise

    def _v2_link(self, account: ConnectedAccount, urls: dict[str, str]) -> OnboardingLink:
        # Since 2026-09-30.endive Stripe finds out by itself which configurations have to be onboarded.
        use_case = {"type": "account_onboarding", "account_onboarding": urls}
        params: Any = {"account": account.provider_id, "use_case": use_case}
        link = self.client.v2.core.account_links.create(params)
        return OnboardingLink(link.url, datetime.fromisoformat(link.expires_at))

    def _v1_link(self, account: ConnectedAccount, urls: dict[str, str]) -> OnboardingLink:
        params: Any = {"account": account.provider_id, "type": "account_onboarding", **urls}
        link = self.client.v1.account_links.create(params)
        return OnboardingLink(link.url, datetime.fromtimestamp(link.expires_at, UTC))


def _account_params(account: ConnectedAccount) -> Any:
    """What the account is made of: the same whenever the same recipient is opened again."""
    return {
        "display_name": account.name,
        **({"contact_email": account.contact_email} if account.contact_email else {}),
        "dashboard": "express",
        "identity": {"country": account.country.lower()},
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
        # With separate charges and transfers both are the platform's.
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
        "include": INCLUDED,
        "metadata": {"account": str(account.pk), "venue": str(account.venue_id)},
    }


def _v2_outcome(found: Any) -> AccountOutcome:
    if found.closed:
        return AccountOutcome(found.id, Status.DISABLED)
    capability = _at(found, "configuration", "recipient", "capabilities", "stripe_balance", "stripe_transfers")
    status = V2_STATES.get(getattr(capability, "status", None) or "", Status.RESTRICTED)
    entries = _at(found, "requirements", "entries") or []
    return AccountOutcome(
        found.id,
        status,
        _unique(
            entry.description
            for entry in entries
            if entry.awaiting_action_from == "user" and _at(entry, "minimum_deadline", "status") in PRESSING
        ),
    )


def _v1_outcome(found: Any) -> AccountOutcome:
    capabilities = getattr(found, "capabilities", None)
    # `legacy_payments` is what the oldest accounts have instead.
    able = {getattr(capabilities, name, None) for name in ("transfers", "legacy_payments")}
    asked = getattr(found, "requirements", None)
    status = Status.READY if "active" in able else Status.RESTRICTED
    if str(getattr(asked, "disabled_reason", None) or "").startswith("rejected."):
        status = Status.DISABLED
    due = [*(getattr(asked, "past_due", None) or []), *(getattr(asked, "currently_due", None) or [])]
    return AccountOutcome(found.id, status, _unique(due))


def _at(thing: Any, *path: str) -> Any:
    """What stands there, None where anything on the way is missing."""
    for name in path:
        thing = getattr(thing, name, None)
    return thing


def _unique(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _code_of(failure: BaseException | None) -> str:
    return str(getattr(getattr(failure, "error", None), "code", None) or "")


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more.items()])))
