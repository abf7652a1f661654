"""Names of people who do not exist, and addresses that reach nobody (RFC 2606)."""

import numpy as np
import pyarrow as pa

from salesml.core.clients import search_key

_FIRST_NAMES = (
    "Anna Katarzyna Małgorzata Agnieszka Zofia Julia Łucja Róża Żaneta Świętosława Piotr Krzysztof Andrzej "
    "Tomasz Paweł Michał Łukasz Grzegorz Stanisław Józef Jan Jakub".split(),
    "Emma Olivia Grace Charlotte Alice Zoë James Oliver Harry Jack Noah Chloé".split(),
)
# Polish surnames of one form for women and men.
_LAST_NAMES = (
    "Nowak Wójcik Woźniak Mazur Krawczyk Kaczmarek Zając Król Wróbel Stępień Dudek Pawlak Sikora Szewczyk "
    "Baran Duda Pietrzak Bąk Wilk Gołąb Źrebiec Ćwik".split(),
    "Smith Jones Taylor Brown Williams Evans Walker Wright Green Hall Clarke O'Neill".split(),
)
_ENGLISH_SHARE = 0.15
_DOMAINS = ("example.com", "example.org", "example.net")


def columns(rng: np.random.Generator, clients: int) -> dict[str, pa.Array]:
    """Columns client_id, first_name, last_name and email of so many clients, each id and address once."""
    english = (rng.random(clients) < _ENGLISH_SHARE).tolist()
    draws = rng.random((3, clients))
    first = [_pick(_FIRST_NAMES[e], u) for e, u in zip(english, draws[0], strict=True)]
    last = [_pick(_LAST_NAMES[e], u) for e, u in zip(english, draws[1], strict=True)]
    emails = [
        f"{search_key(one)}.{search_key(two).replace(chr(39), '')}{number}@{_pick(_DOMAINS, u)}"
        for number, (one, two, u) in enumerate(zip(first, last, draws[2], strict=True), start=1)
    ]
    return {
        "client_id": client_ids(clients),
        "first_name": pa.array(first, pa.string()),
        "last_name": pa.array(last, pa.string()),
        "email": pa.array(emails, pa.string()),
    }


def client_ids(clients: int) -> pa.Array:
    """The shop's ids of its clients: text with leading zeros, counted from 1."""
    return pa.array([f"{number:06d}" for number in range(1, clients + 1)], pa.string())


def _pick(names: list[str] | tuple[str, ...], draw: float) -> str:
    return names[int(draw * len(names))]
