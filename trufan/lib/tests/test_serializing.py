"""Serializers of rows: fields are worked out once, and each serializer has its own."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from trufan.lib.serializing import ModelSerializer
from venues.models import Venue


class Plain(serializers.ModelSerializer):
    class Meta:
        model = Venue
        fields = ["id", "name", "slug", "time_zone", "currency", "latitude", "is_active"]


class Copied(ModelSerializer):
    class Meta(Plain.Meta):
        pass


class Fewer(Copied):
    class Meta(Plain.Meta):
        fields = ["id", "name"]


def test_it_says_of_each_field_what_the_framework_says():
    assert repr(Copied()) == repr(Plain()).replace("Plain", "Copied")
    assert repr(Copied()) == repr(Copied())


def test_another_class_has_fields_of_its_own():
    assert Copied().fields.keys() > Fewer().fields.keys() == {"id", "name"}


def test_what_is_changed_on_one_is_not_on_the_next():
    one = Copied()
    one.fields["name"].read_only = True
    one.fields.pop("slug")
    another = Copied()
    assert not another.fields["name"].read_only
    assert "slug" in another.fields
    assert another.fields["name"].parent is another


def test_the_model_is_read_once(monkeypatch):
    class Once(ModelSerializer):
        class Meta(Plain.Meta):
            pass

    assert Once().fields
    monkeypatch.setattr(serializers.ModelSerializer, "build_field", lambda *args: pytest.fail("read again"))
    assert Once().fields.keys() == Copied().fields.keys()
