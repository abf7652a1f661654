"""WooCommerce: order exports by the extensions that write one row an order.

The core has no export of orders with its customers; its extensions share these names:
https://woocommerce.com/document/import-and-export-of-woocommerce-orders/ (`order_date`, `customer_id`) and
https://woocommerce.com/document/ordercustomer-csv-export/ (`date`, `refunded_total`). `shipping_total` is
without its tax, which `shipping_tax_total` has; `tax_total` has the tax of everything else too. Where an
order's rows repeat its total for each item, equal rows count once. A guest's `customer_id` is 0; such an
order belongs to whoever has its e-mail address.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ORDERS = Profile(
    name="woocommerce-orders",
    title="WooCommerce orders",
    kind=ImportKind.ORDERS,
    header=("order_id", "status", "order_total", "shipping_total", "billing_email"),
    fields={
        "order_id": ("order_number", "order_id"),
        "client_id": ("customer_id", "customer_user"),
        "fallback_id": ("billing_email",),
        "ordered_at": ("order_date", "date", "date_created", "paid_date"),
        "amount": ("order_total",),
        "currency": ("order_currency", "currency"),
        "status": ("status",),
        "tax": ("tax_total",),
        "shipping": ("shipping_total",),
        "shipping_tax": ("shipping_tax_total",),
        "refunded": ("refunded_total", "total_refunded", "refund_total"),
    },
    guests=("0",),
)
CUSTOMERS = Profile(
    name="woocommerce-customers",
    title="WooCommerce customers",
    kind=ImportKind.CLIENTS,
    header=("customer_id", "first_name", "last_name", "email", "date_registered"),
    fields={
        "client_id": ("customer_id",),
        "first_name": ("first_name",),
        "last_name": ("last_name",),
        "email": ("email",),
        "registered_at": ("date_registered",),
    },
)
