"""Two people changed a text since both saw it: what one changed and what the other changed, together."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from pipeline.editing import BUILDS, SAYS
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import Plain, plain_content
from schemas.errors import CriteriaError
from schemas.field_problems import describe_problems

IDENTITIES = (("id",), ("key",), ("remove", "near"), ("with",), ("name",))  # what tells the entries of a list apart
MEANS = (*SAYS, *BUILDS, "expression", "base", "union")  # fields that only together say what a part is

Key = tuple[str, ...]


def merge_criteria(seen: SelectionCriteria, mine: SelectionCriteria, theirs: SelectionCriteria) -> SelectionCriteria:
    """What `mine` changed in what was `seen`, changed in `theirs` too. Where both changed one thing, it is mine.

    Raises CriteriaError when the two do not go together.
    """
    if seen == theirs:
        return mine
    content = _merge(plain_content(seen), plain_content(mine), plain_content(theirs))
    try:
        return SelectionCriteria.model_validate(content)
    except ValidationError as error:
        told: dict[object, object] = dict(content.items()) if isinstance(content, dict) else {}
        problem = describe_problems(error, told)[0]
        raise CriteriaError(
            f"criteria.yaml and the review changed the same part: {problem}; correct the file"
        ) from None


def _merge(seen: Plain, mine: Plain, theirs: Plain) -> Plain:
    if mine in (seen, theirs):
        return theirs
    if seen == theirs:
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _merge_mappings(seen if isinstance(seen, dict) else {}, mine, theirs)
    if isinstance(mine, list) and isinstance(theirs, list):
        merged = _merge_lists(seen if isinstance(seen, list) else [], mine, theirs)
        return mine if merged is None else merged
    return mine


def _merge_mappings(seen: Mapping[str, Plain], mine: Mapping[str, Plain], theirs: Mapping[str, Plain]) -> Plain:
    merged: dict[str, Plain] = {}
    if any(mine.get(name) != seen.get(name) for name in MEANS):
        theirs = {k: v for k, v in theirs.items() if k not in MEANS} | {k: mine[k] for k in MEANS if k in mine}
    for name in dict.fromkeys((*mine, *theirs)):
        if name not in mine and (name in seen or name not in theirs):
            continue  # taken out of mine
        if name not in theirs and name in seen and seen[name] == mine[name]:
            continue  # taken out of theirs
        if name not in mine or name not in theirs:
            merged[name] = mine[name] if name in mine else theirs[name]
        else:
            merged[name] = _merge(seen.get(name), mine[name], theirs[name])
    return merged


def _merge_lists(seen: Sequence[Plain], mine: Sequence[Plain], theirs: Sequence[Plain]) -> list[Plain] | None:
    """Lists whose entries have names of their own, entry by entry; None for others."""
    keyed = [_key_entries(entries) for entries in (seen, mine, theirs)]
    old, ours, other = keyed
    if old is None or ours is None or other is None:
        return None
    merged = _merge_mappings(old, ours, other)
    if not isinstance(merged, dict):
        return None
    # The order is mine where I changed it, else theirs; what only the other one has comes after what it follows there.
    common = [k for k in ours if k in old]
    first, second = (other, ours) if common == [k for k in old if k in ours] else (ours, other)
    order = [k for k in first if k in merged]
    for position, key in enumerate(second):
        if key in merged and key not in order:
            before = next((k for k in reversed(list(second)[:position]) if k in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, key)
    return [merged[key] for key in order]


def _key_entries(entries: Sequence[Plain]) -> dict[str, Plain] | None:
    keyed: dict[str, Plain] = {}
    for entry in entries:
        key = _find_key(entry)
        if key is None or "/".join(key) in keyed:
            return None
        keyed["/".join(key)] = entry
    return keyed


def _find_key(entry: Plain) -> Key | None:
    if not isinstance(entry, dict):
        return None
    for fields in IDENTITIES:
        if all(isinstance(entry.get(f), str) for f in fields):
            return tuple(str(entry[f]) for f in fields)
    return None
