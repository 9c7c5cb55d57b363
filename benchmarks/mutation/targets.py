"""What is changed, and which tests are to notice."""

from __future__ import annotations

from pathlib import Path

#: Module → the tests that guard it, the quick ones.
TARGETS: dict[str, list[str]] = {
    "orders/pricing.py": ["orders/tests/test_pricing.py", "orders/tests/test_tips_and_charges.py"],
    "orders/stock.py": [
        "orders/tests/test_holds.py", "orders/tests/test_free_orders.py", "orders/tests/test_changing.py",
        "orders/tests/test_disputed_orders.py",
        "ticketing/tests/test_disputed_tickets.py", "orders/tests/test_refunds_that_fail.py",
        "ticketing/tests/test_returning.py", "orders/menu/tests/test_stock.py",
    ],
    "orders/counters.py": [
        "orders/tests/test_counters.py",
        "orders/tests/test_holds.py", "orders/tests/test_changing.py", "orders/menu/tests/test_stock.py",
        "ticketing/tests/test_returning.py", "ticketing/waitlist/tests",
        "ticketing/boxoffice/tests/test_house_holds.py",
    ],
    "orders/menu/stock.py": ["orders/menu/tests/test_stock.py", "orders/menu/tests/test_ordering.py"],
    "orders/refund_plan.py": [
        "orders/tests/test_planning_refunds.py", "orders/tests/test_asking_for_refunds.py",
        "orders/tests/test_refund_arithmetic.py", "orders/tests/test_refund_series.py",
        "orders/tests/test_refunds_api.py", "orders/tests/test_refunds_by_buyers.py", "orders/tests/test_cost.py",
        "orders/tests/test_refund_screen.py", "orders/tests/test_tips_and_charges.py",
    ],
    "orders/refunding.py": [
        "orders/tests/test_asking_for_refunds.py",
        "orders/tests/test_refunds_api.py", "orders/tests/test_refunds_by_buyers.py",
        "orders/tests/test_refund_series.py", "orders/tests/test_refunds_that_fail.py",
        "orders/tests/test_refund_screen.py", "orders/tests/test_paying.py", "orders/tests/test_tips_and_charges.py",
        "orders/kitchen/tests/test_ending.py",
    ],
    "payments/refunds.py": [
        "payments/tests/test_refunds.py", "payments/tests/test_sending_refunds.py", "payments/tests/test_faults.py",
        "payments/tests/test_splitting.py", "payments/tests/test_coming_back.py",
        "payments/tests/test_reconciliation.py", "orders/tests/test_refunds_that_fail.py",
    ],
    "parking/rates/fee.py": ["parking/rates/tests"],
    "parking/rates/tariff.py": ["parking/rates/tests"],
    "parking/pricing/multiplier.py": ["parking/pricing/tests/test_multiplier.py"],
    "parking/booking/refunding.py": ["parking/booking/tests"],
    "ticketing/pricing/counting.py": ["ticketing/pricing/tests", "ticketing/tests/test_check_inventory.py"],
    "ticketing/seats/holding.py": ["ticketing/seats/tests"],
    "trufan/lib/models.py": ["trufan/lib/tests/test_rows.py", "payments/tests/test_refunds.py"],
}  # fmt: skip
#: State moves: each allowed one is forbidden and each forbidden one allowed, at these models.
STATES: dict[str, list[str]] = {
    label: ["trufan/tests/test_states.py"]
    for label in (
        "orders.Order", "orders.Fulfilment", "events.Event", "payments.Payment", "payments.Refund",
        "parking.ParkingReservation", "parking.ParkingSession", "ticketing.Ticket", "ticketing.EventSeat",
    )
}  # fmt: skip
EXPLAINED = Path("docs/mutation.md")
