"""One transaction and every repository in it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from salesml.services.ports.activity import ActivityRepository
from salesml.services.ports.audit import AuditRepository
from salesml.services.ports.backtests import BacktestRepository
from salesml.services.ports.clients import ClientRepository
from salesml.services.ports.exports import ExportRepository
from salesml.services.ports.forecasts import ForecastRepository
from salesml.services.ports.idempotency import IdempotencyRepository
from salesml.services.ports.imports import ImportRepository
from salesml.services.ports.installation import InstallationRepository
from salesml.services.ports.jobs import JobRepository
from salesml.services.ports.login_attempts import LoginAttemptRepository
from salesml.services.ports.mappings import MappingRepository
from salesml.services.ports.merges import MergeRepository
from salesml.services.ports.models import ModelRepository
from salesml.services.ports.orders import OrderRepository
from salesml.services.ports.outcomes import OutcomeRepository
from salesml.services.ports.predictions import PredictionRepository
from salesml.services.ports.rates import RateRepository
from salesml.services.ports.refresh_tokens import RefreshTokenRepository
from salesml.services.ports.reports import ReportRepository
from salesml.services.ports.schedules import ScheduleRepository
from salesml.services.ports.sessions import SessionRepository
from salesml.services.ports.summaries import SummaryRepository
from salesml.services.ports.users import UserRepository
from salesml.services.ports.watermarks import WatermarkRepository
from salesml.services.ports.webhooks import WebhookRepository

P = ParamSpec("P")
T = TypeVar("T")


class UnitOfWork(Protocol):
    """Has no commit: the transaction ends where it began, at the edge."""

    @property
    def activity(self) -> ActivityRepository: ...
    @property
    def audit(self) -> AuditRepository: ...
    @property
    def backtests(self) -> BacktestRepository: ...
    @property
    def clients(self) -> ClientRepository: ...
    @property
    def idempotency(self) -> IdempotencyRepository: ...
    @property
    def exports(self) -> ExportRepository: ...
    @property
    def forecasts(self) -> ForecastRepository: ...
    @property
    def imports(self) -> ImportRepository: ...
    @property
    def installation(self) -> InstallationRepository: ...
    @property
    def jobs(self) -> JobRepository: ...
    @property
    def login_attempts(self) -> LoginAttemptRepository: ...
    @property
    def mappings(self) -> MappingRepository: ...
    @property
    def merges(self) -> MergeRepository: ...
    @property
    def models(self) -> ModelRepository: ...
    @property
    def orders(self) -> OrderRepository: ...
    @property
    def outcomes(self) -> OutcomeRepository: ...
    @property
    def predictions(self) -> PredictionRepository: ...
    @property
    def rates(self) -> RateRepository: ...
    @property
    def refresh_tokens(self) -> RefreshTokenRepository: ...
    @property
    def reports(self) -> ReportRepository: ...
    @property
    def schedules(self) -> ScheduleRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def summaries(self) -> SummaryRepository: ...
    @property
    def users(self) -> UserRepository: ...
    @property
    def watermarks(self) -> WatermarkRepository: ...
    @property
    def webhooks(self) -> WebhookRepository: ...


class Transactions(Protocol):
    """Runs a use case in one transaction."""

    def run(self, use_case: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Begin for writing, commit on return, roll back on raise."""

    def read(self, use_case: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same on a read-only snapshot, never waiting for a writer."""

    def scrub(self, *, deeply: bool = False) -> None:
        """Leave nothing of what was deleted in the database's own files; call it after a deletion, `deeply`
        after an erasure, which may wait a while for PostgreSQL's vacuum."""


class AsyncTransactions(Protocol):
    """The same for coroutines: each use case runs in one of a bounded number of threads, never on the
    event loop. A cancelled await does not stop a use case that has begun."""

    async def run(
        self, use_case: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Begin for writing, commit on return, roll back on raise."""

    async def read(
        self, use_case: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same on a read-only snapshot, never waiting for a writer."""

    async def scrub(self, *, deeply: bool = False) -> None:
        """Leave nothing of what was deleted in the database's own files; call it after a deletion, `deeply`
        after an erasure, which may wait a while for PostgreSQL's vacuum."""

    def close(self) -> None:
        """Wait for what has begun, and take nothing more."""
