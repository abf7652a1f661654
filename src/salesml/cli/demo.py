"""`salesml demo`: a simulated shop, trained on, scored and served, in a folder of its own."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from salesml import wiring
from salesml.cli.models import Targets, run_training
from salesml.cli.output import actor, number, print_line
from salesml.cli.predictions import run_scoring
from salesml.cli.serve import listen, run_server
from salesml.cli.work import run_job
from salesml.core.days import day_of
from salesml.core.errors import NoModel
from salesml.core.import_requests import ImportRequest
from salesml.core.models import ModelRole, Target
from salesml.core.predictions import ScoringRun
from salesml.jobs.files import file_sha256
from salesml.services import import_requests, installation, models, predictions, users
from salesml.services.passwords import generate_password, hash_password
from salesml.settings import Settings, load_settings
from salesml.wiring import App, open_app, simulate_shop

SEED = 20_26
SOURCE = "simulated"
LOOPBACK = "127.0.0.1"
EMAIL = "demo@localhost"
MEASURES = {Target.SALES: ("r2", "R2"), Target.PURCHASE: ("roc_auc", "ROC AUC")}
BANNER = "All of this data is simulated: no figure says anything about a real shop."


def demo(
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: SALESML_PORT.")] = None,
) -> None:
    """Make up a shop of 5,000 clients, train on it, score it, and serve the dashboard on this machine.

    It lives in the folder `demo` of the data folder and touches nothing else; the second time it is
    there at once. Ctrl-C ends it.
    """
    settings = _settings(port)
    with listen(settings) as listening:
        wiring.migrate(settings)
        with open_app(settings) as app:
            print_line(BANNER)
            _scored(app)
            _show_evidence(app)
            print_line(f"log in as {EMAIL} with the password {_let_in(app)} (another one at every start)")
        run_server(settings, listening)


def _settings(port: int | None) -> Settings:
    """The ordinary ones, with a folder, a database, an address and a log of its own."""
    given: dict[str, object] = {"database_url": "", "host": LOOPBACK, "log_level": "warning"}
    ordinary = load_settings(**given, **({} if port is None else {"port": port}))
    return ordinary.model_copy(update={"data_dir": ordinary.data_dir / "demo"})


def _let_in(app: App) -> str:
    """The password of the demo's administrator, made anew: it is kept nowhere and can be shown again."""
    password = generate_password()
    hashed, now = hash_password(password), datetime.now(UTC)
    app.tx.run(users.put_admin, email=EMAIL, password_hash=hashed, actor=actor(), now=now)
    return password


def _show_evidence(app: App) -> None:
    """Each champion beside its baselines, in one figure; the dashboard has the others."""
    print_line("Judged on the newest days, which no model had seen, beside its baselines:")
    for target, role in product(Target, ModelRole):
        version = app.tx.read(models.champion, target, role)
        name, measure = MEASURES[target]
        baselines = [f"{each} {number(judged[name], 2)}" for each, judged in version.baselines.items()]
        value = f"{measure} {number(version.metrics[name], 2)}"
        print_line(f"  {version.name} ({version.estimator}): {value}; {', '.join(baselines)}")


def _scored(app: App) -> ScoringRun:
    """The newest run; on the first start everything that leads to it. Each step is safe to repeat."""
    try:
        return app.tx.read(predictions.latest)
    except NoModel:
        app.tx.run(installation.mark_simulated)
    here = app.tx.read(installation.current)
    yesterday = day_of(datetime.now(UTC), here.zone) - 1
    with TemporaryDirectory() as folder:
        files = simulate_shop(Path(folder), seed=SEED, last_day=yesterday, currency=here.currency)
        for kind, path in files.items():
            request = ImportRequest(path=path, kind=kind, source=SOURCE, sha256=file_sha256(path))
            run_job(app, import_requests.import_file, request, quiet=False)
    run_training(app, Targets.ALL, as_of=None, estimator=None, quiet=False)
    run_scoring(app, as_of=None, quiet=False)
    return app.tx.read(predictions.latest)
