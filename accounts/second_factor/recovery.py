"""Recovery codes: ten, shown once, each good once, all of them replaced together."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.second_factor.models import RecoveryCode

HOW_MANY = 10
#: 60 random bits: neither guessed through a door that locks, nor from a copy of the table without SECRET_KEY.
LENGTH = 12
#: Crockford's base 32: no I, L, O or U, and what is misread for one of them is read as what was meant.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")


def renew(user: Any) -> list[str]:
    """Make ten new codes and forget the old ones; in the caller's transaction. They can't be shown again."""
    codes = [_new() for _ in range(HOW_MANY)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hashed(user, code, settings.SECRET_KEY)) for code in codes
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def spend(user: Any, typed: str, now: datetime) -> bool:
    """Use a code up; of several at once one succeeds."""
    code = _plain(typed)
    if len(code) != LENGTH:
        return False
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [_hashed(user, code, key) for key in keys]
    return bool(RecoveryCode.objects.filter(user=user, code_hash__in=hashes, used_at=None).update(used_at=now))


def left(user: Any) -> int:
    """How many are still good."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _new() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _plain(typed: str) -> str:
    return "".join(character for character in typed.upper() if character.isalnum()).translate(_MISREAD)


def _hashed(user: Any, code: str, key: str) -> str:
    return salted_hmac("accounts.recovery_code", f"{user.pk}:{code}", secret=key, algorithm="sha256").hexdigest()
