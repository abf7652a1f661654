"""PrestaShop: the table of orders, as its SQL manager exports it, and the list of orders of the back office.

Columns of the table: https://github.com/PrestaShop/PrestaShop/blob/develop/install-dev/data/db_structure.sql
(`orders`); `valid` is 1 once an order counts as sold. The list (Orders > Export,
https://doc.prestashop.com/display/PS17/Orders) names the customer as "J. Doe" only, which is nobody's id:
it needs `--map client_id=COLUMN`.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ORDERS = Profile(
    name="prestashop-orders",
    title="PrestaShop orders",
    kind=ImportKind.ORDERS,
    header=("id_order", "id_customer", "date_add", "total_paid_tax_incl"),
    fields={
        "order_id": ("id_order",),
        "client_id": ("id_customer",),
        "ordered_at": ("date_add",),
        "amount": ("total_paid_tax_incl",),
        "shipping": ("total_shipping_tax_incl",),
        "currency": ("currency", "iso_code"),
        "status": ("valid", "order_state", "status"),
    },
    guests=("0",),
    net={"amount": ("total_paid_tax_excl",), "shipping": ("total_shipping_tax_excl",)},
)
LIST = Profile(
    name="prestashop-list",
    title="PrestaShop's list of orders",
    kind=ImportKind.ORDERS,
    header=("Reference", "New client", "Customer", "Total", "Payment", "Status", "Date"),
    fields={
        "order_id": ("ID", "Reference"),
        "ordered_at": ("Date",),
        "amount": ("Total",),
        "status": ("Status",),
    },
    note="the list names no customer's id; map a column of yours to client_id",
)
