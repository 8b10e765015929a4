"""A mismatch between an analysis and its baseline as an Explanation."""

from collections.abc import Mapping, Sequence

from codegen.explaining.difference import find_difference
from codegen.explaining.quantities import word_example, word_step
from codegen.explaining.sights import Sight, list_limits, list_sights
from codegen.explaining.value_causes import list_value_causes
from schemas.analysis import StepValue, StepValues
from schemas.coding import Cause, ExampleEvent, Explanation
from schemas.comparison import Comparison, StepComparison
from schemas.criteria import Cut, SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import UsageError
from schemas.profile import Profile
from schemas.verdict import Verdict

EXAMPLES = 3
MOST_ALSO = 6


def explain_mismatch(
    ssc: SelectionCriteria,
    profile: Profile,  # noqa: ARG001
    analysis: Cutflow,
    baseline: Cutflow,
    comparison: Comparison,
    analysis_values: Mapping[EventKey, StepValues],
    baseline_values: Mapping[EventKey, StepValues],
    verdicts: Sequence[Verdict] = (),
) -> Explanation:
    """The first differing step in words: example events with the values that decide, and likely causes.

    `analysis_values` and `baseline_values` are what each side compared in some events (`choose_keys` says which are
    worth asking for; at least those of `comparison.examples`); either may be empty. Raises UsageError when the
    comparison found no difference.
    """
    difference = find_difference(ssc, analysis, baseline, comparison)
    if difference is None:
        raise UsageError("nothing to explain: the comparison names no differing step")
    sights = list_sights(difference, analysis_values, baseline_values)
    limits = list_limits(difference.cuts)
    causes = [*list_value_causes(sights, limits), *_read_verdicts(verdicts)]
    step = difference.step
    place = find_place(difference.cuts)
    return Explanation(
        region=difference.region,
        step=step.step,
        label=step.label,
        only_analysis=step.only_analysis,
        only_baseline=step.only_baseline,
        cut=word_step(difference.cuts),
        examples=tuple(
            _describe_example(s, difference.cuts, analysis_values, baseline_values, ssc, limits)
            for s in _choose_examples(sights)
        ),
        causes=tuple(causes) or (Cause(kind="other", text="the values of single events do not tell"),),
        also=tuple(list_others(comparison, step)),
        **place,
    )


def find_place(cuts: Sequence[Cut]) -> dict[str, str | int | None]:
    """Quote, page and document of the first place that states a cut."""
    for cut in cuts:
        for evidence in cut.evidence:
            if evidence.quote and evidence.alignment != "not_found":
                quote = " … ".join(evidence.quote)
                return {"quote": quote, "page": evidence.page, "document": evidence.document_id}
    return {}


def list_others(comparison: Comparison, first: StepComparison) -> list[str]:
    """Later steps and regions that differ, in words."""
    found = []
    for step in comparison.steps:
        if step is not first and step.state not in ("equal", "not_evaluated", "no_baseline"):
            found.append(f"{step.region}/{step.step}")
    return [*found[:MOST_ALSO], f"and {len(found) - MOST_ALSO} more"] if len(found) > MOST_ALSO else found


def _choose_examples(sights: Sequence[Sight]) -> list[Sight]:
    ours = [s for s in sights if s.kept_by == "analysis"]
    theirs = [s for s in sights if s.kept_by == "baseline"]
    first = [*ours[:2], *theirs[:1]] if ours and theirs else [*ours[:EXAMPLES], *theirs[:EXAMPLES]]
    return first[:EXAMPLES]


def _describe_example(
    sight: Sight, cuts: Sequence[Cut], analysis_values: Mapping[EventKey, StepValues],
    baseline_values: Mapping[EventKey, StepValues], ssc: SelectionCriteria, limits: Sequence[float],
) -> ExampleEvent:  # fmt: skip
    def word(told: bool, value: StepValue, of_event: StepValues) -> str:
        return word_example(value, cuts, of_event, ssc, limits) if told else "no value for this step"

    assert sight.kept_by in ("analysis", "baseline")
    return ExampleEvent(
        key=sight.key,
        kept_by=sight.kept_by,
        analysis=word(sight.told[0], sight.analysis, analysis_values.get(sight.key, {})),
        baseline=word(sight.told[1], sight.baseline, baseline_values.get(sight.key, {})),
    )


def _read_verdicts(verdicts: Sequence[Verdict]) -> list[Cause]:
    found = []
    for verdict in verdicts:
        if verdict.verdict in ("wrong", "absent"):
            said = f": {' or '.join(verdict.likely)}" if verdict.likely else ""
            found.append(Cause(kind="other", text=f"witness events show {verdict.item} {verdict.verdict}{said}"))
    return found
