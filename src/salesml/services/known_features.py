"""Whether a version can forecast from what is known at a date."""

import pyarrow as pa

from salesml.core.days import date_of
from salesml.core.errors import TooLittleData
from salesml.core.models import ModelVersion
from salesml.ml.features.definitions import DEFINED


def unknown_features(version: ModelVersion, table: pa.Table) -> list[str]:
    """Features of the version that the table does not know."""
    # What is null by nature, as a recency, the pipeline fills in.
    return [name for name in version.features if not DEFINED[name].nullable and table[name].null_count]


def check_known(version: ModelVersion, table: pa.Table, as_of_day: int) -> None:
    """Raises TooLittleData when the version needs a feature that is unknown at the date."""
    if unknown := unknown_features(version, table):
        raise TooLittleData(
            f"{version.name} needs {', '.join(unknown)}, unknown at {date_of(as_of_day)}: import activity "
            f"up to that day, or train a model that does without: salesml train {version.target}"
        )
