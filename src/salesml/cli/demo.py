"""`salesml demo`: a simulated shop, trained on and scored, in a folder of its own."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from salesml import wiring
from salesml.cli.models import Targets, run_training, show_version
from salesml.cli.output import print_line
from salesml.cli.predictions import run_scoring, show_top
from salesml.cli.work import run_job
from salesml.core.days import day_of
from salesml.core.errors import NoModel
from salesml.core.models import ModelRole, Target
from salesml.core.predictions import ScoringRun
from salesml.jobs.imports import file_sha256
from salesml.services import installation, models, predictions, requests
from salesml.services.requests import ImportRequest
from salesml.settings import load_settings
from salesml.wiring import App, open_app, simulate_shop

SEED = 20_26
SOURCE = "simulated"
BANNER = "All of this data is simulated: no figure says anything about a real shop."


def demo() -> None:
    """Make up a shop of 5,000 clients, train on it, score it and show the evidence.

    It lives in the folder `demo` of the data folder and touches nothing else; the second time it is
    there at once.
    """
    ordinary = load_settings()
    settings = ordinary.model_copy(update={"data_dir": ordinary.data_dir / "demo", "database_url": ""})
    wiring.migrate(settings)
    with open_app(settings) as app:
        print_line(BANNER)
        run = _scored(app)
        for target in Target:
            for role in ModelRole:
                version, champion = app.tx.read(models.champion_of, target, role)
                show_version(version, champion.note)
        show_top(app, run.id)
        print_line(BANNER)


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
            run_job(app, requests.import_file, request, quiet=False)
    run_training(app, Targets.ALL, as_of=None, estimator=None, quiet=False)
    run_scoring(app, as_of=None, quiet=False)
    return app.tx.read(predictions.latest)
