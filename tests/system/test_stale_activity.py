"""A champion that learned from activity cannot score a day whose activity is unknown."""

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.support.commands import Salesml
from tests.support.shops import LAST_DAY, small_shop

from salesml.core.days import date_of


def import_with_activity_up_to(salesml: Salesml, folder: Path, last_day: int) -> None:
    shop = small_shop(folder / "shop", clients=500, months=9)
    activity = pq.read_table(shop["activity"])
    known = activity.filter(pc.less_equal(activity["day"], date_of(last_day)))
    pq.write_table(known, folder / "activity.parquet")
    salesml.good("import", "orders", shop["orders"])
    salesml.good("import", "activity", folder / "activity.parquet")


def test_scoring_says_which_activity_is_missing(salesml: Salesml, tmp_path: Path) -> None:
    import_with_activity_up_to(salesml, tmp_path, LAST_DAY - 20)
    salesml.good("train", "--as-of", date_of(LAST_DAY - 20))
    ended = salesml("score")
    assert ended.status == 1
    assert ended.err.startswith("salesml: sales-clients-1 needs visits_30d, ")
    assert f"unknown at {date_of(LAST_DAY)}" in ended.err


def test_training_again_leaves_the_unknown_activity_out(salesml: Salesml, tmp_path: Path) -> None:
    import_with_activity_up_to(salesml, tmp_path, LAST_DAY - 20)
    trained = salesml.good("train", "--json").json
    assert "visits_30d" in trained["metrics"]["sales-clients-1"]["ignored"]
    salesml.good("score")
