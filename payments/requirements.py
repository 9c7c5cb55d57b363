"""What a payment provider still asks of a recipient, in words: its own names say little to who has to answer."""

from __future__ import annotations

from django.utils.translation import gettext

from trufan.lib.words import lazy as _

#: About whom or what: the first part of the provider's name.
_ABOUT = {
    "business_profile": _("about the business"),
    "company": _("about the company"),
    "directors": _("about the directors"),
    "executives": _("about the management"),
    "individual": _("about the person"),
    "owners": _("about the owners"),
    "person": _("about the person"),
    "relationship": _("about the company’s people"),
    "representative": _("about the representative"),
}
#: What is asked: whichever of these stands in the name.
_ASKED = {
    "external_account": _("a bank account to be paid out to"),
    "tos_acceptance": _("the agreement to the provider’s terms"),
    "verification.additional_document": _("a second document that proves who it is"),
    "verification.document": _("a document that proves who it is"),
    "id_number": _("a tax or identity number"),
    "ssn_last_4": _("the last digits of the social security number"),
    "tax_id": _("a tax number"),
    "address": _("the address"),
    "dob": _("the date of birth"),
    "email": _("the e-mail address"),
    "phone": _("the phone number"),
    "first_name": _("the first name"),
    "last_name": _("the last name"),
    "mcc": _("what kind of business it is"),
    "url": _("the web site"),
    "product_description": _("what it sells"),
    "business_type": _("what kind of company it is"),
    "name": _("the name"),
}


def in_words(name: str) -> str:
    """`individual.dob.day` as `the date of birth (about the person)`; a name that we do not know as it reads."""
    first, _dot, rest = name.partition(".")
    about = _ABOUT.get(first)
    asked = next((words for part, words in _ASKED.items() if part in (rest if about else name)), None)
    if asked is None:
        return name.replace("_", " ").replace(".", ": ")
    return gettext("{asked} ({about})").format(asked=asked, about=about) if about else str(asked)


def all_in_words(names: list[str]) -> list[str]:
    """Each once, in the order of the provider: it asks for a day, a month and a year of one date."""
    return list(dict.fromkeys(in_words(str(name)) for name in names))
