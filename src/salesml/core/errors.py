"""What can go wrong, as a small family with stable codes. No HTTP and no exit status in here."""

from collections.abc import Sequence
from typing import ClassVar

from salesml.core.imports import RejectedRow
from salesml.core.refusals import Refusal, Value


class SalesmlError(Exception):
    """One clear line for the person who can do something about it.

    `code` is stable: scripts compare it, entry layers map it to a status.
    """

    code: ClassVar[str] = "error"


class InvalidValue(SalesmlError):
    """A value breaks a rule; names the field and, in a file or batch, the row (1 is the first data row)."""

    code = "invalid_value"

    def __init__(self, field: str, reason: str, *, row: int | None = None) -> None:
        self.field, self.reason, self.row = field, reason, row
        super().__init__(f"{f'row {row}, ' if row is not None else ''}{field}: {reason}")


class InvalidCursor(SalesmlError):
    """A cursor was changed, or belongs to another list, order or filter."""

    code = "invalid_cursor"


class BatchRefused(SalesmlError):
    """No row of a batch could be kept, and nothing of it was written; `rejected` has every row's reason."""

    code = "batch_refused"

    def __init__(self, message: str, rejected: Sequence[RejectedRow]) -> None:
        self.rejected = tuple(rejected)
        super().__init__(message)


class SettingsInvalid(SalesmlError):
    """A setting is missing or wrong; the message names it and what it accepts."""

    code = "settings_invalid"


class InstallationMismatch(SalesmlError):
    """Database, data folder and settings do not belong together."""

    code = "installation_mismatch"


class NotMigrated(SalesmlError):
    """The database has not the schema that this version of the code needs."""

    code = "not_migrated"


class DatabaseUnavailable(SalesmlError):
    """The database cannot be reached, opened or written; the message names it without its password."""

    code = "database_unavailable"


class DatabaseBusy(SalesmlError):
    """Another writer was in the way for too long; nothing was written, and a second try may succeed."""

    code = "database_busy"


class NotFound(SalesmlError):
    """What was asked for by id or name does not exist."""

    code = "not_found"


class AlreadyExists(SalesmlError):
    """Something with this key exists already."""

    code = "already_exists"


class KeyReused(SalesmlError):
    """An idempotency key stands for another request already."""

    code = "idempotency_key_reused"


class RequestInWork(SalesmlError):
    """A request under the same idempotency key is not finished yet."""

    code = "request_in_work"


class NotAuthenticated(SalesmlError):
    """Whoever asks has not shown who they are, or no longer may."""

    code = "not_authenticated"


class LoginRefused(NotAuthenticated):
    """E-mail address and password do not belong together; it is never said which of the two is wrong."""

    code = "login_refused"


class SignatureRefused(NotAuthenticated):
    """What was sent is not signed with the secret of the shop that it names, or no such shop is known."""

    code = "signature_refused"


class NotAllowed(SalesmlError):
    """This user may not do that."""

    code = "not_allowed"


class TooManyAttempts(SalesmlError):
    """Asked too often in a short time; `retry_after_s` is when it is worth trying again."""

    code = "too_many_attempts"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class FileRefused(SalesmlError):
    """A whole file is not taken, and nothing of it was written; `refusal` says why in a stable code and its
    values, the message in English, with the `file` as whoever asked named it."""

    code = "file_refused"

    def __init__(self, refusal: str, *, file: object = "", **values: Value) -> None:
        self.refusal = Refusal(code=refusal, values=values)
        super().__init__(self.refusal.words(file))


class SourceRefused(FileRefused):
    """A foreign database cannot be reached, or does not take the query; no password stands in the message."""

    code = "source_refused"


class FileUnreadable(FileRefused):
    """The content is not what its kind of file looks like."""

    code = "file_unreadable"


class FileTooLarge(FileRefused):
    """The file is over a limit that the settings name."""

    code = "file_too_large"


class ColumnsMissing(FileRefused):
    """The file has no column for a field that its kind needs."""

    code = "columns_missing"

    def __init__(self, kind: str, missing: Sequence[str], columns: Sequence[str]) -> None:
        self.kind, self.missing, self.columns = kind, tuple(missing), tuple(columns)
        options = " ".join(f"--map {field}=COLUMN" for field in missing)
        super().__init__(
            "columns_missing", kind=kind, missing=self.missing, columns=self.columns, options=options
        )


class Ambiguous(FileRefused):
    """The file can be read in two ways; the message names both and the option that chooses."""

    code = "ambiguous"


class NoGoodRow(FileRefused):
    """Every row of the file was set aside."""

    code = "no_good_row"


class TooLittleData(SalesmlError):
    """There is less data than a model needs; the message says how much there is and how much is needed."""

    code = "too_little_data"


class NoModel(SalesmlError):
    """No trained version answers for this target and role yet."""

    code = "no_model"


class ModelRefused(SalesmlError):
    """A model file is missing, changed, foreign or of another library version; it was not opened."""

    code = "model_refused"


class LeaseLost(SalesmlError):
    """Another worker has taken this job over; whoever meets this must stop without writing."""

    code = "lease_lost"


class JobFailed(SalesmlError):
    """Background work ended without success; the message is its reason, `refusal` the reason's code if it
    has one."""

    code = "job_failed"

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        self.refusal = refusal
        super().__init__(message)
