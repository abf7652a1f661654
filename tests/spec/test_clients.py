"""Clients and their ids: one specification, both databases."""

from datetime import UTC, datetime
from hashlib import sha256

import pyarrow as pa
import pytest
from sqlalchemy import Engine, insert
from tests.support.ledgers import ClientCells, begin, bring_clients, identities_of, set_state

from salesml.core.clients import CONSENTS, Client, ExternalId
from salesml.core.errors import NotFound
from salesml.core.imports import ImportKind, ImportState
from salesml.db.tables import ErasedRow
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services.clients import CLIENT_FIELDS

ANNA = ExternalId(source="default", external_id="007")


def create(uow: SqlUnitOfWork, *ids: str, state: ImportState = ImportState.PUBLISHED) -> int:
    import_id = begin(uow, ImportKind.CLIENTS)
    identities_of(uow, ids, import_id)
    set_state(uow, import_id, state)
    return import_id


def overwrite(uow: SqlUnitOfWork, *rows: ClientCells) -> int:
    import_id = begin(uow, ImportKind.CLIENTS)
    changed = bring_clients(uow, import_id, rows)
    set_state(uow, import_id)
    return changed


def find(tx: SqlTransactions, external_id: ExternalId = ANNA) -> Client:
    found = tx.read(lambda uow: uow.clients.find(external_id))
    assert found is not None
    return found


def erase(engine: Engine, *ids: str) -> None:
    with engine.begin() as connection:
        for one in ids:
            digest, at = _digest("default", one), datetime(2026, 1, 1, tzinfo=UTC)
            connection.execute(insert(ErasedRow).values(digest=digest, erased_at=at))


def _digest(source: str, external_id: str) -> bytes:
    return sha256(f"{source}/{external_id}".encode()).digest()


def test_a_created_client_is_found_by_its_id_and_sorts_by_it(tx: SqlTransactions) -> None:
    tx.run(create, "007")
    client = find(tx)
    assert client == Client(id=client.id, external_ids=(ANNA,), search_key="007")
    assert tx.read(lambda uow: uow.clients.get(client.id)) == client


@pytest.mark.parametrize(
    ("external_id", "email"),
    [("anna@example.com", "anna@example.com"), ("Anna@Example.com", None), ("anna@shop", None), ("@", None)],
)
def test_an_id_that_is_an_address_is_the_clients_address(
    tx: SqlTransactions, external_id: str, email: str | None
) -> None:
    tx.run(create, external_id)
    assert find(tx, ExternalId(source="default", external_id=external_id)).email == email


def test_a_consent_that_changes_without_a_date_has_none(tx: SqlTransactions) -> None:
    def consent(uow: SqlUnitOfWork, given: bool | None, at: int | None) -> None:
        import_id = begin(uow, ImportKind.CLIENTS)
        identity = identities_of(uow, ["007"], import_id)["007"]
        columns = {
            name: pa.nulls(
                1, pa.bool_() if name in CONSENTS else pa.string() if "_" not in name else pa.int64()
            )
            for name in CLIENT_FIELDS
        }
        columns |= {"first_name": pa.nulls(1, pa.string()), "last_name": pa.nulls(1, pa.string())}
        columns["marketing_email"] = pa.array([given], pa.bool_())
        columns["marketing_email_at"] = pa.array([at], pa.int64())
        uow.clients.overwrite(pa.table({"identity_id": [identity], **columns}), import_id)
        set_state(uow, import_id)

    def known() -> tuple[bool, datetime | None]:
        found = find(tx).consents["marketing_email"]
        return found.granted, found.at

    tx.run(consent, True, 86_400)
    dated = datetime(1970, 1, 2, tzinfo=UTC)
    assert known() == (True, dated)
    tx.run(consent, True, None)
    assert known() == (True, dated)
    tx.run(consent, None, None)
    assert known() == (True, dated)
    tx.run(consent, False, None)
    assert known() == (False, None)


def test_an_unknown_client_is_not_found(tx: SqlTransactions) -> None:
    assert tx.read(lambda uow: uow.clients.find(ANNA)) is None
    with pytest.raises(NotFound, match="client 5"):
        tx.read(lambda uow: uow.clients.get(5))


def test_ids_are_text_and_belong_to_their_source(tx: SqlTransactions) -> None:
    wanted = ["7", "007", "1234567890123456789", "Żółw 'x'"]
    made = tx.run(lambda uow: uow.clients.create("default", wanted, None))
    assert len(set(made.values())) == 4
    assert tx.read(lambda uow: uow.clients.identities("default", [*wanted, "8"])) == made
    assert tx.read(lambda uow: uow.clients.identities("other", wanted)) == {}


