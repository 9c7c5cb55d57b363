"""The password hash of the test suite."""

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher


class QuickBCryptHasher(BCryptSHA256PasswordHasher):
    """bcrypt at its lowest cost: the same code in a thousandth of the time. Only `DJANGO_ENV=test` uses it."""

    rounds = 4
