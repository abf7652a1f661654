"""Folders of what is only gathered on the way."""

import multiprocessing
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path

from salesml.data.exports import nameless
from salesml.data.scratch import scratch, sweep


def _work(root: Path, begun: Event) -> None:
    with scratch(root) as folder:
        (folder / "sheet.xml").write_text("anna@secret.example")
        begun.set()
        signal.pause()


def test_a_folder_is_gone_when_its_work_ends(tmp_path: Path) -> None:
    with scratch(tmp_path) as folder:
        (folder / "a").write_text("x")
        sweep(tmp_path)
        assert (folder / "a").exists(), "whoever works in it keeps it"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    process = spawn.Process(target=_work, args=(tmp_path, begun))
    process.start()
    assert begun.wait(30)
    sweep(tmp_path)
    assert [path.name for path in tmp_path.rglob("sheet.xml")] == ["sheet.xml"]
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_nameless_file_stands_in_no_folder(tmp_path: Path) -> None:
    with nameless(tmp_path / "exports") as file:
        file.write(b"secret")
        file.flush()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
