"""`salesml users`."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from salesml.cli.output import Column, Json, actor, print_json, print_line, print_table
from salesml.core.users import User, UserRole
from salesml.services import users
from salesml.services.passwords import generate_password
from salesml.settings import load_settings
from salesml.wiring import open_app

app = typer.Typer(help="Create, list and disable users.", no_args_is_help=True)


@app.command()
def create(
    email: str,
    role: Annotated[UserRole, typer.Option(help="What the user may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Create a user. Without --password-stdin a password is made and printed once."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    password = given if given is not None else generate_password()
    with open_app(load_settings()) as application:
        user = application.tx.run(
            users.create_user,
            email=email,
            role=role,
            password=password,
            actor=actor(),
            now=datetime.now(UTC),
        )
    print_line(f"created {user.role} {user.email}")
    if given is None:
        print_line(f"password (shown only now): {password}")


@app.command("list")
def list_users(as_json: Annotated[bool, Json] = False) -> None:
    """List all users."""
    with open_app(load_settings()) as application:
        found = application.tx.read(users.list_users)
    if as_json:
        print_json([_as_json(user) for user in found])
        return
    rows = [[user.email, user.role.value, "yes" if user.is_active else "no"] for user in found]
    print_table("Users", [Column(title="e-mail"), Column(title="role"), Column(title="active")], rows)


@app.command()
def disable(email: str) -> None:
    """Take a user's access away; the user and the audit trail stay."""
    with open_app(load_settings()) as application:
        user = application.tx.run(users.disable_user, email=email, actor=actor(), now=datetime.now(UTC))
    print_line(f"disabled {user.email}")


def _as_json(user: User) -> dict[str, object]:
    return {
        "id": str(user.id),
        "email": user.email,
        "role": user.role.value,
        "is_active": user.is_active,
        "created_at": user.created_at.isoformat(),
    }
