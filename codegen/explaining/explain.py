"""A mismatch between an analysis and its baseline as an Explanation."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from codegen.explaining.difference import Difference, choose_jury, choose_keys, find_difference
from codegen.explaining.examples import Teller, choose_examples
from codegen.explaining.mistakes import list_mistakes
from codegen.explaining.notes import list_notes, word_extent, word_parts
from codegen.explaining.patterns import list_step_causes
from codegen.explaining.quantities import word_step
from codegen.explaining.records import read_events
from codegen.explaining.sights import Fate, Sight, list_limits, list_sights
from codegen.explaining.thresholds import find_step_threshold, search_radii, search_thresholds
from codegen.explaining.trials import FAITHFUL, Bench, Trial, prepare_bench, try_mistakes
from codegen.explaining.value_causes import list_value_causes
from codegen.witness.stored import Event
from schemas.analysis import StepValues
from schemas.coding import Cause, CauseKind, Explanation
from schemas.comparison import Comparison, StepComparison
from schemas.criteria import Cut, SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import PaperfilterError, UsageError
from schemas.profile import Profile
from schemas.verdict import Verdict
from schemas.words import list_worded, name_function

MOST_ALSO = 6
TELLING: tuple[CauseKind, ...] = ("unit", "sign", "boundary", "threshold", "missing")  # when values say it
MOST_CAUSES = 4
MOST_TRIALS = 3
NEARLY = 0.05  # how much less than the best a second cause may explain


def explain_mismatch(
    ssc: SelectionCriteria,
    profile: Profile,
    analysis: Cutflow,
    baseline: Cutflow,
    comparison: Comparison,
    analysis_values: Mapping[EventKey, StepValues],
    baseline_values: Mapping[EventKey, StepValues],
    verdicts: Sequence[Verdict] = (),
    files: Sequence[Path] = (),
) -> Explanation:
    """The first differing step in words: example events with the values that decide, and likely causes.

    `analysis_values` and `baseline_values` are what each side compared in some events (`list_keys` says which are
    worth asking for; at least those of `comparison.examples`); either may be empty. With the event `files` (and the
    profile fitted to them) mistakes are put to the test on the events themselves, which finds far more causes. Raises
    UsageError when the comparison names no difference.
    """
    difference = find_difference(ssc, analysis, baseline, comparison)
    if difference is None:
        raise UsageError("nothing to explain: the comparison names no differing step")
    sights = list_sights(difference, analysis_values, baseline_values)
    limits = list_limits(difference.cuts)
    chosen = {*choose_keys(difference), *choose_jury(difference)}
    events = read_events(files, profile, chosen) if files else {}
    bench, faithful = prepare_bench(
        ssc, profile, analysis, baseline, comparison, difference, analysis_values, events
    )  # fmt: skip
    trials = _find_trials(bench, ssc, profile, difference) if bench is not None else []
    sure = [t for t in trials if t.is_sure]
    trials = sure or trials
    causes = [_describe_trial(t, bench) for t in trials if bench is not None]
    chain = [c for c in list_step_causes(difference, comparison) if not sure or c.kind in ("order", "definition")]
    causes = [*chain, *causes] if any(c.kind in ("order", "definition") for c in chain) else causes
    worded = list_worded(ssc)  # what functions do in their place cannot be worked out by hand
    if worded:
        names = ", ".join(name_function(ssc, w.name, is_variable=w.place == "variable") for w in worded)
        causes.append(Cause(kind="definition", text=f"a function for something stated in words is not right: {names}"))
    elif not trials and bench is None and events:
        causes += _blame_baseline(
            ssc, profile, analysis, baseline, comparison, difference, baseline_values, events, sights
        )  # fmt: skip
    if not causes:
        threshold = find_step_threshold(sights, difference.cuts)
        parts = word_parts(difference.cuts, ssc)
        said = [threshold] if threshold is not None else list(list_value_causes(sights, limits, parts))
        if bench is not None and not any(c.kind in TELLING for c in said):
            near = _find_near(bench, ssc, profile, difference)
            causes += [_describe_trial(t, bench) for t in near]
            said = [] if near else said
        causes += said
    causes += [*chain, *_read_verdicts(verdicts)]
    if events and faithful < FAITHFUL and not causes and not worded:
        causes.append(Cause(kind="other", text="the baseline does not do what the criteria say in these events"))
    step = difference.step
    tell = Teller(ssc, difference, analysis_values, baseline_values, bench, sure[0].mistake if sure else None)
    quote, page, document = find_place(difference.cuts)
    return Explanation(
        region=difference.region,
        step=step.step,
        label=step.label,
        only_analysis=step.only_analysis,
        only_baseline=step.only_baseline,
        cut=word_step(difference.cuts),
        quote=quote,
        page=page,
        document=document,
        examples=tuple(tell.describe(sight) for sight in choose_examples(sights, limits)),
        causes=tuple(_keep_different(causes))[:MOST_CAUSES]
        or (Cause(kind="other", text="the values of single events do not tell"),),
        also=tuple(list_others(comparison, step)),
        extent=word_extent(difference),
        notes=tuple(list_notes(ssc, difference, sights, bench, sure)),
    )


def list_keys(
    ssc: SelectionCriteria, analysis: Cutflow, baseline: Cutflow, comparison: Comparison
) -> tuple[EventKey, ...]:
    """The events whose values help to find the cause: those that differ first, and some others."""
    difference = find_difference(ssc, analysis, baseline, comparison)
    return () if difference is None else choose_keys(difference)


def find_place(cuts: Sequence[Cut]) -> tuple[str | None, int | None, str | None]:
    """Quote, page and document of the first place that states one of the cuts."""
    for cut in cuts:
        for evidence in cut.evidence:
            if evidence.quote and evidence.alignment != "not_found":
                return " … ".join(evidence.quote), evidence.page, evidence.document_id
    return None, None, None


def list_others(comparison: Comparison, first: StepComparison) -> list[str]:
    """Later steps and regions that differ, in words."""
    found = [
        f"{step.region}/{step.step}"
        for step in comparison.steps
        if step is not first and step.state not in ("equal", "not_evaluated", "no_baseline")
    ]
    return [*found[:MOST_ALSO], f"and {len(found) - MOST_ALSO} more"] if len(found) > MOST_ALSO else found


def _blame_baseline(
    ssc: SelectionCriteria, profile: Profile, analysis: Cutflow, baseline: Cutflow, comparison: Comparison,
    difference: Difference, baseline_values: Mapping[EventKey, StepValues], events: Mapping[EventKey, Event],
    sights: Sequence[Sight],
) -> list[Cause]:  # fmt: skip
    """Where the analysis does what the criteria say and the baseline does not: what the baseline does instead."""
    bench, _ = prepare_bench(
        ssc, profile, baseline, analysis, comparison, difference, baseline_values, events
    )  # fmt: skip
    if bench is None:
        return []
    causes = [_describe_trial(t, bench) for t in _find_trials(bench, ssc, profile, difference)]
    if not causes:
        other: dict[Fate, Fate] = {"analysis": "baseline", "baseline": "analysis"}
        turned = [
            s._replace(
                analysis=s.baseline, baseline=s.analysis, told=s.told[::-1], kept_by=other.get(s.kept_by, s.kept_by)
            )
            for s in sights
        ]
        threshold = find_step_threshold(turned, difference.cuts)
        causes = [threshold] if threshold is not None else []
    said = "the analysis does what the criteria say; the baseline does something else"
    return [c.model_copy(update={"text": f"{said}, as if: {c.text}"}) for c in causes] or [
        Cause(kind="other", text=said)
    ]


def _find_trials(bench: Bench, ssc: SelectionCriteria, profile: Profile, difference: Difference) -> list[Trial]:
    """Mistakes that explain nearly everything up to the first difference, as good as the best one."""
    try:
        mistakes = list(list_mistakes(ssc, profile, difference.cuts))
    except PaperfilterError:  # criteria of which parts are stated in words: values and steps still tell something
        return []
    found = try_mistakes(bench, mistakes)
    if not found or found[0].decisions < 1.0 or found[0].everything < 1.0 - NEARLY:
        found = sorted([*found, *search_thresholds(bench), *search_radii(bench)], key=lambda t: t.rank)
    return _keep_best(found)


def _find_near(bench: Bench, ssc: SelectionCriteria, profile: Profile, difference: Difference) -> list[Trial]:
    """Mistakes that explain most of the events, where none explains nearly all."""
    with suppress(PaperfilterError):
        return _keep_best(try_mistakes(bench, list_mistakes(ssc, profile, difference.cuts), strict=False))
    return []


def _keep_best(trials: Sequence[Trial]) -> list[Trial]:
    """Those that explain about as much as the first, the usual mistakes among them."""
    near = [t for t in trials if t.score >= trials[0].score - NEARLY]
    usual = min((t.mistake.cost for t in near), default=0)
    return [t for t in near if t.mistake.cost <= usual + 2][:MOST_TRIALS]


def _describe_trial(trial: Trial, bench: Bench) -> Cause:
    shares = [
        f"explains what became of {round(trial.decisions * trial.events)} of {trial.events} events up to this step"
    ]
    if trial.value is not None:
        shares.append(f"and {trial.value:.0%} of the values compared there")
    differing = sum(k.differs for k in bench.known)
    only = "" if trial.is_sure else "possibly (it does not explain everything here): "
    text = f"{only}{trial.mistake.text}"
    return Cause(kind=trial.mistake.kind, text=text, evidence=f"{' '.join(shares)}; {differing} differ")


def _keep_different(causes: Sequence[Cause]) -> list[Cause]:
    """Each text once."""
    return list({cause.text: cause for cause in reversed(causes)}.values())[::-1]


def _read_verdicts(verdicts: Sequence[Verdict]) -> list[Cause]:
    found = []
    for verdict in verdicts:
        if verdict.verdict in ("wrong", "absent"):
            said = f": {' or '.join(verdict.likely)}" if verdict.likely else ""
            found.append(Cause(kind="other", text=f"witness events show {verdict.item} {verdict.verdict}{said}"))
    return found
