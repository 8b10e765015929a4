"""What decides how a reading comes out: named by a digest, so that it is done again when any of that changes."""

from typing import NamedTuple

from benchmarks.contest.cells import Cell
from benchmarks.extracting.contestants import Entrant
from benchmarks.extracting.outcomes import FORMAT
from benchmarks.extracting.subjects import Paper
from pipeline.files import digest_sources, digest_text
from pipeline.models.config import ModelSettings
from schemas.reading import ReadingMode

CODE = ("papers", "schemas", "extract")  # packages whose change reads everything again; replies are kept all the same
SIMULATED = ("benchmarks/simulated", "benchmarks/gold")


class Terms(NamedTuple):
    """How everybody reads. `works` 0: cited works are not followed."""

    modes: tuple[ReadingMode, ...]
    runs: int
    ask_again: bool = True
    works: int = 0
    depth: int = 2
    jobs: int = 8  # cells of one model at the same time


class Digests:
    """What decides how cells come out. Where a model is asked decides nothing."""

    def __init__(self, terms: Terms) -> None:
        """The code as it is now."""
        self._code = digest_text(FORMAT, digest_sources(CODE))
        self._simulated = digest_sources(SIMULATED)
        self._terms = terms

    def name(self, entrant: Entrant, paper: Paper, cell: Cell) -> str:
        """The digest of a cell that is a reading."""
        terms = self._terms
        parts = [self._code, paper.sha256, f"works {terms.works} depth {terms.depth if terms.works else 0}"]
        if entrant.key is not None:
            parts += [cell.mode, str(cell.run), f"ask again {terms.ask_again}"]
        if entrant.settings is not None:
            parts.append(describe_settings(entrant.settings))
        if entrant.simulated is not None:
            parts += [entrant.simulated.model_dump_json(), paper.gold_sha256, self._simulated]
        return digest_text(*parts)

    def describe(self, entrant: Entrant) -> str:
        """The digest of how an entrant reads, whatever the paper. Merging readings of a model is no other way."""
        terms = self._terms
        parts = [self._code, f"works {terms.works} depth {terms.depth if terms.works else 0}"]
        if entrant.key is not None:
            parts.append(f"ask again {terms.ask_again}")
        if entrant.settings is not None:
            parts.append(describe_settings(entrant.settings))
        if entrant.simulated is not None:
            parts += [entrant.simulated.model_dump_json(), self._simulated]
        return digest_text(*parts)


def describe_settings(settings: ModelSettings) -> str:
    """What of a model's settings decides replies and prices, the same wherever it is asked."""
    own = {"model", "sampling", "context_length", "price", "structured"}
    roles = {name: role.model_dump_json(include=own) for name, role in sorted(settings.roles.items())}
    return f"{settings.model_dump_json(include=own)} {roles}"
