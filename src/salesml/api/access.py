"""Who may call what: one table, enforced when routers are joined to the server.

A route is called `<module>.<function>`, as in `auth.token`. One that is not in the table stops the server
from starting.
"""

from collections.abc import Mapping
from enum import Enum

from fastapi.routing import APIRoute


class Access(Enum):
    """ANALYST means any user; an administrator may do everything that an analyst may."""

    PUBLIC = "public"
    ANALYST = "analyst"
    ADMIN = "admin"


ACCESS: Mapping[str, Access] = {
    "auth.token": Access.PUBLIC,
    "auth.refresh": Access.PUBLIC,
    "auth.logout": Access.ANALYST,
    "auth.me": Access.ANALYST,
    "users.list_users": Access.ADMIN,
    "users.create_user": Access.ADMIN,
    "users.get_user": Access.ADMIN,
    "users.change_user": Access.ADMIN,
    "clients.list_clients": Access.ANALYST,
    "clients.create_client": Access.ANALYST,
    "clients.get_client": Access.ANALYST,
    "clients.change_client": Access.ANALYST,
    "clients.delete_client": Access.ADMIN,
    "clients.erase_client": Access.ADMIN,
    "clients.get_data": Access.ANALYST,
    "clients.list_orders": Access.ANALYST,
    "clients.list_activity": Access.ANALYST,
    "clients.list_predictions": Access.ANALYST,
    "clients.score_client": Access.ANALYST,
    "merges.list_duplicates": Access.ANALYST,
    "merges.keep_apart": Access.ANALYST,
    "merges.merge_clients": Access.ANALYST,
    "merges.list_merges": Access.ANALYST,
    "merges.undo_merge": Access.ANALYST,
    "orders.post_orders": Access.ANALYST,
    "activity.post_activity": Access.ANALYST,
    "sources.list_sources": Access.ADMIN,
    "sources.import_rows": Access.ADMIN,
    "webhooks.woocommerce": Access.PUBLIC,
    "webhooks.shopify": Access.PUBLIC,
    "predictions.sales": Access.ANALYST,
    "predictions.purchase": Access.ANALYST,
    "predictions.sales_batch": Access.ANALYST,
    "predictions.purchase_batch": Access.ANALYST,
    "imports.import_file": Access.ANALYST,
    "imports.list_imports": Access.ANALYST,
    "imports.get_import": Access.ANALYST,
    "imports.list_rejected": Access.ANALYST,
    "imports.download_rejected": Access.ANALYST,
    "imports.undo_import": Access.ANALYST,
    "reports.get_report": Access.ANALYST,
    "exports.export_clients": Access.ANALYST,
    "exports.export_orders": Access.ANALYST,
    "exports.export_activity": Access.ANALYST,
    "exports.export_predictions": Access.ANALYST,
    "exports.export_scoring_runs": Access.ANALYST,
    "exports.export_rejected": Access.ANALYST,
    "exports.export_imports": Access.ANALYST,
    "exports.export_audit": Access.ADMIN,
    "scoring_runs.score": Access.ANALYST,
    "scoring_runs.list_runs": Access.ANALYST,
    "scoring_runs.latest_run": Access.ANALYST,
    "forecasts.list_forecasts": Access.ANALYST,
    "forecasts.latest_forecast": Access.ANALYST,
    "forecasts.list_outcomes": Access.ANALYST,
    "models.list_models": Access.ANALYST,
    "models.get_threshold": Access.ANALYST,
    "models.put_threshold": Access.ADMIN,
    "models.list_promotions": Access.ANALYST,
    "models.get_model": Access.ANALYST,
    "models.get_card": Access.ANALYST,
    "models.train": Access.ADMIN,
    "models.promote": Access.ADMIN,
    "models.roll_back": Access.ADMIN,
    "backtests.backtest": Access.ADMIN,
    "backtests.list_backtests": Access.ANALYST,
    "backtests.get_backtest": Access.ANALYST,
    "jobs.list_jobs": Access.ANALYST,
    "jobs.get_job": Access.ANALYST,
    "jobs.cancel_job": Access.ANALYST,
    "jobs.follow_job": Access.ANALYST,
    "mappings.list_mappings": Access.ANALYST,
    "mappings.get_mapping": Access.ANALYST,
    "mappings.put_mapping": Access.ANALYST,
    "mappings.delete_mapping": Access.ANALYST,
    "rates.list_rates": Access.ANALYST,
    "rates.put_rates": Access.ADMIN,
    "rates.delete_rates": Access.ADMIN,
    "schedules.list_schedules": Access.ADMIN,
    "schedules.put_schedule": Access.ADMIN,
    "schedules.delete_schedule": Access.ADMIN,
    "dashboard.get_summary": Access.ANALYST,
    "dashboard.get_sales_trend": Access.ANALYST,
    "audit.list_events": Access.ADMIN,
}


def name_of(route: APIRoute) -> str:
    """What the table calls a route; also its operation id in the OpenAPI document."""
    module = route.endpoint.__module__.rpartition(".")[2]
    return f"{module}.{route.endpoint.__name__}"


def access_of(route: APIRoute) -> Access:
    """Raises LookupError for a route that nobody gave an access."""
    try:
        return ACCESS[name_of(route)]
    except KeyError:
        raise LookupError(f"{name_of(route)} is not in salesml.api.access.ACCESS") from None
