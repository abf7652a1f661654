"""Bodies that no schema validates row by row, and answers that need none."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind, RejectedRow
from salesml.http.state import HttpState
from salesml.services import installation, live, rates
from salesml.services.live import MAX_ROWS, Taken
from salesml.services.ports.records import CheckedRecords


def json_of(raw: bytes) -> Any:
    """The value of a body. Raises InvalidValue.

    Python's own writer makes NaN of a missing number: then its row is to be named, rather than the whole
    body refused.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidValue("body", "is not JSON") from None


def json_answer(answer: object) -> Response:
    return Response(orjson.dumps(answer), media_type="application/json")


async def checked_records(state: HttpState, kind: ImportKind, raw: bytes) -> CheckedRecords:
    """The records of a body, checked off the event loop. Raises InvalidValue for another body than a list."""
    here = await state.tx.read(installation.current)

    def unpriced(rows: pa.Table) -> Sequence[RejectedRow]:
        return state.app.tx.read(rates.unpriced, rows)

    def check() -> CheckedRecords:
        asked = unpriced if kind is ImportKind.ORDERS else None
        return live.checked(state.app.check_records, kind, json_of(raw), here, datetime.now(UTC), asked)

    return await run_in_threadpool(check)


def taken_document(taken: Taken) -> dict[str, object]:
    """What became of a batch, as values that JSON has."""
    return {
        "accepted": taken.accepted,
        "repeated": taken.repeated,
        "changed": taken.changed,
        "rejected": rejected_document(taken.rejected),
    }


def rejected_document(rejected: Sequence[RejectedRow]) -> list[Mapping[str, object]]:
    return [{"row": bad.row, "field": bad.field, "code": bad.code, "reason": bad.reason} for bad in rejected]


def records_body(record: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes a list of records; `record` is the schema of one."""
    schema = {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": record}
    content = {"application/json": {"schema": schema, "example": [example]}}
    return {"requestBody": {"required": True, "content": content}}
