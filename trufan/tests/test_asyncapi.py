"""The AsyncAPI document has every topic and every fact, and what is really said fits it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.utils import timezone
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from orders.kitchen import moves
from orders.kitchen.tests.kitchens import order_food
from trufan.lib import live
from trufan.lib.live import topics
from trufan.lib.live.asyncapi import document
from trufan.testing import CapacityFactory, LotFactory, OutletFactory, ProductVariantFactory, TicketTypeFactory
from trufan.tests.live_server import SocketServer, watching
from trufan.tests.test_live import fresh_staff, pay, pending, token
from venues.models import VenueStaff


def fits(message: dict[str, Any]) -> dict[str, Any]:
    """The message, which is as the document says. Raises `ValidationError`."""
    name = f"fact_{message['topic']}" if message["type"] == "fact" else message["type"]
    Draft202012Validator(document()["components"]["messages"][name]["payload"]).validate(message)
    return message


def test_every_topic_and_every_fact_of_it_is_documented():
    messages = document()["components"]["messages"]
    assert {"order", "kitchen", "parking", "valet", "lot", "event", "venue", "waiting_room", "door"} == {
        each.name for each in topics.every_topic()
    }
    for topic in topics.every_topic():
        payload = messages[f"fact_{topic.name}"]["payload"]
        assert set(payload["properties"]["event"]["enum"]) == {*topic.events, topics.RESYNC}
        assert set(payload["properties"]["data"]["properties"]) == set(topic.data)
        for event in topic.events:
            assert f"`{event}`: " in messages[f"fact_{topic.name}"]["description"]


def test_it_is_served_and_all_it_refers_to_is_there(client):
    answer = client.get("/api/v1/asyncapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    served = yaml.safe_load(answer.content)
    assert served == document()
    assert served["asyncapi"].startswith("3.")
    for reference in re.findall(r"\$ref: '?(#[^'\s]+)", answer.content.decode()):
        place: Any = served
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for message in served["components"]["messages"].values():
        Draft202012Validator.check_schema(message["payload"])


def test_the_guide_has_every_topic():
    guide = (Path(settings.BASE_DIR) / "docs" / "live.md").read_text()
    for topic in topics.every_topic():
        assert f"| `{topic.name}` |" in guide


def test_a_message_that_is_none_does_not_fit():
    with pytest.raises(ValidationError):
        fits({"type": "fact", "topic": "order", "id": "x", "event": "order.sung", "version": 1, "data": {}})


@pytest.mark.django_db(transaction=True)
def test_what_is_really_said_fits(fay, olga, venue):
    stand = OutletFactory(venue=venue)
    burger = ProductVariantFactory(product__outlet=stand)
    cook = fresh_staff(venue, VenueStaff.Role.MANAGER)
    ticket_type = TicketTypeFactory(event__venue=venue)
    lot = CapacityFactory(lot=LotFactory(venue=venue)).lot
    server = SocketServer()
    try:
        with watching(server.port) as watcher:
            fits(watcher.sign_in(token(cook)))
            fits(watcher.ask(type="ping"))
            fits(watcher.ask(type="shout"))
            fits(watcher.watch("nothing", venue.pk))
            for topic, pk in (("kitchen", stand.pk), ("event", ticket_type.event_id), ("venue", venue.pk),
                              ("lot", lot.pk), ("parking", lot.pk), ("valet", lot.pk)):  # fmt: skip
                assert fits(watcher.watch(topic, pk))["type"] == "subscribed"
            order = order_food(fay, (burger, 1), (ticket_type, 1))
            watcher.say(type="subscribe", topic="order", id=str(order.pk))
            while fits(watcher.heard())["type"] != "subscribed":  # facts of the others come between
                pass
            moves.step(order.fulfilments.get(), "accept", by=cook, now=timezone.now())
            pay(pending(fay, ticket_type))
            live.publish("lot", lot.pk, "parking_lot.spaces_moved")
            heard = set()
            while {"kitchen", "event", "venue", "order", "lot"} - heard:
                heard.add(fits(watcher.heard())["topic"])
            fits(watcher.ask(type="unsubscribe", topic="lot", id=str(lot.pk)))
    finally:
        server.stop()
