"""The providers, and which of them takes new payments.

A payment stays with the gateway that took it (`Payment.provider`), whatever the setting says later.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.errors import PayoutsUnavailable
from payments.gateways.base import Gateway, PayoutGateway
from payments.gateways.books import ProviderBooks
from payments.gateways.sandbox import SandboxGateway
from payments.gateways.sandbox_books import SandboxBooks
from payments.gateways.stripe import StripeGateway
from payments.gateways.stripe_books import StripeBooks
from payments.gateways.till import TillGateway
from payments.models import TILL

#: To add a provider, write its `Gateway` and name it here.
PROVIDERS: dict[str, Callable[[], Gateway]] = {
    SandboxGateway.name: SandboxGateway,
    StripeGateway.name: StripeGateway,
}

#: Where each provider's own books are read.
BOOKS: dict[str, Callable[[], ProviderBooks]] = {SandboxGateway.name: SandboxBooks, StripeGateway.name: StripeBooks}


def current() -> Gateway:
    """The gateway that new payments go through, by `settings.PAYMENT_GATEWAY`."""
    return named(settings.PAYMENT_GATEWAY)


def named(name: str) -> Gateway:
    """The gateway of one provider. Raises `ImproperlyConfigured` where there is none, or it must not run here."""
    if name == TILL:
        return TillGateway()
    if name not in PROVIDERS:
        raise ImproperlyConfigured(f"There is no payment gateway called {name!r}.")
    return PROVIDERS[name]()


def paying(name: str) -> PayoutGateway:
    """The gateway of a provider that also pays recipients. Raises `PayoutsUnavailable` where it does not."""
    gateway = named(name)
    if not isinstance(gateway, PayoutGateway):
        raise PayoutsUnavailable
    return gateway


def books(name: str) -> ProviderBooks:
    """The books of a provider that is served here. Raises `ImproperlyConfigured` otherwise."""
    if not is_served(name) or name not in BOOKS:
        raise ImproperlyConfigured(f"The books of {name!r} can't be read here.")
    return BOOKS[name]()


def served() -> list[str]:
    """The providers that may speak to us here, by name."""
    return [name for name in PROVIDERS if is_served(name)]


def smallest_unit(name: str, currency: str) -> int:
    """The smallest amount that a provider moves to recipients, in minor units; 1 where it pays none."""
    gateway = named(name)
    return gateway.smallest_unit(currency) if isinstance(gateway, PayoutGateway) else 1


def is_served(name: str) -> bool:
    """Whether this provider may speak to us here: the sandbox is nobody in production, Stripe needs its key."""
    if name == SandboxGateway.name:
        return settings.DJANGO_ENV != "production"
    return name in PROVIDERS and (name != StripeGateway.name or bool(settings.STRIPE_SECRET_KEY))
