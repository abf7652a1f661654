"""Files of exchange rates."""

from collections.abc import Callable
from pathlib import Path

import pytest

from salesml.core.days import date_of
from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.data.rates import read_rates

Write = Callable[..., Path]


def read(path: Path) -> list[tuple[str, str, str]]:
    return [(rate.currency, str(date_of(rate.day)), format(rate.rate, "f")) for rate in read_rates(path)]


@pytest.mark.parametrize(
    "text",
    [
        "currency,day,rate\nEUR,2026-01-15,4.2156\nusd,2026-01-15,3.9\n",
        "Waluta;Data;Kurs średni\nEUR;2026-01-15;4,2156\n\nUSD;20260115;3,9\n",
        "\ufeffdate\tcurrency\trate\r\n2026.01.15\tEUR\t4.2156\r\n2026/01/15\tUSD\t3.9\r\n",
    ],
)
def test_one_rate_a_row_is_read_however_it_is_separated(write: Write, text: str) -> None:
    assert read(write(text)) == [("EUR", "2026-01-15", "4.2156"), ("USD", "2026-01-15", "3.9")]


def test_the_table_of_the_national_bank_of_poland_is_read(write: Write) -> None:
    text = (
        "data;1USD;100HUF;1EUR;nr tabeli;pełny numer tabeli;\n"
        ";dolar amerykański;forint (Węgry);euro;;;\n"
        "20260102;4,0123;1,1050;4,2500;1;001/A/NBP/2026;\n"
        "20260105;4,0200;;4,2600;2;002/A/NBP/2026;\n"
        "kod ISO;USD;HUF;EUR;;;\n"
    )
    assert read(write(text.encode("cp1250"))) == [
        ("USD", "2026-01-02", "4.0123"),
        ("HUF", "2026-01-02", "0.01105"),
        ("EUR", "2026-01-02", "4.2500"),
        ("USD", "2026-01-05", "4.0200"),
        ("EUR", "2026-01-05", "4.2600"),
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("EUR,2026-13-15,4", "day"),
        ("EUR,yesterday,4", "day"),
        ("EUR,2026-01-15,four", "rate"),
        ("EUR,2026-01-15,0", "rate"),
        ("euro,2026-01-15,4", "currency"),
        ("EUR,2026-01-15", "row"),
    ],
)
def test_a_wrong_rate_is_named_with_its_row(write: Write, row: str, field: str) -> None:
    with pytest.raises(InvalidValue, match="row 2") as refused:
        read_rates(write(f"currency,day,rate\nEUR,2026-01-14,4\n{row}\n"))
    assert refused.value.field == field


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "day,amount\n2026-01-01,4\n", "currency,day,rate\n"])
def test_a_file_without_rates_is_refused(write: Write, text: str) -> None:
    with pytest.raises(FileUnreadable):
        read_rates(write(text))
