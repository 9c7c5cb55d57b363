"""The clients that are written from the schema: they compile, and the examples walk through a night with them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from orders.models import Order, OrderRefund
from ticketing.models import Scan
from trufan.demo import seed

CLIENTS = Path(settings.BASE_DIR) / "clients"
PYTHON, TYPESCRIPT = CLIENTS / "python", CLIENTS / "typescript"
BIN = CLIENTS / ".venv" / "bin"
pytestmark = pytest.mark.clients


def run(folder: Path, *command: str | Path) -> str:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_python_client_compiles_and_its_example_has_the_right_types(tmp_path):
    run(PYTHON, BIN / "python", "-m", "compileall", "-q", "-f", "trufan_client")
    strict = ("--strict", "--follow-imports", "silent", "--cache-dir", str(tmp_path))

    assert "no issues" in run(PYTHON, BIN / "mypy", "--config-file=", *strict, "walk.py")


def python_walk(server: str) -> str:
    return run(PYTHON, BIN / "python", "walk.py", server)


def typescript_walk(server: str) -> str:
    """Compiles it first; ends with an error where a type is wrong."""
    return run(TYPESCRIPT, "npm", "run", "--silent", "walk", "--", server)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("walk", [python_walk, typescript_walk])
def test_a_fan_buys_is_let_in_eats_and_is_paid_back(live_server, walk):
    seed(timezone.now())
    before = set(Order.objects.values_list("pk", flat=True))

    told = walk(live_server.url).splitlines()

    assert [line.split()[0] for line in told] == ["payment", "picture", "scan", "payment", "refund"]
    assert (told[0], told[2], told[3]) == ("payment succeeded", "scan accepted", "payment succeeded")
    assert int(told[1].split()[2]) > 100
    ticket, meal = Order.objects.exclude(pk__in=before).order_by("created_at")
    assert Scan.objects.get(gate="North", ticket__order_item__order=ticket).result == Scan.Result.ACCEPTED
    refund = OrderRefund.objects.get(order=meal)
    assert (refund.reason, refund.amount, told[4].split()[2]) == ("It was cold", meal.amount_total, str(refund.amount))
