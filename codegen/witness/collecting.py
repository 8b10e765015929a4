"""Witness events of criteria in a format: found, strengthened until no mistake goes unseen, and numbered."""

from typing import NamedTuple

from codegen.compile import compile_analysis
from codegen.witness.differences import Survivor, interpret, strengthen
from codegen.witness.evaluate import Interpreter
from codegen.witness.layout import Layout, lay_out, list_columns_of
from codegen.witness.mutant import Mutant
from codegen.witness.mutants import list_mutants
from codegen.witness.search import Searcher, Tell, Witness
from codegen.witness.turning import list_turned
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.profile import Profile
from schemas.profile_fitting import fit_profile


class WitnessSet(NamedTuple):
    """Witness events and how good they are.

    `unreached` says of single items why there is no witness; `survivors` are mistakes that no event shows.
    """

    interpreter: Interpreter
    layout: Layout
    witnesses: list[Witness]
    unreached: dict[str, str]
    mutants: list[Mutant]
    killed: list[Mutant]
    survivors: list[Survivor]
    refused: list[Mutant]


def collect_witnesses(
    criteria: SelectionCriteria, profile: Profile, seed: int = 1, tell: Tell = lambda _: None
) -> WitnessSet:
    """Witness events for criteria in files as a profile describes them; the same input gives the same events.

    `tell` hears in words what is being searched.
    Raises CriteriaError for criteria that do not validate, or that the format cannot evaluate at all.
    """
    fitted, layout, interpreter = prepare(criteria, profile)
    search = Searcher(interpreter, layout, seed)
    found = search.find_all(tell)
    unreached: dict[str, str] = {}
    reached = {w.item for w in found.witnesses}
    for goal, reason in found.unreached:
        if goal.item not in reached:
            unreached.setdefault(goal.item, reason)
    for missing in interpreter.missing:
        unreached[missing] = f"the format cannot evaluate it: {_explain_missing(interpreter, missing)}"
    mutants = list_mutants(criteria, list_labels(fitted))
    strong = strengthen(search, found.witnesses, mutants, tell)
    tell("objects on both sides of phi = ±pi")
    witnesses = [*strong.witnesses, *list_turned(search, found.witnesses)]
    return WitnessSet(
        interpreter, layout, witnesses, unreached, mutants, strong.killed, strong.survivors, strong.refused
    )  # fmt: skip


def prepare(criteria: SelectionCriteria, profile: Profile) -> tuple[Profile, Layout, Interpreter]:
    """The profile fitted to files that can be written here, their layout, and the meaning of the criteria in them."""
    plain = interpret(criteria, profile)
    first = lay_out(profile, plain.checked, ())
    fitted = fit_profile(profile, list_columns_of(first)) if profile.fitting is None else profile
    interpreter = interpret(criteria, fitted)
    try:
        read = compile_analysis(criteria, fitted).branches
    except CriteriaError:
        read = tuple(list_columns_of(first))  # every branch may matter
    return fitted, lay_out(fitted, interpreter.checked, read), interpreter


def list_labels(profile: Profile) -> tuple[str, ...]:
    """The words that a format knows for anything."""
    listed = [p.label for s in profile.collections.values() for labels in s.labels.values() for p in labels.points]
    listed += [p.label for labels in profile.event.labels.values() for p in labels.points]
    return tuple(dict.fromkeys(listed))[:12]


def _explain_missing(interpreter: Interpreter, name: str) -> str:
    from codegen.bind import Binding
    from codegen.usage import find_usage

    usage = find_usage(Binding(interpreter.checked, interpreter.profile))
    return usage.missing.get(name, "")
