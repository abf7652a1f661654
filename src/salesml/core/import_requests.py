"""What is asked for when a file is to be imported, as the arguments of a job keep it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from salesml.core.clients import ExternalId
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.sources import Position


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """A file to import; `sha256` is that of its content now. A `spooled` file lies alone in a folder of
    its own, which goes when the job ends."""

    path: Path
    kind: ImportKind
    source: str
    sha256: str
    options: ReadingOptions = field(default_factory=ReadingOptions)
    update: bool = False
    spooled: bool = False
    position: Position | None = None
    """Of rows that were read from a foreign database: how far that is."""

    def __post_init__(self) -> None:
        ExternalId(source=self.source, external_id="any")

    @property
    def args(self) -> Mapping[str, object]:
        """The arguments of the job."""
        return {
            "path": str(self.path),
            "kind": self.kind.value,
            "source": self.source,
            "update": self.update,
            "options": asdict(self.options),
            "sha256": self.sha256,
            "spooled": self.spooled,
            **({"position": asdict(self.position)} if self.position else {}),
        }

    @staticmethod
    def of(args: Mapping[str, Any]) -> "ImportRequest":
        """What arguments of a job say."""
        told = {name: args[name] for name in ("source", "sha256", "update", "spooled")}
        path, kind, options = Path(args["path"]), ImportKind(args["kind"]), ReadingOptions(**args["options"])
        position = Position(**args["position"]) if "position" in args else None
        return ImportRequest(path=path, kind=kind, options=options, position=position, **told)

    @property
    def digest(self) -> str:
        """Two uploads of one content are one request; two files of one content on this machine are two."""
        told = {name: value for name, value in self.args.items() if name != "path" or not self.spooled}
        return digest_of(told)


def digest_of(args: Mapping[str, object]) -> str:
    """The same for equal arguments, and only for those."""
    return hashlib.sha256(json.dumps(args, sort_keys=True).encode()).hexdigest()
