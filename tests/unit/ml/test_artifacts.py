import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from salesml.core.errors import InvalidValue, ModelRefused
from salesml.core.models import Artifact
from salesml.ml.artifacts import SignedModelStore

KEY = b"k" * 32


class Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def store(tmp_path: Path) -> SignedModelStore:
    return SignedModelStore(tmp_path / "models", KEY)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "was-unpickled"


@pytest.fixture
def trapped(store: SignedModelStore, mark: Path) -> Artifact:
    """A properly saved file that leaves `mark` when it is opened."""
    return store.save(Trap(mark), "sales")


def test_a_saved_pipeline_comes_back(store: SignedModelStore, tmp_path: Path) -> None:
    model = LinearRegression().fit(np.array([[1.0], [2.0]]), np.array([3.0, 5.0]))
    artifact = store.save(model, "sales-kernel")
    assert store.load(artifact).coef_ == pytest.approx([2.0])
    assert [path.name for path in (tmp_path / "models").iterdir()] == [artifact.file_name]
    assert {"python", "numpy", "scikit-learn", "salesml"} <= set(artifact.libraries)


def test_the_trap_of_these_tests_works(store: SignedModelStore, trapped: Artifact, mark: Path) -> None:
    store.load(trapped)
    assert mark.exists()


def test_a_changed_file_is_refused_unopened(store: SignedModelStore, tmp_path: Path, mark: Path) -> None:
    artifact = store.save(LinearRegression(), "sales")
    joblib.dump(Trap(mark), tmp_path / "models" / artifact.file_name)
    with pytest.raises(ModelRefused, match="changed since it was written; retrain"):
        store.load(artifact)
    assert not mark.exists()


def test_a_file_signed_with_another_key_is_refused_unopened(
    trapped: Artifact, tmp_path: Path, mark: Path
) -> None:
    with pytest.raises(ModelRefused, match="not signed by this installation"):
        SignedModelStore(tmp_path / "models", b"x" * 32).load(trapped)
    assert not mark.exists()


def test_a_record_with_a_forged_hash_is_refused_unopened(
    store: SignedModelStore, trapped: Artifact, mark: Path
) -> None:
    honest = store.save(LinearRegression(), "honest")
    forged = replace(honest, file_name=trapped.file_name, sha256=trapped.sha256)
    with pytest.raises(ModelRefused, match="not signed by this installation"):
        store.load(forged)
    assert not mark.exists()


def test_another_minor_version_of_scikit_learn_asks_to_retrain(
    store: SignedModelStore, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("salesml.ml.artifacts.version", lambda _name: "1.2.3")
        artifact = store.save(Trap(mark), "sales")
    with pytest.raises(ModelRefused, match=r"written by scikit-learn 1\.2\.3, here is .*; retrain"):
        store.load(artifact)
    assert not mark.exists()


def test_another_patch_version_of_scikit_learn_is_taken(
    store: SignedModelStore, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = store.save(Trap(mark), "sales")
    minor = artifact.libraries["scikit-learn"].rsplit(".", 1)[0]
    monkeypatch.setattr("salesml.ml.artifacts.version", lambda _name: f"{minor}.999")
    store.load(artifact)
    assert mark.exists()


def test_a_missing_file_is_refused(store: SignedModelStore, trapped: Artifact, tmp_path: Path) -> None:
    (tmp_path / "models" / trapped.file_name).unlink()
    with pytest.raises(ModelRefused, match="No such file"):
        store.load(trapped)


@pytest.mark.parametrize(
    "name", ["../sales.joblib", "/etc/passwd", "a/b.joblib", "..", "", ".hidden", "a\x00b"]
)
def test_a_record_cannot_point_outside_the_folder(
    store: SignedModelStore, trapped: Artifact, name: str
) -> None:
    signature = store._sign(name, trapped.sha256, trapped.libraries)
    with pytest.raises(ModelRefused, match="not the name of a file in the model folder"):
        store.load(replace(trapped, file_name=name, signature=signature))


def test_a_name_with_a_path_cannot_be_saved(store: SignedModelStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot be a file name"):
        store.save(LinearRegression(), "../sales")
    assert not (tmp_path / "models").exists()


def test_a_crash_while_writing_leaves_no_model_file(
    store: SignedModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_file: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("salesml.ml.artifacts.os.fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        store.save(LinearRegression(), "sales")
    assert not list((tmp_path / "models").glob("*.joblib"))
    assert store.remove_all_but(frozenset()) == 1
    assert not list((tmp_path / "models").iterdir())


def test_files_that_no_version_needs_are_removed(store: SignedModelStore) -> None:
    kept, dropped = store.save(LinearRegression(), "a"), store.save(LinearRegression(), "b")
    assert store.remove_all_but(frozenset({kept.file_name})) == 1
    store.load(kept)
    with pytest.raises(ModelRefused):
        store.load(dropped)


def test_an_empty_store_has_nothing_to_remove(store: SignedModelStore) -> None:
    assert store.remove_all_but(frozenset()) == 0
