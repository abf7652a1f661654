"""Exchange rates by day."""

from sqlmodel import Field

from salesml.db.tables.base import Row


class CurrencyRateRow(Row, table=True):
    """`rate` units of the installation's currency pay one unit of `currency` from `day` on, as a plain
    decimal."""

    __tablename__ = "currency_rates"

    currency: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    rate: str
