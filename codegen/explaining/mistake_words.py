"""Single changes of criteria in a colleague's words: what the analysis does, and what the criteria ask for."""

import re

from codegen.witness.mutant import Mutant
from schemas.criteria import Candidate, SelectionCriteria
from schemas.validation import list_cuts

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")
LONGEST_NAME = 50
PAIR = re.compile(r"(?:(?P<where>\w+): )?(?P<wrong>.+) for (?P<right>.+)")
INDEX = re.compile(r"\[(:?)(\d+)\]")


def word_mutant(mutant: Mutant, ssc: SelectionCriteria) -> str:
    """What the analysis does instead of what is asked, in one sentence."""
    item = name_item(mutant.item, ssc)
    pair = PAIR.fullmatch(mutant.text)
    where = f" in its {pair['where']}" if pair is not None and pair["where"] else ""
    said = _word_plain(mutant, ssc)
    if said is None and pair is not None:
        said = _word_pair(mutant.kind, pair["wrong"], pair["right"]) + where
    return f"{item}: {said or f'the analysis differs in {mutant.kind}: {mutant.text}'}"


def name_item(item: str, ssc: SelectionCriteria) -> str:
    """A cut by its id and what it compares; anything else by its name."""
    cut = next((c for c in list_cuts(ssc) if c.id == item), None)
    if cut is None or len(cut.variable) > LONGEST_NAME:
        return item
    owner = next((o.name for o in ssc.objects if any(c.id == item for c in o.cuts)), None)
    return f"{item} ({cut.variable}{f' of {owner}' if owner else ''})"


def _word_pair(kind: str, wrong: str, right: str) -> str:
    """One thing in the place of another one."""
    match kind:
        case "operator" if right in ("pass", "fail"):
            return f"the analysis takes {wrong}; {right} is asked"
        case "strictness" | "operator":
            return f"the analysis compares with {wrong}; {right} is asked"
        case "range end":
            return f"the analysis takes the range as closed {wrong}; closed {right} is asked"
        case "quantifier":
            if wrong == "any":
                return "the analysis lets it pass when any of the values passes; all must"
            return "the analysis lets it pass only when all of the values pass; one is enough"
        case "group":
            if wrong == "and":
                return "the analysis asks for “and”; “or” is meant: one is enough"
            return "the analysis asks for “or”; “and” is meant: all must pass"
        case "unit":
            return f"the analysis takes the threshold in {wrong}; it is in {right}"
        case "index":
            return _word_index(wrong, right)
        case "overlap":
            return f"the analysis removes within a distance of {wrong}; {right} is asked"
        case "base":
            return f"the analysis makes them from {wrong}; they are to be made from {right}"
    return f"the analysis uses {wrong}; {right} is asked"


def _word_index(wrong: str, right: str) -> str:
    mine, yours = INDEX.fullmatch(wrong), INDEX.fullmatch(right)
    if mine is None or yours is None:
        return f"the analysis takes {wrong}; {right} is asked"
    if mine[1]:
        return f"the analysis takes the first {mine[2]} ([:{mine[2]}]), the criteria the first {yours[2]}"
    places = [PLACES[k] if k < len(PLACES) else f"number {k + 1}" for k in (int(mine[2]), int(yours[2]))]
    return f"the analysis takes the {places[0]} (index {mine[2]}), the criteria the {places[1]} (index {yours[2]})"


def _word_plain(mutant: Mutant, ssc: SelectionCriteria) -> str | None:
    """Changes that are not one thing for another."""
    text = mutant.text
    match mutant.kind:
        case "cut dropped":
            return "the analysis does not apply it"
        case "cut order":
            return f"the analysis applies it {text}"
        case "early cut":
            return f"the analysis applies it {text}; the choice comes first"
        case "abs":
            return "abs() is missing: the analysis compares the value with its sign, the magnitude is asked"
        case "parent":
            return f"the analysis starts this region from the wrong place ({text})"
        case "require":
            return _word_requirement(text)
        case "exclude":
            names = re.fullmatch(r"(members|one member) of (.+) allowed", text)
            if names is not None:
                return f"the analysis lets it share members with {names[2]}; they are not allowed to be shared"
        case "choice":
            return _word_choice(mutant, ssc)
        case "condition" if text in ("condition not applied", "condition reversed"):
            done = "without its condition" if text.endswith("applied") else "where its condition does not hold"
            return f"the analysis applies it {done}"
        case "overlap" if text in ("not removed", "the other way round", "in another order"):
            return {
                "not removed": "the analysis does not remove them",
                "the other way round": "the analysis removes the others: the removal is the other way round",
            }.get(text, "the analysis removes in another order")
        case "overlap" if text.startswith("near "):
            return f"the analysis removes those {text}"
        case "index" if text.startswith("only "):
            return f"the analysis makes it from {text.removeprefix('only ')} only; all are to be looked at"
        case "union":
            return f"the analysis makes it {text}"
    return None


def _word_requirement(text: str) -> str | None:
    if text.startswith("without "):
        asked = text.removeprefix("without ")
        return f"the analysis does not ask for {asked}; only combinations with {asked} are to be taken"
    if text.startswith("opposite of "):
        return f"the analysis asks for the opposite of {text.removeprefix('opposite of ')}"
    return None


def _word_choice(mutant: Mutant, ssc: SelectionCriteria) -> str | None:
    candidate = next((c for c in ssc.candidates if c.name == mutant.item), None)
    score, asked = _word_score(candidate)
    text = mutant.text
    if text in ("largest for smallest", "smallest for largest"):
        wrong, right = text.split(" for ")
        return f"the analysis chooses the {wrong} {score}; the {right} is wanted"
    if " for " in text:
        pair = PAIR.fullmatch(text)
        return f"the analysis chooses it with {pair['wrong']}; {pair['right']} is wanted" if pair else None
    if text == "the first combination":
        return f"the analysis takes the first combination; the one with the {asked} is wanted"
    if text.startswith("by the "):
        return f"the analysis chooses it {text}; {asked} is wanted"
    if text.startswith("together "):
        return f"the analysis chooses it {text}; it is to be chosen first, by itself"
    return f"the analysis chooses {text}; {asked} is wanted"


def _word_score(candidate: Candidate | None) -> tuple[str, str]:
    """What a candidate is chosen by, without and with the direction."""
    if candidate is None or not (candidate.minimise or candidate.maximise):
        return "score", "right one"
    given = candidate.maximise or candidate.minimise
    score = given if isinstance(given, str) else ", then ".join(given or ())
    return score, f"{'largest' if candidate.maximise else 'smallest'} {score}"
