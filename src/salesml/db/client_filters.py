"""Conditions of client lists, each with the index that knows who meets it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from salesml.core.clients import ClientQuery, Span, search_key
from salesml.db.bulk import execute

_LAST_CHARACTER = chr(0x10FFFF)
_MOST_EXACT = 100
_NOTHING = {"a": "+ 0", "c": "|| ''"}
"""What changes neither a number nor a text, but hides its column from an index."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`template` is the condition, with {0} for its column of `client_activity` (alias a) or `clients` (c);
    `source` selects the ids that meet it, from an index."""

    alias: str
    column: str
    template: str
    source: str

    @property
    def condition(self) -> str:
        return self.template.format(f"{self.alias}.{self.column}")

    @property
    def hidden(self) -> str:
        """The same, so that no planner takes the column's index for it."""
        return self.template.format(f"({self.alias}.{self.column} {_NOTHING[self.alias]})")


def filters_of(session: Session, query: ClientQuery) -> tuple[list[Filter], dict[str, object]]:
    """Every condition of a query, and the values that they name. `:run` and `:threshold` are the caller's."""
    values: dict[str, object] = {}
    filters = [*_figures(query, values), *_ids(query, values), *_text(session, query, values)]
    return filters, values


def _figures(query: ClientQuery, values: dict[str, object]) -> Iterator[Filter]:
    for column, span in (
        ("predicted_sales", query.predicted_sales),
        ("purchase_probability", query.purchase_probability),
        ("days_since_last_purchase", query.days_since_last_purchase),
        ("tenure_months", query.tenure_months),
    ):
        conditions = list(_within(column, span, values))
        if column == "purchase_probability" and query.decision is not None:
            conditions.append(f"{{0}} {'>=' if query.decision else '<'} :threshold")
        if conditions:
            template = " AND ".join(conditions)
            source = "SELECT a.client_id AS id FROM client_activity AS a WHERE a.run_id = :run AND "
            yield Filter(
                alias="a", column=column, template=template, source=source + template.format(f"a.{column}")
            )


def _within(column: str, span: Span, values: dict[str, object]) -> Iterator[str]:
    for name, sign, value in (("min", ">=", span.minimum), ("max", "<=", span.maximum)):
        if value is not None:
            values[f"{name}_{column}"] = value
            yield f"{{0}} {sign} :{name}_{column}"


def _ids(query: ClientQuery, values: dict[str, object]) -> Iterator[Filter]:
    asked = {"source": query.source, "external_id": query.external_id}
    given = {name: value for name, value in asked.items() if value is not None}
    if given:
        values |= given
        condition = " AND ".join(f"i.{name} = :{name}" for name in given)
        yield Filter(
            alias="c",
            column="id",
            template=f"EXISTS (SELECT 1 FROM client_ids AS i WHERE i.client_id = c.id AND {condition})",
            source=f"SELECT DISTINCT i.client_id AS id FROM client_ids AS i WHERE {condition}",
        )


def _text(session: Session, query: ClientQuery, values: dict[str, object]) -> Iterator[Filter]:
    """The beginning of a search key, or exactly an external id or e-mail address."""
    asked = query.q.strip()
    if not asked:
        return
    prefix, exact = search_key(asked), _exactly(session, asked)
    values |= {"first": prefix, "beyond": prefix + _LAST_CHARACTER}
    template = "{0} >= :first AND {0} < :beyond" if prefix else "FALSE"
    source = f"SELECT c.id FROM clients AS c WHERE {template.format('c.search_key')}"
    if exact:
        named = f"c.id IN ({', '.join(map(str, exact))})"
        template = f"({template} OR {named})"
        source = f"SELECT u.id FROM ({source} UNION SELECT c.id FROM clients AS c WHERE {named}) AS u"
    yield Filter(alias="c", column="search_key", template=template, source=source)


def _exactly(session: Session, asked: str) -> list[int]:
    found = execute(
        session,
        "SELECT i.client_id FROM client_ids AS i WHERE i.external_id = :asked "
        "UNION SELECT c.id FROM clients AS c WHERE c.email IN (:asked, :lower) LIMIT :most",
        {"asked": asked, "lower": asked.lower(), "most": _MOST_EXACT},
    )
    return [int(key) for key in found.scalars()]
