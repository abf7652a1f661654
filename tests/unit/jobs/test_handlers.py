"""The table of handlers."""

import inspect
import subprocess
import sys

from salesml.core.jobs import JobKind
from salesml.jobs.context import JobContext
from salesml.jobs.handlers import WORKS


def test_every_kind_of_job_has_handlers_that_take_a_context() -> None:
    assert set(WORKS) == set(JobKind)
    for work in WORKS.values():
        for handler in filter(None, (work.handler(), work.cleaner())):
            (parameter,) = inspect.signature(handler).parameters.values()
            assert parameter.annotation is JobContext


def test_the_process_of_an_import_does_not_load_what_models_need() -> None:
    code = "import sys, salesml.jobs.child, salesml.jobs.imports; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"sklearn", "scipy", "fastapi", "typer"} & set(loaded.split())
