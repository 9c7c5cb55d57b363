"""The facts that orders announce."""

from django.dispatch import Signal

#: Guest orders joined an account. Arguments: `user`, `order_ids`. Sent inside the transaction.
orders_adopted = Signal()
