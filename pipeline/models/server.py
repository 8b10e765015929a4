"""What a model server says about itself: which models, how much context, how many tokens a text has."""

import asyncio
import re
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.models.config import KEY, ModelSettings
from schemas.errors import ModelUnavailable

DEFAULT_CONTEXT = 8192  # tokens, where neither server nor settings say: every model of the last years has that
PAUSES = (0.0, 0.5, 2.0)  # seconds before each try
PIECES = re.compile(r"[A-Za-z]+|\d|[^\S\n]+|\n+|[^\sA-Za-z\d]")
LETTERS_PER_TOKEN = 3  # words of physics cost more than everyday ones


class Served(BaseModel):
    """One entry of /v1/models."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    id: str
    max_model_len: int | None = None


class _Listing(BaseModel):
    model_config = ConfigDict(extra="ignore")
    data: tuple[Served, ...]


class _Count(BaseModel):
    model_config = ConfigDict(extra="ignore")
    count: int


class Card(NamedTuple):
    """What a server has. `models` is empty where it does not tell."""

    models: tuple[Served, ...]
    version: str | None = None
    speaks_json: bool = True  # a server of models says even in JSON that it does not tell

    def find(self, name: str) -> Served | None:
        """The entry of one model."""
        return next((model for model in self.models if model.id == name), None)


class Server:
    """The server behind an address, apart from its answers. Used between `async with` and its end."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self._tokenizes = True
        key = settings.api_key
        headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(30.0, connect=settings.connect_timeout),
            trust_env=not is_local(settings.url),
        )

    @property
    def root(self) -> str:
        """The address without `/v1`: where vLLM has its own paths."""
        return self.settings.url.removesuffix("/v1")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def look(self) -> Card:
        """Which models there are. Raises ModelUnavailable when nothing answers or the key is refused."""
        url = self.settings.url
        reply = await self._get(f"{url}/models")
        if reply.status_code in (401, 403):
            raise refuse_key(self.settings)
        if reply.status_code == 404:  # some servers only answer questions
            return Card((), speaks_json=_is_json(reply))
        try:
            listing = _Listing.model_validate_json(reply.content)
        except ValidationError as error:
            what = f"status {reply.status_code}" if reply.is_error else "no list of models"
            raise ModelUnavailable(f"{url}: is no OpenAI-compatible server ({what}); check --url") from error
        return Card(listing.data)

    async def find_model(self) -> Card:
        """The same, when the wanted model is there or the server does not tell. Raises ModelUnavailable."""
        card = await self.look()
        if card.models and card.find(self.settings.model) is None:
            raise miss_model(self.settings, card)
        return card

    async def find_version(self) -> str | None:
        """The version, where the server tells it as vLLM does."""
        try:
            found = (await self._client.get(f"{self.root}/version")).json()
        except (httpx.HTTPError, ValueError):
            return None
        version = found.get("version") if isinstance(found, Mapping) else None
        return version if isinstance(version, str) else None

    async def count_tokens(self, text: str) -> int | None:
        """Tokens of a text, as vLLM counts them; None where the server does not count."""
        if not self._tokenizes:
            return None
        body = {"model": self.settings.model, "prompt": text, "add_special_tokens": False}
        try:
            reply = await self._client.post(f"{self.root}/tokenize", json=body)
            if reply.is_success:
                return _Count.model_validate_json(reply.content).count
        except (httpx.HTTPError, ValidationError):
            return None
        self._tokenizes = reply.status_code >= 500 or reply.status_code == 429  # those pass
        return None

    async def _get(self, url: str) -> httpx.Response:
        problem: httpx.HTTPError | None = None
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                reply = await self._client.get(url)
            except httpx.ConnectError as error:
                raise miss_server(self.settings, error) from error
            except httpx.HTTPError as error:
                problem = error
            else:
                if reply.status_code < 500 and reply.status_code != 429:
                    return reply
        if problem is not None:
            raise miss_server(self.settings, problem) from problem
        return reply


def _is_json(reply: httpx.Response) -> bool:
    try:
        reply.json()
    except ValueError:
        return False
    return True


@lru_cache(256)
def estimate_tokens(text: str) -> int:
    """An upper estimate of the tokens of a text, for models of any tokenizer: digits and signs one by one, letters of
    other scripts by their bytes."""
    return sum(map(_estimate_piece, PIECES.findall(text)))


def _estimate_piece(piece: str) -> int:
    if piece.isspace():
        return 0 if piece == " " else 1  # a single space belongs to the word behind it
    if piece.isascii():
        return -(-len(piece) // LETTERS_PER_TOKEN)
    return len(piece.encode())


def is_local(url: str) -> bool:
    """Whether the address is this machine, which no proxy leads to."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def miss_server(settings: ModelSettings, error: Exception) -> ModelUnavailable:
    """The line for a server that does not answer."""
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    return ModelUnavailable(f"{settings.url}: no model server answers ({reason}); start one or give another --url")


def refuse_key(settings: ModelSettings, message: str = "") -> ModelUnavailable:
    """The line for a key that is wrong or missing, or that pays for nothing any more."""
    how = "refuses the key" if settings.api_key is not None else "wants a key"
    said = f" ({message})" if message else ""
    return ModelUnavailable(f"{settings.url}: the server {how}{said}; put one into ${KEY}")


def miss_model(settings: ModelSettings, card: Card, message: str = "") -> ModelUnavailable:
    """The line for a model that the server does not have, or says that it does not have."""
    if card.find(settings.model) is not None:
        return ModelUnavailable(f"{settings.url}: answers no questions ({message}); check the path of --url")
    has = ", ".join(model.id for model in card.models[:10]) or "none that it tells"
    return ModelUnavailable(f"{settings.url}: no model '{settings.model}'; the server has {has}")
