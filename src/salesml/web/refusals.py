"""Why a file is not taken, or work was not finished, in the reader's language: a sentence of the page for
every code of a refusal, with its values."""

from collections.abc import Mapping

from salesml.core.errors import ColumnsMissing, FileRefused
from salesml.core.imports import Import
from salesml.core.jobs import Job
from salesml.core.refusals import Refusal, Value
from salesml.web.i18n import N_, Language
from salesml.web.work_texts import CODES, field_name

FORMATS: Mapping[str, str] = {
    "xls": N_("an old Excel workbook (XLS), or one with a password"),
    "pdf": N_("a PDF document"),
    "sqlite": N_("an SQLite database"),
    "zstd": N_("compressed with zstd"),
    "bzip2": N_("compressed with bzip2"),
    "xz": N_("compressed with xz"),
    "7z": N_("a 7z archive"),
    "rar": N_("a RAR archive"),
}
KINDS: Mapping[str, str] = {
    "orders": N_("orders"),
    "clients": N_("clients"),
    "activity": N_("daily activity"),
}
_DAMAGED = N_("The file is damaged.")
_TOO_LONG = N_("A row is longer than %(limit_mib)s MiB, or a quote in the file is never closed.")
_SAVE_AGAIN = N_("The workbook is not written as spreadsheet programs write them. Save it again with one.")
_RATES = N_("This is no file of exchange rates: its header needs currency, day and rate.")
TEXTS: Mapping[str, str] = {
    "folder": N_("This is a folder. Choose a file in it."),
    "no_files": N_("The folder has no files to import."),
    "file_missing": N_("There is no such file."),
    "file_failed": N_("The file could not be read or written (%(reason)s)."),
    "empty": N_("The file is empty."),
    "too_large": N_("The file has %(size_mib)s MiB; at most %(limit_mib)s MiB are taken here."),
    "upload_too_large": N_("The file is larger than %(limit_mib)s MiB."),
    "needs_memory": N_("The file needs more memory, or more space on the disk, than there is."),
    "changed_since": N_("The file has changed since it was received. Choose it again."),
    "foreign_format": N_("The file is %(format)s. Save it as CSV, XLSX or Parquet."),
    "opendocument": N_("The file is an OpenDocument spreadsheet. Save it as CSV or XLSX."),
    "not_a_workbook": N_("The file is called an Excel workbook and is none."),
    "binary": N_("This is not a table: the file holds bytes that no text has."),
    "damaged_gzip": N_("The gzip file is damaged or incomplete."),
    "damaged_zip": _DAMAGED,
    "locked": N_("The file is locked with a password. Unlock it first."),
    "unpacks_too_large": N_("The file unpacks to more than is allowed here (%(limit_mib)s MiB)."),
    "packed_too_well": N_("The file unpacks to more than %(ratio)s times its size, as no table does."),
    "too_many_members": N_("The archive has %(members)s files; at most %(limit)s are read."),
    "twin_members": N_("The archive has two files of one name."),
    "member_outside": N_("The archive has a file that points outside of it: %(member)s."),
    "no_members": N_("There is no file in the archive."),
    "binary_member": N_("A file in the archive is not a text file. Unpack it, and choose it by itself."),
    "mixed_encodings": N_("The files in the archive have different encodings. Choose them one by one."),
    "other_columns": N_("The files in the archive have different columns. Choose them one by one."),
    "wrong_encoding": N_("The file is not text in %(encoding)s. Choose another encoding."),
    "row_too_long": _TOO_LONG,
    "line_too_long": _TOO_LONG,
    "first_row_too_long": N_("The first row is longer than %(limit_mib)s MiB. Is this a CSV file?"),
    "broken_csv": N_("The file cannot be read as CSV (%(reason)s)."),
    "no_separator": N_("This is no CSV file: no separator was found in its first row."),
    "uneven_rows": N_("This is no CSV file: most rows have another number of fields than the first one."),
    "not_json_lines": N_("This is no JSON Lines file: each line must be one object."),
    "json_fields": N_("The file has %(columns)s fields; 1 to %(limit)s are read."),
    "damaged_parquet": N_("The Parquet file is damaged."),
    "columns_only": N_("The file has columns and no rows."),
    "damaged_workbook": _DAMAGED,
    "damaged_member": _DAMAGED,
    "no_sheets": N_("This is no Excel workbook: it has no list of sheets."),
    "no_table": N_("No sheet has a table of two columns and two rows."),
    "no_table_in_sheet": N_("The sheet %(sheet)s has no table of two columns and two rows."),
    "sheet_too_large": N_(
        "A sheet has %(rows)s rows and %(columns)s columns; at most %(limit)s cells are read. Delete what is "
        "empty, or save it as CSV."
    ),
    "sheet_text_too_large": N_("A sheet has more than %(limit_mib)s MiB of text."),
    "twin_texts": _SAVE_AGAIN,
    "entities": _SAVE_AGAIN,
    "utf16_workbook": _SAVE_AGAIN,
    "no_rows": N_("The file has a header and no rows."),
    "too_many_columns": N_("The file has %(columns)s columns; at most %(limit)s are read."),
    "columns_missing": N_(
        "No column was found for: %(missing)s. Choose the columns below; a file without them cannot be "
        "imported as this."
    ),
    "other_kind": N_("This looks like %(title)s. Choose what the file holds."),
    "twin_columns": N_("Two columns are called %(column)s. Rename one of them."),
    "nested_values": N_("The column %(column)s, for %(field)s, holds lists or objects, not plain values."),
    "ambiguous_dates": N_(
        "Dates in the column %(column)s can be read in two ways: %(value)s is %(day_first)s with the day "
        "first and %(month_first)s with the month first. Choose which."
    ),
    "ambiguous_numbers": N_(
        "Numbers in the column %(column)s can be read in two ways: %(value)s is %(point)s with a decimal "
        "point and %(comma)s with a decimal comma. Choose which."
    ),
    "no_good_row": N_("No row could be kept; all %(rows)s were set aside."),
    "no_good_row_but": N_(
        "No row could be kept; all %(rows)s were set aside. Row %(row)s: %(field)s %(why)s."
    ),
    "rates_without_day": _RATES,
    "rates_unknown": _RATES,
    "rates_without_rows": N_("The file has no exchange rates."),
    "rates_encoding": N_("The file is not text in UTF-8 or Windows-1250."),
    "source_unknown": N_("The settings have no connection called %(connection)s."),
    "source_unsupported": N_(
        "The address %(address)s is not supported: only PostgreSQL, SQLite, DuckDB and Parquet are read."
    ),
    "source_missing": N_("No file matches %(address)s."),
    "source_mixed": N_("%(address)s is not one database of SQLite or DuckDB, nor Parquet files alone."),
    "source_failed": N_("The database did not answer the query (%(reason)s)."),
    "source_too_large": N_("The answer is larger than %(limit_mib)s MiB. Ask for less at once."),
    "source_not_a_select": N_("A query must be one SELECT, and nothing else."),
    "source_without_since": N_("The first run of this query needs a value to begin from."),
    "source_without_watermark": N_("The answer has no column %(column)s to go on from."),
    "source_unordered": N_("Values of the column %(column)s have no order to follow."),
    "source_rows_gone": N_("The rows that were read are gone. Run the import again."),
    "cancelled": N_("It was cancelled."),
    "interrupted": N_("It was cancelled."),
    "given_up": N_("It was given up after %(attempts)s attempts that did not end."),
    "given_up_after": N_("It was given up after %(attempts)s attempts that did not end (%(reason)s)."),
    "unexpected": N_("Something went wrong in the program (%(error)s); the log says more."),
    "taken_back": N_("It was taken back."),
}
"""The sentence of every code of `core.refusals.WORDS`; a test proves that none is missing."""
_FIELDS: Mapping[str, str] = {
    "ambiguous_dates": "dates",
    "ambiguous_numbers": "decimal",
    "columns_missing": "mapping",
    "wrong_encoding": "encoding",
}
"""The field of the upload form that mends it; otherwise another file does."""


