"""Criteria documents as YAML (the form people edit) and JSON (the form programs exchange): same content both ways."""

import io
import json
import math
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from schemas.criteria import SCHEMA_VERSION, SelectionCriteria, check_version
from schemas.errors import CriteriaError
from schemas.field_problems import describe_problems

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

# In a flow mapping YAML wants quotes around higgs.leptons[0].pt; people leave them out.
_UNQUOTED_INDEX = re.compile(
    r"""(?<=:\ )(?P<value>[\w(.][^,{}"'\n\[\]\#]*(?:\[:?\d+\][^,{}"'\n\[\]\#]*?)+)(?=\s*[,}\#\n])"""
)
_PLAIN = re.compile(r"[^\W\d][\w.()/+*^-]*(?: [\w.()/+*^<>=-]+)*")
_FLOW_KEYS = ("threshold", "agreement", "binning", "range", "closed", "values", "labels", "union", "base", "sum")
MAX_BYTES = 10_000_000  # ten times a document of 3000 cuts; the YAML reader takes half a second a megabyte
_UNNAMED = "\0"  # stands for the name of a text
_FLOW_LISTS = ("boxes", "spans")  # of an evidence: numbers for programs, kept out of the way of the reader


class _Constructor(SafeConstructor):
    """Plain values only; what looks like a time stays the text that it is."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def load_criteria(source: str | Path) -> SelectionCriteria:
    """The criteria in a file, or in a text (YAML or JSON; a one-line str without braces is a file name).

    Raises CriteriaError that names the place: the line of a syntax error, or the field that does not fit.
    """
    name, text = read_criteria_text(source)
    return parse_criteria(text, name)


def parse_criteria(text: str, name: str) -> SelectionCriteria:
    """The criteria in a text, YAML or JSON; `name` stands before every message.

    A document of an older version comes back as one of this version. The same text is read once. Raises CriteriaError.
    """
    try:
        return _parse_valid(text)
    except CriteriaError as error:
        raise CriteriaError(str(error).replace(_UNNAMED, name, 1)) from None


@lru_cache(maxsize=8)
def _parse_valid(text: str) -> SelectionCriteria:
    """The criteria in a text; messages have a stand-in for its name."""
    content = _parse_document(text, _UNNAMED)
    try:
        return SelectionCriteria.model_validate(content)
    except ValidationError as error:
        problems = describe_problems(error, content)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CriteriaError(f"{_UNNAMED}: {problems[0]}{more}") from None


def list_text_problems(text: str, name: str) -> tuple[str, ...]:
    """Everything in a text that does not fit the fields of a criteria document; empty when all does."""
    with suppress(CriteriaError):
        _parse_valid(text)
        return ()
    try:
        content = _parse_document(text, name)
    except CriteriaError as error:
        return (str(error).removeprefix(f"{name}: "),)
    try:
        SelectionCriteria.model_validate(content)
    except ValidationError as error:
        return describe_problems(error, content)
    return ()


def _parse_document(text: str, name: str) -> dict[object, object]:
    check_size(len(text), name)
    content = parse_content(text, name)
    if not isinstance(content, dict):
        raise CriteriaError(f"{name}: expected a mapping with analysis, objects, regions")
    try:
        content["schema_version"] = check_version(content.get("schema_version", SCHEMA_VERSION))
    except ValueError as error:  # alone: another version may have fields that this one does not know
        raise CriteriaError(f"{name}: schema_version: {error}") from None
    return content


def dump_criteria(criteria: SelectionCriteria, form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text. Defaults are left out; `load_criteria` gives an equal document back."""
    content = plain_content(criteria)
    if form == "json":
        return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return "".join(_write_field(key, value) for key, value in content.items())


def _write_field(key: str, value: Plain) -> str:
    """A field of a document as YAML; a long list entry by entry, because most are as they were the last time."""
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) and entry for entry in value):
        return _lay_out(json.dumps({key: value}))
    head, _, first = _lay_out(json.dumps({key: value[:1]})).partition("\n")
    more = (_lay_out(json.dumps({key: [entry]})).partition("\n")[2] for entry in value[1:])
    return f"{head}\n{first}{''.join(more)}"


