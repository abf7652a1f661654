"""What every test may use."""

from hypothesis import settings

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
