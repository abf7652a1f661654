"""Saved mappings: how the files of a shop are read."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from salesml.api.dependencies import AnyUser, Tx
from salesml.api.schemas.mappings import MappingIn, MappingOut, MappingsOut
from salesml.core.mappings import restored
from salesml.services import mappings

router = APIRouter(prefix="/mappings", tags=["mappings"])
Name = Annotated[str, Path(max_length=64, examples=["my shop"])]


@router.get("")
async def list_mappings(tx: Tx) -> MappingsOut:
    """Every saved mapping, by name."""
    found = await tx.read(mappings.list_mappings)
    return MappingsOut(items=[MappingOut.of(each) for each in found], total=len(found))


@router.get("/{name}")
async def get_mapping(name: Name, tx: Tx) -> MappingOut:
    """One saved mapping."""
    return MappingOut.of(await tx.read(mappings.get, name))


@router.put("/{name}")
async def put_mapping(name: Name, body: MappingIn, user: AnyUser, tx: Tx) -> MappingOut:
    """Keep the choices of an import under a name, or change them. `POST /imports` takes it as `saved`."""
    options = restored(body.options.model_dump(exclude_none=True))
    mapping = await tx.run(mappings.put, name, body.kind, options, actor=user.email, now=datetime.now(UTC))
    return MappingOut.of(mapping)


@router.delete("/{name}", status_code=204)
async def delete_mapping(name: Name, user: AnyUser, tx: Tx) -> None:
    """Forget a mapping; what was imported with it stays."""
    await tx.run(mappings.delete, name, actor=user.email, now=datetime.now(UTC))
