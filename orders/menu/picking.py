"""The options of a product: which were picked, whether they may be, and what they change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from orders.menu.models import Option, OptionGroup, Product
from orders.sellable import CartLine
from trufan.lib.errors import Detail

FIELD = "options"


@dataclass(frozen=True)
class Picked:
    """So many of one option on each piece; `price_delta` is that of one pick, in minor units."""

    option: Option
    group: OptionGroup
    quantity: int

    @property
    def price_delta(self) -> int:
        return self.option.price_delta * self.quantity

    def __str__(self) -> str:
        return f"{self.quantity} × {self.option.name}" if self.quantity > 1 else self.option.name

    def as_dict(self) -> dict[str, str | int]:
        """As the order keeps it, whatever becomes of the option."""
        return {
            "id": str(self.option.pk),
            "group": self.group.name,
            "name": self.option.name,
            "quantity": self.quantity,
            "price_delta": self.option.price_delta,
        }


def pick(product: Product, line: CartLine) -> tuple[list[Picked], list[Detail]]:
    """What the line picks, in the order of the menu, and everything that is wrong with it."""
    asked: Counter[UUID] = Counter()
    for option_id, quantity in line.options:
        asked[option_id] += quantity
    picked: list[Picked] = []
    problems: list[Detail] = []
    for group in product.option_groups.all():
        mine = [Picked(option, group, asked.pop(option.pk)) for option in group.options.all() if option.pk in asked]
        problems += _problems(group, mine)
        picked += mine
    problems += [
        Detail(
            FIELD,
            "unknown_option",
            gettext("{product} has no option {option_id}.").format(product=product, option_id=option_id),
        )
        for option_id in asked
    ]
    return picked, problems


def _problems(group: OptionGroup, picked: list[Picked]) -> Iterator[Detail]:
    for each in picked:
        if not each.option.is_available:
            yield Detail(FIELD, "option_sold_out", gettext("{option} is sold out.").format(option=each.option.name))
    count = sum(each.quantity for each in picked)
    if count < group.minimum:
        yield Detail(
            FIELD,
            "too_few_picks",
            gettext("Pick at least {minimum} of {group}.").format(minimum=group.minimum, group=group.name),
        )
    elif count > group.maximum:
        yield Detail(
            FIELD,
            "too_many_picks",
            gettext("Pick at most {maximum} of {group}.").format(maximum=group.maximum, group=group.name),
        )
