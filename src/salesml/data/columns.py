"""Which column of a file holds which of our fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS
from salesml.core.errors import ColumnsMissing, FileUnreadable, InvalidValue
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.data.profiles import PROFILES, fits, mapped, plain, recognise
from salesml.data.profiles.base import Profile

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
        "amount": "orderamount ordertotal ordervalue dollarvalue totalamount totalprice total "
        "transactionamount tranamount kwota kwotazamowienia wartosc wartosczamowienia suma razem",
        "currency": "currencycode waluta",
        "kind": "orderkind rodzaj",
        "cancels": "cancelsorder anuluje",
        "product": "",
        "quantity": "qty ilosc liczbasztuk",
        "unit_price": "priceperunit itemprice price cenajednostkowa cena",
        "fallback_id": "",
        "status": "",
        "tax": "taxes taxamount totaltax podatek vat",
        "shipping": "shippingcost shippingtotal deliverycost kosztwysylki kosztdostawy",
        "shipping_tax": "shippingtaxtotal",
        "refunded": "",
        "refunded_at": "",
        "original_amount": "",
        "original_currency": "",
    },
    ImportKind.CLIENTS: {
        "client_id": CLIENT_SYNONYMS + " id",
        "first_name": "givenname forename imie",
        "last_name": "surname familyname nazwisko",
        "email": "emailaddress mail adresemail",
        "registered_at": "registered registrationdate signupdate createdat datarejestracji",
        **{name: "" for consent in CONSENTS for name in (consent, f"{consent}_at")},
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


EXPLICIT = frozenset({"fallback_id", "status", "refunded", "refunded_at"})
"""Fields that a header alone never gives: a wrong guess would throw orders away."""


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a header and the choices make of a file's columns; see FileReading."""

    mapping: Mapping[str, str]
    profile: Profile | None = None
    net: bool = False
    without_shipping: bool = False
    notes: tuple[str, ...] = ()


def understand(kind: ImportKind, columns: Sequence[str], options: ReadingOptions) -> Understanding:
    """Recognise the export, map its columns and settle what money counts.

    Raises InvalidValue for a choice that does not exist or needs a column that is not there, ColumnsMissing,
    FileUnreadable.
    """
    profile = recognise(kind, columns, options.profile)
    if profile is None and options.profile is None and not options.mapping:
        _refuse_other_kinds(kind, columns)
    net, out = _money_choices(kind, options)
    known = mapped(profile, columns, net=net) if profile else {}
    without_tax = bool(profile and net and known.get("amount") in _net_columns(profile, columns))
    idle = _idle(net=net and not without_tax, out=out)
    mapping = map_columns(kind, columns, options.mapping, known, idle)
    _check_money(mapping, net=net and not without_tax, out=out)
    return Understanding(
        mapping=mapping,
        profile=profile,
        net=net,
        without_shipping=out,
        notes=_profile_notes(profile, net=net, out=out),
    )


def _money_choices(kind: ImportKind, options: ReadingOptions) -> tuple[bool, bool]:
    for name, value, allowed in (
        ("amount", options.amount, ("gross", "net")),
        ("shipping", options.shipping, ("in", "out")),
    ):
        if value is not None and value not in allowed:
            raise InvalidValue(name, f"{value!r} is neither {allowed[0]} nor {allowed[1]}")
        if value == allowed[1] and kind is not ImportKind.ORDERS:
            raise InvalidValue(name, "is a choice for orders only")
    return options.amount == "net", options.shipping == "out"


def _net_columns(profile: Profile, columns: Sequence[str]) -> frozenset[str]:
    wanted = {plain(name) for name in profile.net.get("amount", ())}
    return frozenset(column for column in columns if plain(column) in wanted)


def _idle(*, net: bool, out: bool) -> frozenset[str]:
    """Parts of the money that nobody wants taken out. Tax includes that of delivery."""
    parts = {"tax": net, "shipping": out, "shipping_tax": out and not net}
    return frozenset(name for name, wanted in parts.items() if not wanted)


def _check_money(mapping: Mapping[str, str], *, net: bool, out: bool) -> None:
    if net and "tax" not in mapping:
        raise InvalidValue("amount", "net needs the column of tax; name it with --map tax=COLUMN")
    if out and "shipping" not in mapping:
        raise InvalidValue("shipping", "out needs the column of its cost; name it with --map shipping=COLUMN")


