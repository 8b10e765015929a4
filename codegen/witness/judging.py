"""What the cutflow of any program says about the witness events: which cuts it really implements."""

import csv
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen.witness.blame import find_culprits
from codegen.witness.differences import END, OUTPUT, Marks, interpret, mark_steps, tell_apart
from codegen.witness.evaluate import Interpreter
from codegen.witness.filling import number_events, order_events
from codegen.witness.goals import UNUSED
from codegen.witness.mutant import Mutant
from codegen.witness.search import Witness
from codegen.witness.writing import find_counter
from schemas.cutflow import Cutflow, RegionFlow
from schemas.errors import CriteriaError
from schemas.verdict import Judgement, Verdict


class Item(NamedTuple):
    """A part of the criteria that can be right or wrong, and where it belongs."""

    name: str
    owner: str
    step: tuple[str, str] | None = None  # region and step, of an event cut


def list_items(interpreter: Interpreter) -> list[Item]:
    """Cuts, overlap removals and candidates, in document order."""
    criteria = interpreter.checked.criteria
    items: list[Item] = []
    for definition in criteria.objects:
        items += [Item(c.id, definition.name) for c in definition.cuts if c.status != "rejected"]
        items += [
            Item(f"{definition.name} near {r.with_}", definition.name)
            for r in definition.remove_overlap if r.status != "rejected"
        ]  # fmt: skip
    items += [Item(f"{s.remove} near {s.near}", "overlap") for s in criteria.overlap if s.status != "rejected"]
    for candidate in criteria.candidates:
        items.append(Item(candidate.name, "candidates"))
        items += [Item(c.id, candidate.name) for c in candidate.select if c.status != "rejected"]
    for region in criteria.regions:
        items += [
            Item(c.id, region.name, (region.name, c.group or c.id)) for c in region.cuts if c.status != "rejected"
        ]  # fmt: skip
    return items


def read_marks(
    cutflow: Cutflow,
    interpreter: Interpreter,
    number: int,
    stored: Mapping[int, Mapping[str, float]],
    filling: int = 0,
) -> list[dict[tuple[str, str], float | bool]]:
    """After which steps a program keeps each of the witness events, under the names that the criteria have.

    Regions and steps are found by name; where no name fits, and there are as many, by place. `stored` are variables
    that the program stores, as `read_outputs` gives them; `filling` is that of the file.
    """
    names = _list_names(cutflow, interpreter, number, filling)
    marks: list[dict[tuple[str, str], float | bool]] = [
        {(OUTPUT, name): value for name, value in stored.get(names[k], {}).items()} for k in range(number)
    ]
    named = {region.name: region for region in cutflow.regions}
    wanted = [r.name for r in interpreter.regions]
    by_place = not set(named) & set(wanted) and len(named) == len(wanted)
    for place, name in enumerate(wanted):
        region = cutflow.regions[place] if by_place else named.get(name)
        if region is None:
            continue
        last = _read_last(region, interpreter)
        steps = _match_steps(region, [step for step, _ in interpreter.steps[name]])
        for k in range(number):
            reached = last.get(names[k], -1)
            marks[k][name, ""] = reached >= 0
            marks[k][name, END] = reached >= len(region.steps) - 1
            for step, position in steps.items():
                marks[k][name, step] = reached >= position
    return marks


def _list_names(cutflow: Cutflow, interpreter: Interpreter, number: int, filling: int) -> list[int]:
    """What a program calls each witness event: its number in the file, or its place there (from 1)."""
    by_row = not interpreter.profile.key or any("entry" in r.events.columns for r in cutflow.regions)
    if not by_row:
        return number_events(number, filling)
    places = {event: place for place, event in enumerate(order_events(number, filling), start=1)}
    return [places[k] for k in range(number)]


def _read_last(region: RegionFlow, interpreter: Interpreter) -> dict[int, int]:
    """The last step of each event, by what the program calls it."""
    columns = region.events.columns
    if "entry" in columns:
        place, offset = columns.index("entry"), 1
    else:
        counter = find_counter(interpreter.profile.key) if interpreter.profile.key else find_counter(columns)
        place, offset = columns.index(counter if counter in columns else find_counter(columns)), 0
    return {key[place] + offset: last for key, last in zip(region.events.keys, region.events.last_step, strict=True)}


def read_outputs(text: str, interpreter: Interpreter) -> dict[int, dict[str, float]]:
    """The stored variables of each event in a candidates.csv, by what the program calls it: its number in the file or
    its place there (from 1); nothing where that is not what it should be."""
    rows = list(csv.reader(text.splitlines()))
    if not rows or "region" not in rows[0]:
        return {}
    header = rows[0]
    key = interpreter.profile.key
    counter = "entry" if "entry" in header else find_counter(key) if key else ""
    known = [name for name in interpreter.outputs if name in header]
    found: dict[int, dict[str, float]] = {}
    for row in rows[1:]:
        values = dict(zip(header, row, strict=False))
        try:
            number = int(values[counter]) + (counter == "entry")
            found[number] = {name: float(values[name] or "nan") for name in known}
        except (KeyError, ValueError):
            return {}
    return found


