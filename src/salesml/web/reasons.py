"""What is wrong with a field, in the reader's language.

Rules live in `core` and `services`, and speak English there; their reasons are listed here to be translated.
"""

from salesml.core.errors import AlreadyExists, InvalidValue
from salesml.core.users import MAX_PASSWORD, MIN_PASSWORD
from salesml.web.i18n import N_, Language

_REASONS = {
    "is not an e-mail address": N_("Enter an e-mail address such as anna@shop.example."),
    "is one of the commonest passwords": N_("This is one of the commonest passwords. Choose another one."),
    "must not contain the name in the e-mail address": N_(
        "The password must not contain the name in the e-mail address."
    ),
    'must not contain "salesml"': N_('The password must not contain "salesml".'),
    "is missing": N_("This is needed."),
    "is not a date": N_("Enter a date."),
    "is in the future": N_("This is in the future."),
    "is before 1970": N_("This is before 1970."),
    "must have 1 to 200 characters, no outer spaces": N_("Enter 1 to 200 characters."),
    "must have at most 200 characters": N_("At most 200 characters."),
    "belongs to a client who was erased": N_("This number belongs to a client who was erased."),
    "must be lines such as amount = Total": N_("Write one line for each field, such as: amount = Total."),
    "is no saved mapping of this kind": N_("This is no saved mapping of such files."),
    "must have 1 to 64 letters, digits, blanks, points or dashes": N_(
        "Enter a name of at most 64 letters, digits, blanks, points or dashes."
    ),
    "must lie between 0 and 1": N_("Enter a number from 0 to 100."),
    "is not the current password": N_("This is not your current password."),
    f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters": N_(
        "The password must have %(least)s to %(most)s characters."
    ),
}
_VALUES = {"least": MIN_PASSWORD, "most": MAX_PASSWORD}


def reason(language: Language, error: InvalidValue | AlreadyExists) -> str:
    """What to write beside the field; a reason that nobody listed is shown as it is."""
    if isinstance(error, AlreadyExists):
        return language.gettext(N_("This exists already."))
    known = _REASONS.get(error.reason)
    if known is None:
        return error.reason
    return language.gettext(known, **_VALUES) if "%(" in known else language.gettext(known)
