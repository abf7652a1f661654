"""The table of handlers."""

import inspect
import subprocess
import sys

import pytest

from salesml.core.jobs import JobKind
from salesml.jobs.context import JobContext
from salesml.jobs.handlers import WORKS


def test_every_kind_of_job_has_handlers_that_take_a_context() -> None:
    assert set(WORKS) == set(JobKind)
    for work in WORKS.values():
        for handler in filter(None, (work.handler(), work.cleaner())):
            (parameter,) = inspect.signature(handler).parameters.values()
            assert parameter.annotation is JobContext


@pytest.mark.parametrize("modules", ["salesml.jobs.worker", "salesml.jobs.child, salesml.jobs.imports"])
def test_a_worker_and_the_process_of_an_import_do_not_load_what_models_need(modules: str) -> None:
    code = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"sklearn", "scipy", "fastapi", "typer"} & set(loaded.split())
