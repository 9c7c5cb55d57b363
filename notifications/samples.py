"""A sample of what each message says: for previews, and for the tests that read every message in every language."""

from __future__ import annotations

from typing import Any

_ORDER = {
    "name": "Maya",
    "number": "TF-48213",
    "venue": "Garden Arena",
    "amount": {"_money": [4200, "USD"]},
    "order_url": "https://fans.example/orders/48213",
    "link": "https://fans.example/orders/48213?token=sample",
}
_FOOD = {
    **_ORDER,
    "outlet": "Tacos North",
    "pickup_number": "17",
    "location": "Gate B",
    "place": "Section 4, row 7, seat 12",
    "promised": {"_clock": "2026-12-07T19:40:00-05:00"},
    "is_delivered": False,
    "minimum_age": 21,
    "reason": "The kitchen is closed.",
}
_TICKET = {
    "event": "Friday Night Live",
    "venue": "Garden Arena",
    "ticket": "General admission",
    "seat": "4-7-12",
    "number": "TF-48213-1",
    "from_name": "Maya",
    "to": "sam@fans.example",
    "taker": "Sam",
    "declined": True,
    "message": "Come with us!",
    "link": "https://fans.example/transfers/sample",
    "expires_at": {"_moment": "2026-12-07T18:00:00-05:00"},
}
_PARKING = {
    **_ORDER,
    "lot": "Garage North",
    "address": "1 Garden Street",
    "plate": "ABC 123",
    "starts": {"_moment": "2026-12-07T17:00:00-05:00"},
    "ends": {"_moment": "2026-12-07T23:00:00-05:00"},
}
_STAY = {
    "lot": "Garage North",
    "until": {"_clock": "2026-12-07T18:30:00-05:00"},
    "percent": 150,
    "number": "P-7731",
    "amount": {"_money": [1200, "USD"]},
    "what": "Parking from 17:00 until 18:30",
    "valet_number": "204",
    "vehicle": "blue Fiat",
    "due": "$8.00",
    "words": "A scratch on the left door.",
}
_STAY_LINK = {"stay_url": "https://fans.example/stays/7731"}
_RECEIPT = {"receipt_url": "https://fans.example/receipts/7731"}
_DISPUTE = {
    "stage": "warning",
    "reference": "TF-48213",
    "amount": {"_money": [4200, "USD"]},
    "reason": "product not received",
    "due": "12 December",
    "order_url": "https://api.example/admin/payments/dispute/1/",
}
_ACCOUNT = {"first_name": "Maya", "link": "https://fans.example/confirm?token=sample", "minutes": 30, "hours": 48}
_EVENT = {
    "event": "Friday Night Live",
    "venue": "Garden Arena",
    "starts_at": {"_moment": "2026-12-11T19:30:00-05:00"},
    "doors_at": {"_moment": "2026-12-11T18:30:00-05:00"},
    "was": {"_moment": "2026-12-04T19:30:00-05:00"},
    "reason": "The singer is ill.",
    "refunds": True,
    "answer_by": {"_moment": "2026-12-08T20:00:00-05:00"},
}

SAMPLES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(["verify_email", "reset_password", "password_changed", "email_changed"], _ACCOUNT),
    "phone_code": {"code": "123456", "minutes": 10},
    "staff_invited": {**_ACCOUNT, "venue": "Garden Arena", "role": "manager", "choose_password": True},
    "order_paid": {**_ORDER, **_RECEIPT, "lines": ["2 × General admission", "1 × Parking"]},
    "order_refunded": {**_ORDER, "lines": ["1 × General admission"]},
    "refund_came_back": {**_ORDER, "reason": "the account is closed"},
    **dict.fromkeys(["fulfilment_accepted", "fulfilment_ready", "fulfilment_on_its_way", "fulfilment_refused"], _FOOD),
    **dict.fromkeys(["transfer_offered", "transfer_withdrawn", "transfer_taken", "transfer_not_taken"], _TICKET),
    "waitlist_turn": {**_TICKET, "quantity": 2, "wanted": 4, "order_url": "https://fans.example/orders/48213"},
    **dict.fromkeys(["parking_confirmed", "parking_changed", "parking_cancelled", "parking_no_show"], _PARKING),
    "parking_receipt": {**_STAY, **_RECEIPT},
    "parking_refunded": _STAY,
    **{name: {**_STAY, **_STAY_LINK} for name in ("parking_expiring", "parking_overstay", "valet_ready")},
    "valet_incident": _STAY,
    **dict.fromkeys(["dispute_opened", "dispute_closed"], _DISPUTE),
    "event_news": {
        **_TICKET,
        "subject": "Gates open early",
        "text": "Come from six. There is music in the yard.",
        "subject_es": "",
        "text_es": "",
    },
    **dict.fromkeys(["event_cancelled", "event_moved", "event_tomorrow", "doors_open"], _EVENT),
    "new_sign_in": {
        "first_name": "Maya",
        "device": "Firefox on Windows",
        "at": {"_moment": "2026-12-07T18:30:00+00:00"},
        "reset_url": "https://fans.example/reset-password",
    },
    "second_factor_changed": {
        "first_name": "Maya",
        "what": "recovery_code_used",
        "left": 9,
        "minutes": 15,
        "reset_url": "https://fans.example/reset-password",
    },
    "payout_account_needs": {
        "account": "Garden Arena Ltd",
        "wants": ["owner's date of birth", "bank account"],
        "console_url": "https://api.example/admin/payments/connectedaccount/1/",
    },
    "report_ready": {
        "name": "Sales of yesterday",
        "venue": "Garden Arena",
        "since": "2026-12-06",
        "until": "2026-12-06",
        "console_url": "https://api.example/admin/reports/reportschedule/reports/sales/",
    },
    "low_stock": {"product": "Cola", "outlet": "Tacos North", "venue": "Garden Arena", "left": 6},
    "webhook_failing": {
        "venue": "Garden Arena",
        "url": "https://hooks.example/trufan",
        "is_gone": False,
        "is_off": False,
        "error": "503",
        "console_url": "https://api.example/admin/notifications/webhookendpoint/1/",
    },
}
