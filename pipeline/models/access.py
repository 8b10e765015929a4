"""The models that a command may ask: several of them, one cache, one record per run folder."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pipeline.files import digest_text
from pipeline.models.cache import ReplyCache
from pipeline.models.config import OFFLINE, ModelSettings
from pipeline.models.port import KeptPort
from pipeline.models.record import Record
from schemas.model import Model


class ModelAccess(Model):
    """How models are reached. Heavy imports happen when one is opened that is not replayed."""

    settings: tuple[ModelSettings, ...]
    cache: Path
    replay: bool = False

    def describe(self) -> Mapping[str, str]:
        """What decides which replies come: names of models, and a digest of how they are asked. Not where."""
        asked = {
            settings.model: digest_text(
                settings.sampling.model_dump_json(),
                *(
                    f"{role} {own.model} {own.sampling.model_dump_json()}"
                    for role, own in sorted(settings.roles.items())
                ),
            )[:16]
            for settings in self.settings
        }
        return {f"model {name}": digest for name, digest in asked.items()}

    @asynccontextmanager
    async def open(self, folder: Path, say: Callable[[str], None] | None = None) -> AsyncIterator[tuple[KeptPort, ...]]:
        """The models, as ModelPorts that write down in the run folder `folder` what is asked. `say` hears what people
        should know about the cache: that it was damaged.

        Raises RunFolderError when cache or folder cannot be used. No server is asked anything yet.
        """
        async with AsyncExitStack() as opened:
            cache = opened.enter_context(ReplyCache(self.cache, say))
            record = Record(folder)
            opened.callback(record.close)
            yield tuple([await opened.enter_async_context(self._open_one(s, cache, record)) for s in self.settings])

    @asynccontextmanager
    async def _open_one(self, settings: ModelSettings, cache: ReplyCache, record: Record) -> AsyncIterator[KeptPort]:
        if self.replay:
            async with KeptPort(None, settings, cache, record) as port:
                yield port
            return
        async with open_port(settings, cache, record) as port:
            yield port


@asynccontextmanager
async def open_port(
    settings: ModelSettings, cache: ReplyCache | None, record: Record | None = None
) -> AsyncIterator[KeptPort]:
    """One model wherever it is, behind a server or in an engine of our own. Nothing is asked yet."""
    if settings.url == OFFLINE:
        from pipeline.models.offline import open_offline

        async with open_offline(settings) as engine, KeptPort(engine, settings, cache, record) as port:
            yield port
        return
    from pipeline.models.client import open_model

    async with open_model(settings, cache, record) as port:
        yield port
