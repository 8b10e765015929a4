"""What decides that code is right: events that were never in the loop, and events made up to show every mistake.

The loop tells a coder what is wrong in the events it runs on, so code can come to fit them. It is accepted only for
what it does elsewhere:

- *Held-out events.* Of several files a whole one stays out of the loop, of a single file half of the events, by a hash
  of their key. What a coder hears of them is one bit, that it is not right there: not how many events differ, not
  which, and not at which step, because each word about them makes them part of the loop.
- *Witness events* (`codegen.witness`). They are made from the criteria alone, which the coder has anyway, so everything
  about them may be told: no data and no baseline stand behind them. That is what a coder learns from when held-out
  events differ.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from codegen.coder.task import Acceptance
from codegen.compare import compare_cutflows
from codegen.witness.collecting import WitnessSet
from codegen.witness.judging import judge, read_marks, read_outputs
from schemas.coding import Offence
from schemas.cutflow import Cutflow, EventKey, EventTable, RegionFlow
from schemas.errors import CriteriaError, DataError, ProfileError, UsageError
from schemas.model import Model
from schemas.verdict import Verdict, list_wrong

Keep = Callable[[EventKey], bool]

BY_ROW = ("file", "entry")  # columns of files that number no events: keys are places, and two files share them


class Split(NamedTuple):
    """Files of the loop and those held out; of a single file, `keep` says which events the loop may see."""

    loop: tuple[Path, ...]
    held_out: tuple[Path, ...]
    keep: Keep | None
    words: str


class HeldOut(Model):
    """What a program does with the held-out events. `differing` is for people, never for a coder."""

    same: bool
    events: int = 0
    differing: str | None = None  # region/step
    problem: str | None = None  # in one line that tells nothing about the events


class Witnessed(Model):
    """What a program does with the witness events."""

    right: bool
    events: int
    verdicts: tuple[Verdict, ...] = ()
    problem: str | None = None


def split_data(files: Sequence[Path], held_out: Sequence[Path] = (), *, by_events: bool = False) -> Split:
    """The two parts of the data; the same files give the same parts.

    `held_out` names files that stay out of the loop, whether or not they are among `files`. Without a name it is the
    second largest file, so that the loop keeps the largest one and what decides is not the smallest. A single file, and
    any number with `by_events`, is split by events. Raises UsageError when nothing is left for the loop.
    """
    if held_out:
        apart = {path.resolve() for path in held_out}
        loop = tuple(path for path in files if path.resolve() not in apart)
        if not loop:
            raise UsageError("every data file is held out: give the loop at least one that is not")
        named = tuple(dict.fromkeys(held_out))
        return Split(loop, named, None, f"held-out {', '.join(p.name for p in named)}")
    given = tuple(dict.fromkeys(files))
    if len(given) > 1 and not by_events:
        chosen = sorted(given, key=_order)[1]
        return Split(tuple(p for p in given if p != chosen), (chosen,), None, f"held-out file {chosen.name}")
    return Split(given, (), is_in_loop, "the held-out half of the events")


def _order(path: Path) -> tuple[int, str, str]:
    try:
        size = path.stat().st_size
    except OSError:  # whoever reads it says so
        size = 0
    return -size, path.name, str(path)


def is_in_loop(key: EventKey) -> bool:
    """Whether the loop may see an event of this key: about one half of them, by a hash of the key."""
    return _hash(key)[0] % 2 == 0


def _hash(key: EventKey) -> bytes:
    return hashlib.blake2b(b"held out " + " ".join(map(str, key)).encode(), digest_size=8).digest()


def settle_split(split: Split, baseline: Cutflow) -> Split:
    """The split of the events that the baseline saw. Of a few events both halves get some, by the order of hashes."""
    if split.keep is None:
        return split
    keys = _list_keys(baseline)
    kept = sum(map(split.keep, keys))
    if min(kept, len(keys) - kept) > 0 or len(keys) < 2:
        return split
    apart = frozenset(sorted(keys, key=_hash)[: len(keys) // 2])
    return split._replace(keep=lambda key: key not in apart)


def _list_keys(cutflow: Cutflow) -> frozenset[EventKey]:
    return frozenset(key for region in cutflow.regions if region.parent is None for key in region.events.keys)


def restrict_cutflow(cutflow: Cutflow, keep: Keep) -> Cutflow:
    """The cutflow of those events whose key is kept, which does not contradict itself where the whole one did not.

    Counts are those of the event tables. A weighted yield stays where all events of its step are kept, or where all
    weights are zero; nobody can know it otherwise, and it is None. Counts of channels are left out.
    """
    known: dict[EventKey, bool] = {}
    regions = tuple(_restrict(region, keep, known) for region in cutflow.regions)
    first = next((r for r in regions if r.parent is None), None)
    channels = cutflow.channels if all(known.values()) else {}
    n_events = len(first.events.keys) if first is not None else 0
    return cutflow.model_copy(update={"regions": regions, "n_events": n_events, "channels": channels})


def _restrict(region: RegionFlow, keep: Keep, known: dict[EventKey, bool]) -> RegionFlow:
    keys: list[EventKey] = []
    lasts: list[int] = []
    reached = [0] * (len(region.steps) + 1)
    for key, last in zip(region.events.keys, region.events.last_step, strict=True):
        if key not in known:
            known[key] = keep(key)
        if known[key]:
            keys.append(key)
            lasts.append(last)
            reached[last] += 1
    for k in reversed(range(len(region.steps))):
        reached[k] += reached[k + 1]
    steps = tuple(
        step if reached[k] == step.count
        # a sum of squares of nothing: each weight is
        else step.model_copy(update={"count": reached[k]}) if step.weighted == step.uncertainty == 0
        else step.model_copy(update={"count": reached[k], "weighted": None, "uncertainty": None})
        for k, step in enumerate(region.steps)
    )  # fmt: skip
    table = EventTable(columns=region.events.columns, keys=tuple(keys), last_step=tuple(lasts))
    return region.model_copy(update={"steps": steps, "events": table})


def judge_held_out(analysis: Cutflow | None, baseline: Cutflow, loop: Cutflow | None = None) -> HeldOut:
    """Whether a program keeps the baseline's events of the held-out part.

    `analysis` is None for one that did not finish there. `loop` is the baseline's cutflow of the loop: events that are
    in it as well (a file given under two names) decide nothing and are left out.
    """
    if loop is not None and not _is_by_row(baseline):
        shared = _list_keys(loop)

        def is_new(key: EventKey) -> bool:
            return key not in shared

        baseline = restrict_cutflow(baseline, is_new)
        analysis = restrict_cutflow(analysis, is_new) if analysis is not None else None
    if baseline.n_events == 0:
        return HeldOut(same=False, problem="no event is held out: give a further file with --held-out")
    if analysis is None:
        return HeldOut(same=False, events=baseline.n_events, problem="it does not finish on data outside the loop")
    try:
        compared = compare_cutflows(analysis, baseline)
    except (ProfileError, DataError):
        return HeldOut(same=False, events=baseline.n_events, problem="events outside the loop cannot be told apart")
    if compared.matched:
        return HeldOut(same=True, events=baseline.n_events)
    return HeldOut(
        same=False,
        events=baseline.n_events,
        differing=compared.first_difference,
        problem="it keeps other events than it should on data outside the loop",
    )


def _is_by_row(cutflow: Cutflow) -> bool:
    return any(region.events.columns == BY_ROW for region in cutflow.regions)


def judge_witnesses(found: WitnessSet, cutflow: Cutflow | None, stored: str, filling: int = 0) -> Witnessed:
    """Whether a program is right in every witness event; `stored` is the text of its candidates.csv, `filling` that of
    the file of events.

    `cutflow` is None for a program that did not finish on them.
    """
    number = len(found.witnesses)
    if cutflow is None:
        return Witnessed(right=False, events=number, problem="it does not finish on made-up events")
    if cutflow.n_events != number:
        counted = f"it counts {cutflow.n_events} of {number} made-up events"
        return Witnessed(right=False, events=number, problem=counted)
    try:
        marks = read_marks(cutflow, found.interpreter, number, read_outputs(stored, found.interpreter), filling)
        verdicts = judge(found.interpreter, found.witnesses, found.unreached, marks, [*found.killed])
    except (CriteriaError, ValueError, IndexError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        return Witnessed(right=False, events=number, problem=f"its cutflow of made-up events cannot be used: {first}")
    wrong = list_wrong(verdicts)
    return Witnessed(
        right=not wrong, events=number, verdicts=tuple(verdicts), problem=_word_wrong(wrong) if wrong else None
    )


def _word_wrong(wrong: Sequence[Verdict]) -> str:
    """What made-up events show, in a line."""
    own = [f"{v.item} is {v.verdict}" for v in wrong if not v.consequence_of][:3]
    rest = [v.item for v in wrong if v.consequence_of]
    more = f" (perhaps only a consequence: {', '.join(rest[:3])}{', …' if len(rest) > 3 else ''})" if rest else ""
    return f"made-up events show: {', '.join(own)}{more}"


def decide(offences: Sequence[Offence], held_out: HeldOut | None, witnessed: Witnessed | None) -> Acceptance:
    """The verdict on code that matches in the loop. None: not looked at, because something before failed, or (witness
    events) because the criteria have none.

    It is accepted when nothing is wrong and the held-out events are the same. Of held-out events that differ the
    verdict says no more than that; `HeldOut.differing` stays with people.
    """
    problem: str | None = None
    if offences:
        problem = f"{offences[0].kind}: {offences[0].detail}"
    elif held_out is None:
        problem = "it was not tried on data outside the loop"
    elif not held_out.same:
        problem = held_out.problem
    elif witnessed is not None and not witnessed.right:
        problem = witnessed.problem
    return Acceptance(
        offences=tuple(offences),
        held_out=held_out.same if held_out is not None else None,
        witness=witnessed.right if witnessed is not None else None,
        witnesses=witnessed.events if witnessed is not None else 0,
        verdicts=witnessed.verdicts if witnessed is not None else (),
        problem=problem,
    )
