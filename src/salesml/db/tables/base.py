"""What every table class is made from."""

from typing import ClassVar

from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

# Later migrations can drop a constraint on SQLite only if it has a name.
_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Row(SQLModel):
    """Base of table classes: one metadata, in which every constraint has a name."""

    metadata = MetaData(naming_convention=_NAMES)
    __table__: ClassVar[Table]
