"""Errors, as every route answers them."""

from salesml.core.refusals import Refusal
from salesml.http.schemas.base import Out


class FieldError(Out):
    """One thing that is wrong: a field, and in a batch or file its row (1 is the first)."""

    field: str
    code: str
    reason: str
    row: int | None = None


class RefusalOut(Out):
    """Why a file was not taken, or work not finished: a stable code and what its sentence tells, to make a
    sentence of one's own from."""

    code: str
    values: dict[str, str | int | float | list[str]]


def refusal_out(refusal: Refusal | None) -> RefusalOut | None:
    return None if refusal is None else RefusalOut.model_validate(refusal.plain())


class Problem(Out):
    """A problem document (RFC 9457). `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None
    refusal: RefusalOut | None = None
