"""Work that recurs: who may ask for it, and when it becomes a job.

Times are those of the business clock, on days of a clock change as in Debian's cron: what is due in a
missing hour fires right behind it, what is due in a doubled hour fires once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from salesml.core.errors import InvalidValue
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.core.schedules import Firing, Schedule
from salesml.ml.estimators import find_estimator
from salesml.services import installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.sources import SourceRequest

MADE_UP_FOR = timedelta(days=1)
"""A firing that was missed for longer is let go."""
_USUAL = timedelta(minutes=15)
"""Where the latest time of a line that fires often is found, without counting through a day."""
_FIELDS = 5
_REMEMBERED = timedelta(days=7)
_DEFAULT_ARGS: Mapping[JobKind, Mapping[str, object]] = {
    JobKind.IMPORT: {},
    JobKind.OUTCOMES: {},
    JobKind.SCORING: {},
    JobKind.TRAINING: {"targets": " ".join(Target), "estimator": None},
}
"""Kinds that need nothing of the moment but its date; an import reads a foreign database."""


def create(
    uow: UnitOfWork,
    *,
    name: str,
    cron: str,
    kind: JobKind,
    args: Mapping[str, object],
    created_by: str,
    now: datetime,
    connections: Collection[str] = (),
) -> Schedule:
    """Add work that recurs from now on. `args` change the defaults of its kind; an import names one of the
    foreign databases that are `connections`.

    Raises InvalidValue for a name, line, kind or argument that cannot be, AlreadyExists for a known name.
    """
    zone = installation.current(uow).zone
    _check(cron, now.astimezone(zone))
    if kind not in _DEFAULT_ARGS:
        raise InvalidValue("kind", f"must be one of {', '.join(_DEFAULT_ARGS)}")
    args = _checked(kind, args, connections)
    schedule = Schedule(
        name=name,
        cron=" ".join(cron.split()),
        kind=kind,
        args={**_DEFAULT_ARGS[kind], **args},
        created_at=now,
        created_by=created_by,
    )
    uow.schedules.add(schedule)
    uow.audit.add(at=now, actor=created_by, action="schedule.created", subject=name, detail={"cron": cron})
    return schedule


def put(
    uow: UnitOfWork,
    *,
    name: str,
    cron: str,
    kind: JobKind,
    args: Mapping[str, object],
    created_by: str,
    now: datetime,
    connections: Collection[str] = (),
) -> Schedule:
    """Add work that recurs from now on, in place of what had this name. Raises InvalidValue."""
    if any(schedule.name == name for schedule in uow.schedules.list()):
        uow.schedules.remove(name)
    return create(
        uow,
        name=name,
        cron=cron,
        kind=kind,
        args=args,
        created_by=created_by,
        now=now,
        connections=connections,
    )


def list_schedules(uow: UnitOfWork) -> Sequence[Schedule]:
    """All schedules, by name."""
    return uow.schedules.list()


def delete(uow: UnitOfWork, name: str, *, actor: str, now: datetime) -> None:
    """Stop work from recurring; jobs that it has become go on. Raises NotFound."""
    uow.schedules.remove(name)
    uow.audit.add(at=now, actor=actor, action="schedule.deleted", subject=name, detail={})


def due(uow: UnitOfWork, *, now: datetime) -> Sequence[Firing]:
    """Times at or before now that have not become a job: of each schedule only the latest one, if it is
    later than the schedule and not older than a day."""
    zone = installation.current(uow).zone
    latest = (_latest(schedule, now, zone) for schedule in uow.schedules.list() if schedule.is_active)
    return [firing for firing in latest if firing is not None and not uow.schedules.has_fired(firing)]


def fire(uow: UnitOfWork, *, now: datetime) -> Sequence[Job]:
    """Make a job of every time that is due; answers the jobs. However many workers do so, it happens once.

    While an earlier job of the same schedule is unfinished, that one stands for the new one as well.
    """
    fired = [firing for firing in due(uow, now=now) if uow.schedules.fire(firing, now)]
    if fired:
        uow.schedules.forget(now - _REMEMBERED)
    return [_enqueue(uow, firing.schedule, now) for firing in fired]


def times(cron: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When a line is due after a moment, in order."""
    return CronSim(cron, after.astimezone(zone))


def _enqueue(uow: UnitOfWork, schedule: Schedule, now: datetime) -> Job:
    by = f"schedule:{schedule.name}"
    return jobs.enqueue(uow, schedule.kind, schedule.args, unique_key=by, created_by=by, now=now)


def _latest(schedule: Schedule, now: datetime, zone: ZoneInfo) -> Firing | None:
    for window in (_USUAL, MADE_UP_FOR):
        begin = max(schedule.created_at, now - window)
        # In the second pass of a doubled hour, counting begins anew with times of the first one.
        passed = [
            at for at in takewhile(lambda at: at <= now, times(schedule.cron, begin, zone)) if at > begin
        ]
        if passed:
            return Firing(schedule=schedule, at=passed[-1])
    return None


def _checked(kind: JobKind, args: Mapping[str, object], connections: Collection[str]) -> Mapping[str, object]:
    if kind is JobKind.IMPORT:
        return SourceRequest.of(args).checked(connections).args
    if unknown := sorted(set(args) - set(_DEFAULT_ARGS[kind])):
        raise InvalidValue("args", f"{unknown[0]!r} is not an argument of {kind}")
    targets = str(args.get("targets", " ".join(Target))).split()
    if not targets or not set(targets) <= set(Target):
        raise InvalidValue("args", f"targets must be some of {', '.join(Target)}, with a space between")
    if (estimator := args.get("estimator")) is not None:
        for target in targets:
            find_estimator(str(estimator), Target(target))
    return args


def _check(cron: str, now: datetime) -> None:
    if len(cron.split()) != _FIELDS:
        raise InvalidValue("cron", "must have five fields: minute, hour, day of month, month, day of week")
    try:
        next(CronSim(cron, now))
    except CronSimError as error:
        raise InvalidValue("cron", str(error).lower()) from None
    except StopIteration:
        raise InvalidValue("cron", "names a day that never comes") from None
