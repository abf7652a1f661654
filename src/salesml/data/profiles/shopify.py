"""Shopify: orders and customers as its admin exports them.

Columns of orders: https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders; the order's
totals stand on the first of its rows, each further row only lists one more item. The file has no customer id,
so an order belongs to whoever has its e-mail address. Nothing says when money went back: an order that was
cancelled is refunded on that day, any other one on the day of the order. Columns of customers:
https://help.shopify.com/manual/customers/import-export-customers.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ORDERS = Profile(
    name="shopify-orders",
    title="Shopify orders",
    kind=ImportKind.ORDERS,
    header=("Name", "Email", "Financial Status", "Created at", "Total", "Lineitem name"),
    fields={
        "order_id": ("Name",),
        "client_id": ("Email",),
        "ordered_at": ("Created at",),
        "amount": ("Total",),
        "currency": ("Currency",),
        "status": ("Financial Status",),
        "tax": ("Taxes",),
        "shipping": ("Shipping",),
        "refunded": ("Refunded Amount",),
        "refunded_at": ("Cancelled at",),
    },
    continues=("amount", "status"),
    note="clients are known by their e-mail address: Shopify's file of orders has no customer id",
)
CUSTOMERS = Profile(
    name="shopify-customers",
    title="Shopify customers",
    kind=ImportKind.CLIENTS,
    header=("First Name", "Last Name", "Email", "Total Spent", "Total Orders"),
    fields={
        "client_id": ("Email",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "email": ("Email",),
        "marketing_email": ("Accepts Email Marketing", "Accepts Marketing"),
    },
    note="clients are known by their e-mail address, as in Shopify's file of orders",
)
