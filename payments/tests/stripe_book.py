"""What the stand-in for Stripe knows: which parameters there are, what its test cards do, and its books."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from typing import Any

#: Parameters of API 2026-10-28.endive; whatever else is sent is refused, as Stripe refuses it.
ON_BOTH = {
    "allowed_payment_method_types", "amount_details", "capture_method", "excluded_payment_method_types", "expand",
    "hooks", "payment_details", "payment_method", "payment_method_data", "payment_method_options",
    "receipt_email", "setup_future_usage", "shipping",
}  # fmt: skip
PARAMETERS = {
    "create": ON_BOTH
    | {
        "amount", "application_fee_amount", "automatic_payment_methods", "confirm", "confirmation_method",
        "confirmation_token", "currency", "customer", "customer_account", "description", "error_on_requires_action",
        "mandate", "mandate_data", "metadata", "off_session", "on_behalf_of", "payment_method_configuration",
        "radar_options", "return_url", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
        "transfer_group", "use_stripe_sdk",
    },
    "update": ON_BOTH
    | {
        "amount", "application_fee_amount", "currency", "customer", "customer_account", "description", "metadata",
        "payment_method_configuration", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
        "transfer_group",
    },
    "confirm": ON_BOTH
    | {
        "amount_to_confirm", "confirmation_token", "error_on_requires_action", "mandate", "mandate_data",
        "off_session", "radar_options", "return_url", "use_stripe_sdk",
    },
    "cancel": {"cancellation_reason", "expand"},
    "refund": {
        "amount", "charge", "currency", "customer", "expand", "instructions_email", "metadata", "origin",
        "payment_intent", "reason", "refund_application_fee", "reverse_transfer",
    },
    "list_intents": {"created", "customer", "customer_account", "ending_before", "expand", "limit", "starting_after"},
    "list_refunds": {"charge", "created", "ending_before", "expand", "limit", "payment_intent", "starting_after"},
    "retrieve": {"expand", "client_secret"},
    "list_disputes": {
        "charge", "created", "ending_before", "expand", "limit", "payment_intent", "starting_after",
    },
    "answer": {"evidence", "expand", "intended_submission_method", "metadata", "submit"},
    "close": {"expand"},
}  # fmt: skip
REQUIRED = {"create": {"amount", "currency"}}
NESTED = {"automatic_payment_methods": {"enabled", "allow_redirects"}}

GOOD = {"pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_refundFail", "pm_card_pendingRefund"}
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline", "Your card was declined."),
    "pm_card_chargeDeclinedInsufficientFunds": (
        "card_declined", "insufficient_funds", "Your card has insufficient funds.",
    ),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None, "Your card has expired."),
}  # fmt: skip
#: Wants the payer's bank to ask the payer first.
SECURED = {"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"}
#: The bank takes its time.
DELAYED = {"pm_usBankAccount_success"}
#: What the payer's bank holds while it decides.
HOLDING = ("needs_response", "under_review")
#: Cards whose payer goes to the bank at once, and as what.
DISPUTED = {"pm_card_createDispute": "needs_response", "pm_card_createDisputeInquiry": "warning_needs_response"}
#: What decides a dispute at once in test mode.
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
DISPUTE_FEE = 1_500
WAITING = ("requires_payment_method", "requires_confirmation", "requires_action")


@dataclass
class Refusal(Exception):
    """An error as Stripe answers it."""

    status: int
    type: str
    message: str
    code: str | None = None
    param: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        named = {
            "type": self.type or None,
            "message": self.message,
            "code": self.code,
            "param": self.param,
            **self.more,
        }
        return {"error": {name: value for name, value in named.items() if value is not None}}


def invalid(message: str, code: str | None = None, param: str | None = None, status: int = 400) -> Refusal:
    return Refusal(status, "invalid_request_error", message, code, param)


def check(operation: str, params: dict[str, Any]) -> None:
    """Refuse what Stripe would not understand."""
    for name, value in params.items():
        if name not in PARAMETERS[operation]:
            raise invalid(f"Received unknown parameter: {name}", "parameter_unknown", name)
        for inner in set(value) - NESTED[name] if name in NESTED else ():
            raise invalid(f"Received unknown parameter: {name}[{inner}]", "parameter_unknown", f"{name}[{inner}]")
    for name in sorted(REQUIRED.get(operation, set()) - set(params)):
        raise invalid(f"Missing required param: {name}.", "parameter_missing", name)


class Book:
    """Intents, charges and refunds as Stripe keeps them, and an event for everything that happens to them.

    Callers hold the stand-in's lock.
    """

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.numbers = itertools.count(1)
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    # --- What the API does ---

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        amount = self._amount(params["amount"], params["currency"])
        if params.get("confirm") == "true" and params.get("payment_method") is None:
            raise invalid("You cannot confirm this PaymentIntent because it's missing a payment method.")
        self._method(params)
        redirects = params.get("automatic_payment_methods", {}).get("allow_redirects", "always")
        if params.get("confirm") == "true" and redirects != "never" and "return_url" not in params:
            raise invalid("You must provide a `return_url`, or disallow redirects.", param="return_url")
        number = next(self.numbers)
        intent = self.intents[f"pi_{number}"] = {
            "id": f"pi_{number}", "object": "payment_intent", "amount": amount, "amount_received": 0,
            "currency": params["currency"], "client_secret": f"pi_{number}_secret_{number}",
            "created": int(self.clock()), "description": params.get("description"), "last_payment_error": None,
            "latest_charge": None, "livemode": False, "metadata": params.get("metadata", {}), "next_action": None,
            "payment_method": params.get("payment_method"), "status": "requires_payment_method",
            "transfer_group": params.get("transfer_group"), "automatic_payment_methods": {"enabled": True},
        }  # fmt: skip
        self.tell("payment_intent.created", intent)
        if intent["payment_method"]:
            intent["status"] = "requires_confirmation"
        return self.attempt(intent) if params.get("confirm") == "true" else intent

    def update(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] not in WAITING:
            raise self._unexpected(intent, "updated")
        if "amount" in params:
            intent["amount"] = self._amount(params["amount"], intent["currency"])
            if intent["status"] == "requires_action":
                intent.update(status="requires_confirmation", next_action=None)
        return intent

    def confirm(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] not in WAITING:
            raise self._unexpected(intent, "confirmed")
        self._method(params)
        intent["payment_method"] = params.get("payment_method", intent["payment_method"])
        return self.attempt(intent)

    def cancel(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] not in WAITING:
            raise self._unexpected(intent, "canceled")
        intent.update(status="canceled", cancellation_reason=params.get("cancellation_reason"))
        self.tell("payment_intent.canceled", intent)
        return intent

    def refund(self, params: dict[str, Any]) -> dict[str, Any]:
        intent = self.find(self.intents, "payment_intent", params.get("payment_intent", ""))
        if intent["status"] != "succeeded":
            raise invalid("This PaymentIntent does not have a successful charge to refund.")
        gone = sum(made["amount"] for made in self.refunds_of(intent["id"]) if made["status"] != "failed")
        amount = self._amount(params.get("amount", intent["amount"] - gone), intent["currency"])
        if gone == intent["amount"]:
            raise invalid("The charge has already been refunded.", "charge_already_refunded")
        if any(made["status"] in HOLDING for made in self.disputes_of(intent["id"])):
            charge = intent["latest_charge"]
            raise invalid(f"Charge {charge} has been charged back; cannot issue a refund.", "charge_disputed")
        if amount > intent["amount"] - gone:
            raise invalid("Refund amount is greater than unrefunded amount on charge.", param="amount")
        number = next(self.numbers)
        made = self.refunds[f"re_{number}"] = {
            "id": f"re_{number}", "object": "refund", "amount": amount, "charge": intent["latest_charge"],
            "created": int(self.clock()), "currency": intent["currency"], "metadata": params.get("metadata", {}),
            "payment_intent": intent["id"], "failure_reason": None,
            "status": "pending" if intent["payment_method"] == "pm_card_pendingRefund" else "succeeded",
        }  # fmt: skip
        self.tell("refund.created", made)
        return made

    def page(self, rows: Any, params: dict[str, Any], url: str) -> dict[str, Any]:
        """Newest first, `limit` at a time, after `starting_after`."""
        since = int(params.get("created", {}).get("gte", 0))
        found = [row for row in reversed(list(rows)) if row["created"] >= since]
        if after := params.get("starting_after"):
            found = found[[row["id"] for row in found].index(after) + 1 :]
        limit = int(params.get("limit", 10))
        return {"object": "list", "url": url, "data": found[:limit], "has_more": len(found) > limit}

    # --- What becomes of an attempt ---

    def attempt(self, intent: dict[str, Any]) -> dict[str, Any]:
        """Charge the intent's method. Raises `Refusal` for a declined card, which the intent remembers."""
        method = intent["payment_method"]
        if method in SECURED:
            intent.update(status="requires_action", next_action={"type": "use_stripe_sdk"})
            self.tell("payment_intent.requires_action", intent)
        elif method in DELAYED:
            intent.update(status="processing", last_payment_error=None)
            self.tell("payment_intent.processing", intent)
        elif method in DECLINES:
            raise self.decline(intent, *DECLINES[method])
        else:
            self.collect(intent)
        return intent

    def collect(self, intent: dict[str, Any]) -> None:
        charge = self._charge(intent, "succeeded")
        intent.update(
            status="succeeded", amount_received=intent["amount"], last_payment_error=None, next_action=None,
            latest_charge=charge["id"],
        )  # fmt: skip
        self.tell("charge.succeeded", charge)
        self.tell("payment_intent.succeeded", intent)
        if intent["payment_method"] in DISPUTED:
            self.open_dispute(intent, intent["amount"], DISPUTED[intent["payment_method"]])

    def decline(self, intent: dict[str, Any], code: str, decline_code: str | None, message: str) -> Refusal:
        charge = self._charge(intent, "failed")
        more = {
            "charge": charge["id"],
            "decline_code": decline_code,
            "payment_method": {"id": intent["payment_method"], "object": "payment_method"},
        }
        error = Refusal(402, "card_error", message, code, None, more)
        remembered = error.body()["error"]
        intent.update(
            status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=remembered,
            latest_charge=charge["id"],
        )  # fmt: skip
        self.tell("charge.failed", charge)
        self.tell("payment_intent.payment_failed", intent)
        error.more = {**more, "payment_intent": copy.deepcopy(intent)}
        return error

    # --- What becomes of a dispute ---

    def open_dispute(self, intent: dict[str, Any], amount: int, status: str) -> dict[str, Any]:
        number = next(self.numbers)
        made = self.disputes[f"du_{number}"] = {
            "id": f"du_{number}", "object": "dispute", "amount": amount, "balance_transactions": [],
            "charge": intent["latest_charge"], "created": int(self.clock()), "currency": intent["currency"],
            "evidence": {"customer_name": "Fay Fan", "customer_purchase_ip": "203.0.113.9", "uncategorized_text": None},
            "evidence_details": {
                "due_by": int(self.clock()) + 7 * 86_400, "has_evidence": False, "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": status not in HOLDING, "livemode": False, "metadata": {},
            "payment_intent": intent["id"], "reason": "fraudulent", "status": status,
        }  # fmt: skip
        self.tell("charge.dispute.created", made)
        if status in HOLDING:
            self.withdraw(made)
        return made

    def withdraw(self, dispute: dict[str, Any]) -> None:
        if not dispute["balance_transactions"]:
            self._balance(dispute, -dispute["amount"], DISPUTE_FEE)
            self.tell("charge.dispute.funds_withdrawn", dispute)

    def decide(self, dispute: dict[str, Any], status: str) -> dict[str, Any]:
        """The bank's next step; of the money, only what was withdrawn comes back."""
        dispute["status"] = status
        if status in HOLDING or status == "lost":
            self.withdraw(dispute)
        if status == "won" and len(dispute["balance_transactions"]) == 1:
            self._balance(dispute, dispute["amount"], -DISPUTE_FEE)
            self.tell("charge.dispute.funds_reinstated", dispute)
        over = status in ("won", "lost", "warning_closed", "prevented")
        self.tell("charge.dispute.closed" if over else "charge.dispute.updated", dispute)
        return dispute

    def answer(self, dispute: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if not dispute["status"].endswith("needs_response"):
            raise invalid("This dispute is already closed or under review.", param="evidence")
        text = params.get("evidence", {}).get("uncategorized_text", "")
        dispute["evidence"]["uncategorized_text"] = text
        if params.get("submit") != "true":
            return dispute
        dispute["evidence_details"].update(has_evidence=True, submission_count=1)
        return self.decide(dispute, VERDICTS.get(text, dispute["status"].replace("needs_response", "under_review")))

    def close(self, dispute: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if dispute["status"] in ("won", "lost"):
            raise invalid("This dispute is already closed.")
        return self.decide(dispute, "lost")

    def disputes_of(self, intent_id: str) -> list[dict[str, Any]]:
        return [made for made in self.disputes.values() if made["payment_intent"] == intent_id]

    def _balance(self, dispute: dict[str, Any], amount: int, fee: int) -> None:
        dispute["balance_transactions"].append({
            "id": f"txn_{next(self.numbers)}", "object": "balance_transaction", "amount": amount, "fee": fee,
            "net": amount - fee, "currency": dispute["currency"], "created": int(self.clock()), "type": "adjustment",
        })  # fmt: skip

    def tell(self, kind: str, about: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{next(self.numbers)}", "object": "event", "api_version": "2026-10-28.endive",
            "created": int(self.clock()), "data": {"object": copy.deepcopy(about)}, "livemode": False,
            "pending_webhooks": 1, "type": kind,
        }  # fmt: skip
        self.events.append(event)

    def refunds_of(self, intent_id: str) -> list[dict[str, Any]]:
        return [made for made in self.refunds.values() if made["payment_intent"] == intent_id]

    def find(self, rows: dict[str, dict[str, Any]], what: str, row_id: str) -> dict[str, Any]:
        if row_id not in rows:
            raise invalid(f"No such {what}: '{row_id}'", "resource_missing", what, status=404)
        return rows[row_id]

    def _charge(self, intent: dict[str, Any], status: str) -> dict[str, Any]:
        number = next(self.numbers)
        charge = self.charges[f"ch_{number}"] = {
            "id": f"ch_{number}", "object": "charge", "amount": intent["amount"], "currency": intent["currency"],
            "payment_intent": intent["id"], "status": status, "transfer_group": intent["transfer_group"],
            "created": int(self.clock()), "metadata": {}, "balance_transaction": None,
        }  # fmt: skip
        return charge

    def _amount(self, text: Any, currency: str) -> int:
        try:
            amount = int(text)
        except ValueError:
            raise invalid(f"Invalid integer: {text}", "parameter_invalid_integer", "amount") from None
        if amount < 1:
            raise invalid("This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount")
        if currency in {"bhd", "jod", "kwd", "omr", "tnd"} and amount % 10:
            raise invalid("Three-decimal amounts must end in 0.", "invalid_charge_amount", "amount")
        if currency in {"isk", "ugx"} and amount % 100:
            raise invalid("Amounts must be divisible by 100.", "invalid_charge_amount_no_decimal_compatible", "amount")
        if currency != currency.lower():
            raise invalid(f"Invalid currency: {currency}", param="currency")
        return amount

    def _method(self, params: dict[str, Any]) -> None:
        method = params.get("payment_method")
        if method is not None and method not in GOOD | SECURED | DELAYED | set(DECLINES) | set(DISPUTED):
            raise invalid(f"No such PaymentMethod: '{method}'", "resource_missing", "payment_method")

    def _unexpected(self, intent: dict[str, Any], what: str) -> Refusal:
        message = f"This PaymentIntent could not be {what} because it has a status of {intent['status']}."
        return invalid(message, "payment_intent_unexpected_state")
