"""A shop's exports on the command line: recognised, converted, read again by a saved mapping."""

from pathlib import Path

from tests.support.commands import Salesml

STRIPE = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Refunded date (UTC),Customer ID,Customer Email
ch_1,2026-01-15 10:00:00,35.82,0.00,eur,Paid,,cus_A,a@x.io
ch_2,2026-01-16 10:00:00,10.00,10.00,eur,Refunded,2026-02-03 11:00:00,cus_B,b@x.io
ch_3,2026-01-17 10:00:00,20.00,5.00,eur,Paid,2026-02-03 11:00:00,,C@x.io
ch_4,2026-01-18 10:00:00,20.00,0.00,eur,Failed,,cus_A,a@x.io
"""
RATES = "Waluta;Data;Kurs\nEUR;2026-01-15;4,25\nEUR;2026-02-02;4,10\n"
OWN = "Kto;Kiedy;Ile;Podatek\nanna;02.01.2026;1.230,00;230,00\n"


def test_payments_in_another_currency_wait_for_their_rates(salesml: Salesml, tmp_path: Path) -> None:
    payments, rates = tmp_path / "payments.csv", tmp_path / "rates.csv"
    payments.write_text(STRIPE)
    rates.write_text(RATES)
    refused = salesml("import", "orders", payments)
    assert refused.status == 1
    assert "there is no rate of EUR for 2026-01-15" in refused.err
    assert salesml.good("rates", "load", rates, "--json").json == {"rates": 2, "currencies": {"EUR": 2}}
    found = salesml.good("import", "orders", payments, "--json").json
    assert (found["accepted"], found["reasons"]) == (5, {"no_sale": 1})
    # 35.82 EUR at 4.25, half-even; what was cancelled left nothing; a quarter of 20.00 EUR went back.
    assert found["stored"] == {"orders": 5, "clients": 3, "net": 152.24 + 85 - 21.25}
    again = salesml.good("import", "orders", payments, "--json").json
    assert (again["accepted"], again["repeated"], again["stored"]) == (0, 5, found["stored"])


def test_our_own_export_comes_back_as_it_was(salesml: Salesml, tmp_path: Path) -> None:
    payments, rates, out = (tmp_path / name for name in ("payments.csv", "rates.csv", "orders.csv"))
    payments.write_text(STRIPE)
    rates.write_text(RATES)
    salesml.good("rates", "load", rates)
    salesml.good("import", "orders", payments)
    salesml.good("export", "orders", "--out", out)
    found = salesml.good("import", "orders", out, "--json").json
    assert (found["rows"], found["repeated"], found["rejected"]) == (5, 5, 0)


def test_a_saved_mapping_reads_the_next_file(salesml: Salesml, tmp_path: Path) -> None:
    january, february = tmp_path / "january.csv", tmp_path / "february.csv"
    january.write_text(OWN)
    february.write_text(OWN.replace("02.01", "03.02"))
    chosen = [f"--map={pair}" for pair in ("client_id=Kto", "ordered_at=Kiedy", "amount=Ile", "tax=Podatek")]
    salesml.good("import", "orders", january, *chosen, "--dates=dmy", "--amount=net", "--save-mapping=sklep")
    assert "no column found for" in salesml("import", "orders", february).err
    found = salesml.good("import", "orders", february, "--mapping", "sklep", "--json").json
    assert found["stored"]["net"] == 2000
    (saved,) = salesml.good("mappings", "--json").json
    assert (saved["name"], saved["kind"], saved["options"]["amount"]) == ("sklep", "orders", "net")
    salesml.good("mappings", "remove", "sklep")
    assert salesml("import", "orders", february, "--mapping", "sklep").status == 1
