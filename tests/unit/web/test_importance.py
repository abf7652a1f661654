"""Which features move forecasts most: in money, or in percentage points."""

from datetime import UTC, datetime

from salesml.core.models import Artifact, ModelRole, ModelVersion, Target
from salesml.core.money import Currency
from salesml.web.i18n import NO_BREAK, language
from salesml.web.importance import SHOWN, Importance, importance


def told(target: Target, stored: dict[str, float] | None, code: str = "en") -> Importance:
    version = ModelVersion(
        id=1,
        target=target,
        role=ModelRole.CLIENTS,
        estimator="blend",
        as_of_day=20_000,
        horizon_days=30,
        features=(),
        ignored={},
        metrics={},
        baselines={},
        training={},
        evidence={} if stored is None else {"importance": stored},
        folded=None,
        artifact=Artifact(file_name="a", sha256="0", signature="0", libraries={}),
        verdict=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="cli:root",
    )
    return importance(language(code), version, Currency("PLN"))


def rows(found: Importance) -> list[tuple[str, str, float]]:
    return [(row.name, row.amount.replace(NO_BREAK, " "), row.share) for row in found.rows]


def test_sales_move_by_money_the_largest_first() -> None:
    found = told(Target.SALES, {"visits_7d": 410.4, "tenure_months": 820.8, "ad_clicks": 0})
    assert rows(found) == [("months as a client", "PLN 8.21", 1.0), ("visits in 7 days", "PLN 4.10", 0.5)]
    assert found.others == 0


def test_purchases_move_by_percentage_points() -> None:
    found = told(Target.PURCHASE, {"has_purchased": 0.0283}, "pl")
    assert rows(found) == [("kupił już wcześniej", "2,83 p.p.", 1.0)]


def test_the_least_features_are_only_counted() -> None:
    found = told(Target.SALES, {f"feature_{place}": 100.0 + place for place in range(SHOWN + 3)})
    assert (len(found.rows), found.others) == (SHOWN, 3)
    assert found.rows[0].name == f"feature_{SHOWN + 2}"


def test_a_version_that_does_not_tell_has_no_rows() -> None:
    assert told(Target.SALES, None) == Importance(rows=(), others=0)
