"""Errors, as every route answers them."""

from salesml.http.schemas.base import Out


class FieldError(Out):
    """One thing that is wrong: a field, and in a batch or file its row (1 is the first)."""

    field: str
    code: str
    reason: str
    row: int | None = None


class Problem(Out):
    """A problem document (RFC 9457). `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None
