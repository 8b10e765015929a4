"""Where the parts of criteria and their fields stand in a YAML text, by line."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from schemas.criteria_yaml import quote_indices
from schemas.field_problems import NOUNS

IDENTITIES = ("id", "name", "key")
_WORD = re.compile(r"(?P<noun>[\w ]+?) (?:'(?P<name>[^']*)'|entry (?P<entry>\d+))|(?P<key>\w+)")
_LISTS = {noun: tuple(k for k, n in NOUNS.items() if n == noun) for noun in NOUNS.values()}


class Field(NamedTuple):
    """A field of a mapping: its name, and its lines from 0 (the last one inclusive)."""

    name: str
    first: int
    last: int
    value: Node


class Place(NamedTuple):
    """Where a part stands: its address, its lines from 0, its fields, and how deep they are indented."""

    address: str
    first: int
    last: int
    indent: int
    is_block: bool
    fields: tuple[Field, ...]

    def find(self, name: str) -> Field | None:
        """The field of this name."""
        return next((f for f in self.fields if f.name == name), None)


@lru_cache(maxsize=8)
def compose_text(text: str) -> Node | None:
    """The YAML tree of a text with its marks; None where it is no YAML. The same text is read once."""
    for candidate in (text, quote_indices(text)):
        try:
            return YAML(typ="safe", pure=True).compose(candidate)  # type: ignore[no-any-return]
        except (YAMLError, RecursionError):
            continue
    return None


def list_places(root: Node | None) -> tuple[Place, ...]:
    """Every part of a criteria document, in the order of the text; what has no identity is left out.

    Addresses are those of `pipeline.review.parts`.
    """
    taken: Counter[str] = Counter()
    places = []
    for place in _walk(root):
        taken[place.address] += 1
        number = taken[place.address]
        places.append(place if number == 1 else place._replace(address=f"{place.address}#{number}"))
    return tuple(sorted(places, key=lambda place: (place.first, -place.last)))


def list_scalar_lines(root: Node | None) -> frozenset[int]:
    """Lines (from 0) that begin inside a value of several lines: what looks like a comment there is none."""
    inside: set[int] = set()
    for node in _list_scalars(root):
        inside.update(range(node.start_mark.line + 1, node.end_mark.line + (node.end_mark.column > 0)))
    return frozenset(inside)


def find_line(root: Node | None, place: str) -> int | None:
    """The line (from 0) of a place as messages name it ("object 'jets', cut 'j_pt', threshold"); None: not found."""
    node, line = root, None
    for word in _WORD.finditer(place):
        following = _follow(node, word)
        if following is None:
            break
        node, line = following
    return line


def find_last_line(node: Node) -> int:
    """The last line with content of a node: the end of a block is where the next one begins, past comments."""
    if is_empty(node):
        return 0  # its mark is that of whatever follows
    children = _list_children(node)
    if not children or is_on_one_line(node):
        column_zero = node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line
        return int(node.end_mark.line) - (1 if column_zero else 0)
    return max(find_last_line(child) for child in children)


def is_empty(node: Node) -> bool:
    """Whether nothing stands behind the key of a value."""
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def is_on_one_line(node: Node) -> bool:
    """Whether a value ends where it says, in quotes or brackets, and not where the next thing begins."""
    return isinstance(node, ScalarNode) or bool(getattr(node, "flow_style", False))


def _follow(node: Node | None, word: re.Match[str]) -> tuple[Node, int] | None:
    if word["key"] is not None:
        return next(
            ((value, key.start_mark.line) for key, value in _list_pairs(node) if key.value == word["key"]), None
        )
    keys = _LISTS.get(word["noun"].strip(), (word["noun"].strip(),))
    for key, value in _list_pairs(node):
        if key.value in keys and isinstance(value, SequenceNode):
            if word["entry"] is not None:
                position = int(word["entry"]) - 1
                if position < len(value.value):
                    return value.value[position], value.value[position].start_mark.line
                continue
            for entry in value.value:
                if word["name"] in {_read(entry, name) for name in IDENTITIES}:
                    return entry, entry.start_mark.line
    if word["name"] is None:
        return None
    for _, value in _list_pairs(node):  # a message may leave out whose cut it is
        for entry in value.value if isinstance(value, SequenceNode) else ():
            found = _follow(entry, word)
            if found is not None:
                return found
    return None


def _walk(root: Node | None) -> Iterator[Place]:
    for definition in _list_entries(root, "objects"):
        name = _read(definition, "name")
        yield from _place("object", name, definition)
        for cut in _list_entries(definition, "cuts"):
            yield from _place("cut", _read(cut, "id"), cut)
        for removal in _list_entries(definition, "remove_overlap"):
            near = _read(removal, "with")
            yield from _place("removal", f"{name}/{near}" if name and near else None, removal)
    for step in _list_entries(root, "overlap"):
        names = (_read(step, "remove"), _read(step, "near"))
        yield from _place("step", "/".join(n for n in names if n) if all(names) else None, step)
    for candidate in _list_entries(root, "candidates"):
        yield from _place("candidate", _read(candidate, "name"), candidate)
        for cut in _list_entries(candidate, "select"):
            yield from _place("cut", _read(cut, "id"), cut)
    for variable in _list_entries(root, "variables"):
        yield from _place("variable", _read(variable, "name"), variable)
    for region in _list_entries(root, "regions"):
        yield from _place("region", _read(region, "name"), region)
        for cut in _list_entries(region, "cuts"):
            yield from _place("cut", _read(cut, "id"), cut)
    for question in _list_entries(root, "questions"):
        yield from _place("question", _read(question, "id"), question)


def _place(kind: str, name: str | None, node: Node) -> Iterator[Place]:
    if name is None or not isinstance(node, MappingNode) or not node.value:
        return
    fields = tuple(
        Field(key.value, key.start_mark.line, max(key.end_mark.line, find_last_line(value)), value)
        for key, value in _list_pairs(node)
    )
    first = node.value[0][0]
    last = find_last_line(node)
    yield Place(f"{kind}:{name}", node.start_mark.line, last, first.start_mark.column, not node.flow_style, fields)


def _list_entries(node: Node | None, key: str) -> Sequence[Node]:
    found = next((value for name, value in _list_pairs(node) if name.value == key), None)
    return found.value if isinstance(found, SequenceNode) else ()


def _list_pairs(node: Node | None) -> list[tuple[ScalarNode, Node]]:
    if not isinstance(node, MappingNode):
        return []
    return [(key, value) for key, value in node.value if isinstance(key, ScalarNode)]


def _list_children(node: Node | None) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _list_scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    for child in _list_children(node):
        yield from _list_scalars(child)


def _read(node: Node, key: str) -> str | None:
    """The text of a field; a number or a truth value as it is written."""
    found = next((value for name, value in _list_pairs(node) if name.value == key), None)
    return found.value if isinstance(found, ScalarNode) else None
