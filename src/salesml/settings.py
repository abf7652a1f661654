"""Settings: a frozen value, read once by entry points from SALESML_* variables and passed down."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from salesml.core.errors import InvalidValue, SettingsInvalid
from salesml.core.money import Currency
from salesml.core.sources import is_name

MIN_SECRET_BYTES = 32


def _currency(code: str) -> str:
    try:
        return Currency(code.strip().upper()).code
    except InvalidValue as error:
        raise ValueError(error.reason) from None


def _source_name(name: str) -> str:
    if not is_name(name):
        raise ValueError(f"{name!r} is not a name: letters, digits, dots, dashes and underscores")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Warsaw") from None
    return name


def _hosts(names: str) -> str:
    for name in filter(None, map(str.strip, names.split(","))):
        if "*" in name.removeprefix("*.") or "/" in name or (":" in name and not name.startswith("[")):
            raise ValueError(f"{name!r} is not a host name, nor *. and one; leave scheme and port out")
    return names


SourceName = Annotated[str, AfterValidator(_source_name)]


class Settings(BaseSettings):
    """Every setting, its default and its meaning."""

    model_config = SettingsConfigDict(env_prefix="SALESML_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        Path("data"), description="Folder of the database file, model files and staged imports."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite inside the data folder.")
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        "PLN", description="ISO 4217 code of every amount."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/Warsaw", description="IANA business time zone."
    )
    secret_file: Path = Field(
        Path("~/.config/salesml/secret"), description="File of the secret; made with mode 0600 when missing."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="The secret itself, instead of a file; 32 bytes or more."
    )
    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port that the server listens on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe lines that server and worker write to their log."
    )
    max_upload_mb: int = Field(50, ge=1, description="Largest file that is taken over HTTP, in MiB.")
    docs_enabled: bool = Field(True, description="Whether /docs and /openapi.json are served.")
    metrics_enabled: bool = Field(True, description="Whether /metrics is served.")
    trusted_proxies: str = Field(
        "",
        description="Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto count, with commas.",
    )
    sources: dict[SourceName, SecretStr] = Field(
        {},
        description='JSON: addresses of foreign databases by name, as {"shop": "postgresql://..."}; only '
        "these can be named in schedules.",
    )
    webhook_secrets: dict[str, Annotated[SecretStr, Field(min_length=8)]] = Field(
        {}, description='JSON: the secret of each source whose webhooks are taken, as {"shop": "..."}.'
    )
    webhook_amount: Literal["gross", "net"] = Field(
        "gross",
        description="Whether orders of webhooks count with their tax, as the shop sums up, or net of it.",
    )
    webhook_shipping: Literal["in", "out"] = Field(
        "in", description="Whether orders of webhooks count with the cost of delivery."
    )
    allowed_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        "",
        description="Host names by which the server may be asked, with commas; *.example.com means every "
        "name below it, empty any name.",
    )
    memory_mb: int | None = Field(
        None,
        ge=64,
        description="Memory for computing features, in MiB; beyond that it spills to disk. Empty means 80 % "
        "of the machine.",
    )
    temp_dir: Path | None = Field(
        None, description="Folder that is spilled into; empty means the temporary folder of the system."
    )
    max_file_mb: int = Field(4096, ge=1, description="Largest file that the command line imports, in MiB.")

    @property
    def url(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'salesml.db'}"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises SettingsInvalid with one line that names the setting."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"SALESML_{'_'.join(str(part) for part in first['loc'])}".upper()
        raise SettingsInvalid(f"{name}: {first['msg']}") from None
