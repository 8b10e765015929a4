"""Unions of which a data format has only some parts: the others are left out, and said so."""

from dataclasses import replace

from schemas.criteria import ObjectDefinition
from schemas.cutflow import NotEvaluable
from schemas.expressions.scope import CollectionScope
from schemas.fields import BASES
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, name_part


def leave_out_absent(checked: CheckedCriteria, profile: Profile) -> tuple[CheckedCriteria, dict[str, NotEvaluable]]:
    """The criteria with unions of what the format has, and what was left out of each union, by its name.

    A union of which the format has no part stays as it is, and cannot be evaluated. What names a part that was left
    out cannot be evaluated either.
    """
    collections = dict(checked.scope.collections)
    objects: list[ObjectDefinition] = []
    left_out: dict[str, NotEvaluable] = {}
    for definition in checked.criteria.objects:
        sources = _list_sources(definition)
        reasons = {s: _find_reason(s, collections, profile) for s in sources}
        present = tuple(s for s in sources if reasons[s] is None)
        objects.append(definition)
        if len(sources) == 1 and sources[0] in collections:
            collections[definition.name] = collections[sources[0]]
        if len(present) in (0, len(sources)):
            continue
        absent = [s for s in sources if s not in present]
        text = f"{', '.join(absent)} in the union {definition.name}"
        reason = "; ".join(dict.fromkeys(filter(None, (reasons[s] for s in absent))))
        left_out[definition.name] = NotEvaluable(cut=definition.name, text=text, reason=reason)
        bases = tuple(b for s in present for b in ((s,) if s in BASES else collections[s].bases))
        parts = tuple(name_part(s) for s in present)
        collections[definition.name] = CollectionScope(tuple(dict.fromkeys(bases)), parts)
        field = "union" if definition.union is not None else "base"
        objects[-1] = definition.model_copy(update={field: present})
    if not left_out:
        return checked, {}
    criteria = checked.criteria.model_copy(update={"objects": tuple(objects)})
    return replace(checked, criteria=criteria, scope=replace(checked.scope, collections=collections)), left_out


def _list_sources(definition: ObjectDefinition) -> tuple[str, ...]:
    if definition.union is not None:
        return definition.union
    return (definition.base,) if isinstance(definition.base, str) else definition.base or ()


def _find_reason(source: str, collections: dict[str, CollectionScope], profile: Profile) -> str | None:
    """Why the format has nothing of a part; None when it has."""
    bases = (source,) if source in BASES else collections[source].bases
    if any(base in profile.collections for base in bases):
        return None
    return profile.unavailable.get(bases[0], f"profile {profile.name} has no {bases[0]}")
