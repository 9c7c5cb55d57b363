"""Secrets that have to be read again (to sign with them), kept so that a copy of the database does not tell them.

Encrypted with a key made of SECRET_KEY; what was sealed before its rotation can be read as long as the old key stands
in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """The text was not sealed here, or with a key that is gone."""


def seal(text: str) -> str:
    """The text, encrypted: ASCII, some 100 characters and a third more than the text has."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises `Unreadable`."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    try:
        return MultiFernet([_fernet(key) for key in keys]).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("This secret was sealed with a key that is not among ours.") from None


def is_current(sealed: str) -> bool:
    """Whether the present SECRET_KEY sealed it, so that it outlives the former ones."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"trufan.lib.sealing").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
