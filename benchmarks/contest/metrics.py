"""Everything that is measured: name, unit, which way is better, and what exactly it is."""

from typing import Literal, NamedTuple

Better = Literal["higher", "lower", "neither"]
Shape = Literal["ratio", "number"]  # ratio: counted over items, between 0 and 1


class Metric(NamedTuple):
    """A metric. `about` is the definition that reports print."""

    name: str
    title: str
    shape: Shape
    better: Better
    about: str
    unit: str = ""


EXTRACT = (
    Metric("recall", "recall", "ratio", "higher",
           "gold criteria that a grounded finding states, one to one; groups: numeric (numeric and executable), "
           "all, and each stage of the numeric ones. A failed run recovers nothing"),
    Metric("recall_ungrounded", "recall before grounding", "ratio", "higher",
           "the same without asking whether the quote bears the finding (group numeric)"),
    Metric("chance_others", "chance: other papers", "number", "lower",
           "share of the numeric criteria that another paper's findings match by accident, pages not asked; the mean "
           "of all other papers"),
    Metric("chance_shuffled", "chance: shuffled values", "number", "lower",
           "share of the numeric criteria that the own findings match after their values were exchanged"),
    Metric("precision", "precision", "ratio", "higher",
           "grounded numeric findings that state a criterion (also a second time, also an uncounted one), an end of a "
           "range, or were judged true; undecided ones count as wrong"),
    Metric("invented_ungrounded", "refused by grounding", "number", "lower",
           "findings whose quote is not in the paper or does not say them; they never reach a person as criteria",
           "findings"),
    Metric("invented_grounded", "grounded but wrong", "number", "lower",
           "numeric findings that passed grounding and state no criterion, and were not judged true", "findings"),
    Metric("undecided", "undecided", "number", "neither",
           "those of the grounded but wrong ones that nobody has judged", "findings"),
    Metric("value_exact", "value exact", "ratio", "higher",
           "of findings about a numeric criterion: the same value; group 'before grounding': refused findings too"),
    Metric("unit_exact", "unit exact", "ratio", "higher",
           "of findings about a numeric criterion: the same unit; group 'before grounding' as well"),
    Metric("operator_exact", "operator exact", "ratio", "higher",
           "of findings about a numeric criterion: the same comparison, strictness included; of ranges, not which "
           "ends belong to them; group 'before grounding' as well"),
    Metric("polarity_exact", "polarity exact", "ratio", "higher",
           "of findings about a numeric criterion: kept or removed as in the paper; group 'before grounding' as well"),
    Metric("questions_right", "questions raised rightly", "number", "higher",
           "open questions about what the gold list marks as left open; a group for each kind of question",
           "questions"),
    Metric("questions_wrong", "questions raised wrongly", "number", "lower",
           "open questions about criteria that give what is asked; those that only have no place in the criteria are "
           "in the group 'place'", "questions"),
    Metric("questions_other", "other questions", "number", "neither",
           "open questions that no criterion of the gold list decides about", "questions"),
    Metric("citations_right", "citations followed rightly", "number", "higher",
           "works that were followed for a definition and that the gold list names for it; group 'traced': works "
           "that a definition was traced to, whether or not they could be had", "works"),
    Metric("citations_wrong", "citations followed wrongly", "number", "lower",
           "works that were followed and that the gold list does not name for a definition", "works"),
    Metric("citations_missed", "citations not followed", "number", "lower",
           "works that the gold list names for a definition and that were not followed", "works"),
    Metric("agreement", "agreement between runs", "number", "higher",
           "mean over pairs of runs of the share of requirements that both have (Jaccard); one number for all runs"),
)  # fmt: skip

CODE = (
    Metric("matched", "events match", "ratio", "higher",
           "runs whose last program has the same events as the baseline after every step, on the files of the loop"),
    Metric("held_out", "held-out events match", "ratio", "higher",
           "runs whose last program has the same events as the baseline on files that were never in the loop"),
    Metric("accepted", "accepted", "ratio", "higher",
           "runs whose program the loop accepted: it matches, also on the part of its files that the loop keeps apart, "
           "is right in every witness event, and gives the same for other pieces and another order of the events"),
    Metric("witness", "witness score", "ratio", "higher",
           "parts of the criteria (cuts, candidates, overlap removals, definitions) that the run's last program "
           "decides rightly in every witness event, of the parts that have any; a program that does not run decides "
           "none"),
    Metric("rounds", "rounds used", "number", "lower", "attempts until the match, or all that were allowed", "rounds"),
    Metric("failures", "failed attempts", "number", "lower", "attempts that failed, by class", "attempts"),
    Metric("agent_work", "agent work", "number", "lower",
           "(total - user) / user tokens, after Gendreau-Distler et al."),
)  # fmt: skip

BOTH = (
    Metric("failed", "failed runs", "ratio", "lower",
           "runs without any usable result: no reply that could be used, or an error"),
    Metric("calls", "calls", "number", "lower", "questions to a model", "calls"),
    Metric("prompt_tokens", "prompt tokens", "number", "lower", "tokens that were sent", "tokens"),
    Metric("completion_tokens", "completion tokens", "number", "lower", "tokens that were answered", "tokens"),
    Metric("seconds", "seconds", "number", "lower",
           "for a model, what its server took, calls in flight at the same time added up; else by the clock", "s"),
    Metric("cost", "cost", "number", "lower", "by the price that the settings give; empty where none is known"),
)  # fmt: skip

METRICS = {metric.name: metric for metric in (*EXTRACT, *CODE, *BOTH)}
SHARES = ("chance_others", "chance_shuffled", "agreement")  # numbers between 0 and 1 that count nothing
