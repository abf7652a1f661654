"""What the menu offers, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.core.users import User, UserRole
from salesml.web.i18n import N_


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """`label` is a message id; `here` says that the page shown is this one or below it."""

    label: str
    icon: str
    href: str
    here: bool = False


@dataclass(frozen=True, kw_only=True)
class _Entry:
    label: str
    icon: str
    href: str
    admin_only: bool = False


_ENTRIES = (
    _Entry(label=N_("Dashboard"), icon="grid-1x2", href="/"),
    _Entry(label=N_("Clients"), icon="people", href="/clients"),
    _Entry(label=N_("Imports"), icon="upload", href="/imports"),
    _Entry(label=N_("Data report"), icon="database", href="/data"),
    _Entry(label=N_("Background work"), icon="clock-history", href="/jobs"),
    _Entry(label=N_("Models"), icon="graph-up-arrow", href="/models"),
    _Entry(label=N_("Users"), icon="person-gear", href="/users", admin_only=True),
)


def menu(user: User | None, path: str) -> Sequence[MenuItem]:
    """The entries that a user may open, on the page of a path."""
    if user is None:
        return ()
    is_admin = user.role is UserRole.ADMIN
    return [
        MenuItem(label=entry.label, icon=entry.icon, href=entry.href, here=_leads_to(entry.href, path))
        for entry in _ENTRIES
        if is_admin or not entry.admin_only
    ]


def _leads_to(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
