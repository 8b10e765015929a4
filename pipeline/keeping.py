"""What stage one leaves in a run folder: which of its steps stand, loading them, and writing those that do not."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import BaseModel

from pipeline import artefacts
from pipeline.files import digest_sources
from pipeline.reading import write_criteria
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from schemas.citation import Bibliography, Delegation, Resolution
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.reading import Consensus, Reading

if TYPE_CHECKING:
    from extract.stage_one import StageOne
    from pipeline.extracting import Desk

T = TypeVar("T")

CODE = ("extract", "schemas")  # packages whose change redoes the steps


class Resolved(Model):
    """What became of the delegations: resolutions.json."""

    resolutions: tuple[Resolution, ...]
    findings: tuple[Finding, ...]  # taken from cited works
    evidence: tuple[Evidence, ...]  # belongs to `findings` one by one


class _Kept(NamedTuple):
    """A step of the run folder: what it reads and writes, and what else decides whether it stands."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    settings: Mapping[str, str]


class Keeper:
    """Which steps of the run stand, and the writing of those that do not."""

    def __init__(self, run: RunFolder, desk: "Desk") -> None:
        self.run = run
        self.standing: set[str] = set()
        self._digests = {"paperfilter code": digest_sources(CODE)}
        models = dict(desk.models.describe()) if desk.models is not None else {}
        w = desk.wishes
        find = {"reader": run.manifest.request.reader}
        if models:
            find |= models | {"mode": w.mode, "votes": str(w.votes), "ask again": str(w.ask_again)}
        follow = {"works": str(w.works), "depth": str(w.depth), "from": desk.works.describe() if desk.works else "none"}
        found = (artefacts.DOCUMENT, artefacts.ATTEMPTS)
        told = (artefacts.DOCUMENT, artefacts.READINGS, artefacts.FINDINGS, artefacts.EVIDENCE)
        self._steps = {
            "plan": _Kept(
                (artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY),
                (artefacts.ATTEMPTS, artefacts.DELEGATIONS),
                {"works": str(w.works)},
            ),
            "find": _Kept(found, (artefacts.READINGS,), find),
            "resolve": _Kept(
                (artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY, artefacts.DELEGATIONS, artefacts.READINGS),
                (artefacts.RESOLUTIONS,),
                follow,
            ),
            "merge": _Kept(
                (artefacts.DOCUMENT, artefacts.READINGS, artefacts.RESOLUTIONS),
                (artefacts.FINDINGS, artefacts.EVIDENCE, artefacts.PROOFS, f"{artefacts.CONSENSUS}?"),
                {},
            ),
            "cover": _Kept(told, (artefacts.COVERAGE,), {}),
            "assemble": _Kept(
                (*told, artefacts.RESOLUTIONS), (artefacts.CRITERIA, artefacts.ASSEMBLED, artefacts.PLACEMENTS), {}
            ),
        }  # fmt: skip

    def load(self) -> "StageOne":
        """The state that the run folder already has."""
        from extract.assembling.assemble import Assembly
        from extract.assembling.placements import Placement
        from extract.attempts import Attempt
        from extract.stage_one import StageOne

        def get(name: str, kind: type[T]) -> T:
            return load_artefact(self.run.path / name, kind)

        state = StageOne(
            document=get(artefacts.DOCUMENT, Document), bibliography=get(artefacts.BIBLIOGRAPHY, Bibliography)
        )
        if self._stands("plan"):
            state["attempts"] = get(artefacts.ATTEMPTS, tuple[Attempt, ...])
            state["delegations"] = get(artefacts.DELEGATIONS, tuple[Delegation, ...])
        if self._stands("find"):
            readings = get(artefacts.READINGS, tuple[Reading, ...])
            if is_mute(readings):
                self.standing.discard("find")
                self.run.forget("find")  # the models are asked again
            else:
                state["readings"] = readings
        # What comes after a step that is done again is made anew; where it comes out the same, its file stays.
        if {"plan", "find"} <= self.standing and self._stands("resolve"):
            resolved = get(artefacts.RESOLUTIONS, Resolved)
            state["resolutions"] = resolved.resolutions
            state["taken"], state["taken_evidence"] = resolved.findings, resolved.evidence
        if "resolve" in self.standing and self._stands("merge"):
            agreed = (self.run.path / artefacts.CONSENSUS).is_file()
            state["consensus"] = get(artefacts.CONSENSUS, Consensus) if agreed else None
            state["findings"] = get(artefacts.FINDINGS, tuple[Finding, ...])
            state["evidence"] = get(artefacts.EVIDENCE, tuple[Evidence, ...])
            state["proofs"] = {e.finding or "": e for e in get(artefacts.PROOFS, tuple[Evidence, ...])}
        if "merge" in self.standing and self._stands("cover"):
            state["coverage"] = get(artefacts.COVERAGE, Coverage)
        if "cover" in self.standing and self._stands("assemble"):
            from pipeline.reading import load_criteria

            state["assembly"] = Assembly(
                criteria=load_criteria(self.run.path / artefacts.CRITERIA),
                placements=get(artefacts.PLACEMENTS, tuple[Placement, ...]),
            )
        return state

    def reach(self, step: str, state: "StageOne") -> None:
        """The graph begins a step: what came before is complete."""
        if step == "resolve":
            self._do("find", lambda folder: dump_artefact(folder / artefacts.READINGS, state["readings"]))

    def keep(self, step: str, state: "StageOne") -> bool:
        """Write what a step made; whether anything had to be written."""
        write: dict[str, Callable[[Path], None]] = {
            "plan": lambda folder: _dump(
                folder, {artefacts.ATTEMPTS: state["attempts"], artefacts.DELEGATIONS: state["delegations"]}
            ),
            "resolve": lambda folder: dump_artefact(
                folder / artefacts.RESOLUTIONS,
                Resolved(
                    resolutions=state["resolutions"], findings=state["taken"], evidence=state["taken_evidence"]
                ),
            ),
            "merge": lambda folder: _dump(
                folder,
                {
                    artefacts.FINDINGS: state["findings"],
                    artefacts.EVIDENCE: state["evidence"],
                    artefacts.PROOFS: tuple(state["proofs"].values()),
                }
                | ({artefacts.CONSENSUS: state["consensus"]} if state["consensus"] is not None else {}),
            ),
            "cover": lambda folder: dump_artefact(folder / artefacts.COVERAGE, state["coverage"]),
            "assemble": lambda folder: _write_assembly(folder, state),
        }  # fmt: skip
        if step in write:
            return self._do(step, write[step])
        return "find" not in self.standing

    def _do(self, name: str, make: Callable[[Path], None]) -> bool:
        kept = self._steps[name]
        return self.run.do(
            name, make, reads=kept.reads, writes=kept.writes, digests=self._digests, settings=kept.settings
        )

    def _stands(self, name: str) -> bool:
        kept = self._steps[name]
        stands = self.run.stands(name, reads=kept.reads, digests=self._digests, settings=kept.settings)
        if stands:
            self.standing.add(name)
        return stands


def is_mute(readings: Sequence[Reading]) -> bool:
    """Whether models were asked and none of their readings can be used."""
    asked = [r for r in readings if r.asked]
    return bool(asked) and all(r.unusable for r in asked)


def _dump(folder: Path, files: Mapping[str, BaseModel | Sequence[BaseModel]]) -> None:
    for name, artefact in files.items():
        dump_artefact(folder / name, artefact)


def _write_assembly(folder: Path, state: "StageOne") -> None:
    write_criteria(folder / artefacts.CRITERIA, state["assembly"].criteria)
    dump_artefact(folder / artefacts.ASSEMBLED, state["assembly"].criteria)
    dump_artefact(folder / artefacts.PLACEMENTS, state["assembly"].placements)