def _profile_notes(profile: Profile | None, *, net: bool, out: bool) -> tuple[str, ...]:
    notes = [] if profile is None else [f"recognised: {profile.title}", profile.note]
    if profile is not None and profile.utc:
        notes.append("times are UTC")
    if net:
        notes.append("amounts: without tax, as chosen")
    if out:
        notes.append("amounts: without the cost of delivery, as chosen")
    return tuple(note for note in notes if note)


def map_columns(
    kind: ImportKind,
    columns: Sequence[str],
    chosen: Mapping[str, str],
    known: Mapping[str, str] | None = None,
    idle: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Field -> column: what was chosen, then what is `known` of the export, then our own names and synonyms,
    but no `idle` field that nobody chose, and none for which an empty column was chosen.

    Raises InvalidValue for a choice that does not exist, ColumnsMissing when a needed field has no column,
    FileUnreadable when the header of a mapped column occurs twice.
    """
    explicit = _checked(kind, columns, chosen)
    idle = idle | {name for name, column in chosen.items() if not column}
    found = {name: column for name, column in (known or {}).items() if name not in idle}
    mapping = {**found, **explicit}
    if not known:
        _guess(kind, columns, mapping, idle | EXPLICIT)
    if kind is ImportKind.ORDERS:
        _settle_items(mapping, frozenset(explicit))
    missing = _missing(kind, mapping, explicit)
    if missing:
        raise ColumnsMissing(kind, missing, columns)
    _refuse_twins(columns, mapping)
    return mapping


def _guess(kind: ImportKind, columns: Sequence[str], mapping: dict[str, str], leave: frozenset[str]) -> None:
    """Map what our own names and their synonyms say, adding to what is mapped already."""
    by_name = {plain(column): column for column in reversed(columns)}
    taken = set(mapping.values())
    for name, synonyms in SYNONYMS[kind].items():
        if name in leave:
            continue
        found = (by_name[word] for word in (plain(name), *synonyms.split()) if word in by_name)
        column = next((column for column in found if column not in taken), None)
        if name not in mapping and column is not None:
            mapping[name] = column
            taken.add(column)


def _checked(kind: ImportKind, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    mapping = {}
    for given, column in chosen.items():
        name = ALIASES.get(kind, {}).get(given, given)
        if name not in SYNONYMS[kind]:
            raise InvalidValue(
                "map", f"{given!r} is not a field of {kind}; choose from {', '.join(SYNONYMS[kind])}"
            )
        if column and column not in columns:
            raise InvalidValue("map", f"{column!r} is not a column; choose from {', '.join(columns)}")
        if column:
            mapping[name] = column
    return mapping


def _settle_items(mapping: dict[str, str], explicit: frozenset[str]) -> None:
    """An amount column wins over quantity and price, unless those two were chosen and it was not."""
    if explicit >= FACTORS and "amount" not in explicit:
        mapping.pop("amount", None)
    elif "amount" in mapping or not mapping.keys() >= FACTORS:
        for name in FACTORS - explicit:
            mapping.pop(name, None)


def _missing(kind: ImportKind, mapping: Mapping[str, str], explicit: Mapping[str, str]) -> list[str]:
    if kind is ImportKind.CLIENTS:
        # Ids alone say nothing of anybody: mostly another table of the shop's, such as one of campaigns.
        told = mapping.keys() > {"client_id"} or "client_id" in explicit
        needed = ["client_id"] + ([] if told else ["email"])
    elif kind is ImportKind.ACTIVITY:
        needed = ["client_id", "day"] + ([] if mapping.keys() & set(METRICS) else ["visits"])
    else:
        needed = ["client_id", "ordered_at"] + ([] if mapping.keys() >= FACTORS else ["amount"])
    return [name for name in needed if name not in mapping]


def _refuse_other_kinds(kind: ImportKind, columns: Sequence[str]) -> None:
    """A known export of another kind has columns enough to be taken for this one: orders name clients."""
    for other in PROFILES:
        if other.kind is not kind and fits(other, columns):
            raise FileUnreadable("other_kind", kind=kind.value, title=other.title, other=other.kind.value)


def _refuse_twins(columns: Sequence[str], mapping: Mapping[str, str]) -> None:
    for name, column in mapping.items():
        if list(columns).count(column) > 1:
            raise FileUnreadable("twin_columns", column=column, field=name)


def are_lines(mapping: Mapping[str, str], chosen: bool | None) -> bool:
    """Whether rows are line items: chosen, or an item column is mapped."""
    return bool(mapping.keys() & ITEM_FIELDS) if chosen is None else chosen
