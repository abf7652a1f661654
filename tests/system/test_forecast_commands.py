"""`salesml forecast` and `salesml outcomes`."""

import json

import pytest
from tests.support.commands import Salesml

ON_SQLITE = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


@ON_SQLITE
def test_the_forecast_of_the_company_is_told_with_its_parts(shop_salesml: Salesml) -> None:
    found = json.loads(shop_salesml.good("forecast", "--json").out)
    assert found["total"] == pytest.approx(sum(found["parts"].values()))
    told = shop_salesml.good("forecast").out
    assert f"{found['total']:,.2f}" in told
    assert "80 % interval" in told
    assert "clients not known yet" in told


@ON_SQLITE
def test_outcomes_are_told_when_days_are_over(shop_salesml: Salesml) -> None:
    none = json.loads(shop_salesml.good("outcomes", "--json").out)
    assert none == {"runs": 0, "items": []}
    trained = json.loads(shop_salesml.good("train", "--as-of", "2026-08-20", "--json").out)
    for made in trained["versions"]:
        if "-clients-" in made["name"]:
            shop_salesml.good("models", "promote", made["name"], "--note", "to judge it")
    shop_salesml.good("score", "--as-of", "2026-08-20", "--json")
    found = json.loads(shop_salesml.good("outcomes", "--json").out)
    assert found["runs"] == 1
    (item,) = found["items"]
    assert item["outcome"]["actual"] == pytest.approx(sum(item["outcome"]["parts"].values()))
    told = shop_salesml.good("outcomes", "--again").out
    assert "judged now: 1" in told
    assert "2026-08-20" in told
