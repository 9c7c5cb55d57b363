"""Two venues full of recognisable rows, everybody who might ask, and the ids they might ask for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

from django.db.models import F, Model, Value
from django.db.models.functions import Replace
from django.utils import timezone

from accounts import sign_in, tokens
from accounts.models import Role, User
from events.models import Event, EventSeries
from orders.models import (
    Daypart,
    Option,
    OptionGroup,
    Order,
    Outlet,
    Product,
    ProductVariant,
)
from orders.tests.test_holds import place
from parking.models import ParkingCapacity, ParkingLot
from ticketing.models import Bundle, EntrySlot, Question, Ticket, TicketRelease, TicketType
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory, UserFactory, VenueFactory
from trufan.tests.console_rows import rows_of
from trufan.tests.security.machines import NOBODYS, endpoints, made
from venues.models import TaxRate, Venue, VenueStaff

#: A word in every text of Harbor Hall, where none of the callers works, and one in every text of Garden Arena's buyers.
SECRET = "Zanzibar"
PRIVATE = "Quixote"
#: What a venue that is on sale shows to everyone: the word stands in none of these columns.
PUBLIC: dict[type[Model], set[str]] = {
    Venue: {"name", "description"},
    Event: {"name", "description"},
    EventSeries: {"name", "description"},
    TicketType: {"name", "description"},
    Bundle: {"name", "description"},
    TicketRelease: {"name"},
    Question: {"text", "help_text"},
    TaxRate: {"name"},
    Outlet: {"name", "description", "location"},
    Product: {"name", "description", "category"},
    ProductVariant: {"name"},
    OptionGroup: {"name"},
    Option: {"name"},
    Daypart: {"name"},
    ParkingLot: {"name", "description", "operator_name"},
}
#: Path parameters that are not the key of the view's own table.
NAMED: dict[str, type[Model]] = {
    "venue_id": Venue, "event_id": Event, "order_id": Order, "outlet_id": Outlet, "lot_id": ParkingLot,
    "type_id": TicketType, "ticket_id": Ticket, "product_id": Product, "group_id": OptionGroup,
}  # fmt: skip
#: Fields of bodies and queries whose name is not their table's.
SPOKEN: dict[str, type[Model]] = {
    "lot": ParkingLot, "kind": ParkingCapacity, "slot": EntrySlot, "ticket_types": TicketType, "tickets": Ticket,
    "events": Event, "recipients": User, "series": EventSeries, "dayparts": Daypart, "variant": ProductVariant,
}  # fmt: skip
Whose = Literal["own", "other", "nobody", "made"]


@dataclass
class Caller:
    """Somebody with a token; `knows` is what of the two venues they may be told."""

    name: str
    headers: dict[str, str]
    reaches_all: bool = False
    works_here: bool = False

    def forbidden(self) -> list[str]:
        """The words that no answer to them may hold."""
        return [] if self.reaches_all else [SECRET] if self.works_here else [SECRET, PRIVATE]

    def __repr__(self) -> str:
        return self.name


@dataclass
class World:
    """What was there before the first request."""

    callers: list[Caller]
    own: dict[type[Model], Any]
    other: dict[type[Model], Any]
    #: Kind of id, such as `events` or `parking/sessions` → its table.
    kinds: dict[str, type[Model]]
    #: Kind of id → what answers have told since.
    made: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def reaching(self, chance: Random) -> list[Caller]:
        """Who would cross if anybody did: a fan, who holds most here, a device, and one more."""
        likely = [each for each in self.callers if each.name in {"a fan", "manager", "a device"}]
        return [*likely, chance.choice([each for each in self.callers if not each.reaches_all and each not in likely])]

    def id_of(self, kind: str, whose: Whose, pick: int) -> str:
        """An id for this place; one of a row of any table where the kind is not known."""
        if whose == "made" and (found := self.made.get(kind) or self.made.get(kind.rsplit("/", 1)[-1])):
            return found[pick % len(found)]
        if whose == "nobody":
            return NOBODYS
        rows = self.other if whose == "other" else self.own
        model = self.kinds.get(kind) or SPOKEN.get(kind) or _BY_NAME.get(kind.replace("_", ""))
        row = rows.get(model) if model else None
        return str(row.pk if row else list(rows.values())[pick % len(rows)].pk)


_BY_NAME: dict[str, type[Model]] = {}


def kind_of(path: str) -> str:
    """The words of a path, without what stands for ids: `/api/v1/events/{id}/slots` → `events/slots`."""
    return "/".join(part for part in path.removeprefix("/api/v1/").split("/") if part and not part.startswith("{"))


def build() -> World:
    """Both venues and all callers; runs in the transaction of whoever asks."""
    own_venue, other_venue = VenueFactory(name="Garden Arena"), VenueFactory(name="Harbor Hall")
    own, other = rows_of(own_venue, PRIVATE), rows_of(other_venue, SECRET)
    _publish()
    _BY_NAME.update({model._meta.model_name: model for model in own})
    return World(list(_callers(own_venue)), own, other, _kinds())


def _publish() -> None:
    """Take the words out of what everyone may read."""
    Question._base_manager.update(choices=["Plain", "None"])
    for model, names in PUBLIC.items():
        for name in names & {each.name for each in model._meta.concrete_fields}:
            plain = Replace(Replace(F(name), Value(PRIVATE), Value("Plain")), Value(SECRET), Value("Plain"))
            model._base_manager.update(**{name: plain})


def _kinds() -> dict[str, type[Model]]:
    found: dict[str, type[Model]] = {}
    for each in endpoints():
        own = getattr(getattr(each.view, "queryset", None), "model", None)
        for name in re.findall(r"{(\w+)}", each.path):
            model = NAMED.get(name, own)
            if model is not None:
                found[kind_of(each.path.split("{" + name + "}")[0])] = model
    return found


def _callers(venue: Venue) -> Iterable[Caller]:
    now = timezone.now()
    yield Caller("nobody", {})
    yield Caller("a made-up token", {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.bm8"})
    fay = UserFactory(email="fay@example.com", first_name="Fay")
    yield Caller("an expired token", _bearer(fay, now - timedelta(days=1)))
    place(fay, (TicketTypeFactory(event=EventFactory(venue=venue)), 2))
    yield Caller("a fan", _bearer(fay))
    for role in VenueStaff.Role.values:
        person = StaffFactory(user__email=f"{role}@example.com", user__first_name="Gus", venue=venue, role=role).user
        yield Caller(role, _bearer(person), works_here=True)
    olga = StaffFactory(user__email="olga@example.com", user__role=Role.VENUE_ADMIN, venue=venue).user
    yield Caller("a venue admin", _bearer(olga), works_here=True)
    yield Caller("a device", {"Authorization": f"Api-Key {made(venue, olga)[1]}"}, works_here=True)
    ada = UserFactory(email="ada@example.com", role=Role.SUPER_ADMIN)
    yield Caller("a super admin", _bearer(ada), reaches_all=True)


def _bearer(user: User, when: Any = None) -> dict[str, str]:
    moment = when or timezone.now()
    return {"Authorization": f"Bearer {tokens.access_for(sign_in.start(user, moment), moment)}"}


def is_id(value: Any) -> bool:
    """Whether this text is a UUID as we write them."""
    try:
        return isinstance(value, str) and len(value) == 36 and bool(UUID(value))
    except ValueError:
        return False