def test_clients_are_made_in_the_order_given(tx: SqlTransactions) -> None:
    tx.run(create, "b", "a", "c")
    assert tx.read(lambda uow: uow.clients.first_ids())["external_id"].to_pylist() == ["b", "a", "c"]


def test_clients_of_an_unpublished_import_are_known_but_not_seen(tx: SqlTransactions) -> None:
    import_id = tx.run(lambda uow: create(uow, "007", state=ImportState.PUBLISHING))
    assert list(tx.read(lambda uow: uow.clients.identities("default", ["007"]))) == ["007"]
    assert tx.read(lambda uow: uow.clients.find(ANNA)) is None
    assert tx.read(lambda uow: uow.clients.count()) == 0
    assert tx.read(lambda uow: uow.clients.roster().num_rows) == 0
    assert tx.read(lambda uow: uow.clients.first_ids().num_rows) == 0
    tx.run(set_state, import_id)
    assert tx.read(lambda uow: uow.clients.count()) == 1
    assert tx.read(lambda uow: uow.clients.roster().num_rows) == 1


def test_only_the_fields_that_are_brought_change(tx: SqlTransactions) -> None:
    assert tx.run(overwrite, ("007", "Łucja", "l@x.pl"), ("8", None, None)) == 1
    assert tx.run(overwrite, ("007", None, "new@x.pl"), ("8", None, None)) == 1
    client = find(tx)
    assert (client.first_name, client.email) == ("Łucja", "new@x.pl")
    assert client.search_key == "lucja new@x.pl"


def test_bringing_the_same_again_changes_no_client(tx: SqlTransactions) -> None:
    tx.run(overwrite, ("007", "Anna", "a@x.pl"))
    assert tx.run(overwrite, ("007", "Anna", "a@x.pl")) == 0


def test_a_client_that_recurs_in_a_file_keeps_the_last_of_each_field(tx: SqlTransactions) -> None:
    def bring(uow: SqlUnitOfWork) -> int:
        import_id = begin(uow, ImportKind.CLIENTS)
        changed = bring_clients(uow, import_id, [("007", "Anna", None), ("007", "Ania", "a@x.pl")])
        set_state(uow, import_id)
        return changed

    assert tx.run(bring) == 1
    assert (find(tx).first_name, find(tx).email) == ("Ania", "a@x.pl")


def test_the_roster_says_when_clients_registered(tx: SqlTransactions) -> None:
    def bring(uow: SqlUnitOfWork) -> None:
        made = uow.clients.create("default", ["007", "8"], None)
        at = datetime(2026, 1, 2, 3, tzinfo=UTC)
        rows = pa.table(
            {
                "identity_id": pa.array([made["8"]], pa.int64()),
                "first_name": pa.array([None], pa.string()),
                "last_name": pa.array([None], pa.string()),
                "email": pa.array([None], pa.string()),
                "registered_at": pa.array([int(at.timestamp())], pa.int64()),
                "registered_day": pa.array([20_455], pa.int32()),
                **{name: pa.nulls(1, pa.bool_()) for name in CONSENTS},
                **{f"{name}_at": pa.nulls(1, pa.int64()) for name in CONSENTS},
            }
        )
        import_id = begin(uow, ImportKind.CLIENTS)
        assert uow.clients.overwrite(rows, import_id) == 1
        set_state(uow, import_id)

    tx.run(bring)
    roster = tx.read(lambda uow: uow.clients.roster())
    assert roster.schema == pa.schema([("client_id", pa.int64()), ("registered_day", pa.int32())])
    assert roster["registered_day"].to_pylist() == [None, 20_455]
    assert find(tx, ExternalId(source="default", external_id="8")).registered_at == datetime(
        2026, 1, 2, 3, tzinfo=UTC
    )


def test_nobody_is_erased_until_somebody_is(tx: SqlTransactions) -> None:
    assert tx.read(lambda uow: uow.clients.is_erased("default", ["007"])) == frozenset()


def test_erased_clients_are_recognised_by_their_digest(tx: SqlTransactions, engine: Engine) -> None:
    erase(engine, "007", "9")

    def ask(uow: SqlUnitOfWork) -> frozenset[str]:
        uow._session.info["erased_digest"] = _digest
        return uow.clients.is_erased("default", ["007", "8"])

    assert tx.read(ask) == {"007"}


def test_without_the_digest_nobody_is_let_back_in(tx: SqlTransactions, engine: Engine) -> None:
    erase(engine, "007")
    with pytest.raises(RuntimeError, match="erased_digest"):
        tx.read(lambda uow: uow.clients.is_erased("default", ["007"]))
