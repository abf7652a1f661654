"""The one row that says what this installation is."""

from sqlalchemy.orm import Session

from salesml.core.installation import Installation
from salesml.core.money import Currency
from salesml.db.tables import InstallationRow


class SqlInstallationRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> Installation | None:
        row = self._session.get(InstallationRow, 1)
        if row is None:
            return None
        return Installation(
            id=row.installation_id,
            currency=Currency(row.currency),
            timezone=row.timezone,
            simulated=row.simulated,
            threshold=row.threshold,
            created_at=row.created_at,
        )

    def put(self, installation: Installation) -> None:
        """Write it for the first time, or change it."""
        self._session.merge(
            InstallationRow(
                id=1,
                installation_id=installation.id,
                currency=installation.currency.code,
                timezone=installation.timezone,
                simulated=installation.simulated,
                threshold=installation.threshold,
                created_at=installation.created_at,
            )
        )
        self._session.flush()
