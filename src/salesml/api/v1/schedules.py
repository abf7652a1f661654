"""Work that recurs; for administrators."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from salesml.api.dependencies import AdminUser, State, Tx
from salesml.api.schemas.schedules import ScheduleIn, ScheduleOut, SchedulesOut
from salesml.services import schedules

router = APIRouter(prefix="/schedules", tags=["schedules"])
Name = Annotated[str, Path(max_length=64, examples=["nightly"])]


@router.get("")
async def list_schedules(tx: Tx) -> SchedulesOut:
    """Every schedule, by name."""
    found = await tx.read(schedules.list_schedules)
    return SchedulesOut(items=[ScheduleOut.of(each) for each in found], total=len(found))


@router.put("/{name}")
async def put_schedule(name: Name, body: ScheduleIn, admin: AdminUser, state: State) -> ScheduleOut:
    """Let work recur, or change when and how it does. An import reads a foreign database that the settings
    of the server name."""
    schedule = await state.tx.run(
        schedules.put,
        name=name,
        cron=body.cron,
        kind=body.kind,
        args=body.args,
        created_by=admin.email,
        now=datetime.now(UTC),
        connections=state.app.settings.sources.keys(),
    )
    return ScheduleOut.of(schedule)


@router.delete("/{name}", status_code=204)
async def delete_schedule(name: Name, admin: AdminUser, tx: Tx) -> None:
    """Stop work from recurring; jobs that it has become go on."""
    await tx.run(schedules.delete, name, actor=admin.email, now=datetime.now(UTC))
