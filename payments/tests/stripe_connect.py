"""What the stand-in for Stripe knows of connected accounts: both generations of them, their balances, transfers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from payments.tests.stripe_book import Book, Refusal, invalid

#: Parameters of API 2026-10-28.endive: name → what it contains, None for a plain value or one that is not looked into.
INCLUDE = {"include": None}
URLS = {"refresh_url": None, "return_url": None, "collection_options": None}
V2_ACCOUNT: dict[str, Any] = {
    "account_token": None, "contact_email": None, "contact_phone": None, "dashboard": None, "display_name": None,
    "metadata": None, **INCLUDE,
    "configuration": {
        "customer": None, "merchant": None,
        "recipient": {"capabilities": {
            "bank_accounts": None, "cards": None, "stripe_balance": {"stripe_transfers": {"requested": None}},
        }},
    },
    "defaults": {
        "currency": None, "locales": None, "payout_methods": None, "profile": None,
        "responsibilities": {"fees_collector": None, "losses_collector": None},
    },
    "identity": {
        "attestations": None, "business_details": None, "country": None, "entity_type": None, "individual": None,
    },
}  # fmt: skip
V2_LINK: dict[str, Any] = {
    "account": None, "use_case": {"type": None, "account_onboarding": URLS, "account_update": URLS},
}  # fmt: skip
V1_LINK = {"account": None, "type": None, "collect": None, "expand": None, **URLS}
TRANSFER = dict.fromkeys([
    "amount", "currency", "description", "destination", "expand", "metadata", "source_transaction", "source_type",
    "transfer_group",
])  # fmt: skip
PAGE = dict.fromkeys(["ending_before", "expand", "limit", "starting_after"])
TRANSFERS = {**PAGE, "created": None, "destination": None, "transfer_group": None}
REVERSAL = dict.fromkeys(["amount", "description", "expand", "metadata", "refund_application_fee"])
REQUIRED = {
    "v2_link": ["account", "use_case.type", "use_case.account_onboarding.refresh_url"],
    "v1_link": ["account", "type", "refresh_url", "return_url"],
    "transfer": ["amount", "currency", "destination"],
}
STATUS_EVENT = "v2.core.account[configuration.recipient].capability_status_updated"
ASKED = ("identity.individual.given_name", "configuration.recipient.default_outbound_destination")


class Connect:
    """Connected accounts as Stripe keeps them. Callers hold the stand-in's lock."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.accounts: dict[str, dict[str, Any]] = {}
        self.old_accounts: dict[str, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []
        self.transfers: dict[str, dict[str, Any]] = {}
        self.reversals: dict[str, dict[str, Any]] = {}
        self.paid_out: dict[str, int] = {}
        self.events: list[dict[str, Any]] = []
        #: The platform owes so much elsewhere that nothing can be transferred.
        self.is_short = False
        #: Accounts that took our access away.
        self.gone: set[str] = set()

    # --- What the API does ---

    def route(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None for a path that is not of Connect."""
        routes: list[tuple[str, str, Callable[..., dict[str, Any]]]] = [
            ("POST", r"/v2/core/accounts", self.open),
            ("GET", r"/v2/core/accounts/(\w+)", self.retrieve),
            ("POST", r"/v2/core/account_links", self.link),
            ("GET", r"/v1/accounts/(\w+)", self.retrieve_old),
            ("POST", r"/v1/account_links", self.link_old),
            ("POST", r"/v1/transfers", self.transfer),
            ("GET", r"/v1/transfers", self.list_transfers),
            ("GET", r"/v1/transfers/(\w+)", self.retrieve_transfer),
            ("POST", r"/v1/transfers/(\w+)/reversals", self.reverse),
            ("GET", r"/v1/transfers/(\w+)/reversals", self.list_reversals),
        ]
        for allowed, pattern, operation in routes:
            if method == allowed and (found := re.fullmatch(pattern, path)):
                return operation(params, *found.groups())
        return None

    def open(self, params: dict[str, Any]) -> dict[str, Any]:
        check("v2_account", V2_ACCOUNT, params)
        wanted = _at(params, "configuration.recipient.capabilities.stripe_balance.stripe_transfers.requested")
        if wanted is not True:
            raise invalid_v2("requested has to be true or false, as JSON has it.", "parameter_invalid")
        if not _at(params, "identity.country"):
            raise invalid_v2("The identity.country value is required but not provided.", "identity_country_required")
        number = next(self.book.numbers)
        made = self.accounts[f"acct_{number}"] = {
            "id": f"acct_{number}", "object": "v2.core.account", "applied_configurations": ["recipient"],
            "closed": False, "contact_email": params.get("contact_email"), "dashboard": params.get("dashboard"),
            "display_name": params.get("display_name"), "livemode": False, "metadata": params.get("metadata", {}),
            "created": _iso(self.book.clock()), "identity": params["identity"],
            "responsibilities": _at(params, "defaults.responsibilities"), "status": "restricted", "asked": list(ASKED),
        }  # fmt: skip
        return self.shown(made, params)

    def retrieve(self, params: dict[str, Any], account_id: str) -> dict[str, Any]:
        check("v2_retrieve", INCLUDE, params)
        return self.shown(self.new(account_id), params)

    def link(self, params: dict[str, Any]) -> dict[str, Any]:
        check("v2_link", V2_LINK, params)
        self.new(params["account"])
        now = self.book.clock()
        return self.linked(
            params["account"],
            {
                "object": "v2.core.account_link", "account": params["account"], "created": _iso(now),
                "expires_at": _iso(now + 600), "livemode": False, "use_case": params["use_case"],
            },
        )  # fmt: skip

    def retrieve_old(self, params: dict[str, Any], account_id: str) -> dict[str, Any]:
        check("v1_retrieve", {"expand": None}, params)
        if account_id in self.gone:
            message = f"The provided key does not have access to account '{account_id}'."
            raise Refusal(403, "invalid_request_error", message, "account_invalid")
        return self.book.find(self.old_accounts, "account", account_id)

    def link_old(self, params: dict[str, Any]) -> dict[str, Any]:
        check("v1_link", V1_LINK, params)
        self.retrieve_old({}, params["account"])
        now = int(self.book.clock())
        return self.linked(params["account"], {"object": "account_link", "created": now, "expires_at": now + 300})

    def transfer(self, params: dict[str, Any]) -> dict[str, Any]:
        check("transfer", TRANSFER, params)
        amount = self.book._amount(params["amount"], params["currency"])
        destination = params["destination"]
        if destination in self.gone or not (destination in self.accounts or destination in self.old_accounts):
            raise invalid(f"No such destination: '{destination}'", "resource_missing", "destination")
        if not self.is_able(destination):
            message = (
                "Your destination account needs to have at least one of the following capabilities enabled: "
                "transfers, crypto_transfers, legacy_payments"
            )
            raise invalid(message, "insufficient_capabilities_for_transfer")
        self.cover(params, amount)
        number = next(self.book.numbers)
        made = self.transfers[f"tr_{number}"] = {
            "id": f"tr_{number}", "object": "transfer", "amount": amount, "amount_reversed": 0, "reversed": False,
            "created": int(self.book.clock()), "currency": params["currency"], "destination": destination,
            "metadata": params.get("metadata", {}), "source_transaction": params.get("source_transaction"),
            "transfer_group": params.get("transfer_group"), "description": params.get("description"),
        }  # fmt: skip
        return made

    def list_transfers(self, params: dict[str, Any]) -> dict[str, Any]:
        check("list_transfers", TRANSFERS, params)
        group = params.get("transfer_group")
        rows = [made for made in self.transfers.values() if group in (None, made.get("transfer_group"))]
        return self.book.page(rows, params, "/v1/transfers")

    def retrieve_transfer(self, params: dict[str, Any], transfer_id: str) -> dict[str, Any]:
        return self.book.find(self.transfers, "transfer", transfer_id)

    def reverse(self, params: dict[str, Any], transfer_id: str) -> dict[str, Any]:
        check("reversal", REVERSAL, params)
        transfer = self.book.find(self.transfers, "transfer", transfer_id)
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = self.book._amount(params.get("amount", left), transfer["currency"])
        if amount > left:
            raise invalid("Transfer reversal amount is greater than the unreversed amount.", param="amount")
        if amount > self.balance(transfer["destination"], transfer["currency"]):
            raise invalid("The account's balance is too small for this reversal.", "balance_insufficient")
        transfer["amount_reversed"] += amount
        number = next(self.book.numbers)
        made = self.reversals[f"trr_{number}"] = {
            "id": f"trr_{number}", "object": "transfer_reversal", "amount": amount, "transfer": transfer_id,
            "created": int(self.book.clock()), "currency": transfer["currency"],
            "metadata": params.get("metadata", {}),
        }  # fmt: skip
        return made

    def list_reversals(self, params: dict[str, Any], transfer_id: str) -> dict[str, Any]:
        check("list_reversals", PAGE, params)
        self.book.find(self.transfers, "transfer", transfer_id)
        rows = [made for made in self.reversals.values() if made["transfer"] == transfer_id]
        return self.book.page(rows, params, f"/v1/transfers/{transfer_id}/reversals")

    # --- What a test does with it ---

    def old_account(self, *, able: bool = False) -> str:
        """An account that the first generation's API made, before we knew the second's."""
        number = next(self.book.numbers)
        self.old_accounts[f"acct_{number}"] = {
            "id": f"acct_{number}", "object": "account", "type": "express", "email": "stand@example.com",
            "individual": {"first_name": "Fay"}, "capabilities": {"transfers": "active" if able else "inactive"},
            "requirements": {
                "currently_due": [] if able else ["external_account"], "past_due": [], "disabled_reason": None,
            },
        }  # fmt: skip
        return f"acct_{number}"

    def complete(self, account_id: str, status: str = "active") -> dict[str, Any]:
        """The recipient filled in Stripe's form, or Stripe has changed its mind; returns the event that tells of it."""
        if account_id in self.old_accounts:
            old = self.old_accounts[account_id]
            old["capabilities"]["transfers"] = "active" if status == "active" else "inactive"
            old["requirements"]["currently_due"] = [] if status == "active" else ["external_account"]
            old["requirements"]["disabled_reason"] = "rejected.other" if status == "rejected" else None
            self.book.tell("account.updated", old)
            return self.book.events[-1]
        account = self.accounts[account_id]
        account.update(status=status, asked=[] if status == "active" else list(ASKED))
        return self.tell(account_id)

    def tell(self, account_id: str, kind: str = STATUS_EVENT) -> dict[str, Any]:
        event = {
            "id": f"evt_test_{next(self.book.numbers)}", "object": "v2.core.event", "type": kind, "livemode": False,
            "created": _iso(self.book.clock()), "context": None, "reason": None,
            "related_object": {
                "id": account_id, "type": "v2.core.account", "url": f"/v2/core/accounts/{account_id}",
            },
        }  # fmt: skip
        self.events.append(event)
        return event

    def balance(self, account_id: str, currency: str) -> int:
        """What the account holds, in Stripe's units."""
        came = sum(
            made["amount"] - made["amount_reversed"]
            for made in self.transfers.values()
            if made["destination"] == account_id and made["currency"] == currency
        )
        return came - self.paid_out.get(account_id, 0)

    # --- How it finds out ---

    def new(self, account_id: str) -> dict[str, Any]:
        if account_id in self.old_accounts:
            raise invalid_v2("V1 Account ID cannot be used in V2 Account APIs.", "v1_account_instead_of_v2_account")
        if account_id not in self.accounts:
            raise Refusal(404, "", f"Account not found: {account_id}", "not_found")
        return self.accounts[account_id]

    def is_able(self, account_id: str) -> bool:
        if account_id in self.old_accounts:
            return bool(self.old_accounts[account_id]["capabilities"]["transfers"] == "active")
        return bool(self.accounts[account_id]["status"] == "active" and not self.accounts[account_id]["closed"])

    def cover(self, params: dict[str, Any], amount: int) -> None:
        """Out of the charge that is named, no more than it brought; else out of the platform's balance, which is 0."""
        if self.is_short:
            raise invalid("You have insufficient available funds in your Stripe account.", "balance_insufficient")
        source = params.get("source_transaction")
        if source is None:
            raise invalid("You have insufficient available funds in your Stripe account.", "balance_insufficient")
        charge = self.book.find(self.book.charges, "charge", source)
        if charge["currency"] != params["currency"]:
            raise invalid("The currency of source_transaction's balance transaction must be the transfer's currency.")
        if params.get("transfer_group") not in (None, charge["transfer_group"]):
            raise invalid("The transfer_group is not that of the source_transaction.", param="transfer_group")
        moved = sum(made["amount"] for made in self.transfers.values() if made["source_transaction"] == source)
        if charge["status"] != "succeeded" or moved + amount > charge["amount"]:
            raise invalid("Transfers using this transaction as a source must not exceed its amount.", param="amount")

    def linked(self, account_id: str, link: dict[str, Any]) -> dict[str, Any]:
        link["url"] = f"https://connect.stripe.example.com/setup/{account_id}/{len(self.links)}"
        self.links.append(link)
        return link

    def shown(self, account: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        """The account with what was asked to be included, and nothing else of that."""
        included = set(params.get("include", []))
        hidden = ("status", "asked", "identity", "responsibilities")
        answer: dict[str, Any] = {name: value for name, value in account.items() if name not in hidden}
        answer |= {"configuration": None, "identity": None, "requirements": None, "defaults": None}
        if "configuration.recipient" in included:
            capability = {"status": account["status"], "status_details": []}
            balance = {"payouts": capability, "stripe_transfers": capability}
            recipient = {"applied": True, "capabilities": {"stripe_balance": balance}}
            answer["configuration"] = {"customer": None, "merchant": None, "recipient": recipient}
        if "requirements" in included:
            entries = [_entry(name, "currently_due", "user") for name in account["asked"]]
            entries += [_entry("identity.document", "currently_due", "stripe"), _entry("tax", "eventually_due", "user")]
            answer["requirements"] = {"entries": entries, "summary": None}
        return answer


def check(operation: str, known: dict[str, Any], params: dict[str, Any]) -> None:
    """Refuse what Stripe would not understand, and what it would miss."""
    _check_names(operation, known, params, "")
    for name in REQUIRED.get(operation, []):
        if _at(params, name) is None:
            raise _refusal(operation, f"Missing required param: {name}.", "parameter_missing", name)


def invalid_v2(message: str, code: str) -> Refusal:
    """An error as the second generation of the API answers it: without a type."""
    return Refusal(400, "", message, code)


def _check_names(operation: str, known: dict[str, Any], params: dict[str, Any], above: str) -> None:
    for name, value in params.items():
        if name not in known:
            raise _refusal(operation, f"Received unknown parameter: {above}{name}", "parameter_unknown", name)
        if known[name] is not None and isinstance(value, dict):
            _check_names(operation, known[name], value, f"{above}{name}.")


def _refusal(operation: str, message: str, code: str, param: str) -> Refusal:
    return invalid_v2(message, code) if operation.startswith("v2") else invalid(message, code, param)


def _at(params: dict[str, Any], path: str) -> Any:
    found: Any = params
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _entry(name: str, deadline: str, who: str) -> dict[str, Any]:
    return {"description": name, "awaiting_action_from": who, "minimum_deadline": {"status": deadline}, "errors": []}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
