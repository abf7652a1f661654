"""What every test may use."""

import os

from hypothesis import settings

# Read once, when a library that computes in threads is loaded; several processes share these processors,
# and trees in two threads are many times slower on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Time is measured in benchmarks: here others use the machine as well.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_plugins = [
    "tests.support.temporary",
    "tests.support.distribution",
    "tests.support.databases",
    "tests.support.commands",
    "tests.support.servers",
    "tests.support.processes",
]
