"""What complete imports need: consents, merged clients, currencies, mappings, reports, watermarks

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_CONSENTS = ("marketing_email", "ad_user_data", "ad_personalization")
_TABLES = (
    "webhook_orders",
    "idempotency_keys",
    "watermarks",
    "currency_rates",
    "mappings",
    "import_reports",
    "distinct_clients",
    "client_merges",
)


def upgrade() -> None:
    for name in _CONSENTS:
        op.add_column("clients", sa.Column(name, sa.Boolean(), nullable=True))
        op.add_column("clients", sa.Column(f"{name}_at", _INSTANT, nullable=True))
    op.add_column("orders", sa.Column("original_amount", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("original_currency", sa.String(), nullable=True))
    op.add_column("import_rejects", sa.Column("record", sa.String(), nullable=True))
    _merges()
    op.create_table(
        "import_reports",
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("report", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_reports_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_reports")),
    )
    op.create_table(
        "mappings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mappings")),
    )
    op.create_table(
        "currency_rates",
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("rate", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name=op.f("pk_currency_rates")),
    )
    op.create_table(
        "watermarks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"])
    _webhooks()


def _webhooks() -> None:
    op.create_table(
        "webhook_orders",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("order_pk", _ID, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_pk"], ["orders.id"], name=op.f("fk_webhook_orders_order_pk_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "shop_id", "part", name=op.f("pk_webhook_orders")),
    )
    op.create_index(op.f("ix_webhook_orders_order_pk"), "webhook_orders", ["order_pk"])


def _merges() -> None:
    op.create_table(
        "client_merges",
        sa.Column("id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("merged_client_id", _ID, nullable=False),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("identities", _JSON, nullable=False),
        sa.Column("merged_at", _INSTANT, nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_client_merges_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_merges")),
    )
    op.create_index(op.f("ix_client_merges_client_id"), "client_merges", ["client_id"])
    op.create_table(
        "distinct_clients",
        sa.Column("first_id", _ID, nullable=False),
        sa.Column("second_id", _ID, nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["clients.id"], name=op.f(f"fk_distinct_clients_{name}_clients"))
            for name in ("first_id", "second_id")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_distinct_clients")),
    )
    op.create_index(op.f("ix_distinct_clients_second_id"), "distinct_clients", ["second_id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("import_rejects", "record")
    for column in ("original_currency", "original_amount"):
        op.drop_column("orders", column)
    for name in _CONSENTS:
        op.drop_column("clients", f"{name}_at")
        op.drop_column("clients", name)
