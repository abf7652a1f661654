"""Trained versions and champions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import AlreadyExists, NotFound
from salesml.core.models import (
    HORIZON_DAYS,
    Artifact,
    Champion,
    Folded,
    ModelRole,
    ModelVersion,
    Promotion,
    Target,
)
from salesml.db.tables import ChampionRow, ModelVersionRow, PromotionRow

_VERSION = ModelVersionRow.__table__.columns
_CHAMPION = ChampionRow.__table__.columns
_PROMOTION = PromotionRow.__table__.columns
_PLAIN = (
    "estimator as_of_day horizon_days ignored metrics baselines training parameters evidence intervals "
    "verdict created_at created_by"
).split()
"""Fields that a version and its row hold under the same name and in the same form."""


class SqlModelRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, version: ModelVersion) -> ModelVersion:
        """Store a version; its id is given here and that of the argument ignored."""
        new = insert(ModelVersionRow).values(_row_of(version)).returning(*_VERSION)
        return _version(self._session.execute(new).mappings().one())

    def get(self, version_id: int) -> ModelVersion:
        """Raises NotFound."""
        query = select(*_VERSION).where(col(ModelVersionRow.id) == version_id)
        row = self._session.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"there is no model version {version_id}")
        return _version(row)

    def list(
        self,
        target: Target | None = None,
        role: ModelRole | None = None,
        *,
        limit: int | None = None,
        before_id: int | None = None,
    ) -> Sequence[ModelVersion]:
        """Versions, the newest first; with ids below `before_id`."""
        query = select(*_VERSION).order_by(col(ModelVersionRow.id).desc()).limit(limit)
        if target is not None:
            query = query.where(col(ModelVersionRow.target) == target.value)
        if role is not None:
            query = query.where(col(ModelVersionRow.role) == role.value)
        if before_id is not None:
            query = query.where(col(ModelVersionRow.id) < before_id)
        return [_version(row) for row in self._session.execute(query).mappings()]

    def champion(self, target: Target, role: ModelRole, horizon_days: int | None = None) -> Champion | None:
        """Of the target's usual horizon, unless another is asked for."""
        query = select(*_CHAMPION).where(_held(target, role, horizon_days or HORIZON_DAYS[target]))
        row = self._session.execute(query).mappings().first()
        return None if row is None else _champion(row)

    def champions(self) -> Sequence[Champion]:
        """Every champion there is, by target, role and horizon."""
        query = select(*_CHAMPION).order_by(
            col(ChampionRow.target), col(ChampionRow.role), col(ChampionRow.horizon_days)
        )
        return [_champion(row) for row in self._session.execute(query).mappings()]

    def crown(
        self,
        target: Target,
        role: ModelRole,
        version_id: int,
        *,
        expected_revision: int,
        actor: str,
        note: str,
        now: datetime,
    ) -> Champion:
        """Change the champion of the version's horizon by compare-and-set (revision 0 means "none yet").

        The promotion is remembered. Raises AlreadyExists when someone else changed it first, NotFound for
        an unknown version or one of another target or role.
        """
        version = self.get(version_id)
        if (version.target, version.role) != (target, role):
            raise NotFound(f"there is no {target}-{role} version {version_id}")
        values = {"version_id": version_id, "revision": expected_revision + 1, "since": now, "note": note}
        holder = self.champion(target, role, version.horizon_days)
        if expected_revision:
            row = self._replace(version, expected_revision, values)
        else:
            row = self._first(version, values)
        if row is None:
            raise AlreadyExists(f"the champion of {target}-{role} was changed by someone else")
        promotion = {
            **{name: row[name] for name in ("target", "role", "horizon_days", "version_id", "note")},
            "previous_id": None if holder is None else holder.version_id,
            "at": now,
            "actor": actor,
        }
        self._session.execute(insert(PromotionRow).values(promotion))
        return _champion(row)

    def promotions(
        self,
        target: Target | None = None,
        role: ModelRole | None = None,
        horizon_days: int | None = None,
        *,
        limit: int,
        before_id: int | None = None,
    ) -> Sequence[Promotion]:
        """How champions changed, the newest first; with ids below `before_id`."""
        query = select(*_PROMOTION).order_by(col(PromotionRow.id).desc()).limit(limit)
        if target is not None:
            query = query.where(col(PromotionRow.target) == target.value)
        if role is not None:
            query = query.where(col(PromotionRow.role) == role.value)
        if horizon_days is not None:
            query = query.where(col(PromotionRow.horizon_days) == horizon_days)
        if before_id is not None:
            query = query.where(col(PromotionRow.id) < before_id)
        return [_promotion(row) for row in self._session.execute(query).mappings()]

    def file_names(self) -> frozenset[str]:
        """Every model file that a version needs."""
        return frozenset(self._session.execute(select(col(ModelVersionRow.file_name))).scalars())

    def _replace(self, version: ModelVersion, revision: int, values: Mapping[str, Any]) -> RowMapping | None:
        change = update(ChampionRow).where(
            _held(version.target, version.role, version.horizon_days), col(ChampionRow.revision) == revision
        )
        return self._session.execute(change.values(values).returning(*_CHAMPION)).mappings().first()

    def _first(self, version: ModelVersion, values: Mapping[str, Any]) -> RowMapping | None:
        new = insert(ChampionRow).values(
            target=version.target.value, role=version.role.value, horizon_days=version.horizon_days, **values
        )
        try:
            with self._session.begin_nested():
                return self._session.execute(new.returning(*_CHAMPION)).mappings().one()
        except IntegrityError:
            return None


def _held(target: Target, role: ModelRole, horizon_days: int) -> ColumnElement[bool]:
    return and_(
        col(ChampionRow.target) == target.value,
        col(ChampionRow.role) == role.value,
        col(ChampionRow.horizon_days) == horizon_days,
    )


def _row_of(version: ModelVersion) -> dict[str, object]:
    return {
        **{name: getattr(version, name) for name in _PLAIN},
        "target": version.target.value,
        "role": version.role.value,
        "features": list(version.features),
        "folded": None if version.folded is None else vars(version.folded),
        "file_name": version.artifact.file_name,
        "file_sha256": version.artifact.sha256,
        "file_signature": version.artifact.signature,
        "libraries": version.artifact.libraries,
    }


def _version(row: RowMapping) -> ModelVersion:
    return ModelVersion(
        **{name: row[name] for name in _PLAIN},
        id=row["id"],
        target=Target(row["target"]),
        role=ModelRole(row["role"]),
        features=tuple(row["features"]),
        folded=None if row["folded"] is None else _folded(row["folded"]),
        artifact=Artifact(
            file_name=row["file_name"],
            sha256=row["file_sha256"],
            signature=row["file_signature"],
            libraries=row["libraries"],
        ),
    )


def _folded(stored: Mapping[str, Any]) -> Folded:
    return Folded(
        features=tuple(stored["features"]),
        coefficients=tuple(stored["coefficients"]),
        intercept=stored["intercept"],
        logistic=stored["logistic"],
        means=tuple(stored["means"]),
        imputed={name: (other, factor) for name, (other, factor) in stored["imputed"].items()},
    )


def _champion(row: RowMapping) -> Champion:
    return Champion(**{**row, "target": Target(row["target"]), "role": ModelRole(row["role"])})


def _promotion(row: RowMapping) -> Promotion:
    return Promotion(**{**row, "target": Target(row["target"]), "role": ModelRole(row["role"])})