def _match_steps(region: RegionFlow, wanted: Sequence[str]) -> dict[str, int]:
    ids = [step.id for step in region.steps]
    found = {name: ids.index(name, 1) for name in wanted if name in ids[1:]}
    if not found and len(ids) == len(wanted) + 1:
        return {name: k + 1 for k, name in enumerate(wanted)}
    return found


def judge(
    interpreter: Interpreter,
    witnesses: Sequence[Witness],
    unreached: Mapping[str, str],
    found: Sequence[Marks],
    mutants: Sequence[Mutant],
) -> list[Verdict]:
    """A verdict on every item. `unreached` says why an item has no witness; `mutants` are mistakes to think of.

    Where no mistake explains everything, the parts that explain most come first, and the others that look wrong are
    said to be perhaps only a consequence.
    """
    expected = [mark_steps(interpreter, interpreter.run(w.event)) for w in witnesses]
    wrong = [k for k, marks in enumerate(found) if tell_apart(expected[k], marks)]
    lacking = {key for marks in expected[:1] for key in marks if key not in found[0]} if found else set()
    causes = _find_causes(interpreter, witnesses, found, wrong, mutants) if wrong else []
    named = {m.item for m in causes}
    items = list_items(interpreter)
    culprits: dict[str, frozenset[int]] = {}
    if wrong and not causes:
        at = {item.name: item.step for item in items if item.step is not None}
        culprits = dict(find_culprits(interpreter, witnesses, at, expected, found, wrong, mutants))
    verdicts = []
    for item in items:
        own = [k for k, w in enumerate(witnesses) if w.item == item.name]
        known = _is_known(item, bool(own), unreached, mutants)
        bad = [k for k in own if k in wrong]
        likely = tuple(dict.fromkeys(_describe(m) for m in causes if m.item == item.name))[:4]
        if item.name in interpreter.missing:
            verdict = Verdict(item=item.name, owner=item.owner, verdict="not witnessed", detail=unreached[item.name])
        elif (
            item.name in named or item.name in culprits
            or (not causes and bad and _is_blamed(item, expected, found, bad, interpreter))
        ):  # fmt: skip
            shown = next((k for k in bad if k in culprits.get(item.name, bad)), None)
            shown = shown if shown is not None else min(culprits.get(item.name, ()), default=wrong[0])
            verdict = _show(item, "wrong", shown, witnesses, expected, found, interpreter).model_copy(
                update={"likely": likely}
            )
        elif item.step is not None and item.step in lacking:
            verdict = _judge_absent(item, own, bad, witnesses, expected, found, interpreter)
        elif bad and not causes:
            verdict = _show(item, "hidden", bad[0], witnesses, expected, found, interpreter)
        elif known:
            verdict = Verdict(item=item.name, owner=item.owner, verdict="implemented")
        else:
            reason = unreached.get(item.name, "no event depends on it alone")
            verdict = Verdict(item=item.name, owner=item.owner, verdict="not witnessed", detail=reason)
        verdicts.append(verdict)
    others = [m for m in causes if m.item not in {v.item for v in verdicts}]
    if others and not any(v.verdict == "wrong" for v in verdicts):
        item = Item(others[0].item, "definition")
        verdict = _show(item, "wrong", wrong[0], witnesses, expected, found, interpreter)
        verdicts.append(verdict.model_copy(update={"likely": tuple(_describe(m) for m in others[:4])}))
    for name in [name for name in culprits if name not in {v.item for v in verdicts}]:
        verdicts.append(
            _show(Item(name, "definition"), "wrong", min(culprits[name]), witnesses, expected, found, interpreter)
        )
    return [_place(v, culprits) for v in verdicts] if culprits else verdicts


def _place(verdict: Verdict, culprits: Mapping[str, frozenset[int]]) -> Verdict:
    """The verdict with its place among what is wrong, likeliest first, or what it is perhaps only a consequence of."""
    if verdict.verdict not in ("wrong", "hidden", "absent"):
        return verdict
    names = list(culprits)
    if verdict.item in culprits:
        return verdict.model_copy(update={"place": names.index(verdict.item) + 1})
    if verdict.verdict == "absent":
        return verdict
    shown = (verdict.event or 0) - 1
    cause = next((name for name in names if shown in culprits[name]), names[0])
    return verdict.model_copy(update={"consequence_of": cause})


