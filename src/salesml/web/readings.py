"""Ways to read a file that a person may choose from: saved mappings and known exports."""

from collections.abc import Mapping, Sequence

from salesml.core.errors import InvalidValue
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.mappings import SavedMapping, kept
from salesml.services import mappings
from salesml.web import work_texts
from salesml.web.i18n import N_, Language

EXPORTS: Mapping[ImportKind, Mapping[str, str]] = {
    ImportKind.ORDERS: {
        "baselinker-orders": "BaseLinker",
        "magento-orders": "Magento",
        "prestashop-orders": "PrestaShop",
        "prestashop-list": N_("PrestaShop: list of orders"),
        "salesml-orders": "salesml",
        "shopify-orders": "Shopify",
        "stripe-charges": N_("Stripe: charges, by the API"),
        "stripe-invoices": N_("Stripe: invoices"),
        "stripe-payments": N_("Stripe: payments"),
        "woocommerce-orders": "WooCommerce",
    },
    ImportKind.CLIENTS: {
        "magento-customers": "Magento",
        "salesml-clients": "salesml",
        "shopify-customers": "Shopify",
        "woocommerce-customers": "WooCommerce",
    },
    ImportKind.ACTIVITY: {"ga4-users": "Google Analytics 4", "salesml-activity": "salesml"},
}
"""What known exports are called in a drop-down, by kind and name."""
_NO_EXPORT = "none"


def export_choices(language: Language, reading: FileReading) -> list[tuple[str, str]]:
    """Values and texts of the drop-down of known exports."""
    known = [(name, language.gettext(title)) for name, title in EXPORTS[reading.kind].items()]
    ends = [("", language.gettext(N_("detect"))), (_NO_EXPORT, language.gettext(N_("none of them")))]
    return [*ends, *known]


def saved_choices(
    language: Language, saved: Sequence[SavedMapping], kind: ImportKind | None = None
) -> list[tuple[str, str]]:
    """Values and texts of the drop-down of saved mappings: those of a kind, or all, each with its kind.
    Empty where there are none."""
    if kind is not None:
        named = [(each.name, each.name) for each in of_kind(saved, kind)]
    else:
        kinds = work_texts.IMPORT_KINDS
        named = [(each.name, f"{each.name} ({language.gettext(kinds[each.kind])})") for each in saved]
    return [("", language.gettext(N_("none"))), *named] if named else []


def of_kind(saved: Sequence[SavedMapping], kind: ImportKind) -> list[SavedMapping]:
    return [each for each in saved if each.kind is kind]


def chosen(saved: Sequence[SavedMapping], name: str, kind: ImportKind) -> ReadingOptions:
    """The choices kept under a name; none for no name. Raises InvalidValue for one that there is not."""
    if not name:
        return ReadingOptions()
    found = next((each.options for each in of_kind(saved, kind) if each.name == name), None)
    if found is None:
        raise InvalidValue("saved", "is no saved mapping of this kind")
    return found


def shown(saved: Sequence[SavedMapping], options: ReadingOptions, reading: FileReading) -> str:
    """The name of the mapping by which a file is read now, empty for none."""
    same = (kept(options), kept(mappings.settled(reading, options)))
    return next((each.name for each in of_kind(saved, reading.kind) if kept(each.options) in same), "")
