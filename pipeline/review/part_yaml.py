"""One part of the criteria as YAML, to be edited: what it says, without where it comes from and what belongs to it."""

import io
import re
from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken, DirectiveToken, TagToken

from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
)
from schemas.criteria_yaml import arrange, parse_content, quote_indices
from schemas.errors import CriteriaError
from schemas.field_problems import describe_problems
from schemas.review import AnyPart, PartKind

MOST_CHARACTERS = 50_000
MOST_DEPTH = 20
MOST_BRACKETS = 300

MODELS: Mapping[PartKind, type[AnyPart]] = {
    "cut": Cut, "object": ObjectDefinition, "removal": OverlapRemoval, "step": OverlapStep, "candidate": Candidate,
    "variable": NamedVariable, "region": Region,
}  # fmt: skip

# Where a part comes from, and the parts that belong to it: those have cards of their own.
KEPT = ("evidence", "origin", "status", "agreement", "by", "history", "cuts", "remove_overlap", "select")

# What a new part begins with.
EMPTY: Mapping[PartKind, str] = {
    "cut": "id: \nvariable: \noperator: \nthreshold: {value: , unit: }\n",
    "object": "name: \nbase: \n",
    "removal": "with: \ndeltaR: \n",
    "step": "remove: \nnear: \ndeltaR: \n",
    "candidate": "name: \npair: \nrequire: [same_flavour, opposite_charge]\nminimise: \n",
    "variable": "name: \nexpression: \nunit: \n",
    "region": "name: \nparent: \n",
}  # fmt: skip


def write_part(part: AnyPart) -> str:
    """What a part says, as YAML; its evidence and its cuts are left out."""
    plain = part.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(KEPT))
    yaml = YAML()
    yaml.width = 80
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(arrange(plain), stream)
    return stream.getvalue()


def read_part(text: str, kind: PartKind, before: AnyPart | None = None) -> AnyPart:
    """The part that a text says; where it comes from, and what belongs to it, is taken from the part as it was.

    Raises CriteriaError with one line that names the field.
    """
    content = _read_mapping(text)
    model = MODELS[kind]
    for key in KEPT:
        if key in content:
            raise CriteriaError(f"{key}: belongs to other cards or is kept by the review; leave it out here")
    return build_part(model, content, before)


def build_part(model: type[AnyPart], content: Mapping[object, object], before: AnyPart | None) -> AnyPart:
    """A part from its fields and from what is kept of the part before. Raises CriteriaError that names the field."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    for key in content:
        if key not in known:
            close = get_close_matches(str(key), sorted(known - set(KEPT)), n=1)
            there = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known - set(KEPT)))}"
            raise CriteriaError(f"{str(key)[:40]}: is no field here; {there}")
    try:
        made = model.model_validate(dict(content))
    except ValidationError as error:
        raise CriteriaError(describe_problems(error, content)[0]) from None
    if before is None or not isinstance(before, model):
        return made
    return made.model_copy(update={key: getattr(before, key) for key in KEPT if key in model.model_fields})


def _read_mapping(text: str) -> dict[object, object]:
    if len(text) > MOST_CHARACTERS:
        raise CriteriaError(f"more than {MOST_CHARACTERS // 1000} thousand characters: no part is that long")
    if sum(map(text.count, "[{")) > MOST_BRACKETS:  # the scanner looks ahead for each: thousands take it minutes
        raise CriteriaError(f"more than {MOST_BRACKETS} brackets: nested too deeply, or too long; no part is")
    _refuse_tricks(text)
    try:
        content = parse_content(text, "")
    except CriteriaError as error:
        raise CriteriaError(str(error).removeprefix(": ")) from None
    if not isinstance(content, dict):
        raise CriteriaError("expected fields, one a line, such as `name: electrons`")
    return content


def _refuse_tricks(text: str) -> None:
    """Anchors repeat what stands elsewhere (a few lines become gigabytes), tags make objects: no part needs either."""
    depth = 0
    try:
        for token in YAML(typ="safe", pure=True).scan(quote_indices(text)):
            if isinstance(token, AnchorToken | AliasToken):
                sign = "&" if isinstance(token, AnchorToken) else "*"
                raise CriteriaError(
                    f"line {token.start_mark.line + 1}: anchors ({sign}{token.value}) are not read here; "
                    "write it out, or put the text in quotes"
                )
            if isinstance(token, TagToken | DirectiveToken):
                raise CriteriaError(
                    f"line {token.start_mark.line + 1}: tags (!) and directives (%) are not read here; "
                    "put the text in quotes"
                )
            name = type(token).__name__
            depth += bool(re.search("(Mapping|Sequence)StartToken$", name))
            depth -= bool(re.search("(BlockEnd|(Mapping|Sequence)End)Token$", name))
            if depth > MOST_DEPTH:
                raise CriteriaError(f"line {token.start_mark.line + 1}: nested too deeply; no part is")
    except (YAMLError, RecursionError):
        return  # what is wrong is said by the one who reads it
