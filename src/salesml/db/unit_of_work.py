"""Every repository on one session."""

from functools import cached_property

from sqlalchemy.orm import Session

from salesml.db.repositories.activity import SqlActivityRepository
from salesml.db.repositories.audit import SqlAuditRepository
from salesml.db.repositories.backtests import SqlBacktestRepository
from salesml.db.repositories.clients import SqlClientRepository
from salesml.db.repositories.exports import SqlExportRepository
from salesml.db.repositories.forecasts import SqlForecastRepository
from salesml.db.repositories.idempotency import SqlIdempotencyRepository
from salesml.db.repositories.imports import SqlImportRepository
from salesml.db.repositories.installation import SqlInstallationRepository
from salesml.db.repositories.jobs import SqlJobRepository
from salesml.db.repositories.login_attempts import SqlLoginAttemptRepository
from salesml.db.repositories.mappings import SqlMappingRepository
from salesml.db.repositories.merges import SqlMergeRepository
from salesml.db.repositories.models import SqlModelRepository
from salesml.db.repositories.orders import SqlOrderRepository
from salesml.db.repositories.outcomes import SqlOutcomeRepository
from salesml.db.repositories.predictions import SqlPredictionRepository
from salesml.db.repositories.rates import SqlRateRepository
from salesml.db.repositories.refresh_tokens import SqlRefreshTokenRepository
from salesml.db.repositories.reports import SqlReportRepository
from salesml.db.repositories.schedules import SqlScheduleRepository
from salesml.db.repositories.sessions import SqlSessionRepository
from salesml.db.repositories.summaries import SqlSummaryRepository
from salesml.db.repositories.users import SqlUserRepository
from salesml.db.repositories.watermarks import SqlWatermarkRepository
from salesml.db.repositories.webhooks import SqlWebhookRepository


class SqlUnitOfWork:
    """Has no commit: the transaction ends where it began, in `transactions`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def activity(self) -> SqlActivityRepository:
        return SqlActivityRepository(self._session)

    @cached_property
    def audit(self) -> SqlAuditRepository:
        return SqlAuditRepository(self._session)

    @cached_property
    def backtests(self) -> SqlBacktestRepository:
        return SqlBacktestRepository(self._session)

    @cached_property
    def clients(self) -> SqlClientRepository:
        return SqlClientRepository(self._session)

    @cached_property
    def idempotency(self) -> SqlIdempotencyRepository:
        return SqlIdempotencyRepository(self._session)

    @cached_property
    def exports(self) -> SqlExportRepository:
        return SqlExportRepository(self._session)

    @cached_property
    def forecasts(self) -> SqlForecastRepository:
        return SqlForecastRepository(self._session)

    @cached_property
    def imports(self) -> SqlImportRepository:
        return SqlImportRepository(self._session)

    @cached_property
    def installation(self) -> SqlInstallationRepository:
        return SqlInstallationRepository(self._session)

    @cached_property
    def jobs(self) -> SqlJobRepository:
        return SqlJobRepository(self._session)

    @cached_property
    def login_attempts(self) -> SqlLoginAttemptRepository:
        return SqlLoginAttemptRepository(self._session)

    @cached_property
    def mappings(self) -> SqlMappingRepository:
        return SqlMappingRepository(self._session)

    @cached_property
    def merges(self) -> SqlMergeRepository:
        return SqlMergeRepository(self._session)

    @cached_property
    def models(self) -> SqlModelRepository:
        return SqlModelRepository(self._session)

    @cached_property
    def orders(self) -> SqlOrderRepository:
        return SqlOrderRepository(self._session)

    @cached_property
    def outcomes(self) -> SqlOutcomeRepository:
        return SqlOutcomeRepository(self._session)

    @cached_property
    def predictions(self) -> SqlPredictionRepository:
        return SqlPredictionRepository(self._session)

    @cached_property
    def rates(self) -> SqlRateRepository:
        return SqlRateRepository(self._session)

    @cached_property
    def refresh_tokens(self) -> SqlRefreshTokenRepository:
        return SqlRefreshTokenRepository(self._session)

    @cached_property
    def reports(self) -> SqlReportRepository:
        return SqlReportRepository(self._session)

    @cached_property
    def schedules(self) -> SqlScheduleRepository:
        return SqlScheduleRepository(self._session)

    @cached_property
    def sessions(self) -> SqlSessionRepository:
        return SqlSessionRepository(self._session)

    @cached_property
    def summaries(self) -> SqlSummaryRepository:
        return SqlSummaryRepository(self._session)

    @cached_property
    def users(self) -> SqlUserRepository:
        return SqlUserRepository(self._session)

    @cached_property
    def watermarks(self) -> SqlWatermarkRepository:
        return SqlWatermarkRepository(self._session)

    @cached_property
    def webhooks(self) -> SqlWebhookRepository:
        return SqlWebhookRepository(self._session)
