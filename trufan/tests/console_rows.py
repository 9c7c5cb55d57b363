"""One row of every table the console shows, all of one venue, all recognisable by a word in their text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import ConsoleSession, SignIn, User
from audit.models import AuditLog
from audit.trail import record
from events.models import Event, EventSeries
from notifications.models import (
    Broadcast,
    Consent,
    Device,
    InboundMessage,
    MessageTemplate,
    Notification,
    SmsNumber,
    Suppression,
    WebhookEndpoint,
    WebhookMessage,
)
from orders.models import (
    CallOff,
    Daypart,
    EventMove,
    Fulfilment,
    OptionGroup,
    Order,
    OrderItem,
    OrderRating,
    OrderTip,
    Outlet,
    Product,
    ProductVariant,
    PromoCode,
)
from parking.models import (
    GateEvent,
    ParkingCapacity,
    ParkingCharge,
    ParkingLot,
    ParkingReservation,
    ParkingSession,
    ParkingSpace,
    PriceChange,
    SpaceUse,
    ValetIncident,
    ValetTicket,
    Vehicle,
)
from parking.vehicles import plates
from payments import ledger
from payments.models import (
    ConnectedAccount,
    Dispute,
    JournalEntry,
    Payment,
    PaymentSplit,
    RecipientDebt,
    ReconciliationFinding,
    ReconciliationRun,
    Refund,
    Transfer,
    TransferReversal,
    WebhookEvent,
)
from reports.models import ReportSchedule
from ticketing.models import (
    Answer,
    Attendee,
    Bundle,
    CheckInList,
    Comp,
    DoorSale,
    EntrySlot,
    HouseHold,
    Question,
    Scan,
    Ticket,
    TicketExchange,
    TicketRelease,
    TicketTransfer,
    TicketType,
    UnlockCode,
    WaitingRoom,
    WaitlistEntry,
)
from ticketing.waitingroom import running
from trufan.testing import (
    CapacityFactory,
    EventFactory,
    LotFactory,
    OutletFactory,
    ProductFactory,
    ProductVariantFactory,
    StaffFactory,
    TaxRateFactory,
    TicketTypeFactory,
    UserFactory,
)
from venues.devices import keys
from venues.models import FeeRule, Seat, SeatingPlan, TaxRate, Venue, VenueDevice, VenueStaff


def rows_of(venue: Venue, word: str) -> dict[type[Model], Any]:
    """Table → its row at `venue`; every text in them contains `word`."""
    rows: dict[type[Model], Any] = {Venue: venue}
    rows[User] = UserFactory(email=f"{word.lower()}@example.com", first_name=word, last_name=word)
    rows[SignIn] = SignIn.objects.create(
        user=rows[User], current_jti=word, expires_at=timezone.now() + timedelta(days=7), last_used_at=timezone.now(),
        user_agent=word,
    )  # fmt: skip
    rows[ConsoleSession] = ConsoleSession.objects.create(
        user=rows[User], session_key=word, expires_at=timezone.now() + timedelta(hours=12),
        last_seen_at=timezone.now(), user_agent=word,
    )  # fmt: skip
    rows[VenueStaff] = StaffFactory(
        user__email=f"{word.lower()}-kitchen@example.com", user__first_name=word, venue=venue, role="kitchen"
    )
    rows[TaxRate] = TaxRateFactory(venue=venue, name=f"{word} tax")
    rows[FeeRule] = FeeRule.objects.create(venue=venue, kind="ticket", paid_by="venue", fixed=25)
    rows[PromoCode] = PromoCode.objects.create(
        venue=venue, code=f"{word.upper()}10", name=f"{word} offer", batch=f"{word} batch", kind="percent", ppm=100_000
    )
    rows[SeatingPlan] = plan = SeatingPlan.objects.create(venue=venue, name=f"{word} stage")
    block = plan.sections.create(name=f"{word} stand", kind="seated")
    Seat.objects.create(
        plan=plan, section=block, row="A", number="1", label=f"{word}-A-1", row_order=1, seat_order=1, x=0, y=5
    )
    rows[Event] = EventFactory(venue=venue, name=f"{word} show")
    rows[EventSeries] = EventSeries.objects.create(venue=venue, name=f"{word} run")
    rows[Event] = EventFactory(venue=venue, name=f"{word} show", series=rows[EventSeries])
    rows[TicketType] = TicketTypeFactory(event=rows[Event], name=f"{word} seat")
    rows[WaitingRoom] = running.set_up(rows[Event], rows[User], timezone.now())
    running.close(rows[WaitingRoom], rows[User], timezone.now())
    rows |= prices_of(rows[TicketType], word)
    rows[VenueDevice], _key = keys.create(
        venue, UserFactory(role="super_admin"), timezone.now(), name=f"{word} camera", scopes=["gate"]
    )
    rows |= webhooks_of(venue, word)
    rows |= menu_of(venue, word)
    rows |= sale_of(rows[TicketType], rows[User], word)
    rows |= parking_of(venue, rows[Order], word)
    rows[WebhookEvent] = WebhookEvent.objects.create(
        provider="sandbox", provider_id=f"evt_{word}", type=f"{word}.succeeded", payload={"said": word},
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    rows[Broadcast] = Broadcast.objects.create(
        venue_id=venue.pk, template="event_news", audience="event_holders", audience_id=rows[Event].pk,
        context={"event": word, "subject": word, "text": word}, next_batch_at=timezone.now(),
    )  # fmt: skip
    rows[MessageTemplate] = MessageTemplate.objects.create(
        venue_id=venue.pk, template="order_paid", language="en", subject=word, body=word
    )
    rows[AuditLog] = record("venue.changed", venue, new={"description": word}, actor=rows[User])
    return rows


def prices_of(ticket_type: TicketType, word: str) -> dict[type[Model], Any]:
    """An early price, a code that would open the type, and a bundle of two."""
    release = TicketRelease.objects.create(ticket_type=ticket_type, name=f"{word} early", price=1, quantity=5)
    code = UnlockCode.objects.create(
        event=ticket_type.event, code=f"{word.upper()}IN", name=f"{word} members", batch=f"{word} batch"
    )
    code.ticket_types.set([ticket_type])
    bundle = Bundle.objects.create(event=ticket_type.event, name=f"{word} pair", price=9_000)
    bundle.lines.create(ticket_type=ticket_type, count=2)
    return {TicketRelease: release, UnlockCode: code, Bundle: bundle}


def menu_of(venue: Venue, word: str) -> dict[type[Model], Any]:
    """An outlet with one product of each of its rows."""
    outlet = OutletFactory(venue=venue, name=f"{word} stand", location=f"By {word}")
    product = ProductFactory(outlet=outlet, name=f"{word} burger", category=f"{word} food")
    group = product.option_groups.create(name=f"{word} sauce")
    group.options.create(name=f"{word} hot")
    daypart = Daypart.objects.create(venue=venue, name=f"{word} night", starts_at="22:00", ends_at="02:00")
    outlet.opening_hours.create(weekday=4, opens_at="18:00", closes_at="02:00")
    variant = ProductVariantFactory(product=product, name=f"{word} size", sku=f"{word}-1")
    return {Outlet: outlet, Product: product, OptionGroup: group, Daypart: daypart, ProductVariant: variant}


def parking_of(venue: Venue, order: Order, word: str) -> dict[type[Model], Any]:
    """A lot with a car inside that was charged for, a reservation to come, and a move of its prices."""
    now = timezone.now()
    lot = LotFactory(venue=venue, name=f"{word} lot {order.number}", description=word, operator_name=f"{word} operator")
    kind = CapacityFactory(lot=lot)
    space = ParkingSpace.objects.create(lot=lot, number=f"{word}-1", level=f"{word} level")
    lot.opening_hours.create(weekday=4, opens_at="18:00", closes_at="02:00")
    change = PriceChange.objects.create(
        capacity=kind, at=now, old_ppm=1_000_000, new_ppm=1_100_000, causes=["occupancy_high"], words=f"{word} is full."
    )
    car = {"plate": word.upper()[:12], "plate_key": plates.key(word)[:12]}
    line = OrderItem.objects.create(
        order=order, position=7, item_type="parking", item_id=order.pk, description=f"{word} parking", quantity=1,
        unit_price=0, status="fulfilled",
    )  # fmt: skip
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=5)
    booked = ParkingReservation.objects.create(
        capacity=kind, order=order, order_item=line, holder=order.user, holder_name=f"{word} holder", price=2_000,
        use=SpaceUse.objects.create(capacity=kind, purpose="reservation", starts_at=begins, ends_at=ends),
        starts_at=begins, ends_at=ends, tariff=lot.tariff, **car,
    )  # fmt: skip
    SpaceUse.objects.create(capacity=kind, purpose="block", starts_at=now, ends_at=ends, reason=f"{word} crane")
    stay = ParkingSession.objects.create(
        lot=lot, capacity=kind, space=space, user=order.user, contact_email=order.contact_email, origin="gate",
        use=SpaceUse.objects.create(
            capacity=kind, purpose="session", starts_at=now - timedelta(hours=1), ends_at=ends, is_inside=True
        ),
        started_at=now - timedelta(hours=1), tariff=lot.tariff, price_reason=f"{word} price", **car,
    )  # fmt: skip
    charge = ParkingCharge.objects.create(
        lot=lot, session=stay, kind="stay", status="paid", description=f"{word} stay", price=500, net=500,
        amount_total=500, amount_paid=500, currency=venue.currency, paid_at=now, promo_code=f"{word}FREE",
        parts=[{"kind": "base", "words": f"{word} hour", "amount": 500}],
    )  # fmt: skip
    seen = GateEvent.objects.create(
        lot=lot, direction="entry", is_open=True, override=f"{word} waved", session=stay, reservation=booked,
        seen_by=order.user, nonce=f"{word}{stay.pk}", gate=f"{word} gate", seen_at=now, **car,
    )  # fmt: skip
    vehicle = Vehicle.objects.create(user=order.user, name=f"{word} car", **car)
    keys = ValetTicket.objects.create(
        lot=lot, session=stay, number=7, vehicle=f"{word} car", notes=f"{word} note", place=f"{word} row",
        key_tag=f"{word} key", taken_by=order.user,
    )  # fmt: skip
    incident = ValetIncident.objects.create(
        ticket=keys, happened_at=now, words=f"{word} met a pillar.", reported_by=order.user
    )
    return {
        ValetTicket: keys, ValetIncident: incident,
        ParkingLot: lot, ParkingCapacity: kind, ParkingSpace: space, PriceChange: change, ParkingReservation: booked,
        ParkingSession: stay, ParkingCharge: charge, GateEvent: seen, Vehicle: vehicle,
    }  # fmt: skip


def sale_of(ticket_type: TicketType, buyer: User, word: str) -> dict[type[Model], Any]:
    """A paid order for one ticket, used at the door, whose refund and mail both failed."""
    now = timezone.now()
    event, venue = ticket_type.event, ticket_type.event.venue
    order = Order.objects.create(
        venue=venue, user=buyer, contact_email=buyer.email, contact_name=f"{word} buyer", status="paid", subtotal=5_000,
        amount_total=5_000, amount_paid=5_000, currency=venue.currency, paid_at=now,
    )  # fmt: skip
    line = OrderItem.objects.create(
        order=order, position=0, item_type="ticket", item_id=ticket_type.pk, description=f"{word} line", quantity=1,
        unit_price=5_000, net=5_000, total=5_000, status="fulfilled",
    )  # fmt: skip
    TicketType.objects.filter(pk=ticket_type.pk).update(sold=1)
    meal = Fulfilment.objects.create(
        order=order, outlet=Outlet.objects.create(venue=venue, name=f"{word} stand {order.number}"), pickup_number=417,
        method="seat", section=word, row="A", seat="12", note=f"{word} note", promised_at=now,
    )  # fmt: skip
    OrderItem.objects.create(
        order=order, position=1, item_type="product", item_id=order.pk, description=f"{word} burger", quantity=1,
        unit_price=0, status="fulfilled", fulfilment=meal, options={"note": f"{word} wish"},
    )  # fmt: skip
    ticket = Ticket.objects.create(
        event=event, ticket_type=ticket_type, order=order, order_item=line, ordinal=1, holder=buyer,
        holder_name=f"{word} holder", status="used", used_at=now, inside=True, entries=1, last_in_at=now,
    )  # fmt: skip
    scan = Scan.objects.create(
        ticket=ticket, event=event, venue_id=venue.pk, scanned_by=buyer, nonce=f"{word}{ticket.pk}", result="accepted",
        gate=f"{word} gate", code_hash="0" * 64, scanned_at=now,
    )  # fmt: skip
    chosen = CheckInList.objects.create(event=event, name=f"{word} boxes {order.number}", gates=[f"{word} gate"])
    offer = TicketTransfer.objects.create(
        ticket=ticket, offered_by=buyer, from_name=f"{word} holder", to_email=f"{word}@friends.example.com",
        message=f"{word} message", expires_at=now,
    )  # fmt: skip
    question = Question.objects.create(event=event, text=f"{word} question?", kind="choice", choices=[word, "None"])
    Answer.objects.create(ticket=ticket, question=question, value=word, asked=question.text, answered_at=now)
    Attendee.objects.create(ticket=ticket, name=f"{word} attendee", email=f"{word}@comes.example.com")
    slot, _ = EntrySlot.objects.get_or_create(
        event=event, starts_at=event.doors_at, defaults={"ends_at": event.starts_at, "capacity": 5}
    )
    place = WaitlistEntry.objects.create(ticket_type=ticket_type, user=buyer, quantity=1, status="left", ended_at=now)
    payment = Payment.objects.create(
        payable_type="order", payable_id=order.pk, venue_id=venue.pk, payer=buyer, reference=order.number,
        provider="sandbox", provider_id=f"pi_{word}_{order.pk.hex}", amount=5_000, currency=venue.currency,
        status="succeeded", settled_at=now, payment_method=f"pm_{word}",
    )  # fmt: skip
    refund = Refund.objects.create(
        payment=payment, amount=5_000, currency=venue.currency, reason=f"{word} reason", status="failed",
        failure_message=f"{word} failure", next_attempt_at=now,
    )  # fmt: skip
    run = ReconciliationRun.objects.create(provider=word, since=now, finished_at=now, error=f"{word} error")
    finding = ReconciliationFinding.objects.create(
        run=run, provider="sandbox", kind="charge_amount_differs", reference=payment.provider_id, payment=payment,
        venue_id=venue.pk, ours=f"{word} 1", theirs=f"{word} 2", seen_at=now,
    )  # fmt: skip
    mail = Notification.objects.create(
        venue_id=venue.pk, recipient=buyer.email, template="order_paid", status="failed", next_attempt_at=now,
        context={"number": order.number}, error=f"{word} error",
    )  # fmt: skip
    number = f"+1{order.pk.int % 10**10:010}"
    texts: dict[type[Model], Any] = {
        InboundMessage: InboundMessage.objects.create(
            sid=f"SM{order.pk.hex}", sender=number, venue_id=venue.pk, body=f"{word} message", answer=f"{word} answer"
        ),
        ReportSchedule: ReportSchedule.objects.create(
            venue=venue,
            name=f"{word} {order.number}",
            report="sales",
            made_by=buyer,
            next_run_at=timezone.now() + timedelta(days=9),
        ),
        SmsNumber: SmsNumber.objects.create(number=number, venue_id=venue.pk),
        Suppression: Suppression.objects.create(channel="sms", address=number, reason="stopped", detail=word),
    }
    dispute = Dispute.objects.create(
        payment=payment, provider="sandbox", provider_id=f"du_{word}_{order.pk.hex}", amount=5_000,
        currency=venue.currency, reason=f"{word} reason", status="warning_needs_response", told="warning",
        opened_at=now,
        evidence_due_by=now + timedelta(days=7), evidence=f"{word} evidence", checked_at=now,
    )  # fmt: skip
    tip = OrderTip.objects.create(
        order=order, amount_total=500, amount_paid=500, currency=venue.currency, status="paid", paid_at=now
    )
    rating = OrderRating.objects.create(order=order, stars=4, comment=f"{word} comment")
    shared = shares_of(payment, refund, word) | {Dispute: dispute, OrderTip: tip, OrderRating: rating}
    return {
        Order: order,
        Fulfilment: meal,
        Ticket: ticket,
        Scan: scan,
        CheckInList: chosen,
        TicketTransfer: offer,
        WaitlistEntry: place,
        TicketExchange: TicketExchange.objects.create(old_order=order, new_order=order, terms={}, asked_by=buyer),
        CallOff: CallOff.objects.get_or_create(event=event, defaults={"reason": f"{word} reason", "started_by": buyer})[
            0
        ],
        EventMove: EventMove.objects.create(
            event=event,
            was_starts_at=now,
            was_ends_at=now,
            was_doors_at=now,
            starts_at=now,
            answer_by=now + timedelta(days=1),
            moved_by=buyer,
        ),
        Question: question,
        EntrySlot: slot,
        **box_office_of(order, ticket_type, word),
        Payment: payment,
        Refund: refund,
        Notification: mail,
        **texts,
        Device: Device.objects.create(
            user=order.user,
            kind="fcm",
            token=f"{word}-{order.pk.hex}",
            token_hash=f"{word}-{order.pk.hex}",
            name=f"{word} phone",
            last_seen_at=now,
        ),
        Consent: Consent.objects.create(
            channel="email",
            address=f"{word.lower()}-{order.pk.hex}@example.net",
            wanted=False,
            source="link",
            words=f"{word} words",
        ),
        ReconciliationRun: run,
        ReconciliationFinding: finding,
        **shared,
    }


def box_office_of(order: Order, ticket_type: TicketType, word: str) -> dict[type[Model], Any]:
    """Tickets that are kept back, some that were given away out of them, and the order as if sold over the counter."""
    hold = HouseHold.objects.create(
        ticket_type=ticket_type, label=f"{word} guests", note=f"{word} note", quantity=2, given=1
    )
    TicketType.objects.filter(pk=ticket_type.pk).update(house=1)
    comp = Comp.objects.create(order=order, house_hold=hold, reason=f"{word} reason", given_by=order.user)
    sale = DoorSale.objects.create(
        order=order, sold_by=order.user, method="card_terminal", terminal_reference=f"{word} slip"
    )
    return {HouseHold: hold, Comp: comp, DoorSale: sale}


def webhooks_of(venue: Venue, word: str) -> dict[type[Model], Any]:
    """An endpoint of the venue's own system, and a message that failed there."""
    taken = WebhookEndpoint.objects.filter(venue_id=venue.pk).count()
    endpoint = WebhookEndpoint.objects.create(
        venue_id=venue.pk, slot=taken + 1, url=f"https://{word.lower()}.example/hooks", description=f"{word} stock",
        secret="sealed", event_types=["order.paid"],
    )  # fmt: skip
    message = WebhookMessage.objects.create(
        endpoint=endpoint, type="order.paid", body=f'{{"word":"{word}"}}', status="failed", error=f"{word} error",
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    return {WebhookEndpoint: endpoint, WebhookMessage: message}


def shares_of(payment: Payment, refund: Refund, word: str) -> dict[type[Model], Any]:
    """A recipient of the payment, who was sent its share, and from whom some of it could not be had back."""
    now, share = timezone.now(), {"amount": 4_000, "currency": payment.currency}
    account = ConnectedAccount.objects.create(
        venue_id=payment.venue_id, name=f"{word} stand", provider="sandbox", country="US", status="restricted",
        default_currency=payment.currency, requirements=[f"{word}.account"],
    )  # fmt: skip
    PaymentSplit.objects.create(payment=payment, position=0, account=account, reason="sale", **share)
    transfer = Transfer.objects.create(
        payment=payment, account=account, status="failed", failure_message=f"{word} failure", next_attempt_at=now,
        **share,
    )  # fmt: skip
    reversal = TransferReversal.objects.create(
        transfer=transfer, refund=refund, status="failed", failure_message=f"{word} failure", next_attempt_at=now,
        **share,
    )  # fmt: skip
    debt = RecipientDebt.objects.create(account=account, transfer=transfer, refund=refund, **share)
    ledger.shared(payment, {account.pk: 4_000}, now)
    entry = payment.journal_entries.get(kind="share")
    return {
        ConnectedAccount: account, Transfer: transfer, TransferReversal: reversal, RecipientDebt: debt,
        JournalEntry: entry,
    }  # fmt: skip
