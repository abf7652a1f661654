"""Evidence of forecasts: versions by horizon, promotions, reasons, company forecasts, outcomes, outlooks

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_PREDICTIONS = ("sales_predictions", "purchase_predictions")
_TABLES = ("client_outlooks", "forecast_outcomes", "company_forecasts", "backtests", "promotions")


def upgrade() -> None:
    op.add_column("model_versions", sa.Column("evidence", _JSON, nullable=False, server_default="{}"))
    op.add_column("model_versions", sa.Column("parameters", _JSON, nullable=False, server_default="{}"))
    op.add_column("model_versions", sa.Column("intervals", _JSON, nullable=True))
    op.add_column("scoring_runs", sa.Column("drift", _JSON, nullable=True))
    for table in _PREDICTIONS:
        op.add_column(table, sa.Column("reasons", _JSON, nullable=True))
    _champions_by_horizon()
    _promotions()
    op.create_table(
        "backtests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("result", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtests")),
    )
    _company_forecasts()
    _forecast_outcomes()
    _client_outlooks()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    with op.batch_alter_table("champions") as batch:
        batch.drop_constraint("pk_champions", type_="primary")
        batch.drop_column("horizon_days")
        batch.create_primary_key("pk_champions", ["target", "role"])
    for table in _PREDICTIONS:
        op.drop_column(table, "reasons")
    op.drop_column("scoring_runs", "drift")
    for column in ("intervals", "parameters", "evidence"):
        op.drop_column("model_versions", column)


def _champions_by_horizon() -> None:
    horizon = sa.Column("horizon_days", sa.Integer(), nullable=False, server_default="30")
    op.add_column("champions", horizon)
    op.execute("UPDATE champions SET horizon_days = 14 WHERE target = 'purchase'")
    with op.batch_alter_table("champions") as batch:
        batch.drop_constraint("pk_champions", type_="primary")
        batch.create_primary_key("pk_champions", ["target", "role", "horizon_days"])
        batch.alter_column("horizon_days", server_default=None)


def _promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("previous_id", _ID, nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name=op.f("fk_promotions_version_id_model_versions")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["model_versions.id"], name=op.f("fk_promotions_previous_id_model_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )


def _company_forecasts() -> None:
    op.create_table(
        "company_forecasts",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("repeat_sales", "reactivated_sales", "new_sales", "guest_sales")
        ),
        sa.Column("lower", sa.BigInteger(), nullable=True),
        sa.Column("upper", sa.BigInteger(), nullable=True),
        sa.Column("evidence", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scoring_runs.id"], name=op.f("fk_company_forecasts_run_id_scoring_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_company_forecasts")),
    )


def _forecast_outcomes() -> None:
    op.create_table(
        "forecast_outcomes",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("clients", sa.BigInteger(), nullable=False),
        sa.Column("metrics", _JSON, nullable=False),
        sa.Column("baselines", _JSON, nullable=False),
        sa.Column("computed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scoring_runs.id"], name=op.f("fk_forecast_outcomes_run_id_scoring_runs")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name=op.f("fk_forecast_outcomes_version_id_model_versions")
        ),
        sa.PrimaryKeyConstraint("run_id", "target", "horizon_days", name=op.f("pk_forecast_outcomes")),
    )


def _client_outlooks() -> None:
    op.create_table(
        "client_outlooks",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("churn_probability", sa.Float(), nullable=True),
        sa.Column("next_order_day", sa.Integer(), nullable=True),
        sa.Column("next_order_from", sa.Integer(), nullable=True),
        sa.Column("next_order_until", sa.Integer(), nullable=True),
        sa.Column("value_12m", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scoring_runs.id"], name=op.f("fk_client_outlooks_run_id_scoring_runs")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_client_outlooks_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("run_id", "client_id", name=op.f("pk_client_outlooks")),
    )
    op.create_index("ix_client_outlooks_client_id", "client_outlooks", ["client_id"])
