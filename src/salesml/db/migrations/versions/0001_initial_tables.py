"""Initial tables

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BYTE_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_UNFINISHED = sa.text("status IN ('queued', 'running')")
_TABLES = (
    "audit_events",
    "erased",
    "imports",
    "installation",
    "jobs",
    "model_versions",
    "users",
    "activity_coverage",
    "champions",
    "clients",
    "import_changes",
    "import_rejects",
    "scoring_runs",
    "client_activity",
    "client_ids",
    "purchase_predictions",
    "sales_predictions",
    "activity",
    "orders",
    "order_imports",
)


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_table(
        "erased",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_erased"),
    )
    op.create_table(
        "imports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reading", _JSON, nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.Column("error", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_state", "imports", ["state"])
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("installation_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_installation_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("args", _JSON, nullable=False),
        sa.Column("unique_key", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", _INSTANT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("checkpoint", _JSON, nullable=False),
        sa.Column("progress", _JSON, nullable=False),
        sa.Column("error", sa.String()),
        sa.Column("result", _JSON),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status", "kind", "id"])
    op.create_index(
        "uq_jobs_unfinished_key",
        "jobs",
        ["unique_key"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_table(
        "model_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("estimator", sa.String(), nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("features", _JSON, nullable=False),
        sa.Column("ignored", _JSON, nullable=False),
        sa.Column("metrics", _JSON, nullable=False),
        sa.Column("baselines", _JSON, nullable=False),
        sa.Column("training", _JSON, nullable=False),
        sa.Column("folded", _JSON),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("file_signature", sa.String(), nullable=False),
        sa.Column("libraries", _JSON, nullable=False),
        sa.Column("verdict", sa.String()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_versions"),
    )
    op.create_index("ix_model_versions_target", "model_versions", ["target"])
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "activity_coverage",
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_activity_coverage_import_id"),
        sa.PrimaryKeyConstraint("import_id", "metric", name="pk_activity_coverage"),
    )
    op.create_table(
        "champions",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["model_versions.id"], name="fk_champions_version_id"),
        sa.PrimaryKeyConstraint("target", "role", name="pk_champions"),
    )
    op.create_table(
        "clients",
        sa.Column("id", _ID, nullable=False),
        sa.Column("first_name", sa.String()),
        sa.Column("last_name", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("registered_at", _INSTANT),
        sa.Column("registered_day", sa.Integer()),
        sa.Column("search_key", _BYTE_ORDERED, nullable=False),
        sa.Column("import_id", _ID),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_clients_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
    )
    op.create_index("ix_clients_email", "clients", ["email"])
    op.create_index("ix_clients_import_id", "clients", ["import_id"])
    op.create_index("ix_clients_search_key", "clients", ["search_key", "id"])
    op.create_table(
        "import_changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("old", _JSON, nullable=False),
        sa.Column("new", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_changes_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_changes"),
    )
    op.create_index("ix_import_changes_import", "import_changes", ["import_id", "id"])
    op.create_table(
        "import_rejects",
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("row", _ID, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", sa.String()),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_rejects_import_id"),
        sa.PrimaryKeyConstraint("import_id", "row", "field", "code", name="pk_import_rejects"),
    )
    op.create_table(
        "scoring_runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sales_version_id", _ID, nullable=False),
        sa.Column("purchase_version_id", _ID, nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("clients", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("published_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["purchase_version_id"], ["model_versions.id"], name="fk_scoring_runs_purchase_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["sales_version_id"], ["model_versions.id"], name="fk_scoring_runs_sales_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scoring_runs"),
    )
    op.create_index("ix_scoring_runs_state", "scoring_runs", ["state", "as_of_day", "id"])
    op.create_table(
        "client_activity",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("purchases_30d", sa.Integer(), nullable=False),
        sa.Column("average_basket_value", sa.Float(), nullable=False),
        sa.Column("visits_30d", sa.BigInteger()),
        sa.Column("days_since_last_purchase", sa.Integer()),
        sa.Column("tenure_months", sa.Float(), nullable=False),
        sa.Column("visits_7d", sa.BigInteger()),
        sa.Column("newsletter_opened", sa.Integer()),
        sa.Column("ad_clicks", sa.BigInteger()),
        sa.Column("has_purchased", sa.Integer(), nullable=False),
        sa.Column("time_on_site_seconds", sa.BigInteger()),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_activity_client_id"),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_runs.id"], name="fk_client_activity_run_id"),
        sa.PrimaryKeyConstraint("run_id", "client_id", name="pk_client_activity"),
    )
    op.create_index("ix_client_activity_client_id", "client_activity", ["client_id"])
    op.create_table(
        "client_ids",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("import_id", _ID),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_ids_client_id"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_client_ids_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_client_ids"),
        sa.UniqueConstraint("source", "external_id", name="uq_client_ids_source_external_id"),
    )
    op.create_index("ix_client_ids_client_id", "client_ids", ["client_id"])
    op.create_index("ix_client_ids_import_id", "client_ids", ["import_id"])
    op.create_table(
        "purchase_predictions",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("purchase_probability", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_purchase_predictions_client_id"),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_runs.id"], name="fk_purchase_predictions_run_id"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name="fk_purchase_predictions_version_id"
        ),
        sa.PrimaryKeyConstraint("run_id", "client_id", "horizon_days", name="pk_purchase_predictions"),
    )
    op.create_index("ix_purchase_predictions_client", "purchase_predictions", ["client_id", "as_of_day"])
    op.create_index(
        "ix_purchase_predictions_order",
        "purchase_predictions",
        ["run_id", "purchase_probability", "client_id"],
    )
    op.create_table(
        "sales_predictions",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("predicted_sales", sa.BigInteger(), nullable=False),
        sa.Column("lower", sa.BigInteger()),
        sa.Column("upper", sa.BigInteger()),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_sales_predictions_client_id"),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_runs.id"], name="fk_sales_predictions_run_id"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name="fk_sales_predictions_version_id"
        ),
        sa.PrimaryKeyConstraint("run_id", "client_id", "horizon_days", name="pk_sales_predictions"),
    )
    op.create_index("ix_sales_predictions_client", "sales_predictions", ["client_id", "as_of_day"])
    op.create_index(
        "ix_sales_predictions_order", "sales_predictions", ["run_id", "predicted_sales", "client_id"]
    )
    op.create_table(
        "activity",
        sa.Column("identity_id", _ID, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("visits", sa.BigInteger()),
        sa.Column("seconds_on_site", sa.BigInteger()),
        sa.Column("ad_clicks", sa.BigInteger()),
        sa.Column("newsletter_opens", sa.BigInteger()),
        sa.Column("import_id", _ID),
        sa.ForeignKeyConstraint(["identity_id"], ["client_ids.id"], name="fk_activity_identity_id"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_activity_import_id"),
        sa.PrimaryKeyConstraint("identity_id", "day", name="pk_activity"),
    )
    op.create_index("ix_activity_import_id", "activity", ["import_id"])
    op.create_table(
        "orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("identity_id", _ID),
        sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("ordered_day", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cancels", sa.String()),
        sa.Column("import_id", _ID),
        sa.ForeignKeyConstraint(["identity_id"], ["client_ids.id"], name="fk_orders_identity_id"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_orders_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("source", "order_id", name="uq_orders_source_order_id"),
    )
    op.create_index("ix_orders_day", "orders", ["ordered_day"])
    op.create_index("ix_orders_identity_day", "orders", ["identity_id", "ordered_day"])
    op.create_index("ix_orders_import_id", "orders", ["import_id"])
    op.create_table(
        "order_imports",
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("order_pk", _ID, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_order_imports_import_id"),
        sa.ForeignKeyConstraint(["order_pk"], ["orders.id"], name="fk_order_imports_order_pk"),
        sa.PrimaryKeyConstraint("import_id", "order_pk", name="pk_order_imports"),
    )
    op.create_index("ix_order_imports_order_pk", "order_imports", ["order_pk"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
