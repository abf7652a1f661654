"""Clients, and the ids by which sources know them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa

from salesml.core.clients import Client, ClientLine, ClientQuery, ExternalId
from salesml.core.pages import Page


class ClientRepository(Protocol):
    """All questions see published rows only, unless said otherwise."""

    def get(self, client_id: int) -> Client:
        """Raises NotFound."""

    def find(self, external_id: ExternalId) -> Client | None: ...

    def page(self, query: ClientQuery, *, threshold: float, today: int) -> Page[ClientLine]:
        """One page of a list, by (key, id). Raises InvalidCursor."""

    def line(self, client_id: int, *, threshold: float, today: int) -> ClientLine:
        """One client with its newest figures. Raises NotFound."""

    def count(self) -> int: ...

    def identities(self, source: str, external_ids: Sequence[str]) -> Mapping[str, int]:
        """Identity by external id for those that exist, published or not."""

    def create(self, source: str, external_ids: Sequence[str], import_id: int | None) -> Mapping[str, int]:
        """Make a client and its identity for each id, in the order given; answers identity by id. An id that
        is an e-mail address is the client's address too."""

    def take_turns(self) -> None:
        """Wait until no other transaction writes clients, orders or activity, and keep others waiting until
        this one ends; whoever looks a client up to write about it calls this first."""

    def adopt(self, identity_ids: Sequence[int]) -> None:
        """These identities and their clients came live: they are visible, and no import takes them back."""

    def amend(self, client_id: int, fields: Mapping[str, str | int | None]) -> None:
        """Set fields of a client to what a person said: first_name, last_name, email, registered_at (epoch
        seconds), registered_day. No import takes them back; the search key follows."""

    def remove(self, client_id: int) -> Mapping[str, int]:
        """Delete a client with all that is known of it; answers the number of rows by table."""

    def erase(self, client_id: int, now: datetime) -> Mapping[str, int]:
        """The same, and take the client out of what jobs, reports and answers hold (`documents`); its ids
        are known as erased from now on."""

    def everything(self, client_id: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every row about a client, from every table, by what the rows are; those of `client` are one."""

    def overwrite(self, rows: pa.Table, import_id: int) -> int:
        """Set the non-null fields of each identity's client, journaling old values under the import.

        Columns: identity_id, first_name, last_name, email (text), registered_at (epoch seconds),
        registered_day; null means "not brought". Search keys follow. Answers how many clients changed.
        """

    def is_erased(self, source: str, external_ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids whose client was erased."""

    def roster(self, client_id: int | None = None) -> pa.Table:
        """Every client, or one, by client_id: client_id (int64), registered_day (int32, null if unknown)."""

    def first_ids(self) -> pa.Table:
        """Every client's first pair, by client_id: client_id (int64), source, external_id (text)."""
