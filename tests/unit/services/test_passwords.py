"""Passwords are stored so that neither a thief nor a shortcut gets them back."""

import re
import subprocess
import sys

import pytest

from salesml.services.passwords import generate_password, hash_password, needs_rehash, verify_password

CHEAP_HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$J9mJ0e9o2cqDmB0mAQ4tyA"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password("zażółć gęślą jaźń")


def test_the_right_password_is_accepted_and_any_other_is_not(hashed: str) -> None:
    assert verify_password("zażółć gęślą jaźń", hashed)
    assert not verify_password("zazolc gesla jazn", hashed)
    assert not verify_password("", hashed)


def test_costs_are_at_least_what_owasp_asks_of_argon2id(hashed: str) -> None:
    costs = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", hashed)
    assert costs is not None
    memory_kib, passes, lanes = map(int, costs.groups())
    assert memory_kib >= 19 * 1024
    assert passes >= 2
    assert lanes >= 1


def test_the_same_password_is_never_hashed_to_the_same_text(hashed: str) -> None:
    assert hash_password("zażółć gęślą jaźń") != hashed


def test_passwords_that_differ_only_at_byte_73_differ() -> None:
    same = "x" * 72
    hashed = hash_password(same + "a")
    assert verify_password(same + "a", hashed)
    assert not verify_password(same + "b", hashed)


@pytest.mark.parametrize("foreign", ["", "not a hash", "$2b$12$abc", "$argon2id$v=19$m=8,t=1,p=1$$"])
def test_a_text_that_is_no_such_hash_accepts_nobody(foreign: str) -> None:
    assert not verify_password("anything at all", foreign)


def test_only_a_hash_with_other_costs_needs_to_be_made_anew(hashed: str) -> None:
    assert not needs_rehash(hashed)
    assert needs_rehash(CHEAP_HASH)


def test_generated_passwords_are_readable_and_never_repeat() -> None:
    made = {generate_password() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", password) for password in made)
    assert not set("".join(made)) & set("ilo01")


def test_generated_passwords_use_every_character_about_equally_often() -> None:
    text = "".join(generate_password() for _ in range(2000)).replace("-", "")
    share = {char: text.count(char) / len(text) for char in set(text)}
    assert len(share) == 31  # 20 characters of 31 are 99 bits
    assert max(share.values()) < 1.3 * min(share.values())


def test_the_hashing_library_imports_without_a_warning() -> None:
    code = "from salesml.services.passwords import hash_password; hash_password('long enough')"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
