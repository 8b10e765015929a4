"""Which model answers which role, where it is, and how it is asked: file, environment and command line."""

import logging
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, JsonValue, SecretStr, ValidationError, field_validator, model_validator

from pipeline.terminal import strip_controls
from schemas.errors import UsageError
from schemas.model import Model
from schemas.model_call import Role

FILE = "paperfilter.toml"
DEFAULT_URL = "http://127.0.0.1:8000/v1"  # where vLLM listens by itself
OFFLINE = "offline:"  # instead of an address: vLLM's batch engine, started for the run
URL, MODEL, KEY = "PAPERFILTER_URL", "PAPERFILTER_MODEL", "PAPERFILTER_API_KEY"
NAMED_AT = re.compile(r"^(?P<name>.+?)@(?P<url>https?://.+|offline:?)$")

Structured = Literal["auto", "response_format", "structured_outputs", "json_object", "none"]


class Price(Model):
    """Of a million tokens, in one currency."""

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)


class Sampling(Model):
    """How a role's answers are drawn. The first reading (sample 0) is as repeatable as the server can make it."""

    temperature: float = Field(default=0.0, ge=0, le=2)  # of sample 0
    vote_temperature: float = Field(default=0.7, ge=0, le=2)  # of the other samples
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int = 0  # sample n is asked with seed + n
    max_tokens: int | None = Field(default=16384, ge=1)  # of an answer, unless the question says so
    extra: Mapping[str, JsonValue] = {}  # further fields of the request, as the server knows them


class RoleTable(Model):
    """`[roles.NAME]`: what a role has of its own; the rest is the model's."""

    url: str | None = None
    model: str | None = None
    api_key_env: str | None = None
    context_length: int | None = Field(default=None, ge=256)
    price: Price | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    vote_temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    extra: Mapping[str, JsonValue] | None = None

    @field_validator("url")
    @classmethod
    def _clean_url(cls, url: str | None) -> str | None:
        return normalise_url(url) if url is not None else None


class ModelSettings(Model):
    """One model behind one address, and what its roles change. The key is never written anywhere."""

    url: str = DEFAULT_URL
    model: str = Field(min_length=1)
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    in_flight: int = Field(default=32, ge=1, le=1024)
    timeout: float = Field(default=600.0, gt=0)  # seconds of one attempt
    connect_timeout: float = Field(default=10.0, gt=0)
    attempts: int = Field(default=7, ge=1, le=100)
    longest_wait: float = Field(default=60.0, ge=0)  # seconds between two attempts, whatever the server asks for
    context_length: int | None = Field(default=None, ge=256)  # where the server does not tell it
    structured: Structured = "auto"
    price: Price | None = None
    sampling: Sampling = Sampling()
    roles: Mapping[Role, "ModelSettings"] = {}  # complete settings of roles that differ

    @field_validator("url")
    @classmethod
    def _clean_url(cls, url: str) -> str:
        return normalise_url(url)

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        if any(inner.roles for inner in self.roles.values()):
            raise ValueError("a role has no roles of its own")
        return self

    def of(self, role: Role) -> "ModelSettings":
        """The settings with which this role is asked."""
        return self.roles.get(role, self)


def normalise_url(url: str) -> str:
    """The address as clients need it: with `/v1` when no path is given, without a slash at its end; or OFFLINE.

    Raises ValueError when it is no http(s) address, or carries a key.
    """
    if url.strip().rstrip(":") == OFFLINE.rstrip(":"):
        return OFFLINE
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"'{url}' is no address of a server; it looks like {DEFAULT_URL}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"the port of {parts.hostname} is no number from 1 to 65535; an address is like {DEFAULT_URL}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(f"the address of {parts.hostname} carries more than host and path; keys belong in ${KEY}")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") or "/v1", "", ""))


