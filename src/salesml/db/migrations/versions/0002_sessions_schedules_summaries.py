"""Sessions, refresh tokens, schedules and summaries; what serving needs of users and jobs

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
_RUNNING = sa.text("status = 'running'")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("language", sa.String(), nullable=True))
        users.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(
            sa.Column("cancel_requested", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_index(
        "uq_jobs_running_kind",
        "jobs",
        ["kind"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.drop_index("ix_orders_day", "orders")
    op.create_index("ix_orders_day", "orders", ["ordered_day", "amount"])
    _sessions()
    _client_lists()
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("args", _JSON, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )
    op.create_table(
        "cron_firings",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fired_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cron_firings")),
    )
    op.create_table(
        "summaries",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("computed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_summaries")),
    )


_SORT_KEYS = ("predicted_sales", "purchase_probability", "days_since_last_purchase", "tenure_months")


def _client_lists() -> None:
    """Lists of clients are sorted and filtered by one table; what was sent live makes days known too."""
    with op.batch_alter_table("client_activity") as snapshots:
        snapshots.add_column(
            sa.Column("predicted_sales", sa.BigInteger(), nullable=False, server_default="0")
        )
        snapshots.add_column(
            sa.Column("purchase_probability", sa.Float(), nullable=False, server_default="0")
        )
    for name in ("predicted_sales", "purchase_probability"):
        table = "sales_predictions" if name == "predicted_sales" else "purchase_predictions"
        op.execute(
            f"UPDATE client_activity SET {name} = coalesce((SELECT p.{name} FROM {table} AS p "
            f"WHERE p.run_id = client_activity.run_id AND p.client_id = client_activity.client_id), 0)"
        )
    for key in _SORT_KEYS:
        others = [name for name in _SORT_KEYS if name != key]
        op.create_index(f"ix_client_activity_{key}", "client_activity", ["run_id", key, "client_id", *others])
    for kind in ("sales", "purchase"):
        op.drop_index(f"ix_{kind}_predictions_order", f"{kind}_predictions")
    op.create_index("ix_clients_registered_at", "clients", ["registered_at", "id"])
    op.create_index(op.f("ix_client_ids_external_id"), "client_ids", ["external_id"])
    op.create_index("ix_import_changes_row", "import_changes", ["table", "row_key"])
    op.create_table(
        "live_coverage",
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("metric", name=op.f("pk_live_coverage")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_refresh_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_user_id"), "refresh_tokens", ["user_id"])
    op.create_index(op.f("ix_refresh_tokens_family"), "refresh_tokens", ["family"])
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_since"), "login_attempts", ["since"])


def downgrade() -> None:
    op.drop_table("live_coverage")
    op.drop_index("ix_import_changes_row", "import_changes")
    op.drop_index(op.f("ix_client_ids_external_id"), "client_ids")
    op.drop_index("ix_clients_registered_at", "clients")
    for kind, key in (("sales", "predicted_sales"), ("purchase", "purchase_probability")):
        columns = ["run_id", key, "client_id"]
        op.create_index(f"ix_{kind}_predictions_order", f"{kind}_predictions", columns)
    for key in _SORT_KEYS:
        op.drop_index(f"ix_client_activity_{key}", "client_activity")
    with op.batch_alter_table("client_activity") as snapshots:
        snapshots.drop_column("purchase_probability")
        snapshots.drop_column("predicted_sales")
    for table in ("summaries", "cron_firings", "schedules", "login_attempts", "refresh_tokens", "sessions"):
        op.drop_table(table)
    op.drop_index("ix_orders_day", "orders")
    op.create_index("ix_orders_day", "orders", ["ordered_day"])
    op.drop_index("uq_jobs_running_kind", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("cancel_requested")
    with op.batch_alter_table("users") as users:
        users.drop_column("revision")
        users.drop_column("language")
