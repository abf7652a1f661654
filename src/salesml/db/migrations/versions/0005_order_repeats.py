"""Of the imports that brought an order, only those that repeated it are kept beside it

`orders.import_id` has said all along who brought it first. Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BROUGHT = (
    "SELECT import_id, id AS order_pk FROM orders WHERE import_id IS NOT NULL "
    "UNION ALL SELECT import_id, order_pk FROM order_repeats"
)


def upgrade() -> None:
    _table("order_repeats", sqlite_with_rowid=False)
    op.execute(
        "INSERT INTO order_repeats (import_id, order_pk) SELECT b.import_id, b.order_pk "
        "FROM order_imports AS b JOIN orders AS o ON o.id = b.order_pk "
        "WHERE o.import_id IS NULL OR o.import_id <> b.import_id"
    )
    op.drop_table("order_imports")
    with op.batch_alter_table("orders") as batch:
        batch.drop_constraint("fk_orders_import_id", type_="foreignkey")
    # On SQLite a view stands in the way of rebuilding the tables that it names: drop it before.
    op.execute(f"CREATE VIEW order_imports AS {_BROUGHT}")


def downgrade() -> None:
    op.execute("DROP VIEW order_imports")
    with op.batch_alter_table("orders") as batch:
        batch.create_foreign_key("fk_orders_import_id", "imports", ["import_id"], ["id"])
    _table("order_imports")
    op.execute(f"INSERT INTO order_imports (import_id, order_pk) {_BROUGHT}")
    op.drop_table("order_repeats")


def _table(name: str, **options: bool) -> None:
    op.create_table(
        name,
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("order_pk", _ID, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=f"fk_{name}_import_id"),
        sa.ForeignKeyConstraint(["order_pk"], ["orders.id"], name=f"fk_{name}_order_pk"),
        sa.PrimaryKeyConstraint("import_id", "order_pk", name=f"pk_{name}"),
        **options,
    )
    op.create_index(f"ix_{name}_order_pk", name, ["order_pk"])
