"""Table classes, one file a noun. A row class ends in `Row` and never leaves `db`."""

from salesml.db.tables.activity import ActivityCoverageRow, ActivityRow, LiveCoverageRow
from salesml.db.tables.audit import AuditEventRow
from salesml.db.tables.base import Row
from salesml.db.tables.clients import (
    ClientIdRow,
    ClientMergeRow,
    ClientRow,
    DistinctClientsRow,
    ErasedRow,
)
from salesml.db.tables.forecasts import CompanyForecastRow, ForecastOutcomeRow
from salesml.db.tables.idempotency import IdempotencyKeyRow
from salesml.db.tables.imports import (
    ImportChangeRow,
    ImportRejectRow,
    ImportReportRow,
    ImportRow,
)
from salesml.db.tables.installation import InstallationRow
from salesml.db.tables.jobs import JobRow
from salesml.db.tables.login_attempts import LoginAttemptRow
from salesml.db.tables.mappings import MappingRow
from salesml.db.tables.models import BacktestRow, ChampionRow, ModelVersionRow, PromotionRow
from salesml.db.tables.orders import OrderRepeatRow, OrderRow
from salesml.db.tables.predictions import (
    ClientActivityRow,
    ClientOutlookRow,
    PurchasePredictionRow,
    SalesPredictionRow,
    ScoringRunRow,
)
from salesml.db.tables.rates import CurrencyRateRow
from salesml.db.tables.schedules import CronFiringRow, ScheduleRow
from salesml.db.tables.sessions import RefreshTokenRow, SessionRow
from salesml.db.tables.summaries import SummaryRow
from salesml.db.tables.users import UserRow
from salesml.db.tables.watermarks import WatermarkRow
from salesml.db.tables.webhooks import WebhookOrderRow

__all__ = [
    "ActivityCoverageRow",
    "ActivityRow",
    "AuditEventRow",
    "BacktestRow",
    "ChampionRow",
    "ClientActivityRow",
    "ClientIdRow",
    "ClientMergeRow",
    "ClientOutlookRow",
    "ClientRow",
    "CompanyForecastRow",
    "CronFiringRow",
    "CurrencyRateRow",
    "DistinctClientsRow",
    "ErasedRow",
    "ForecastOutcomeRow",
    "IdempotencyKeyRow",
    "ImportChangeRow",
    "ImportRejectRow",
    "ImportReportRow",
    "ImportRow",
    "InstallationRow",
    "JobRow",
    "LiveCoverageRow",
    "LoginAttemptRow",
    "MappingRow",
    "ModelVersionRow",
    "OrderRepeatRow",
    "OrderRow",
    "PromotionRow",
    "PurchasePredictionRow",
    "RefreshTokenRow",
    "Row",
    "SalesPredictionRow",
    "ScheduleRow",
    "ScoringRunRow",
    "SessionRow",
    "SummaryRow",
    "UserRow",
    "WatermarkRow",
    "WebhookOrderRow",
]
