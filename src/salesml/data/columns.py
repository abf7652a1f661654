"""Which column of a file holds which of our fields."""

from collections.abc import Mapping, Sequence

from salesml.core.activity import METRICS
from salesml.core.clients import search_key
from salesml.core.errors import ColumnsMissing, FileUnreadable, InvalidValue
from salesml.core.imports import ImportKind

CLIENT_SYNONYMS = (
    "clientid client clientno customerid customerno customernumber customer externalid userid "
    "idklienta klientid klient nrklienta numerklienta"
)

# Field -> other headers by which shops call it, as `plain` writes them; the field's own name comes first.
# Conservative on purpose: a wrong guess costs more than a --map.
SYNONYMS: Mapping[ImportKind, Mapping[str, str]] = {
    ImportKind.ORDERS: {
        "order_id": "ordernumber orderno ordernr order invoiceno invoicenumber invoiceid transactionid "
        "idzamowienia nrzamowienia numerzamowienia zamowienie",
        "client_id": CLIENT_SYNONYMS,
        "ordered_at": "orderdate orderedon orderdatetime datetime invoicedate purchasedate purchasedat "
        "transactiondate transdate createdat date datazamowienia datazakupu datatransakcji data",
        "amount": "orderamount ordertotal totalamount totalprice total transactionamount tranamount "
        "kwota kwotazamowienia wartosc wartosczamowienia suma razem",
        "currency": "currencycode waluta",
        "kind": "orderkind rodzaj",
        "cancels": "cancelsorder anuluje",
        "product": "",
        "quantity": "qty ilosc liczbasztuk",
        "unit_price": "priceperunit itemprice price cenajednostkowa cena",
    },
    ImportKind.CLIENTS: {
        "client_id": CLIENT_SYNONYMS + " id",
        "first_name": "givenname forename imie",
        "last_name": "surname familyname nazwisko",
        "email": "emailaddress mail adresemail",
        "registered_at": "registered registrationdate signupdate createdat datarejestracji",
    },
    ImportKind.ACTIVITY: {
        "client_id": CLIENT_SYNONYMS,
        "day": "date activitydate visitdate data dzien",
        "visits": "sessions wizyty odwiedziny sesje",
        "seconds_on_site": "timeonsite timeonsiteseconds sessionseconds czasnastronie",
        "ad_clicks": "adclick clicksonads kliknieciareklam",
        "newsletter_opens": "newsletteropened emailopens otwarcianewslettera",
    },
}
ALIASES = {ImportKind.CLIENTS: {"external_id": "client_id"}}
DATE_FIELD = {
    ImportKind.ORDERS: "ordered_at",
    ImportKind.CLIENTS: "registered_at",
    ImportKind.ACTIVITY: "day",
}
ITEM_FIELDS = frozenset({"product", "quantity", "unit_price"})
FACTORS = frozenset({"quantity", "unit_price"})
NUMBERS = FACTORS | {"amount"}


def plain(header: str) -> str:
    """A header as it is compared: casefolded letters and digits, without diacritics."""
    return "".join(char for char in search_key(header) if char.isalnum())


def map_columns(kind: ImportKind, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Field -> column: what was chosen, then our own names, then synonyms.

    Raises InvalidValue for a choice that does not exist, ColumnsMissing when a needed field has no column,
    FileUnreadable when the header of a mapped column occurs twice.
    """
    mapping = _checked(kind, columns, chosen)
    explicit = frozenset(mapping)
    by_name = {plain(column): column for column in reversed(columns)}
    taken = set(mapping.values())
    for name, synonyms in SYNONYMS[kind].items():
        found = (by_name[word] for word in (plain(name), *synonyms.split()) if word in by_name)
        column = next((column for column in found if column not in taken), None)
        if name not in mapping and column is not None:
            mapping[name] = column
            taken.add(column)
    if kind is ImportKind.ORDERS:
        _settle_items(mapping, explicit)
    missing = _missing(kind, mapping)
    if missing:
        raise ColumnsMissing(kind, missing, columns)
    _refuse_twins(columns, mapping)
    return mapping


def _checked(kind: ImportKind, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    mapping = {}
    for given, column in chosen.items():
        name = ALIASES.get(kind, {}).get(given, given)
        if name not in SYNONYMS[kind]:
            raise InvalidValue(
                "map", f"{given!r} is not a field of {kind}; choose from {', '.join(SYNONYMS[kind])}"
            )
        if column not in columns:
            raise InvalidValue("map", f"{column!r} is not a column; choose from {', '.join(columns)}")
        mapping[name] = column
    return mapping


def _settle_items(mapping: dict[str, str], explicit: frozenset[str]) -> None:
    """An amount column wins over quantity and price, unless those two were chosen and it was not."""
    if explicit >= FACTORS and "amount" not in explicit:
        mapping.pop("amount", None)
    elif "amount" in mapping or not mapping.keys() >= FACTORS:
        for name in FACTORS - explicit:
            mapping.pop(name, None)


def _missing(kind: ImportKind, mapping: Mapping[str, str]) -> list[str]:
    if kind is ImportKind.CLIENTS:
        needed = ["client_id"]
    elif kind is ImportKind.ACTIVITY:
        needed = ["client_id", "day"] + ([] if mapping.keys() & set(METRICS) else ["visits"])
    else:
        needed = ["client_id", "ordered_at"] + ([] if mapping.keys() >= FACTORS else ["amount"])
    return [name for name in needed if name not in mapping]


def _refuse_twins(columns: Sequence[str], mapping: Mapping[str, str]) -> None:
    for name, column in mapping.items():
        if list(columns).count(column) > 1:
            raise FileUnreadable(f"two columns are called {column!r}, so {name} could be either; rename one")


def are_lines(mapping: Mapping[str, str], chosen: bool | None) -> bool:
    """Whether rows are line items: chosen, or an item column is mapped."""
    return bool(mapping.keys() & ITEM_FIELDS) if chosen is None else chosen