def sentence(language: Language, refusal: Refusal) -> str:
    """The refusal in the reader's language."""
    told = {name: _told(language, name, value) for name, value in refusal.values.items()}
    return language.gettext(TEXTS[refusal.code], **told)


def reason_of(language: Language, one: Job | Import) -> str:
    """Why a job or an import was not finished; what has no code of ours is shown as it is."""
    if one.refusal is None or one.refusal.code not in TEXTS:
        return one.error or ""
    return sentence(language, one.refusal)


def upload_errors(language: Language, error: FileRefused) -> dict[str, str]:
    """What to write beside which field of the upload form."""
    errors = {_FIELDS.get(error.refusal.code, "file"): sentence(language, error.refusal)}
    if isinstance(error, ColumnsMissing):
        chosen = language.gettext("Choose the column.")
        errors |= {f"map_{each}": chosen for each in error.missing}
    return errors


def _told(language: Language, name: str, value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(field_name(language, each) if name == "missing" else each for each in value)
    if isinstance(value, int | float):
        return language.number(value, 0 if float(value).is_integer() else 1)
    known = {"format": FORMATS, "kind": KINDS, "other": KINDS, "why": CODES}.get(name, {})
    if value in known:
        return language.gettext(known[value])
    return field_name(language, value) if name == "field" else value
