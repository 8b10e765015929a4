"""From the end of stage one to an outcome, and the port that counts what models were asked on the way."""

from collections.abc import Mapping, Sequence

from benchmarks.contest.effort import Effort
from benchmarks.extracting.outcome import ExtractOutcome
from extract.assembling.placements import Placement
from extract.stage_one import StageOne
from pipeline.models.config import ModelSettings
from pipeline.models.record import price_reply
from schemas.errors import ModelError, ModelUnavailable
from schemas.evidence import Evidence
from schemas.model_call import ModelPort, ModelReply, ModelRequest
from schemas.reading import Consensus

FORMAT = "2"  # of what an outcome is made of: another one makes every kept cell unknown


class MeteredPort:
    """A ModelPort that notes what was asked through it, cached replies like those of today, and whether it was lost.

    `lost` is why the model was out of reach at any time: then what was read with it is no outcome, however much there
    is of it.
    """

    def __init__(self, port: ModelPort, settings: ModelSettings) -> None:
        self._port = port
        self._settings = settings
        self._replies: list[tuple[ModelReply, float | None]] = []
        self._failures = 0
        self.lost: ModelUnavailable | None = None

    @property
    def model(self) -> str:
        """The model's name."""
        return self._port.model

    @property
    def effort(self) -> Effort:
        """What was asked so far. Seconds are the server's, calls in flight at the same time added up."""
        costs = [cost for _, cost in self._replies if cost is not None]
        return Effort(
            calls=len(self._replies) + self._failures,
            prompt_tokens=sum(reply.prompt_tokens for reply, _ in self._replies),
            completion_tokens=sum(reply.completion_tokens for reply, _ in self._replies),
            seconds=round(sum(reply.seconds for reply, _ in self._replies), 3),
            cost=round(sum(costs), 9) if len(costs) == len(self._replies) else None,
        )

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The reply; see ModelPort."""
        try:
            reply = await self._port.ask(request)
        except ModelUnavailable as error:
            self.lost = error
            raise
        except ModelError:
            self._failures += 1
            raise
        price = self._settings.of(request.role).price
        self._replies.append((reply, None if price is None else price_reply(price, reply)))
        return reply

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text; see ModelPort."""
        try:
            return await self._port.count_tokens(text)
        except ModelUnavailable as error:
            self.lost = error
            raise

    async def find_context_length(self) -> int:
        """Context of the model; see ModelPort."""
        try:
            return await self._port.find_context_length()
        except ModelUnavailable as error:
            self.lost = error
            raise


def make_outcome(state: StageOne, effort: Effort) -> ExtractOutcome:
    """What came out of stage one. A contestant none of whose readings can be used has failed."""
    readings = state["readings"]
    findings = [f for f in state["findings"] if f.document is None]
    proofs = dict(zip((f.id for f in state["findings"]), state["evidence"], strict=True))
    assembly = state["assembly"]
    cuts, raised = _trace(assembly.placements)
    return ExtractOutcome(
        failed=None if any(not r.unusable for r in readings) else _say_mute(sum(r.asked for r in readings)),
        readings=readings,
        findings=tuple(findings),
        evidence=tuple(_slim(proofs[f.id]) for f in findings),
        delegations=state["delegations"],
        resolutions=state["resolutions"],
        questions=assembly.criteria.questions,
        cuts=cuts,
        raised=raised,
        problem=state.get("problem"),
        effort=effort,
    )


def leave_out_minorities(state: StageOne) -> StageOne:
    """The state after merging with what more than half of the readings found; what comes after is to be made anew."""
    consensus = state["consensus"]
    if consensus is None:
        return state
    votes = tuple(v for v in consensus.votes if 2 * len(v.found_in) > v.of)
    kept = {v.finding for v in votes}
    findings = tuple(f for f in consensus.findings if f.id in kept)
    conflicts = tuple(
        c.model_copy(update={"findings": tuple(i for i in c.findings if i in kept)})
        for c in consensus.conflicts
        if len(kept.intersection(c.findings)) > 1 and c.default in (None, *kept)
    )
    proofs = dict(zip((f.id for f in state["findings"]), state["evidence"], strict=True))
    rest: StageOne = state.copy()
    del rest["coverage"], rest["assembly"], rest["problem"]
    rest["consensus"] = Consensus(findings=findings, votes=votes, conflicts=conflicts)
    rest["findings"] = (*findings, *state["taken"])
    rest["evidence"] = tuple(proofs[f.id] for f in rest["findings"])
    return rest


def add_efforts(efforts: Sequence[Effort]) -> Effort:
    """All of them together. The price is known where it is known of each."""
    costs = [e.cost for e in efforts if e.cost is not None]
    return Effort(
        calls=sum(e.calls for e in efforts),
        prompt_tokens=sum(e.prompt_tokens for e in efforts),
        completion_tokens=sum(e.completion_tokens for e in efforts),
        seconds=round(sum(e.seconds for e in efforts), 3),
        cost=round(sum(costs), 9) if len(costs) == len(efforts) else None,
    )


def _say_mute(asked: int) -> str:
    return f"no usable reply to {asked} question{'' if asked == 1 else 's'}"


def _slim(evidence: Evidence) -> Evidence:
    """Without the places on the page: nothing is judged by them, and they are most of the bytes."""
    return evidence.model_copy(update={"boxes": (), "spans": ()})


def _trace(placements: Sequence[Placement]) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """The findings behind each cut and behind each question."""
    cuts: dict[str, list[str]] = {}
    raised: dict[str, list[str]] = {}
    for placement in placements:
        for cut in (placement.cut or "").split(", ") if placement.cut else ():
            cuts.setdefault(cut, []).append(placement.finding)
        if placement.question is not None:
            raised.setdefault(placement.question, []).append(placement.finding)
    return {c: tuple(dict.fromkeys(i)) for c, i in cuts.items()}, {
        q: tuple(dict.fromkeys(i)) for q, i in raised.items()
    }
