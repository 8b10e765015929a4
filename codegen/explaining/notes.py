"""What is said beside the causes: how many events differ, where to look, and what is left to explain."""

import re
from collections.abc import Iterator, Sequence

from codegen.explaining.difference import Difference
from codegen.explaining.sights import Sight, is_close
from codegen.explaining.trials import Bench, Trial, find_rest
from schemas.criteria import Cut, SelectionCriteria

# up to which share of the events that reach the step; wide steps, so that nobody can work out a total from them
EXTENTS = ((0.03, "a few events"), (0.17, "about a tenth of the events"), (0.35, "about a quarter of the events"),
           (0.65, "about half of the events"), (0.9, "most of the events"), (1.0, "nearly all events"))  # fmt: skip
MOST = 0.8  # of the differing events, in which the values differ
MOST_CUTS = 8


def word_extent(difference: Difference) -> str:
    """How many of the events that reach the step, on either side, differ there: roughly, in words."""
    d = difference
    reached = d.differing + len(d.agreed_kept) + len(d.agreed_lost)
    share = d.differing / reached if reached else 1.0
    return next(text for limit, text in EXTENTS if share <= limit)


def list_parts(cuts: Sequence[Cut], ssc: SelectionCriteria) -> list[str]:
    """The collections and candidates that what is compared at a step is made of, in the order of their mention."""
    known = {o.name for o in ssc.objects} | {n for c in ssc.candidates for n in (c.name, *(c.pairing or ()))}
    named = {v.name: v.expression for v in ssc.variables}
    texts, seen, found = [c.variable for c in cuts], set[str](), list[str]()
    while texts:
        for name in re.findall(r"[A-Za-z_]\w*", texts.pop(0)):
            if name in known:
                found.append(name)
            elif name in named and name not in seen:
                seen.add(name)
                texts.append(named[name])
    return list(dict.fromkeys(found))


def word_parts(cuts: Sequence[Cut], ssc: SelectionCriteria) -> str:
    """What a quantity is made of, with the cuts and overlap removals that these criteria have for it."""
    said = []
    objects = {o.name: o for o in ssc.objects}
    for name in list_parts(cuts, ssc):
        definition = objects.get(name)
        items = [c.id for c in definition.cuts if c.status != "rejected"] if definition is not None else []
        items += [f"{name} near {r.with_}" for r in definition.remove_overlap] if definition is not None else []
        items += [f"{s.remove} near {s.near}" for s in ssc.overlap if s.remove == name]
        more = ", …" if len(items) > MOST_CUTS else ""
        said.append(f"{name} ({', '.join(items[:MOST_CUTS])}{more})" if items else name)
    return ", ".join(said)


def list_notes(
    ssc: SelectionCriteria, difference: Difference, sights: Sequence[Sight], bench: Bench | None, sure: Sequence[Trial]
) -> Iterator[str]:
    """Whether the mistake lies before the step, and where the next one shows."""
    parts = list_parts(difference.cuts, ssc)
    if parts and _values_differ(sights) and not any(_changes_step(t, difference) for t in sure):
        made = " and ".join(parts[:3])
        yield f"This step's own condition may be right; what it is made of ({made}) differs."
    if bench is not None and sure:
        rest = find_rest(bench, sure[0].mistake)
        if rest is not None:
            region, step = rest
            yield f"A second mistake: with this one mended, step {step} of region {region} still differs."


def _values_differ(sights: Sequence[Sight]) -> bool:
    known = [s for s in sights if s.kept_by in ("analysis", "baseline") and s.pairs is not None]
    differ = [s for s in known if any(not is_close(a, b) for a, b in s.pairs or ())]
    return bool(known) and len(differ) >= MOST * len(known)


def _changes_step(trial: Trial, difference: Difference) -> bool:
    """Whether a mistake is one in the step's own cuts."""
    ids = {c.id for c in difference.cuts}
    now = tuple(c for r in trial.mistake.criteria.regions for c in r.cuts if c.id in ids)
    return now != difference.cuts
