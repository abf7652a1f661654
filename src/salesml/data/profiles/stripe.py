"""Stripe: payments and invoices as the dashboard exports them, and payments as the API names them.

The dashboard's columns: https://docs.cello.so/guides/attribution/stripe-reports shows the export's dialog.
The header is `id, Created date (UTC), Amount, Amount Refunded, Currency, ..., Status, ..., Customer ID,
Customer Email, ...` (`Created (UTC)` in older files), with money in major units and times in UTC. The API
(https://docs.stripe.com/api/charges/object) and Sigma write `amount` in minor units. A payment of nobody's
`Customer ID` belongs to whoever has its e-mail address. Fees are not taken off.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

PAYMENTS = Profile(
    name="stripe-payments",
    title="Stripe payments",
    kind=ImportKind.ORDERS,
    header=("id", "Amount", "Amount Refunded", "Currency", "Customer ID", "Status"),
    needs=("ordered_at",),
    fields={
        "order_id": ("id",),
        "client_id": ("Customer ID",),
        "fallback_id": ("Customer Email",),
        "ordered_at": ("Created date (UTC)", "Created (UTC)"),
        "amount": ("Amount",),
        "currency": ("Currency",),
        "status": ("Status",),
        "refunded": ("Amount Refunded",),
        "refunded_at": ("Refunded date (UTC)", "Refunded (UTC)"),
    },
    utc=True,
)
CHARGES = Profile(
    name="stripe-charges",
    title="Stripe charges of the API",
    kind=ImportKind.ORDERS,
    header=("id", "amount", "amount_refunded", "currency", "created", "status"),
    needs=("client_id",),
    fields={
        "order_id": ("id",),
        "client_id": ("customer_id", "customer"),
        "fallback_id": ("receipt_email",),
        "ordered_at": ("created",),
        "amount": ("amount",),
        "currency": ("currency",),
        "status": ("status",),
        "refunded": ("amount_refunded",),
    },
    utc=True,
    minor=True,
)
INVOICES = Profile(
    name="stripe-invoices",
    title="Stripe invoices",
    kind=ImportKind.ORDERS,
    header=("id", "Amount Due", "Amount Paid", "Currency", "Customer", "Status"),
    needs=("ordered_at",),
    fields={
        "order_id": ("id", "Number"),
        "client_id": ("Customer",),
        "fallback_id": ("Customer Email",),
        "ordered_at": ("Paid At (UTC)", "Finalized At (UTC)", "Date (UTC)", "Created (UTC)"),
        "amount": ("Amount Paid",),
        "currency": ("Currency",),
        "status": ("Status",),
        "tax": ("Tax",),
    },
    utc=True,
)
