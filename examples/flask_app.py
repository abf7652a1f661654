"""salesml inside a Flask application: `flask --app examples/flask_app run`."""

import atexit
from contextlib import ExitStack

from flask import Flask

from salesml.integrations.flask import blueprint
from salesml.settings import load_settings
from salesml.wiring import open_app


def create_app() -> Flask:
    """An application with the blueprint under /api/v1, for users with an access token of `salesml serve`."""
    opened = ExitStack()
    atexit.register(opened.close)
    server = Flask("shop")
    server.register_blueprint(blueprint(opened.enter_context(open_app(load_settings()))))
    return server
