"""`python -m salesml` is the `salesml` command."""

from salesml.cli.main import run

if __name__ == "__main__":
    run()
