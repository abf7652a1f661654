"""The forms of imports: what a person chose, as choices for reading, and what stands in the fields again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.errors import InvalidValue
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind
from salesml.core.mappings import SavedMapping, merged
from salesml.web import readings

DATES = ("iso", "ymd", "dmy", "mdy", "compact", "text", "unix")
_MAPPED = "map_"
_YES_NO: Mapping[str, bool | None] = {"yes": True, "no": False}
_SEPARATORS = {"tab": "\t", "space": " "}


def asked(fields: Mapping[str, str], *, max_bytes: int, saved: Sequence[SavedMapping] = ()) -> ImportRequest:
    """What the upload form asks for; the file's path and hash come later. Raises InvalidValue."""
    kind = fields.get("kind", "")
    if kind not in list(ImportKind):
        raise InvalidValue("kind", "is missing")
    base = readings.chosen(saved, fields.get("saved", ""), ImportKind(kind))
    options = merged(base, replace(_options(fields), mapping=_mapping(fields), max_bytes=max_bytes))
    return ImportRequest(
        path=Path("upload"),
        kind=ImportKind(kind),
        source=fields.get("source", "").strip() or DEFAULT_SOURCE,
        sha256="",
        options=options,
        update="update" in fields,
    )


def asked_again(
    fields: Mapping[str, str],
    before: ImportRequest,
    reading: FileReading,
    saved: Sequence[SavedMapping] = (),
) -> ImportRequest:
    """What the form of a preview asks for, beside the preview that showed it. Raises InvalidValue.

    Columns that were left as they were stay detected. Another saved mapping or known export takes the place
    of what was chosen before; what was changed together with it stands above it.
    """
    told = {name.removeprefix(_MAPPED): value for name, value in fields.items() if name.startswith(_MAPPED)}
    columns = {name: column for name, column in told.items() if column != reading.mapping.get(name, "")}
    stood = typed(before)
    by_name = readings.shown(saved, before.options, reading)
    if (wanted := fields.get("saved", by_name)) != by_name:
        base = readings.chosen(saved, wanted, before.kind)
        now = _options({name: value for name, value in fields.items() if value != stood.get(name, "")})
    else:
        is_same_export = fields.get("profile", stood["profile"]) == stood["profile"]
        base = ReadingOptions(mapping=before.options.mapping if is_same_export else {})
        now = _options({"profile": stood["profile"], **fields})
    options = replace(merged(base, replace(now, mapping=columns)), max_bytes=before.options.max_bytes)
    source = fields.get("source", "").strip() or DEFAULT_SOURCE
    return replace(before, source=source, options=options, update="update" in fields)


def typed(request: ImportRequest) -> Mapping[str, str]:
    """The fields in which such a request is typed."""
    options = request.options
    separator = {sign: name for name, sign in _SEPARATORS.items()}.get(options.separator or "")
    words = {True: "yes", False: "no", None: ""}
    fields = {
        "source": request.source,
        "dates": options.date_format or "",
        "decimal": options.decimal or "",
        "lines": words[options.lines],
        "header": words[options.header],
        "separator": separator or options.separator or "",
        "encoding": options.encoding or "",
        "sheet": options.sheet or "",
        "amount": options.amount or "",
        "shipping": options.shipping or "",
        "profile": options.profile or "",
        **{f"{_MAPPED}{name}": column for name, column in options.mapping.items()},
    }
    return {**fields, "update": "yes"} if request.update else fields


def _options(fields: Mapping[str, str]) -> ReadingOptions:
    def chosen(name: str) -> str | None:
        return fields.get(name, "").strip() or None

    dates, separator = fields.get("dates", ""), fields.get("separator", "")
    return ReadingOptions(
        lines=_YES_NO.get(fields.get("lines", "")),
        date_format=dates if dates in DATES else None,
        decimal=chosen("decimal"),
        header=_YES_NO.get(fields.get("header", "")),
        sheet=chosen("sheet"),
        separator=_SEPARATORS.get(separator, separator) or None,
        encoding=chosen("encoding"),
        amount=chosen("amount"),
        shipping=chosen("shipping"),
        profile=chosen("profile"),
    )


def _mapping(fields: Mapping[str, str]) -> dict[str, str]:
    """Column by field: from the choices below a refused file, and from lines such as `amount = Total`."""
    chosen = {
        name.removeprefix(_MAPPED): value
        for name, value in fields.items()
        if name.startswith(_MAPPED) and value
    }
    for line in fields.get("mapping", "").splitlines():
        if not line.strip():
            continue
        found = re.fullmatch(r"\s*(\w+)\s*=\s*(.*?)\s*", line)
        if found is None or not found[2]:
            raise InvalidValue("mapping", "must be lines such as amount = Total")
        chosen[found[1]] = found[2]
    return chosen
