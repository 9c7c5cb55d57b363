"""The commands of the README and of the API guide, run as they stand against a live server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from orders.models import Fulfilment, Order, OrderRefund
from parking.models import ParkingReservation, ParkingSession
from payments.models import Payment
from payments.tests.stripe_standin import API_KEY, SECRETS, StripeStandIn
from ticketing.models import Scan
from trufan.demo import seed


def run_page(page: str, server: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Every bash block of the page, in order, in one shell that stops at the first command that fails."""
    text = (Path(settings.BASE_DIR) / page).read_text()
    script = "\n".join(re.findall(r"```bash\n(.*?)```", text, flags=re.DOTALL))
    command = [
        shutil.which("bash"),
        "-e",
        "-u",
        "-o",
        "pipefail",
        "-c",
        script.replace("http://localhost:8000", server),
    ]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


@pytest.mark.django_db(transaction=True)
def test_the_walk_ends_with_an_accepted_and_a_refused_scan(live_server, tmp_path):
    seed(timezone.now())

    run = run_page("README.md", live_server.url, tmp_path)

    assert '"status":"succeeded"' in run.stdout
    assert run.stdout.index('"result":"accepted"') < run.stdout.index('"result":"refused","reason":"already_used"')
    assert (tmp_path / "ticket.svg").read_text().lstrip().startswith(("<?xml", "<svg"))
    assert list(Scan.objects.filter(gate="North").order_by("created_at").values_list("result", flat=True)) == [
        "accepted", "refused",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_trail_is_read_as_the_guide_to_signing_in_says(live_server, tmp_path):
    seed(timezone.now())

    run = run_page("docs/console-signin.md", live_server.url, tmp_path)

    assert '"action":"' in run.stdout
    assert '"older":"' in run.stdout


@pytest.mark.django_db(transaction=True)
def test_the_walk_is_paid_through_stripe_once_two_variables_are_set(live_server, tmp_path, settings):
    with StripeStandIn() as standin:
        # PAYMENT_GATEWAY follows the key, as test_startup.py has it; the address is where a test finds "Stripe".
        settings.PAYMENT_GATEWAY, settings.STRIPE_API_BASE = "stripe", standin.url
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = API_KEY, SECRETS
        seed(timezone.now())
        assert standin.requests == [], "demonstration data is nothing to tell Stripe of"

        run = run_page("README.md", live_server.url, tmp_path)

    assert '"status":"succeeded"' in run.stdout
    assert '"result":"accepted"' in run.stdout
    assert set(Payment.objects.values_list("provider", "status")) == {("stripe", "succeeded"), ("sandbox", "succeeded")}
    assert sorted(standin.collected()) == sorted(
        Payment.objects.filter(provider="stripe").values_list("amount", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_guide_run(live_server, tmp_path):
    seed(timezone.now())

    run = run_page("docs/api.md", live_server.url, tmp_path)

    assert '"error"' not in run.stdout
    assert run.stdout.splitlines().count("succeeded") == 6
    assert run.stdout.splitlines().count("failed") == 1
    assert Order.objects.filter(user=None, status="paid").count() == 1
    moved = [line for line in run.stdout.splitlines() if line in Fulfilment.Status.values]
    # First comes an order that its buyer cancelled.
    brought = ["accepted", "preparing", "ready", "out_for_delivery", "delivered"]
    assert moved == ["cancelled", *brought, *brought, "out_for_delivery"]
    refund = OrderRefund.objects.get(by_buyer=True, order__parking_reservations=None)
    assert (refund.status, refund.by_buyer, refund.kept > 0) == ("succeeded", True, True)
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF-")
    assert refund.order.ratings.get().stars == 5
    cold = OrderRefund.objects.get(reason="It was cold")
    parked = ParkingReservation.objects.get(plate="ABC 1234")
    assert (parked.status, parked.changes.count(), parked.order.amount_refunded == parked.order.amount_total) == (
        "cancelled", 1, True,
    )  # fmt: skip
    assert ParkingSession.objects.filter(plate__startswith="CAR", status="ended").count() == 1
    assert (cold.status, cold.amount, cold.order.amount_refunded) == ("succeeded", cold.amount, cold.amount)
