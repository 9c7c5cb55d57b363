"""What people read is in their language; what programs read never changes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from events.models import Event
from orders.models import Order
from ticketing.scanner import screens
from trufan.lib import script_words
from trufan.lib.console.columns import label
from trufan.lib.money import show
from trufan.tests.console_client import as_

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


def test_every_page_of_the_console_carries_the_words_of_its_scripts(olga: User, event: Event) -> None:
    browser = as_(olga)
    browser.cookies["django_language"] = "es"
    for address in ("/admin/account/", screens.address(event)):
        page = browser.get(address).content.decode()
        said = json.loads(re.search(r'<script id="script-words"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
        assert said["No connection: this phone decides"] == "Sin conexión: decide este teléfono"
        assert said["{count} scan waits to be sent."][1] == "{count} escaneos esperan a ser enviados."
        assert "trufan/words.js" in page


def test_the_texts_of_a_script_are_found_as_it_says_them() -> None:
    source = r"""say(trufanSay("It\u2019s {name}", {name})); trufanSayMany("one", "{count} of them", 3); notSay("no")"""
    assert list(script_words.in_script(source)) == ["It\u2019s {name}", ("one", "{count} of them")]


def test_no_script_says_a_text_that_is_not_found() -> None:
    """What is handed over must be one string that stands there, or the catalogue never hears of it."""
    for path in script_words.scripts():
        source = path.read_text()
        calls = len(re.findall(r"\btrufanSay(?:Many)?\((?!text|one)", source))
        assert calls == len(list(script_words.in_script(source))), path.name