@lru_cache(maxsize=1024)  # a review writes a document again and again, and laying it out takes long
def _lay_out(content: str) -> str:
    """Content, given as JSON with its keys in order, as YAML."""
    yaml = YAML()
    yaml.width = 118
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(arrange(json.loads(content)), stream)
    return stream.getvalue()


def plain_content(criteria: SelectionCriteria) -> dict[str, Plain]:
    """The document as plain values, without defaults; version and analysis always stand in it, at the top."""
    content: dict[str, Plain] = criteria.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    analysis: dict[str, Plain] = criteria.analysis.model_dump(mode="json", exclude_defaults=True)
    head: dict[str, Plain] = {"schema_version": criteria.schema_version, "analysis": analysis}
    return head | content


def read_criteria_text(source: str | Path) -> tuple[str, str]:
    """The name of a file and its text; of a text, "criteria" and the text. Raises CriteriaError."""
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return "criteria", source
    path = Path(source)
    try:
        check_size(path.stat().st_size, str(source))
        return path.name, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CriteriaError(f"cannot read criteria file '{source}': {reason}") from None


def check_size(size: int, name: str) -> None:
    """Raises CriteriaError for more bytes than any criteria document has."""
    if size > MAX_BYTES:
        raise CriteriaError(f"{name}: more than {MAX_BYTES // 1_000_000} MB: no criteria document is that large")


def parse_content(text: str, name: str) -> object:
    """Plain values of a text, YAML or JSON. Raises CriteriaError with the line of what cannot be read."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, object_pairs_hook=_make_unique)
        except _RepeatedKey as error:
            raise CriteriaError(f"{name}: the key '{error}' is used twice in one place (duplicate key)") from None
        except (ValueError, RecursionError):
            pass  # a YAML flow mapping starts with a brace, too
    try:
        return _parse_yaml(text)
    except YAMLError as error:
        quoted = quote_indices(text)
        if quoted != text:
            try:
                return _parse_yaml(quoted)
            except YAMLError:
                pass
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = f"line {mark.line + 1}: " if mark is not None else ""
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
        raise CriteriaError(f"{name}: {line}no valid YAML: {problem}") from None
    except RecursionError:
        raise CriteriaError(f"{name}: no valid YAML: nested too deeply") from None


def quote_indices(text: str) -> str:
    """The text with quotes around expressions such as higgs.leptons[0].pt in flow mappings."""
    return _UNQUOTED_INDEX.sub(lambda m: '"' + m["value"].rstrip() + '"', text)


class _RepeatedKey(Exception):
    """A JSON object has a key twice."""


def _make_unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKey(next(key for key in keys if keys.count(key) > 1))
    return unique


def _parse_yaml(text: str) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    yaml.allow_duplicate_keys = False
    return yaml.load(text)


def arrange(value: Plain, key: str = "") -> object:
    """The content in ruamel's containers: short leaves on one line, whole numbers without a decimal point."""
    if isinstance(value, dict):
        mapping = CommentedMap((_quote(k), arrange(v, k)) for k, v in value.items())
        if key in _FLOW_KEYS:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(arrange(v) for v in value)
        if key in _FLOW_LISTS or not any(isinstance(v, dict | list) for v in value):
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and (value or math.copysign(1, value) > 0):
        return int(value)  # but -0.0 stays
    return _quote(value) if isinstance(value, str) else value


def _quote(text: str) -> str:
    """The text in quotes where YAML, or a reader of it, might take it for something else."""
    if _PLAIN.fullmatch(text):
        return text  # in quotes still where it is a word of YAML, such as true
    if text.isprintable():
        single: str = SingleQuotedScalarString(text)
        return single
    double: str = DoubleQuotedScalarString(text)
    return double
