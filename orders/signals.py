"""The facts that orders announce."""

from django.dispatch import Signal

#: Guest orders joined an account. Arguments: `user`, `order_ids`. Sent inside the transaction.
orders_adopted = Signal()

#: A fulfilment has another status. Arguments: `fulfilment`, `order`. Sent inside the transaction.
fulfilment_moved = Signal()

#: Stock was held or given back. Arguments: `table`, `ids` of its rows. Sent inside the transaction.
stock_moved = Signal()

#: What had cost nothing was taken back. Arguments: `refund`. Sent inside the transaction.
taken_back_free = Signal()

#: Who bought orders is being forgotten; what hangs on the orders and tells of the person goes too. Arguments:
#: `order_ids`, `now`, `asked` (by the person, or it was kept long enough). Sent inside the transaction.
buyers_forgotten = Signal()

#: An order was paid, or completed for nothing. Arguments: `order`, `now`. Sent inside the transaction.
order_settled = Signal()
