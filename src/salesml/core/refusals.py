"""Why a file is not taken, or work was not finished: a stable code, its values, and the English sentence.

Whoever speaks another language makes a sentence of its own from the code and the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | tuple[str, ...]
LIMIT = "the limit is {limit_mib:,.1f} MiB (setting SALESML_MAX_FILE_MB)"
FORMATS: Mapping[str, str] = {
    "xls": "an old Excel workbook (XLS) or one with a password; save it as XLSX without one",
    "pdf": "a PDF document",
    "sqlite": "an SQLite database",
    "zstd": "compressed with zstd",
    "bzip2": "compressed with bzip2",
    "xz": "compressed with xz",
    "7z": "a 7z archive",
    "rar": "a RAR archive",
}
"""Kinds of files that are known and not read, by the `format` that a refusal names."""
WORDS: Mapping[str, str] = {
    # A file as a whole.
    "folder": "{file} is a folder; name a file in it",
    "no_files": "{file} has no files to import ({suffixes})",
    "file_missing": "{file} does not exist",
    "file_failed": "{file}: {reason}",
    "empty": "{file} is empty",
    "too_large": "{file} has {size_mib:,.1f} MiB; " + LIMIT,
    "upload_too_large": "the file is larger than {limit_mib} MiB, which SALESML_MAX_UPLOAD_MB allows",
    "needs_memory": "{file} needs more than {limit_mb} MB of memory or the disk's space",
    "changed_since": "{file} has changed since its import was asked for; import it again",
    "foreign_format": "{file} is {format}; save it as CSV (plain, gzip or zip), XLSX or Parquet",
    "opendocument": "{file} is an OpenDocument spreadsheet; save it as CSV or XLSX",
    "not_a_workbook": "{file} is called an Excel workbook and is none; rename it to what it is",
    "binary": "{file} is not a text file: it has NUL bytes; give CSV or Parquet",
    # Archives.
    "damaged_gzip": "{file} is a damaged or incomplete gzip file",
    "damaged_zip": "{file} is a damaged zip archive: {reason}",
    "locked": "{file} is locked with a password; unlock it first",
    "unpacks_too_large": "{file} unpacks to at least {size_mib:,.1f} MiB; " + LIMIT,
    "packed_too_well": "{file} unpacks to more than {ratio} times its size, as no table does",
    "too_many_members": "{file} has {members:,} members; at most {limit:,} are read",
    "twin_members": "{file} has two members of one name",
    "member_outside": "{file} has a member that points outside of it: {member!r}",
    "no_members": "{file} is a zip archive without files",
    "binary_member": ("{file} is not a text file: it has NUL bytes; unpack it, and import it by itself"),
    "mixed_encodings": "{file} has members in different encodings; import them one by one",
    "other_columns": "{file} has other columns than {first}; import them one by one",
    # Texts.
    "wrong_encoding": "{file} is not text in {encoding}; choose another with --encoding",
    "row_too_long": (
        "{file} cannot be read as CSV: a row is longer than {limit_mib} MiB, or a quote is never closed"
    ),
    "line_too_long": "{file}: a row is longer than {limit_mib} MiB",
    "first_row_too_long": "{file}: the first row is longer than {limit_mib} MiB; is it a CSV?",
    "broken_csv": "{file} cannot be read as CSV: {reason}",
    "no_separator": "{file} is no CSV with two columns or more: no {separators} separates its header",
    "uneven_rows": "{file} is no CSV: most rows have another number of fields than the header",
    "not_json_lines": (
        "{file} is no JSON Lines: its first line is no object; write one object a line, as "
        '{{"order_id": "1", "amount": 9.99}}'
    ),
    "json_fields": "{file} has {columns:,} fields; 1 to {limit:,} are read",
    # Parquet files and workbooks.
    "damaged_parquet": "{file} is a damaged Parquet file: {reason}",
    "columns_only": "{file} has columns and no rows",
    "damaged_workbook": "{file} is a damaged Excel workbook: {reason}",
    "damaged_member": "{file} is a damaged workbook ({member}: {reason})",
    "no_sheets": "{file} is no Excel workbook: it has no list of sheets",
    "no_table": "{file} has no table of two columns and two rows in any sheet",
    "no_table_in_sheet": "{file} has no table of two columns and two rows in sheet {sheet!r}",
    "sheet_too_large": (
        "{file} has a sheet of {rows:,} rows and {columns:,} columns; at most {limit:,} cells are read; "
        "delete what is empty, or save it as CSV"
    ),
    "sheet_text_too_large": "{file} has a sheet with more than {limit_mib:,} MiB of text",
    "twin_texts": "{file} has its texts twice; save it again with a spreadsheet program",
    "entities": "{file} has a document type or entities, which no workbook needs",
    "utf16_workbook": "{file} is written in UTF-16; save it again with a spreadsheet program",
    # Tables.
    "no_rows": "{file} has a header and no rows",
    "too_many_columns": "{file} has {columns:,} columns; at most {limit:,} are read",
    "columns_missing": (
        "not a file of {kind}: no column found for {missing}; its columns are {columns}; "
        "name them with {options} (over HTTP: mapping)"
    ),
    "other_kind": (
        "not a file of {kind}: it looks like {title}; import it as {other}, or name its columns with --map "
        "(over HTTP: mapping)"
    ),
    "twin_columns": "two columns are called {column!r}, so {field} could be either; rename one",
    "nested_values": "{file}: column {column!r} for {field} has type {type}, which is no plain value",
    "ambiguous_dates": (
        "column {column!r} has dates that can be read in two ways: {value!r} is {day_first} with the day "
        "first and {month_first} with the month first; choose with --dates dmy or --dates mdy"
    ),
    "ambiguous_numbers": (
        "column {column!r} has numbers that can be read in two ways: {value!r} is {point} with a decimal "
        "point and {comma} with a decimal comma; choose with --decimal point or --decimal comma"
    ),
    "no_good_row": "{file}: no good row; all {rows} rows were set aside",
    "no_good_row_but": ("{file}: no good row; all {rows} rows were set aside; row {row}, {field}: {reason}"),
    # Exchange rates.
    "rates_without_day": "{file} has no column of days; its header needs currency, day and rate",
    "rates_unknown": "{file} is no file of rates: its header needs currency, day and rate",
    "rates_without_rows": "{file} has a header and no rates",
    "rates_encoding": "{file} is not text in UTF-8 or Windows-1250",
    # Databases.
    "source_unknown": "SALESML_SOURCES has no connection {connection!r}",
    "source_unsupported": (
        "{address} is not supported; use postgresql://..., or a file of SQLite, DuckDB or Parquet"
    ),
    "source_missing": "{address} does not exist, and no file matches it",
    "source_mixed": "{address} is not one database of SQLite or DuckDB, nor Parquet files alone",
    "source_failed": "{address}: {reason}",
    "source_too_large": (
        "the answer is larger than {limit_mib:,.1f} MiB (setting SALESML_MAX_FILE_MB); ask for less at once"
    ),
    "source_not_a_select": "a source takes one SELECT, and nothing else",
    "source_without_since": "the first run of a query with :watermark needs a value to begin since",
    "source_without_watermark": "the answer has no column {column!r} for --watermark; it has {columns}",
    "source_unordered": "values of {column!r} have no order to follow",
    "source_rows_gone": "the rows that were read are gone; run the import again",
    # Work that was not finished, whatever it was.
    "cancelled": "cancelled",
    "interrupted": "interrupted",
    "given_up": "given up after {attempts} attempts that did not end",
    "given_up_after": "given up after {attempts} attempts that did not end; {reason}",
    "unexpected": "unexpected {error}",
    "taken_back": "taken back",
}
"""The English sentence of every code; `file` is the file as whoever asked named it, and no value."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`code` is one of WORDS and stable; `values` are what its sentence tells, but for the file's name."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def words(self, file: object = "") -> str:
        """The sentence in English."""
        told = {name: _told(name, value) for name, value in self.values.items()}
        return WORDS[self.code].format(file=file, **told)

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        values = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.values.items()
        }
        return {"code": self.code, "values": values}

    @staticmethod
    def of(plain: Mapping[str, object]) -> "Refusal":
        """What `plain` answered, read back."""
        values = dict(plain["values"])  # type: ignore[call-overload]
        return Refusal(
            code=str(plain["code"]),
            values={
                name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
            },
        )


def _told(name: str, value: Value) -> Value:
    if isinstance(value, tuple):
        return ", ".join(value)
    return FORMATS[value] if name == "format" and isinstance(value, str) else value
