"""Named reads of people and their sign-ins."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import make_password

from trufan.lib.querysets import BaseQuerySet


class UserQuerySet(BaseQuerySet):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True, erased_at=None)


class SignInQuerySet(BaseQuerySet):
    def live(self, now: datetime) -> SignInQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=now)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; an address is kept in one spelling, so that one person is one row."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Trimmed, NFKC (so that look-alike code points of one letter are one address), lower case."""
        return unicodedata.normalize("NFKC", (email or "").strip()).lower()

    def get_by_natural_key(self, email: str | None) -> Any:
        return self.get(email=self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        user = self.model(email=self.normalize_email(email), **fields)
        user.password = make_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        return self.create_user(email, password, role="super_admin", **fields)