def load_settings(
    models: Sequence[str] = (),
    url: str | None = None,
    config: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> tuple[ModelSettings, ...]:
    """Settings of each model that was named: on the command line (`NAME` or `NAME@URL`), else in $PAPERFILTER_MODEL,
    else in the file; empty when none is. The file is `config`, else the nearest paperfilter.toml upward of `folder`.

    A table [models.NAME] of the file belongs to one of them; another one is an error where the file names the models,
    and is told in one line (as a warning of the logger) where command line or environment do. Raises UsageError, naming
    file and key.
    """
    path = config if config is not None else find_file(folder or Path.cwd())
    file = _read_file(path) if path is not None else ConfigFile()
    names = tuple(models) or tuple(environment.get(MODEL, "").split()) or file.names
    if path is not None:
        _check_tables(file, path, names, elsewhere=bool(models or environment.get(MODEL, "").split()))
    where = url or environment.get(URL) or None
    if url and not names:
        raise UsageError(f"--url {url}: name the model too (--model); `paperfilter doctor --url {url}` lists models")
    settings = tuple(_settle(name, where, file, environment, path) for name in names)
    seen = [s.model for s in settings]
    twice = next((name for name in seen if seen.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"model {twice} is named twice; several readings of one model are --votes")
    return settings


def guess_settings(url: str, *, environment: Mapping[str, str] = os.environ) -> ModelSettings:
    """Settings for a server of which no model is known yet. Raises UsageError for what is no address."""
    try:
        return _make({}, model="?", url=url, api_key=_find_key(KEY, environment))
    except ValidationError as error:
        raise UsageError(_explain(error, None)) from error


def find_file(folder: Path) -> Path | None:
    """The nearest paperfilter.toml, from `folder` upward."""
    return next((p / FILE for p in (folder, *folder.parents) if (p / FILE).is_file()), None)


class ModelTable(RoleTable):
    """`[models.NAME]`: what one model has of its own."""

    in_flight: int | None = Field(default=None, ge=1, le=1024)
    timeout: float | None = Field(default=None, gt=0)
    connect_timeout: float | None = Field(default=None, gt=0)
    attempts: int | None = Field(default=None, ge=1, le=100)
    longest_wait: float | None = Field(default=None, ge=0)
    structured: Structured | None = None


class PersonTable(Model):
    """`[person]`: who answers, accepts and edits."""

    name: str


class ConfigFile(ModelTable):
    """paperfilter.toml: what holds for all models at the top, then tables of single models, of roles, of the person."""

    model: str | tuple[str, ...] | None = None  # type: ignore[assignment]  # here several may be named
    models: Mapping[str, ModelTable] = {}
    roles: Mapping[Role, RoleTable] = {}
    person: PersonTable | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Models that read when no other place names one."""
        return (self.model,) if isinstance(self.model, str) else self.model or ()


SAMPLING = frozenset(Sampling.model_fields)
OWN = frozenset({"api_key_env", "models", "roles", "model", "url", "person"})


def _settle(
    named: str, where: str | None, file: ConfigFile, environment: Mapping[str, str], path: Path | None
) -> ModelSettings:
    """Everything that holds for one model: top of the file, its table, environment, command line."""
    match = NAMED_AT.match(named)
    if match is None and "://" in named:  # else it would be a model of this name at the usual address
        raise UsageError(f"'{named}' is no NAME@URL; write it as in NAME@http://127.0.0.1:8000/v1")
    name, at = (match["name"], match["url"]) if match else (named, None)
    table = file.models.get(name, ModelTable())
    given = _collect(file) | _collect(table)
    try:
        main = _make(
            given,
            model=table.model or name,
            url=at or where or table.url or file.url or DEFAULT_URL,
            api_key=_find_key(table.api_key_env or file.api_key_env or KEY, environment),
        )
        roles = {role: _settle_role(main, given, own, environment) for role, own in file.roles.items()}
        return main.model_copy(update={"roles": roles})
    except ValidationError as error:
        raise UsageError(_explain(error, path)) from error


def _check_tables(file: ConfigFile, path: Path, names: Sequence[str], *, elsewhere: bool) -> None:
    """Whether every table of a model is one of a model in use. Raises UsageError, or warns."""
    used = [match["name"] if (match := NAMED_AT.match(name)) else name for name in names]
    unused = [name for name, table in file.models.items() if name not in used and table.model not in used]
    if not unused:
        return
    tables = ", ".join(f"[models.{name}]" for name in unused)
    known = f"in use: {', '.join(used)}" if used else "none is in use"
    line = f"{path}: {tables} names no model in use ({known})"
    if not elsewhere:
        raise UsageError(f"{line}; correct the name, or name the model too: model = [...]")
    _warn_once(line)


@cache
def _warn_once(line: str) -> None:
    logging.getLogger(__name__).warning("! %s", strip_controls(line))


def _settle_role(
    main: ModelSettings, given: Mapping[str, object], own: RoleTable, environment: Mapping[str, str]
) -> ModelSettings:
    # The key belongs to one address: it is not sent to another one unless that one's table names it.
    elsewhere = own.url is not None and own.url != main.url
    key = _find_key(own.api_key_env, environment) if own.api_key_env else None if elsewhere else main.api_key
    if own.model not in (None, main.model):  # what it costs and holds is not known from the other one
        given = {name: value for name, value in given.items() if name not in ("price", "context_length")}
    return _make({**given, **_collect(own)}, model=own.model or main.model, url=own.url or main.url, api_key=key)


def _collect(table: ModelTable | RoleTable) -> dict[str, object]:
    return {
        name: getattr(table, name)
        for name in type(table).model_fields
        if name not in OWN and getattr(table, name) is not None
    }


def _make(given: Mapping[str, object], *, model: str, url: str, api_key: SecretStr | None) -> ModelSettings:
    sampling = {name: value for name, value in given.items() if name in SAMPLING}
    rest = {name: value for name, value in given.items() if name not in SAMPLING}
    return ModelSettings.model_validate({**rest, "sampling": sampling, "model": model, "url": url, "api_key": api_key})


def _find_key(variable: str, environment: Mapping[str, str]) -> SecretStr | None:
    value = environment.get(variable, "").strip()
    return SecretStr(value) if value else None


def _read_file(path: Path) -> ConfigFile:
    try:
        with path.open("rb") as file:
            return ConfigFile.model_validate(tomllib.load(file))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give another file with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is no TOML ({error}); correct it") from error
    except ValidationError as error:
        raise UsageError(_explain(error, path)) from error


def _explain(error: ValidationError, path: Path | None) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    spot = [str(part) for part in first["loc"]]
    key = ".".join(part for part in spot if part not in ("str", "tuple[str, ...]", "[key]"))
    source = str(path) if path is not None else "model settings"
    if first["type"] == "extra_forbidden":
        if spot[-1] in ("api_key", "key", "token"):
            return (
                f"{source}: {key}: keys are never read from files; put it into ${KEY}, or name a variable: api_key_env"
            )
        return f"{source}: unknown key {key}; {_list_known(spot)}"
    if "[key]" in spot:
        return f"{source}: unknown role {spot[-2]}; there are {', '.join(get_args(Role))}"
    return f"{source}: {key}: {first['msg'].removeprefix('Value error, ')}"


def _list_known(spot: Sequence[str]) -> str:
    table: type[Model] = ConfigFile
    if "price" in spot[:-1]:
        table = Price
    elif len(spot) > 2:
        table = ModelTable if spot[0] == "models" else RoleTable
    return f"there are {', '.join(sorted(table.model_fields))}"
