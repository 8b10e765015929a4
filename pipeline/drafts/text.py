"""A draft: the criteria file without what only programs read, with comments that say where each part comes from.

Evidence, origin, votes and the texts of questions are taken out, line by line, and put back at the same place when the
draft comes back; everything else of the file stays as its author wrote it, comments included.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from pipeline.drafts.comments import describe_part, wrap_comment
from pipeline.drafts.places import Place, compose_text, find_last_line, is_on_one_line, list_places, list_scalar_lines
from pipeline.review.parts import list_parts
from schemas.criteria import Answer, Question, SelectionCriteria
from schemas.criteria_yaml import parse_criteria
from schemas.errors import CriteriaError

MARKERS = ("#|", "#:", "#>", "#%")  # the first that the file does not use itself
ERROR = "!"  # behind the marker: a line that says what is wrong
END = "end of the draft; a draft without this line has not been written whole"
PROVENANCE = ("evidence", "history", "origin", "agreement", "by")
ASKED = ("text", "why", "alternatives", "default", "cuts", "evidence", "agreement")
HIDDEN = {
    **dict.fromkeys(("cut", "removal", "step", "candidate", "variable"), PROVENANCE),
    "question": ASKED,
}  # fmt: skip
DECIDED = ("cut", "removal", "step", "candidate")  # parts whose status a person sets
PROPOSED = "status: proposed"
UNANSWERED = "answer:"

HEAD = (
    "Change what should read otherwise, save and close the editor.",
    "",
    "- Lines that begin with {marker} are renewed every time and never kept. Your own comments, with a plain #, stay.",
    "- A part that is right: make its status accepted. One that does not belong: rejected; it then selects nothing.",
    "- A new cut is an entry like the others, with an id that nothing else has. `note:` takes free text.",
    "- An open question: write one of its alternatives behind `answer:`.",
    "- Quotes and votes are kept for you. An edited cut is yours from then on, and its quotes become its history.",
    "- What is not valid opens again with the error on top. Unchanged or empty: nothing is done.",
)


class Taken(NamedTuple):
    """What came back from the editor: the whole file, and what it says."""

    text: str
    answered: frozenset[str]
    """Ids of the questions whose answer was written or changed."""
    problems: tuple[str, ...] = ()
    """Answers that are none of the alternatives."""


def choose_marker(text: str) -> str:
    """What our comments begin with: something with which no line of the file begins."""
    lines = [line.lstrip() for line in text.splitlines()]
    return next((m for m in MARKERS if not any(line.startswith(m) for line in lines)), MARKERS[0])


def make_draft(text: str, criteria: SelectionCriteria, title: str, tail: Sequence[str] = ()) -> str:
    """The draft of a criteria file; `title` is its first line, `tail` what stands at its end, as comments.

    Where the layout allows no lines to be taken out, they stay.
    """
    marker = choose_marker(text)
    head = wrap_comment((title, *(line.format(marker=marker) for line in HEAD)), marker, 0)
    end = [*wrap_comment(tail, marker, 0), f"{marker} {END}"]
    bodies = (_shorten(text, criteria, marker), _shorten(text, criteria, marker, whole=True))
    body = next((b for b in bodies if _says_the_same(put_back(b, text), text)), text.rstrip("\n").split("\n"))
    return "\n".join([*head, "", *body, "", *end, ""])


def wrap_invalid(text: str, title: str, problem: str) -> str:
    """The draft of a file that is not valid: as it stands, with what is wrong on top."""
    marker = choose_marker(text)
    head = wrap_comment(
        (title, f"The file is not valid: {problem}", "Correct it, save and close the editor."), marker, 0
    )
    return "\n".join([*head, "", *text.rstrip("\n").split("\n"), "", f"{marker} {END}", ""])


def put_back(body: Sequence[str] | str, text: str) -> str:
    """The lines of a draft as a criteria file again: our comments out, what was taken out of `text` in its place."""
    marker = choose_marker(text)
    lines = drop_comments(body if isinstance(body, str) else "\n".join(body), marker).split("\n")
    original = text.split("\n")
    before = {place.address: place for place in list_places(compose_text(text))}
    places = list_places(compose_text("\n".join(lines)))
    before |= _find_renamed(places, lines, before, original)
    inserted: dict[int, list[str]] = {}
    dropped: set[int] = set()
    for place in places:
        was = before.get(place.address)
        if was is None or not place.is_block:
            continue
        dropped |= _find_ours(place, was)
        for field in was.fields:
            if field.name in _list_hidden(was) and place.find(field.name) is None:
                shift = place.indent - was.indent
                moved = [_shift(line, shift) for line in original[field.first : field.last + 1]]
                inserted.setdefault(_find_line_before(place, was, field.name), []).extend(moved)
    whole: list[str] = []
    for number, line in enumerate(lines):
        whole += [] if number in dropped else [line]
        whole += inserted.get(number, [])
    return "\n".join(whole).strip("\n") + "\n"


def drop_comments(draft: str, marker: str) -> str:
    """The draft without our comments; in a text that is no YAML, every line that begins like one goes."""
    inside = list_scalar_lines(compose_text(draft))
    kept = [
        line for number, line in enumerate(draft.split("\n"))
        if number in inside or not line.lstrip().startswith(marker)
    ]  # fmt: skip
    return "\n".join(kept)


def complete_answers(text: str, before: SelectionCriteria, by: str, at: str) -> Taken:
    """The text with answers that are one word (`answer: loose`) written out with who gave them and when."""
    problems: list[str] = []
    asked = {q.id: q for q in before.questions}
    changed: dict[str, tuple[int, int, str]] = {}
    for place in list_places(compose_text(text)):
        kind, _, name = place.address.partition(":")
        field = place.find("answer") if kind == "question" else None
        if field is None:
            continue
        old = asked[name].answer if name in asked else None
        given = _read_answer(field.value)
        if not given or (old is not None and given == _say_answer(old)):
            continue
        if "alternative" in given:
            problems += _check_key(name, given["alternative"], asked.get(name))
        signed = {"by": by, "at": at, **given}
        written = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in signed.items())
        changed[name] = (field.value.start_mark.index, _find_end(field.value, text), f"{{{written}}}")
    for first, last, written in sorted(changed.values(), reverse=True):
        text = text[:first] + written + text[last:]
    return Taken(text, frozenset(changed), tuple(problems))


def _read_answer(value: Node) -> dict[str, str]:
    """The alternative or the words of an answer; nothing for none."""
    if isinstance(value, ScalarNode):
        return {} if _is_null(value) else {"alternative": str(value.value)}
    if not isinstance(value, MappingNode):
        return {}
    given = {key.value: part for key, part in value.value if isinstance(part, ScalarNode)}
    return {
        key: str(given[key].value)
        for key in ("alternative", "text") if key in given and not _is_null(given[key])
    }  # fmt: skip


def _is_null(node: ScalarNode) -> bool:
    return str(node.tag).endswith(":null")


def _say_answer(answer: Answer) -> dict[str, str]:
    said = {"alternative": answer.alternative, "text": answer.text}
    return {key: value for key, value in said.items() if value is not None}


def _check_key(name: str, key: str, question: Question | None) -> tuple[str, ...]:
    keys = [a.key for a in question.alternatives] if question is not None else []
    if question is None or key in keys:
        return ()
    expected = f"one of {', '.join(keys)}, or " if keys else ""
    return (f"question '{name}', answer: '{key}': expected {expected}{{text: \"in your own words\"}}",)


def _find_end(node: Node, text: str) -> int:
    if is_on_one_line(node):
        return int(node.end_mark.index)
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts[find_last_line(node) + 1] - 1


def _says_the_same(one: str, other: str) -> bool:
    """Whether lines could be taken out and put back: not where YAML refers from one place to another."""
    try:
        return parse_criteria(one, "draft") == parse_criteria(other, "draft")
    except CriteriaError:
        return False


def _shorten(text: str, criteria: SelectionCriteria, marker: str, *, whole: bool = False) -> list[str]:
    """The lines of the file without what is hidden, with our comments and with the lines that wait for a decision.

    With `whole`, comments are all that is different.
    """
    lines = text.rstrip("\n").split("\n")
    root = compose_text(text)
    inside = list_scalar_lines(root)
    parts = {part.address: part.value for part in list_parts(criteria)}
    above: dict[int, list[str]] = {}
    below: dict[int, list[str]] = {}
    hidden: set[int] = set()
    for place in list_places(root):
        part = parts.get(place.address)
        if part is not None and place.first not in inside:
            indent = len(lines[place.first]) - len(lines[place.first].lstrip())
            above.setdefault(place.first, []).extend(wrap_comment(describe_part(part, criteria), marker, indent))
        for name in () if whole else _list_hidden(place):
            field = place.find(name)
            if field is not None:
                hidden.update(range(field.first, field.last + 1))
        for line in () if whole else _list_undecided(place):
            below.setdefault(place.fields[0].last, []).append(" " * place.indent + line)
    shown: list[str] = []
    for number, line in enumerate(lines):
        shown += above.get(number, [])
        shown += [] if number in hidden else [line]
        shown += below.get(number, [])
    return shown


def _list_hidden(place: Place) -> tuple[str, ...]:
    """Fields of a part that are taken out: those on lines of their own."""
    names = HIDDEN.get(place.address.partition(":")[0], ())
    if not place.is_block:
        return ()
    return tuple(f.name for f in place.fields if f.name in names and f.first > place.first)


def _list_undecided(place: Place) -> tuple[str, ...]:
    """Lines that the file leaves out because they are the default, for a person to change."""
    kind = place.address.partition(":")[0]
    if not place.is_block or place.fields[0].first != place.first:
        return ()
    if kind in DECIDED and place.find("status") is None:
        return (PROPOSED,)
    return (UNANSWERED,) if kind == "question" and place.find("answer") is None else ()


def _find_ours(place: Place, was: Place) -> set[int]:
    """Lines of the draft that we wrote for a decision and that nobody changed."""
    status, answer = place.find("status"), place.find("answer")
    ours: set[int] = set()
    if PROPOSED in _list_undecided(was) and status is not None and _read_scalar(status.value) == "proposed":
        ours.add(status.first)
    if UNANSWERED in _list_undecided(was) and answer is not None and not _read_answer(answer.value):
        ours.update(range(answer.first, answer.last + 1))
    return ours


def _find_renamed(
    places: Sequence[Place], lines: Sequence[str], before: Mapping[str, Place], original: Sequence[str]
) -> dict[str, Place]:
    """By its new address what a part was before somebody gave it another name and changed nothing else in it."""
    known = {place.address for place in places}
    gone: dict[tuple[str, ...], list[Place]] = {}
    for address, place in before.items():
        if address not in known:
            gone.setdefault(_say(place, original), []).append(place)
    found: dict[str, Place] = {}
    for place in places:
        likely = gone.get(_say(place, lines), []) if place.address not in before else []
        if len(likely) == 1:
            found[place.address] = likely.pop()
    return found


def _say(place: Place, lines: Sequence[str]) -> tuple[str, ...]:
    """What tells a part from others beside its name: its kind and its own fields as they are written."""
    kind = place.address.partition(":")[0]
    apart = {"id", "name", "status", "note", *HIDDEN.get(kind, ())}
    own = (f for f in place.fields if f.name not in apart)
    return (kind, *(" ".join(" ".join(lines[f.first : f.last + 1]).split()) for f in own))


def _find_line_before(place: Place, was: Place, name: str) -> int:
    """The line of the draft behind which a hidden field goes: the nearest field before it that is still there."""
    names = [f.name for f in was.fields]
    earlier = [place.find(n) for n in reversed(names[: names.index(name)])]
    found = next((f for f in earlier if f is not None), None)
    return found.last if found is not None else place.fields[0].last


def _shift(line: str, by: int) -> str:
    if by >= 0:
        return " " * by + line if line.strip() else line
    return line[-by:] if not line[:-by].strip() else line.lstrip()


def _read_scalar(node: Node) -> str | None:
    return str(node.value) if isinstance(node, ScalarNode) else None
