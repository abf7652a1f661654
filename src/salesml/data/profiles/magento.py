"""Magento 2 (Adobe Commerce): the grid of orders, exported from the admin.

Columns: https://docs.magento.com/user-guide/sales/orders-workspace.html. "(Base)" is money in the shop's own
currency, "(Purchased)" in the buyer's; the file names no currency, so the shop's own is taken. It has no
customer id either: an order belongs to whoever has its e-mail address. Customers have one column of names.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ORDERS = Profile(
    name="magento-orders",
    title="Magento orders",
    kind=ImportKind.ORDERS,
    header=("ID", "Purchase Date", "Grand Total (Base)", "Grand Total (Purchased)", "Status"),
    fields={
        "order_id": ("ID",),
        "client_id": ("Customer Email",),
        "ordered_at": ("Purchase Date",),
        "amount": ("Grand Total (Base)",),
        "status": ("Status",),
        "shipping": ("Shipping and Handling",),
        "refunded": ("Total Refunded",),
    },
    note="clients are known by their e-mail address: Magento's file of orders has no customer id",
)
CUSTOMERS = Profile(
    name="magento-customers",
    title="Magento customers",
    kind=ImportKind.CLIENTS,
    header=("ID", "Name", "Email", "Group", "Customer Since"),
    fields={
        "client_id": ("Email",),
        "last_name": ("Name",),
        "email": ("Email",),
        "registered_at": ("Customer Since",),
    },
    note="clients are known by their e-mail address, as in Magento's file of orders",
)
