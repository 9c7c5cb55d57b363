"""Rows that tests of payments start from: an order is the payable at hand."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from orders.models import Order
from payments.models import Payment
from trufan.testing import VenueFactory


class OrderFactory(DjangoModelFactory):
    """A pending order over 100 dollars without lines."""

    class Meta:
        model = Order

    venue = factory.SubFactory(VenueFactory)
    currency = "USD"
    subtotal = 10_000
    amount_total = 10_000
    contact_email = "fay@example.com"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=10))


class PaymentFactory(DjangoModelFactory):
    """An attempt for an order that the gateway has not answered yet."""

    class Meta:
        model = Payment

    class Params:
        order = factory.SubFactory(OrderFactory)

    payable_type = "order"
    payable_id = factory.SelfAttribute("order.pk")
    venue_id = factory.SelfAttribute("order.venue_id")
    reference = factory.SelfAttribute("order.number")
    provider = "sandbox"
    payment_method = "pm_card_visa"
    amount = factory.SelfAttribute("order.amount_total")
    currency = "USD"
