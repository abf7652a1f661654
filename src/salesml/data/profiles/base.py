"""What is known of one system's export."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from salesml.core.imports import ImportKind


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A known export, recognised when every one of `header` and a column for each field of `needs` is among
    its columns, however they are ordered.

    `fields` gives the columns that may hold each field, the best first; a name stands for itself whatever
    its case, blanks and punctuation. `net` gives columns that take a field's place where money is counted
    without tax. `minor` says that money is in minor units, `utc` that times without a zone are UTC. A row
    whose fields `continues` are all empty only lists one more item of the order above. `guarded` says that
    texts which a spreadsheet would take for formulas have an apostrophe before them, `guests` are ids of
    nobody. `note` is a line for the person who imports.
    """

    name: str
    title: str
    kind: ImportKind
    header: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    net: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    guests: tuple[str, ...] = ()
    minor: bool = False
    utc: bool = False
    continues: tuple[str, ...] = ()
    guarded: bool = False
    note: str = ""
