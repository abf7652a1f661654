"""Frozen values as plain JSON values, and back: for values that a database keeps as one document."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """Dataclasses as objects, tuples as lists, instants as ISO text; everything else is JSON already."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): to_plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    return value


def from_plain(kind: type[T], value: Mapping[str, Any]) -> T:
    """A dataclass of what `to_plain` made of it; a field that is missing takes its default."""
    hints = get_type_hints(kind)
    return kind(**{name: _revived(hints[name], each) for name, each in value.items() if name in hints})


def _revived(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UnionType):
        [kind] = [each for each in get_args(kind) if each is not type(None)]
    if get_origin(kind) is tuple:
        return tuple(_revived(get_args(kind)[0], each) for each in cast("Sequence[Any]", value))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if is_dataclass(kind):
        return from_plain(cast("type[Any]", kind), value)
    return datetime.fromisoformat(value) if kind is datetime else value
