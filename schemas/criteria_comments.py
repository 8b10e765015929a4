"""A criteria file that a person has written keeps comments, order of keys and style when a program changes it."""

import io
import re
from collections.abc import Mapping, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import Plain, arrange, dump_criteria, parse_criteria, plain_content, quote_indices
from schemas.errors import CriteriaError

IDENTITIES = ("id", "name", "key", "with")  # what tells the entries of a list apart
WIDTH = 118
# the first list below a key, with comments and empty lines between
_FIRST_LIST = re.compile(r"^(?P<key> *)[\w'\"]+: *(?:#.*)?\n(?: *(?:#.*)?\n)*(?P<dash>(?P=key) *)- ", re.MULTILINE)


def rewrite_yaml(text: str, criteria: SelectionCriteria, known: SelectionCriteria | None = None) -> str:
    """The YAML text with what is different in `criteria` changed in it, and everything else as the person wrote it.

    Where that cannot be done without changing the content, the document as `dump_criteria` writes it. `known` is what
    the text says, where the caller knows: reading it takes long.
    """
    try:
        before = known or parse_criteria(text, "criteria")
    except CriteriaError:
        return dump_criteria(criteria)
    if before == criteria:
        return text
    if text == dump_criteria(before):
        return dump_criteria(criteria)  # no person has laid it out
    try:
        changed = _change(text, before, criteria)
        if parse_criteria(changed, "criteria") == criteria:
            return changed
    except (YAMLError, CriteriaError, LookupError, TypeError, AttributeError, ValueError):
        pass  # a layout that cannot be edited in place
    return dump_criteria(criteria)


def _change(text: str, before: SelectionCriteria, after: SelectionCriteria) -> str:
    yaml = YAML()  # round trip
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    try:
        document = yaml.load(text)
    except YAMLError:
        text = quote_indices(text)
        document = yaml.load(text)
    offset = _find_offset(text)
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    _patch_mapping(document, plain_content(before), plain_content(after))
    if "schema_version" in document:
        document["schema_version"] = arrange(after.schema_version)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _find_offset(text: str) -> int:
    """How far the person sets a list in below its key."""
    found = _FIRST_LIST.search(text)
    return len(found["dash"]) - len(found["key"]) if found else 2


def _patch_mapping(node: CommentedMap, before: Mapping[str, Plain], after: Mapping[str, Plain]) -> None:
    for key in before:
        if key not in after and key in node:
            del node[key]
    for key, value in after.items():
        if key in before and before[key] == value:
            continue
        old = before.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and isinstance(node.get(key), CommentedMap):
            _patch_mapping(node[key], old, value)
        elif isinstance(old, list) and isinstance(value, list) and isinstance(node.get(key), CommentedSeq):
            _patch_list(node[key], old, value, key)
        else:
            node[key] = arrange(value, key)


def _patch_list(node: CommentedSeq, before: Sequence[Plain], after: Sequence[Plain], key: str) -> None:
    old, new = [_identify(v) for v in before], [_identify(v) for v in after]
    same_entries = None not in old and old == new
    if not same_entries and len(before) != len(after):
        fresh = arrange(list(after), key)
        node[:] = list(fresh) if isinstance(fresh, CommentedSeq) else []
        return
    for position, (was, value) in enumerate(zip(before, after, strict=True)):
        if was == value:
            continue
        current = node[position]
        if isinstance(was, dict) and isinstance(value, dict) and isinstance(current, CommentedMap):
            _patch_mapping(current, was, value)
        else:
            node[position] = arrange(value, key)


def _identify(value: Plain) -> object:
    if not isinstance(value, dict):
        return None
    return next((value[k] for k in IDENTITIES if k in value), None)
