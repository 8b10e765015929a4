"""Witness events as a document, so that a search need not be done twice."""

from pydantic import ConfigDict, ValidationError

from codegen.witness.collecting import WitnessSet, list_labels, prepare
from codegen.witness.differences import Survivor
from codegen.witness.mutants import list_mutants
from codegen.witness.search import Witness
from codegen.witness.stored import Event, Row
from schemas.criteria import SelectionCriteria
from schemas.model import Model
from schemas.profile import Profile


class KeptEvent(Model):
    """One witness event and its words."""

    whole: Row
    stored: dict[str, list[Row]]
    item: str
    shows: str
    values: str


class KeptSurvivor(Model):
    """A mutant by its number, and why it is left."""

    mutant: int
    reason: str
    equivalent: bool


class KeptWitnesses(Model):
    """What a search found. Mutants are numbers in the list that the criteria give."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    mutants: int
    witnesses: tuple[KeptEvent, ...]
    unreached: dict[str, str]
    killed: tuple[int, ...]
    refused: tuple[int, ...]
    survivors: tuple[KeptSurvivor, ...]


def store_witnesses(found: WitnessSet) -> str:
    """The text that `restore_witnesses` reads."""
    place = {id(mutant): k for k, mutant in enumerate(found.mutants)}
    return KeptWitnesses(
        mutants=len(found.mutants),
        witnesses=tuple(
            KeptEvent(whole=w.event.whole, stored=w.event.stored, item=w.item, shows=w.shows, values=w.values)
            for w in found.witnesses
        ),
        unreached=found.unreached,
        killed=tuple(place[id(m)] for m in found.killed),
        refused=tuple(place[id(m)] for m in found.refused),
        survivors=tuple(
            KeptSurvivor(mutant=place[id(s.mutant)], reason=s.reason, equivalent=s.equivalent) for s in found.survivors
        ),
    ).model_dump_json()


def restore_witnesses(text: str, criteria: SelectionCriteria, profile: Profile) -> WitnessSet | None:
    """The witness events of these criteria in this format, as they were found; None where the text does not fit them.

    Raises CriteriaError as the search does.
    """
    try:
        kept = KeptWitnesses.model_validate_json(text)
    except ValidationError:
        return None
    fitted, layout, interpreter = prepare(criteria, profile)
    mutants = list_mutants(criteria, list_labels(fitted))
    numbers = (*kept.killed, *kept.refused, *(s.mutant for s in kept.survivors))
    if len(mutants) != kept.mutants or sorted(numbers) != list(range(len(mutants))):
        return None
    witnesses = [Witness(Event(w.whole, w.stored), w.item, w.shows, w.values) for w in kept.witnesses]
    return WitnessSet(
        interpreter,
        layout,
        witnesses,
        dict(kept.unreached),
        mutants,
        [mutants[k] for k in kept.killed],
        [Survivor(mutants[s.mutant], s.reason, s.equivalent) for s in kept.survivors],
        [mutants[k] for k in kept.refused],
    )
