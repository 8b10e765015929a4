"""The models that write code, role by role, and how what they wrote is run."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from pipeline.coding_options import CodingOptions
from pipeline.executors import Executor
from pipeline.files import digest_text
from pipeline.models.access import ModelAccess
from pipeline.models.config import ModelSettings
from pipeline.models.port import KeptPort
from pipeline.models.record import MILLION
from schemas.coding import CallRecord
from schemas.model_call import Role

ROLES: tuple[Role, ...] = ("coder", "supervisor", "classifier")


class Ports(NamedTuple):
    """The models, ready to be asked."""

    coder: KeptPort
    supervisor: KeptPort
    classifier: KeptPort


class CodingDesk(NamedTuple):
    """Which models write code, where their replies are kept, and how what they wrote is run."""

    options: CodingOptions
    settings: ModelSettings
    cache: Path
    replay: bool
    executor: Executor
    unsafe: bool

    def describe(self) -> dict[str, str]:
        """What decides which replies come, by role: the model and how it is asked. Not where."""
        told = {}
        for role in ROLES:
            own = self.settings.of(role)
            told[f"model of the {role}"] = f"{own.model} {digest_text(own.sampling.model_dump_json())[:16]}"
        return told

    async def open(self, run: Path, opened: AsyncExitStack, say: Callable[[str], None]) -> Ports:
        """The models of each role; `opened` closes them. Each role has its own settings, context length included."""
        # one for each set of settings, so that roles of one model share what is in flight
        own = [self.settings.of(role).model_copy(update={"roles": {}}) for role in ROLES]
        distinct = [s for i, s in enumerate(own) if s not in own[:i]]
        access = ModelAccess(settings=tuple(distinct), cache=self.cache, replay=self.replay)
        ports = await opened.enter_async_context(access.open(run, say))
        coder, supervisor, classifier = (ports[distinct.index(s)] for s in own)
        return Ports(coder, supervisor, classifier)

    def price(self, call: CallRecord) -> float | None:
        """What a call costs when it is asked for; None where no price is known."""
        price = self.settings.of(call.role).price
        if price is None:
            return None
        return (call.prompt_tokens * price.prompt + call.completion_tokens * price.completion) / MILLION
