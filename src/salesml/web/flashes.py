"""Messages that the next page shows once, such as after a form was sent.

The cookie carries a name from the table below and values for its blanks, never a text of its own.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from salesml.web.i18n import N_, Language

COOKIE = "salesml-flash"
_MAX_AGE_S = 60

MESSAGES: Mapping[str, tuple[str, str]] = {
    "cannot_score": (
        "warn",
        N_("Clients can be scored once orders are imported and the models are trained."),
    ),
    "champion_changed": ("warn", N_("Somebody else changed the version in use. Look again before you do.")),
    "client_added": ("good", N_("The client was added.")),
    "client_changed": ("good", N_("The client was changed.")),
    "client_erased": (
        "good",
        N_("The client was erased. Backups and files of your own are outside of it."),
    ),
    "clients_merged": ("good", N_("The clients are one now. Forecasts follow with the next scoring.")),
    "kept_apart": ("good", N_("These are different people. They will not be proposed again.")),
    "mapping_deleted": ("good", N_("The mapping %(name)s was deleted.")),
    "mapping_saved": ("good", N_("Files can be read by the mapping %(name)s from now on.")),
    "merge_needs_two": ("warn", N_("Choose at least two clients, and which one stays.")),
    "merge_undone": ("good", N_("The client is one of its own again.")),
    "client_deleted": ("good", N_("The client was deleted, with everything known of them.")),
    "language_set": ("good", N_("The language was changed.")),
    "model_refused": ("bad", N_("%(name)s cannot be used; train again.")),
    "password_changed": ("good", N_("Your password was changed. Other devices were signed out.")),
    "preview_discarded": ("good", N_("The file was forgotten; nothing of it was stored.")),
    "promoted": ("good", N_("%(name)s is in use now.")),
    "sessions_ended": ("good", N_("All other devices were signed out.")),
    "signed_out": ("good", N_("You are signed out.")),
    "threshold_set": ("good", N_("The threshold is %(threshold)s now.")),
    "too_little_data": (
        "warn",
        N_("There is too little data to train. Import orders of at least two months first."),
    ),
    "user_disabled": ("good", N_("%(email)s can no longer sign in.")),
    "workbook_too_large": (
        "warn",
        N_(
            "The list has more than %(rows)s rows: a workbook would take too long. Choose CSV or Parquet, or "
            "narrow the list, such as to some days."
        ),
    ),
    "user_enabled": ("good", N_("%(email)s can sign in again.")),
    "user_role_set": ("good", N_("The role of %(email)s was changed.")),
}
"""Level and text by name."""


@dataclass(frozen=True, kw_only=True)
class Flash:
    """`level` is good, info, warn or bad."""

    level: str
    text: str


def put(response: Response, name: str, values: Mapping[str, str], *, secure: bool) -> None:
    """Let the next page show a message of the table; raises KeyError for a name that is not in it."""
    packed = json.dumps([name, dict(values)]) if MESSAGES[name] else ""
    text = base64.urlsafe_b64encode(packed.encode()).decode()
    response.set_cookie(COOKIE, text, max_age=_MAX_AGE_S, httponly=True, samesite="lax", secure=secure)


def take(request: Request, language: Language) -> list[Flash]:
    """What the cookie asks to show; nothing for one that is not ours."""
    text = request.cookies.get(COOKIE)
    if not text:
        return []
    try:
        name, values = json.loads(base64.urlsafe_b64decode(text))
        level, message = MESSAGES[name]
        return [Flash(level=level, text=language.gettext(message, **values))]
    except (ValueError, KeyError, TypeError):
        return []


def clear(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
