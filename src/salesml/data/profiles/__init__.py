"""Known exports, one file a system, recognised by their headers."""

from collections.abc import Mapping, Sequence

from salesml.core.clients import search_key
from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind
from salesml.data.profiles import (
    baselinker,
    ga4,
    generic,
    magento,
    prestashop,
    shopify,
    stripe,
    woocommerce,
)
from salesml.data.profiles.base import Profile

NO_PROFILE = "none"
# The first that fits is taken: what needs more columns comes first.
PROFILES: tuple[Profile, ...] = (
    generic.ORDERS,
    generic.CLIENTS,
    generic.ACTIVITY,
    shopify.ORDERS,
    shopify.CUSTOMERS,
    woocommerce.ORDERS,
    woocommerce.CUSTOMERS,
    magento.ORDERS,
    magento.CUSTOMERS,
    prestashop.ORDERS,
    prestashop.LIST,
    stripe.INVOICES,
    stripe.CHARGES,
    stripe.PAYMENTS,
    ga4.ACTIVITY,
    baselinker.ORDERS,
)


def plain(header: str) -> str:
    """A header as it is compared: casefolded letters and digits, without diacritics."""
    return "".join(char for char in search_key(header) if char.isalnum())


def find_profile(name: str) -> Profile:
    """Raises InvalidValue for a name that there is not."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    names = ", ".join(profile.name for profile in PROFILES)
    raise InvalidValue("profile", f"{name!r} is not a known export; choose from {names} or {NO_PROFILE}")


def recognise(kind: ImportKind, columns: Sequence[str], chosen: str | None = None) -> Profile | None:
    """The known export that a header belongs to, or the one that somebody chose; None for neither.

    Raises InvalidValue for a choice that does not exist or is of another kind.
    """
    if chosen == NO_PROFILE:
        return None
    if chosen is not None:
        profile = find_profile(chosen)
        if profile.kind is not kind:
            raise InvalidValue("profile", f"{chosen!r} is an export of {profile.kind}, not of {kind}")
        return profile
    return next((profile for profile in PROFILES if profile.kind is kind and fits(profile, columns)), None)


def fits(profile: Profile, columns: Sequence[str]) -> bool:
    """Whether all columns by which a profile is known are there."""
    names = {plain(column) for column in columns}
    headed = all(plain(name) in names for name in profile.header)
    needed = (profile.fields[field] for field in profile.needs)
    return headed and all(any(plain(name) in names for name in candidates) for candidates in needed)


def mapped(profile: Profile, columns: Sequence[str], *, net: bool) -> Mapping[str, str]:
    """Field -> column as the profile says, as far as the columns are there."""
    by_name = {plain(column): column for column in reversed(columns)}
    wanted = {**profile.fields, **(profile.net if net else {})}
    found = {
        field: next((by_name[plain(name)] for name in names if plain(name) in by_name), None)
        for field, names in wanted.items()
    }
    return {field: column for field, column in found.items() if column is not None}
