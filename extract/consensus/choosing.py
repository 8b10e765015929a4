"""Which finding stands for a requirement, and the fields in which readings differ without contradicting."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from extract.consensus.joining import Joined
from extract.consensus.statement import Statement
from extract.consensus.words import Phrase, read_phrase
from schemas.finding import Finding


def choose_findings(joined: Sequence[Joined]) -> tuple[Finding, ...]:
    """The finding of each requirement, in the same order. Groups ("or") are named alike for all readings."""
    groups = _name_groups(joined)
    return tuple(_choose(one, groups.get(i)) for i, one in enumerate(joined))


def _choose(one: Joined, group: str | None) -> Finding:
    speaking = [s for s in one.statements if s.grounded] or list(one.statements)
    meanings: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for s in speaking:
        f = s.finding
        meanings[(f.subject, f.second_subject, f.variable, f.operator, str(f.value), f.unit, f.effect)].append(s)
    shared = max(
        meanings.values(),
        key=lambda group: (len({s.reading for s in group}), _count_prose(group), _fullness(group), _reverse(group)),
    )
    chosen = min(shared, key=_rank).finding
    changes: dict[str, object] = {"group": group}
    for field, phrase in (("scope", one.scope), ("condition", one.asked_condition)):
        said = [v for s in speaking if isinstance(v := getattr(s.finding, field), str)]
        changes[field] = _find_words(said, phrase, getattr(chosen, field))
    if one.condition is not None and changes["condition"] is None:
        changes["condition"] = one.condition
    for field in ("stage", "order", "closed", "effect_target"):
        if getattr(chosen, field) is None or field == "stage":
            said_values = Counter((getattr(s.finding, field), s.reading) for s in shared)
            votes = Counter(value for value, _ in said_values if value is not None)
            if votes:
                changes[field] = min(votes, key=lambda v: (-votes[v], str(v)))
    if not chosen.cites:
        cited = sorted({s.finding.cites for s in shared if s.finding.cites})
        changes["cites"] = cited[0] if cited else ()
    return chosen.model_copy(update=changes)


def _rank(statement: Statement) -> tuple[object, ...]:
    """Prose before tables, the fullest first; of the same words the rules', which are the same in every run."""
    f = statement.finding
    return f.source != "prose", -_count_fields(f), f.reader != "rules", statement.sort_key


def _find_words(said: Sequence[str], phrase: Phrase | None, own: str | None) -> str | None:
    """The words for a scope that was chosen by meaning: the finding's own, else those that are used most."""
    if phrase is None:
        # "?" and names of the whole analysis stay as they were read.
        return own if own is not None and not _means_something(own) else None
    if own is not None and read_phrase(own) == phrase:
        return own
    words = Counter(text for text in said if read_phrase(text) == phrase)
    return min(words, key=lambda t: (-words[t], -len(t), t)) if words else own


def _means_something(text: str) -> bool:
    phrase = read_phrase(text)
    return bool(phrase.words or phrase.numbers)


def _count_prose(group: Sequence[Statement]) -> int:
    return sum(s.finding.source == "prose" for s in group)


def _count_fields(finding: Finding) -> int:
    fields = (finding.second_subject, finding.condition, finding.scope, finding.order, finding.closed)
    return sum(f is not None for f in fields)


def _fullness(group: Sequence[Statement]) -> int:
    return max(_count_fields(s.finding) for s in group)


def _reverse(group: Sequence[Statement]) -> tuple[int, ...]:
    """Larger for what comes first by content: characters of the words, negated."""
    f = group[0].finding
    text = "|".join((f.subject, f.second_subject or "", f.variable, f.operator, str(f.value), f.unit or "", f.effect))
    return tuple(-ord(c) for c in text)


def _name_groups(joined: Sequence[Joined]) -> dict[int, str]:
    """Requirements that most of the readings that have both join by "or" get one name of a group."""
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for i, one in enumerate(joined):
        for s in one.statements:
            if s.finding.group is not None:
                owners[s.reading, s.finding.group].add(i)
    together: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (reading, _), members in owners.items():
        for i, j in combinations(sorted(members), 2):
            together[i, j].add(reading)
    leader: dict[int, int] = {}

    def find(i: int) -> int:
        while leader.get(i, i) != i:
            i = leader[i]
        return i

    for i, j in sorted(together):
        if 2 * len(together[i, j]) >= len(joined[i].readings & joined[j].readings):
            first, second = sorted((find(i), find(j)))
            leader[second] = leader[first] = first
    names = {root: f"or-{n}" for n, root in enumerate(sorted({find(i) for i in leader}), 1)}
    return {i: names[find(i)] for i in leader}
