"""Our own exports, as they come back, and tables of activity of no known system.

The column names of any other file are guessed one by one: see `salesml.data.columns`.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ORDERS = Profile(
    name="salesml-orders",
    title="orders exported by salesml",
    kind=ImportKind.ORDERS,
    header=("order_id", "source", "client_id", "ordered_at", "amount", "currency", "kind"),
    guarded=True,
)
CLIENTS = Profile(
    name="salesml-clients",
    title="clients exported by salesml",
    kind=ImportKind.CLIENTS,
    header=("client_id", "source", "first_name", "last_name", "email", "registered_at"),
    guarded=True,
)
ACTIVITY = Profile(
    name="salesml-activity",
    title="activity exported by salesml",
    kind=ImportKind.ACTIVITY,
    header=("client_id", "source", "day", "visits", "seconds_on_site", "ad_clicks", "newsletter_opens"),
    guarded=True,
)
