"""Why a file is not taken, or work was not finished, in the reader's language.

The reason comes as the English line that the command line prints and that jobs keep.
"""

import re

from salesml.core.errors import Ambiguous, ColumnsMissing, FileRefused, FileTooLarge
from salesml.web.i18n import N_, Language
from salesml.web.work_texts import field_name

_TWO_READINGS = (
    r"column '(?P<column>.*)' has dates that can be read in two ways: '(?P<value>.*)' is (?P<day>\S+) "
    r"with the day first and (?P<month>\S+) with the month first; .*"
)
_TWO_NUMBERS = (
    r"column '(?P<column>.*)' has numbers that can be read in two ways: '(?P<value>.*)' is "
    r"(?P<point>\S+) with a decimal point and (?P<comma>\S+) with a decimal comma; .*"
)
_REFUSALS = (
    (r".* is empty", N_("The file is empty.")),
    (r".* has a header and no rows|.* has columns and no rows", N_("The file has a header and no rows.")),
    (
        r".* is no CSV with two columns or more: .*",
        N_("This is no CSV file: no separator was found in its first row."),
    ),
    (
        r".* is no CSV: most rows have another number of fields than the header",
        N_("This is no CSV file: most rows have another number of fields than the first one."),
    ),
    (
        r".* has no header: its first row looks like data \((?P<row>.*)\)",
        N_("The file has no header; its first row looks like data (%(row)s)."),
    ),
    (
        r".* is not text in (?P<encoding>\S+); .*",
        N_("The file is not text in %(encoding)s. Choose another encoding."),
    ),
    (
        r".* is (?P<what>.+); save it as CSV.*",
        N_("The file is %(what)s. Save it as CSV, XLSX or Parquet."),
    ),
    (r".* is a damaged or incomplete gzip file", N_("The gzip file is damaged or incomplete.")),
    (r".* is a damaged Parquet file: .*", N_("The Parquet file is damaged.")),
    (
        _TWO_READINGS,
        N_(
            "Dates in the column %(column)s can be read in two ways: %(value)s is %(day)s with the day first "
            "and %(month)s with the month first. Choose which."
        ),
    ),
    (
        _TWO_NUMBERS,
        N_(
            "Numbers in the column %(column)s can be read in two ways: %(value)s is %(point)s with a decimal "
            "point and %(comma)s with a decimal comma. Choose which."
        ),
    ),
    (
        r"two columns are called '(?P<column>.*)', so .*",
        N_("Two columns are called %(column)s. Rename one of them."),
    ),
    (
        r"not a file of \w+: it looks like (?P<what>.*); import it as .*",
        N_("This looks like %(what)s. Choose what the file holds."),
    ),
    (
        r".* is a damaged zip archive: .*|.* is a damaged Excel workbook: .*|.* is a damaged workbook .*",
        N_("The file is damaged."),
    ),
    (
        r".* unpacks to .*",
        N_("The file unpacks to more than is allowed here."),
    ),
    (r".* is locked with a password; .*", N_("The file is locked with a password. Unlock it first.")),
    (
        r".* is called an Excel workbook and is none; .*",
        N_("The file is called an Excel workbook and is none."),
    ),
    (r".* is not a text file: .*", N_("This is not a table: the file holds bytes that no text has.")),
    (
        r".* has changed since its import was asked for; .*",
        N_("The file has changed since it was received. Choose it again."),
    ),
    (
        r".*: no good row; all (?P<rows>\d+) rows were set aside.*",
        N_("No row could be kept; all %(rows)s were set aside."),
    ),
    (r"cancelled", N_("It was cancelled.")),
)
_SPOOLED = re.compile(r"\S*/uploads/[0-9a-f-]{36}/")


def refusal(language: Language, text: str) -> str:
    """Why a file or a job was not finished, in the reader's language where somebody translated it; names
    of folders on the server are left out."""
    for pattern, message in _REFUSALS:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return language.gettext(message, **found.groupdict())
    return _SPOOLED.sub("", text)


def upload_errors(language: Language, error: FileRefused, max_mb: int) -> dict[str, str]:
    """What to write beside which field of the upload form."""
    if isinstance(error, FileTooLarge):
        unpacked = "unpack" in str(error) or "sheet" in str(error)
        text = language.gettext("The file is larger than %(limit)s MiB.", limit=max_mb)
        return {"file": refusal(language, str(error)) if unpacked else text}
    if isinstance(error, ColumnsMissing):
        names = ", ".join(field_name(language, each) for each in error.missing)
        text = language.gettext(
            "No column was found for: %(names)s. Choose the columns below; a file without them cannot be "
            "imported as this.",
            names=names,
        )
        chosen = language.gettext("Choose the column.")
        return {"mapping": text, **{f"map_{each}": chosen for each in error.missing}}
    text = refusal(language, str(error))
    if isinstance(error, Ambiguous):
        return {"decimal" if "--decimal" in str(error) else "dates": text}
    return {"encoding" if "--encoding" in str(error) else "file": text}
