"""A browser at the console, for tests."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User


def as_(user: User | None, **how: Any) -> Client:
    """A browser that is signed in as `user`, or as nobody."""
    client = Client(**how)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(model: type[Model], name: str, *args: Any) -> str:
    """The address of a table's `changelist` or `add`, or of a row's `change`, `history`, `delete`, `button`."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def press(user: User, row: Model, button: str, **answers: Any) -> str:
    """Read what the button says it will do, then press it, and again where it asks once more with its figures; what
    the console says about it afterwards.
    """
    client, address = as_(user), url(type(row), "button", row.pk, button)
    client.get(address)
    response = client.post(address, answers)
    if response.status_code == 200 and response.context["figures"] and "confirmed" not in answers:
        response = client.post(address, {**answers, "confirmed": response.context["figures"]})
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert response.status_code == 302, f"asked again: {response.context['form'].errors}"
    return " ".join(said)


def buttons_on(user: User, row: Model) -> set[str]:
    """The names of the buttons that the row's page offers."""
    links = as_(user).get(url(type(row), "change", row.pk)).context["button_links"]
    return {link["button"].name for link in links}


def errors_of(response: Any) -> str:
    """Everything that the form on a page complains of."""
    form = response.context["adminform"].form
    return " ".join(message for messages in form.errors.values() for message in messages)
