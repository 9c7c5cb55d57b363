"""People and their sign-ins."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from phonenumber_field.modelfields import PhoneNumberField

from accounts import grants
from accounts.console_sessions.models import ConsoleSession as ConsoleSession
from accounts.querysets import SignInQuerySet, UserManager
from accounts.second_factor.models import RecoveryCode as RecoveryCode
from accounts.second_factor.models import SecondFactor as SecondFactor
from trufan.lib.models import BaseModel


class Role(models.TextChoices):
    CUSTOMER = "customer"
    VENUE_STAFF = "venue_staff"
    VENUE_ADMIN = "venue_admin"
    SUPER_ADMIN = "super_admin"


class User(BaseModel, AbstractBaseUser):
    """A person. What staff may do is asked by `can(permission, venue)` and nothing else."""

    email = models.EmailField(unique=True, help_text="Stored in lower case.")
    phone = PhoneNumberField(unique=True, null=True, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.CUSTOMER)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True, blank=True, help_text="Personal data was erased; the books stay.")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]
        indexes = [
            models.Index(fields=["role", "-created_at"], name="user_role"),
            models.Index(fields=["-created_at"], name="user_created"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        """The name by which Django's own pages call a person."""
        return str(self)

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and self.erased_at is None

    # -- What a person may do --

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.SUPER_ADMIN

    @property
    def is_staff(self) -> bool:
        """Whether the console lets the person in at all."""
        return self.is_superuser or (self.is_active and bool(self.granted))

    @cached_property
    def granted(self) -> dict[UUID, frozenset[str]]:
        """Venue id → permissions held there; one query, remembered for the life of this object."""
        return grants.of(self) if self.is_active and not self.is_superuser else {}

    def can(self, permission: str, venue: Any = None) -> bool:
        """The one question: may this person do `permission` at `venue` (a venue or its id; None: the platform)?"""
        if self.is_superuser:
            return True
        if venue is None:
            return False
        return permission in self.granted.get(getattr(venue, "pk", venue), frozenset())

    def venues_where(self, permission: str) -> set[UUID]:
        """The ids of the venues where the person holds `permission`. Super admins: ask `is_superuser` first."""
        return {venue_id for venue_id, held in self.granted.items() if permission in held}

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permissions: super admins hold all; everyone else's stand in `can`."""
        return self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class SignIn(BaseModel):
    """One signed-in device: a family of refresh tokens of which only the newest is good."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins", db_index=False)
    current_jti = models.CharField(max_length=64, help_text="The one refresh token that may still be used.")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=40, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at"]
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="signin_user"),
            models.Index(fields=["expires_at"], name="signin_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_used_at:%Y-%m-%d %H:%M}"

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class PhoneCode(BaseModel):
    """A short code sent to a phone number, kept only as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phone_codes", db_index=False)
    phone = PhoneNumberField()
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="phonecode_user"),
            models.Index(fields=["phone", "-created_at"], name="phonecode_phone"),
            models.Index(fields=["expires_at"], name="phonecode_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%H:%M}"


class ResetRequest(BaseModel):
    """Somebody asked to reset the password of this address, which may have an account or not; gone once answered."""

    email = models.EmailField()

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["created_at"], name="resetrequest_waiting")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
