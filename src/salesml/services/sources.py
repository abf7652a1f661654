"""Foreign databases as a source: what is asked of one, and how far it has been read."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from salesml.core.clients import DEFAULT_SOURCE, ExternalId
from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind
from salesml.core.sources import PLACEHOLDER, Moved, Position, Question, position_key
from salesml.services.ports.unit_of_work import UnitOfWork

_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")
_ARGUMENTS = ("from", "query", "kind", "source", "watermark", "since", "update")


@dataclass(frozen=True, kw_only=True)
class SourceRequest:
    """Rows to import from the foreign database that settings call `connection`."""

    connection: str
    question: Question
    kind: ImportKind
    source: str = DEFAULT_SOURCE
    update: bool = False

    def __post_init__(self) -> None:
        ExternalId(source=self.source, external_id="any")

    @property
    def args(self) -> Mapping[str, object]:
        """The arguments of the job: a name and a query, never an address."""
        return {
            "from": self.connection,
            "query": self.question.query,
            "kind": self.kind.value,
            "source": self.source,
            "watermark": self.question.watermark,
            "since": self.question.since,
            "update": self.update,
        }

    @staticmethod
    def of(args: Mapping[str, object]) -> "SourceRequest":
        """What arguments of a job or a schedule say. Raises InvalidValue."""
        if unknown := sorted(set(args) - set(_ARGUMENTS)):
            raise InvalidValue("args", f"{unknown[0]!r} is not an argument of an import")
        for name in ("from", "query", "kind"):
            if not args.get(name):
                raise InvalidValue("args", f"{name} is missing")
        if str(args["kind"]) not in list(ImportKind):
            raise InvalidValue("args", f"kind must be one of {', '.join(ImportKind)}")
        if str(args.get("update") or False).lower() not in ("true", "false"):
            raise InvalidValue("args", "update must be true or false")
        question = Question(
            query=str(args["query"]), watermark=_text(args, "watermark"), since=_text(args, "since")
        )
        return SourceRequest(
            connection=str(args["from"]),
            question=question,
            kind=ImportKind(str(args["kind"])),
            source=_text(args, "source") or DEFAULT_SOURCE,
            update=str(args.get("update")).lower() == "true",
        )

    def checked(self, connections: Collection[str]) -> "SourceRequest":
        """Itself. Raises InvalidValue unless one of the connections is meant, and its first run can begin."""
        if self.connection not in connections:
            known = ", ".join(sorted(connections)) or "none is set"
            raise InvalidValue("args", f"from must be a connection of SALESML_SOURCES ({known})")
        if PLACEHOLDER.search(self.question.query) and self.question.since is None:
            raise InvalidValue("args", "since is missing: what :watermark is in the first run")
        return self

    def key(self) -> str:
        """What its position is kept under."""
        return position_key(self.kind, self.source, self.connection, self.question)


def resumed(uow: UnitOfWork, question: Question, key: str) -> Question:
    """The question from where its last import ended, or else from its `since`, which becomes JSON."""
    if question.watermark is None:
        return question
    kept = uow.watermarks.get(key)
    return replace(question, since=kept if kept is not None else as_json(question.since))


def keep(uow: UnitOfWork, reached: Position | None, now: datetime) -> Moved | None:
    """Go on from here next time; called in the transaction that makes the import visible. Answers what that
    has moved."""
    if reached is None or reached.value is None:
        return None
    moved = Moved(key=reached.key, before=uow.watermarks.get(reached.key))
    uow.watermarks.put(reached.key, reached.value, now)
    return moved


def go_back(uow: UnitOfWork, moved: Moved | None, now: datetime) -> None:
    """Read again from where an import began that is undone. What later imports brought comes again then,
    which changes nothing."""
    if moved is None or (reached := uow.watermarks.get(moved.key)) is None:
        return
    if moved.before is None:
        uow.watermarks.remove(moved.key)
    elif json.loads(moved.before) < json.loads(reached):
        uow.watermarks.put(moved.key, moved.before, now)


def as_json(since: str | None) -> str | None:
    """A value that somebody typed, as a position is kept: whole numbers are numbers."""
    if since is None:
        return None
    return since if _WHOLE.fullmatch(since) else json.dumps(since)


def _text(args: Mapping[str, object], name: str) -> str | None:
    value = args.get(name)
    return None if value in (None, "") else str(value)
