"""Model files: the only module that pickles, and it verifies before it unpickles.

Unpickling runs whatever the file says. So a file is opened only when its record was signed with this
installation's key and its bytes have the recorded hash.
"""

import hashlib
import hmac
import io
import json
import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib

from salesml.core.errors import InvalidValue, ModelRefused
from salesml.core.models import Artifact

SUFFIX, UNFINISHED_SUFFIX = ".joblib", ".part"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")


class SignedModelStore:
    """A folder of joblib files, signed by HMAC-SHA256 with `key`; keeps what services.ports.models asks."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key

    def save(self, pipeline: Any, name: str) -> Artifact:
        """Write a fitted pipeline; the file's name is `name` with the beginning of its hash.

        The file appears whole or not at all, also after a power cut. Raises InvalidValue for a name that
        is not plain letters, digits, dots and dashes.
        """
        buffer = io.BytesIO()
        joblib.dump(pipeline, buffer)
        content = buffer.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        file_name = f"{name}-{sha256[:12]}{SUFFIX}"
        if not _NAME.fullmatch(file_name):
            raise InvalidValue("name", f"{name!r} cannot be a file name")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self._folder / file_name, content)
        libraries = _libraries()
        signature = self._sign(file_name, sha256, libraries)
        return Artifact(file_name=file_name, sha256=sha256, signature=signature, libraries=libraries)

    def load(self, artifact: Artifact) -> Any:
        """The pipeline of a record.

        Raises ModelRefused, before anything is unpickled, when the record is not signed with this key,
        the scikit-learn minor version is another one, or the file is missing or changed.
        """
        name = artifact.file_name
        if not _NAME.fullmatch(name):
            raise ModelRefused(f"model file {name!r}: not the name of a file in the model folder; retrain")
        expected = self._sign(name, artifact.sha256, artifact.libraries)
        if not hmac.compare_digest(expected.encode(), artifact.signature.encode()):
            raise ModelRefused(f"model file {name}: not signed by this installation; retrain")
        _check_version(name, artifact.libraries)
        try:
            content = (self._folder / name).read_bytes()
        except OSError as error:
            raise ModelRefused(f"model file {name}: {error.strerror}; retrain") from None
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            raise ModelRefused(f"model file {name}: changed since it was written; retrain")
        return joblib.load(io.BytesIO(content))

    def remove_all_but(self, keep: frozenset[str]) -> int:
        """Delete model files, whole or unfinished, that are not kept; answers how many.

        Must not run beside a training, whose file is written before its record.
        """
        if not self._folder.is_dir():
            return 0
        unneeded = [
            path
            for path in self._folder.iterdir()
            if path.suffix in {SUFFIX, UNFINISHED_SUFFIX} and path.name not in keep
        ]
        for path in unneeded:
            path.unlink(missing_ok=True)
        return len(unneeded)

    def _sign(self, file_name: str, sha256: str, libraries: Mapping[str, str]) -> str:
        record = json.dumps([file_name, sha256, sorted(libraries.items())]).encode()
        return hmac.new(self._key, record, hashlib.sha256).hexdigest()


def _libraries() -> dict[str, str]:
    names = ("joblib", "numpy", "salesml", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _check_version(name: str, libraries: Mapping[str, str]) -> None:
    wrote, runs = libraries.get("scikit-learn", "unknown"), version("scikit-learn")
    if wrote.split(".")[:2] != runs.split(".")[:2]:
        raise ModelRefused(f"model file {name}: written by scikit-learn {wrote}, here is {runs}; retrain")


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED_SUFFIX}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
