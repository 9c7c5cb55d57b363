"""What people read is in their language; what programs read never changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from orders.models import Order
from trufan.lib.console.columns import label
from trufan.lib.money import show

SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-MX, es;q=0.9"}
pytestmark = pytest.mark.django_db


def test_an_error_of_the_api_is_in_the_language_asked_for_and_keeps_its_code(client: Client) -> None:
    english = client.get("/api/v1/orders").json()["error"]
    spanish = client.get("/api/v1/orders", **SPANISH).json()["error"]
    assert spanish["code"] == english["code"]
    assert english["message"] == "Sign in first."
    assert spanish["message"] == "Inicie sesión primero."


def test_the_sign_in_page_says_its_language(client: Client) -> None:
    page = client.get("/admin/login/", **SPANISH).content.decode()
    assert '<html lang="es"' in page
    assert "Iniciar sesión" in page
    assert "Sign in" not in page
    assert translation.get_language() == "en"


def test_a_chosen_language_stays(client: Client) -> None:
    assert client.post("/language/setlang/", {"language": "es", "next": "/admin/login/"}).status_code == 302
    assert "Iniciar sesión" in client.get("/admin/login/").content.decode()


def test_names_and_choices_of_models_are_read_in_the_language() -> None:
    with translation.override("es"):
        assert str(Order._meta.verbose_name) == "pedido"
        assert Order.Status.PAID.label == "Pagado"
        assert "pagado" in label("paid")
    assert Order.Status.PAID.label == "Paid"


def test_money_is_written_as_the_language_writes_it() -> None:
    assert show(123450, "USD") == "$1,234.50"
    with translation.override("es"):
        assert show(123450, "USD").replace("\xa0", " ") == "1.234,50 US$"


def test_a_refusal_keeps_the_words_it_was_raised_with() -> None:
    from orders.errors import OrderNotChangeable

    with translation.override("es"):
        refusal: Any = OrderNotChangeable()
    assert type(refusal.message) is str
    assert refusal.message == "Este pedido ya no cambia."
