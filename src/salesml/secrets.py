"""The installation's one secret, and the separate keys made from it.

HKDF (RFC 5869) gives each purpose a key of its own, so that one leaked key opens nothing else.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from salesml.core.errors import SettingsInvalid
from salesml.settings import MIN_SECRET_BYTES, Settings


def load_secret(settings: Settings) -> bytes:
    """SALESML_SECRET_KEY, or the content of SALESML_SECRET_FILE, which is made when it is missing.

    Raises SettingsInvalid for a short secret, an unreadable file, or one inside the data folder,
    where a copy of the data would carry it along.
    """
    if key := settings.secret_key.get_secret_value():
        return _checked(key.encode(), "SALESML_SECRET_KEY")
    file = settings.secret_file.expanduser().absolute()
    if file.is_relative_to(settings.data_dir.absolute()):
        raise SettingsInvalid("SALESML_SECRET_FILE must lie outside SALESML_DATA_DIR")
    try:
        if not file.exists():
            _make(file)
        return _checked(file.read_bytes().strip(), f"SALESML_SECRET_FILE {file}")
    except OSError as error:
        raise SettingsInvalid(f"SALESML_SECRET_FILE {file}: {error.strerror}") from None


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"salesml {purpose}".encode()).derive(secret)


def _checked(secret: bytes, name: str) -> bytes:
    if len(secret) < MIN_SECRET_BYTES:
        raise SettingsInvalid(f"{name} has {len(secret)} bytes; at least {MIN_SECRET_BYTES} are needed")
    return secret


def _make(file: Path) -> None:
    """Write a new secret whole: under another name first, then linked, so that of two starts one wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
