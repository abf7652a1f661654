"""Words for background work and for imports: kinds, states, stages, and why a row is not taken."""

from collections.abc import Mapping
from pathlib import PurePath

from salesml.core.imports import ImportKind, ImportState, RejectedRow
from salesml.core.jobs import MB, UNFINISHED, Job, JobKind, JobStatus, Progress
from salesml.web.i18n import N_, Language

JOB_KINDS: Mapping[JobKind, str] = {
    JobKind.IMPORT: N_("Import"),
    JobKind.PREVIEW: N_("Preview"),
    JobKind.TRAINING: N_("Training"),
    JobKind.SCORING: N_("Scoring"),
    JobKind.BACKTEST: N_("Back-test"),
    JobKind.REPORT: N_("Data report"),
    JobKind.OUTCOMES: N_("Outcomes of forecasts"),
}
JOB_STATES: Mapping[JobStatus, tuple[str, str]] = {
    JobStatus.QUEUED: ("neutral", N_("Waiting")),
    JobStatus.RUNNING: ("accent", N_("Running")),
    JobStatus.SUCCEEDED: ("good", N_("Done")),
    JobStatus.FAILED: ("bad", N_("Failed")),
    JobStatus.CANCELLED: ("warn", N_("Cancelled")),
}
"""Tone and text."""
_UNDOING = N_("Undoing an import")
IMPORT_KINDS: Mapping[ImportKind, str] = {
    ImportKind.ORDERS: N_("Orders"),
    ImportKind.CLIENTS: N_("Clients"),
    ImportKind.ACTIVITY: N_("Daily activity"),
}
IMPORT_STATES: Mapping[ImportState, tuple[str, str]] = {
    ImportState.STAGING: ("accent", N_("Reading")),
    ImportState.PUBLISHING: ("accent", N_("Storing")),
    ImportState.PUBLISHED: ("good", N_("Imported")),
    ImportState.REMOVING: ("warn", N_("Taking back")),
    ImportState.FAILED: ("bad", N_("Failed")),
    ImportState.UNDOING: ("warn", N_("Undoing")),
    ImportState.UNDONE: ("neutral", N_("Undone")),
}
"""Tone and text."""
FIELDS: Mapping[str, str] = {
    "order_id": N_("Order number"),
    "client_id": N_("Client number"),
    "ordered_at": N_("Date of the order"),
    "amount": N_("Amount"),
    "quantity": N_("Quantity"),
    "unit_price": N_("Unit price"),
    "product": N_("Product"),
    "kind": N_("Kind"),
    "currency": N_("Currency"),
    "cancels": N_("Cancelled order"),
    "fallback_id": N_("Client number where the other is missing"),
    "status": N_("Status"),
    "tax": N_("Tax"),
    "shipping": N_("Cost of delivery"),
    "shipping_tax": N_("Tax of the delivery"),
    "refunded": N_("Refunded amount"),
    "refunded_at": N_("Date of the refund"),
    "original_amount": N_("Amount in the original currency"),
    "original_currency": N_("Original currency"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "email": N_("E-mail address"),
    "registered_at": N_("Registered"),
    "marketing_email": N_("Consent to marketing e-mail"),
    "marketing_email_at": N_("Date of the consent to marketing e-mail"),
    "ad_user_data": N_("Consent to data for advertising"),
    "ad_user_data_at": N_("Date of the consent to data for advertising"),
    "ad_personalization": N_("Consent to personalised advertising"),
    "ad_personalization_at": N_("Date of the consent to personalised advertising"),
    "day": N_("Day"),
    "visits": N_("Visits"),
    "seconds_on_site": N_("Seconds on site"),
    "ad_clicks": N_("Ad clicks"),
    "newsletter_opens": N_("Newsletter opens"),
    "row": N_("Whole row"),
}
CODES: Mapping[str, str] = {
    "missing": N_("is empty"),
    "not_a_number": N_("is not a number"),
    "not_whole": N_("is not a whole number"),
    "too_precise": N_("has too many decimals"),
    "not_a_date": N_("is not a date of the file's style"),
    "not_text": N_("has a forbidden character"),
    "future": N_("is in the future"),
    "too_old": N_("is before 1970"),
    "not_a_currency": N_("is not the code of a currency"),
    "unclear_number": N_("can be read in two ways"),
    "no_rate": N_("has no exchange rate"),
    "no_sale": N_("is no sale, or not yet"),
    "not_an_email": N_("is not an e-mail address"),
    "not_yes_or_no": N_("is neither yes nor no"),
    "unknown_kind": N_("is not a known kind"),
    "negative": N_("must not be negative"),
    "positive": N_("must not be positive"),
    "out_of_range": N_("is out of range"),
    "too_long": N_("is too long"),
    "conflict": N_("differs from what is stored already"),
    "incomplete_order": N_("belongs to an order of which another line is set aside"),
    "malformed_row": N_("has another number of fields than the header"),
}
_SYSTEMS: Mapping[str, str] = {
    "baselinker": "BaseLinker",
    "ga4": "Google Analytics 4",
    "magento": "Magento",
    "prestashop": "PrestaShop",
    "salesml": "salesml",
    "shopify": "Shopify",
    "stripe": "Stripe",
    "woocommerce": "WooCommerce",
}
"""What systems call themselves, by the beginning of the names of their exports."""
_STAGES: Mapping[str, str] = {
    "fetching": N_("reading the database"),
    "reading": N_("reading the file"),
    "storing": N_("storing"),
    "setting aside": N_("keeping what was set aside"),
    "taking back": N_("taking back"),
    "comparing": N_("comparing with what is stored"),
    "reading orders": N_("reading orders"),
    "counting": N_("counting orders"),
    "testing models": N_("testing what models need"),
    "computing features": N_("computing features"),
    "tidying": N_("tidying up"),
    "forecasting from past dates": N_("forecasting from past dates"),
    "comparing the models": N_("comparing the models"),
    "training sales clients": N_("training the sales forecast"),
    "training sales kernel": N_("training the sales forecast of five inputs"),
    "training purchase clients": N_("training the purchase prediction"),
    "training purchase kernel": N_("training the purchase prediction of five inputs"),
}


def field_name(language: Language, name: str) -> str:
    return language.gettext(FIELDS[name]) if name in FIELDS else name


def system_of(profile: str) -> str:
    """The system that a known export comes from."""
    return next((title for name, title in _SYSTEMS.items() if profile.startswith(name)), profile)


def row_reason(language: Language, row: RejectedRow) -> str:
    """Why a row was set aside, as a short sentence about its field."""
    return language.gettext(CODES[row.code]) if row.code in CODES else row.reason


def job_title(language: Language, job: Job) -> str:
    """What a job does, in a few words."""
    is_undoing = "undo" in job.args
    return language.gettext(_UNDOING if is_undoing else JOB_KINDS[job.kind])


def job_file(language: Language, job: Job) -> str:
    """What a job is about: the file or the database that it reads, or the import that it undoes."""
    if "undo" in job.args:
        return language.gettext(N_("Undoing import %(number)s"), number=job.args["undo"])
    return PurePath(str(job.args.get("path") or job.args.get("from") or job.id)).name


def is_unfinished(job: Job) -> bool:
    return job.status in UNFINISHED


def percent_of(job: Job) -> float | None:
    """How far a job is; None while that is unknown."""
    if job.status is JobStatus.SUCCEEDED:
        return 100.0
    share = job.progress.share
    return None if share is None else round(100 * share, 1)


def stage_of(language: Language, job: Job) -> str:
    """What the job is doing, and how much of it is done."""
    if job.status is JobStatus.QUEUED:
        return language.gettext("waiting for a worker")
    if job.cancel_requested and is_unfinished(job):
        return language.gettext("stopping")
    if not is_unfinished(job):
        return language.gettext(JOB_STATES[job.status][1])
    progress = job.progress
    stage = language.gettext(_STAGES[progress.stage]) if progress.stage in _STAGES else progress.stage
    if progress.total_bytes:
        return f"{stage}: {_rows_and_bytes(language, progress)}"
    if not progress.total:
        return f"{stage} ({language.number(progress.done)})" if progress.done else stage
    return f"{stage}: {language.number(progress.done)} / {language.number(progress.total)}"


def _rows_and_bytes(language: Language, progress: Progress) -> str:
    """Of a file: `12,000 rows, 3.1 of 8.0 MB`."""
    read, size = (language.number(count / MB, 1) for count in (progress.bytes, progress.total_bytes))
    return language.ngettext(
        "%(num)s row, %(read)s of %(size)s MB",
        "%(num)s rows, %(read)s of %(size)s MB",
        progress.done,
        read=read,
        size=size,
    )
