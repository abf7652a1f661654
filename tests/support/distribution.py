"""How xdist's workers share the tests: the long ones first, so that none is left alone at the end.

Tests of the folders in ONE_BY_ONE go to whoever is free; those of any other module stay together, for the
sake of its fixtures.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ORDER = ("system", "browser", "unit", "data", "docs", "http", "spec")
"""Folders; what is not named comes first."""
ONE_BY_ONE = ("tests/system/", "tests/spec/")


class LongOnesFirst(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(ONE_BY_ONE) else str(super()._split_scope(nodeid))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In workers only: who runs tests alone wants them in their own order."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongOnesFirst | None:
    if config.getvalue("dist") != "loadscope":
        return None
    config.option.loadscopereorder = False
    return LongOnesFirst(config, log)


def _place(item: pytest.Item) -> int:
    folder = item.nodeid.split("/")[1]
    return ORDER.index(folder) if folder in ORDER else -1
