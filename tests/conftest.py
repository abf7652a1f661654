"""What every test may use."""

pytest_plugins = [
    "tests.support.temporary",
    "tests.support.distribution",
    "tests.support.databases",
    "tests.support.commands",
    "tests.support.servers",
    "tests.support.processes",
]