def _is_known(item: Item, own: bool, unreached: Mapping[str, str], mutants: Sequence[Mutant]) -> bool:
    """Whether the events would show a program without the item: its own, or those that tell of its mistakes.

    Where no region depends on the item, a program without it gives the same; that it is not turned into something
    that matters says nothing. Where no event was found for it, another one must show that it is left out.
    """
    if unreached.get(item.name) == UNUSED:
        return False
    left_out = ("not applied", "not removed") if item.name in unreached else ()
    return own or any(m.item == item.name and (not left_out or m.text in left_out) for m in mutants)


def _describe(mutant: Mutant) -> str:
    return f"{mutant.text} ({mutant.kind})"


def _judge_absent(
    item: Item, own: Sequence[int], bad: Sequence[int], witnesses: Sequence[Witness], expected: Sequence[Marks],
    found: Sequence[Marks], interpreter: Interpreter,
) -> Verdict:  # fmt: skip
    assert item.step is not None
    ends = (item.step[0], END)
    lost = [k for k in own if found[k].get(ends) != expected[k][ends]]
    if own and not lost:
        return Verdict(
            item=item.name,
            owner=item.owner,
            verdict="implemented",
            detail="within another step: it has none of its own",
        )
    shown = (lost or list(bad) or list(own) or [0])[0]
    verdict = _show(item, "absent", shown, witnesses, expected, found, interpreter)
    return verdict.model_copy(update={"detail": f"the cutflow has no step {item.step[1]}"})


def _is_blamed(
    item: Item, expected: Sequence[Marks], found: Sequence[Marks], bad: Sequence[int], interpreter: Interpreter
) -> bool:
    """Whether what is wrong is seen where the item itself decides, and not at another step."""
    if item.step is None:
        return True
    return any(_find_step(expected[k], found[k], interpreter, item.step[0]) == item.step for k in bad)


def _find_step(
    expected: Marks, found: Marks, interpreter: Interpreter, only: str | None = None
) -> tuple[str, str] | None:
    """The first step, in the order of the criteria, after which an event should be left and is not, or the reverse."""
    for region in interpreter.regions:
        for name in ("", *(step for step, _ in interpreter.steps[region.name]), END):
            key = (region.name, name)
            if key in found and found[key] != expected[key] and (only is None or region.name == only):
                return key
    return next(((OUTPUT, name) for region, name in expected if region == OUTPUT), None) if only is None else None


def _show(
    item: Item, verdict: Judgement, k: int, witnesses: Sequence[Witness], expected: Sequence[Marks],
    found: Sequence[Marks], interpreter: Interpreter,
) -> Verdict:  # fmt: skip
    step = _find_step(expected[k], found[k], interpreter)
    region = step[0] if step is not None else interpreter.regions[0].name
    shown = witnesses[k]
    if step is not None and region == OUTPUT:
        changed = next(key for key in expected[k] if tell_apart({key: expected[k][key]}, found[k]))
        return Verdict(
            item=item.name, owner=item.owner, verdict=verdict, event=k + 1, shows=shown.shows, values=shown.values,
            expected=f"{changed[1]} = {expected[k][changed]:.6g}", found=f"{changed[1]} = {found[k][changed]:.6g}",
        )  # fmt: skip
    return Verdict(
        item=item.name, owner=item.owner, verdict=verdict, event=k + 1, region=region, shows=shown.shows,
        values=shown.values, expected=_name_last(expected[k], interpreter, region),
        found=_name_last(found[k], interpreter, region),
        detail=f"decided at step {step[1]}" if verdict == "hidden" and step is not None else "",
    )  # fmt: skip


def _name_last(marks: Marks, interpreter: Interpreter, region: str) -> str:
    """The last step of a region that an event passes."""
    last = "initial" if marks.get((region, "")) else "(not in the region)"
    for name, _ in interpreter.steps[region]:
        last = name if marks.get((region, name)) else last
    return last


def _find_causes(
    interpreter: Interpreter, witnesses: Sequence[Witness], found: Sequence[Marks],
    wrong: Sequence[int], mutants: Sequence[Mutant],
) -> list[Mutant]:  # fmt: skip
    """Single mistakes that explain every outcome."""
    order = [*wrong, *(k for k in range(len(witnesses)) if k not in set(wrong))]
    causes: list[Mutant] = []
    for mutant in mutants:
        try:
            other = interpret(mutant.criteria, interpreter.profile)
        except CriteriaError:
            continue
        keys = set(mark_steps(other, other.run(witnesses[0].event)))
        if all(
            not tell_apart(_common(found[k], keys), mark_steps(other, other.run(witnesses[k].event, brief=True)))
            for k in order
        ):
            causes.append(mutant)
    return causes


def _common(marks: Marks, keys: set[tuple[str, str]]) -> Marks:
    return {key: value for key, value in marks.items() if key in keys}
