"""The forms of the page: a part to be edited or added, with its errors, and what an edit would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from markupsafe import Markup

from codegen.tables.formulas import list_names
from pipeline.review.cards import make_quotes
from pipeline.review.effects import CodeChange
from pipeline.review.form_fields import FieldProblem
from pipeline.review.part_forms import CUT_FIELDS, list_values
from pipeline.review.part_yaml import EMPTY
from pipeline.review.parts import NOUNS, digest_part, digest_whole, find_part, list_like
from pipeline.review.suggesting import suggest_values
from pipeline.review.typeset import name_plainly, set_part
from pipeline.review.view_models import Quote, make_anchor
from schemas.criteria import Question, SelectionCriteria
from schemas.cut_words import SIGNS
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import AnyPart, PartKind
from schemas.vocabulary import CutOperator

WORDS_OF_OPERATORS: Mapping[str, str] = {
    "between": "between", "outside": "outside", "in": "one of", "pass": "holds", "fail": "does not hold",
}  # fmt: skip
LABELS = {
    "id": "name", "variable": "variable", "operator": "is", "threshold": "threshold", "unit": "unit",
    "quantifier": "of several", "condition": "only if", "group": "joined by or in", "words": "in words instead",
    "note": "note", "yaml": "definition",
}  # fmt: skip
HINTS = {
    "variable": "abs(eta), higgs.leptons[0].pt, m12",
    "threshold": "50, or 50 to 106",
    "condition": "an expression; where it is false the cut is passed",
    "group": "a name that the cuts of one or share",
    "words": "what must hold, where no expression can say it",
}
DEFINITIONS = ("object", "candidate", "variable", "region")
UNITS = ("GeV", "MeV", "TeV", "mm", "cm", "um", "rad", "deg", "%")


@dataclass(frozen=True)
class FieldView:
    """A field of a form."""

    name: str
    label: str
    value: str
    hint: str = ""
    problem: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Value and words, for a choice."""


@dataclass(frozen=True)
class FormView:
    """A form of one part."""

    anchor: str
    """Of the slot's card: the form's own id is this with `-form`."""
    do: str
    title: str
    kind: str
    address: str
    owner: str
    seen: str
    seen_whole: str
    """What is removed with the part counts, too."""
    fields: tuple[FieldView, ...]
    more: tuple[FieldView, ...]
    """Fields that are rarely needed; folded away while they say nothing."""
    problem: str
    """What is wrong with the whole."""
    selection: tuple[str, int, int] | None
    quotes: tuple[Quote, ...]
    """What the person selected, as the quote it will be."""
    owners: tuple[tuple[str, str], ...]
    """Where a new cut may go: addresses and words."""
    now: Markup | None
    """What the part says now, where somebody else changed it meanwhile."""
    why: str
    kept: str
    """Names what the browser keeps unsaved."""
    back: str
    moves: tuple[str, ...] = ()
    """Where the part can go among its like: up, down."""
    removable: bool = False

    @property
    def opened(self) -> bool:
        """Whether the folded fields are shown."""
        said = {f.name: f.value for f in self.more}
        spoken = any(said.get(name) for name in ("condition", "group", "words")) or said.get("quantifier") == "any"
        return spoken or any(f.problem for f in self.more)


@dataclass(frozen=True)
class PreviewView:
    """What an edit would do."""

    anchor: str
    before: Markup | None
    after: Markup | None
    problems: tuple[FieldProblem, ...] = ()
    quotes: tuple[Quote, ...] = ()
    code: CodeChange | None = None
    notes: tuple[str, ...] = ()


def build_form(
    criteria: SelectionCriteria,
    *,
    address: str | None = None,
    kind: PartKind = "cut",
    owner: str | None = None,
    selection: tuple[str, int, int] | None = None,
    proof: Evidence | None = None,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[FieldProblem] = (),
    stale: bool = False,
) -> FormView:
    """The form for the part at `address`, or for a new part of a kind.

    `typed` is what stood in its fields and is shown again, with the `problems` beside them; `proof` what `selection`
    becomes; `stale`: somebody else changed the part since the form was opened. Raises CriteriaError for an address that
    names nothing.
    """
    typed = typed or {}
    before: AnyPart | None = None
    if address is not None:
        part = find_part(criteria, address)
        if isinstance(part.value, Question):
            raise CriteriaError(f"question '{part.value.id}' is answered on its card; it has no form")
        kind, owner, before = part.kind, part.owner, part.value
    values = list_values(before) if before is not None else {"yaml": EMPTY[kind], "operator": ">", "quantifier": "all"}
    if address is None and kind == "cut" and "variable" not in typed:
        values |= suggest_values(criteria, owner, proof)
    values |= {name: typed[name] for name in typed if name in (*CUT_FIELDS, "yaml")}
    said = {p.field: p.text for p in problems}
    names = CUT_FIELDS if kind == "cut" and "yaml" not in typed else ("yaml",)
    fields = {name: _make_field(name, values.get(name, ""), said.get(name, "")) for name in names}
    first = ("variable", "operator", "threshold", "unit") if "variable" in fields else tuple(fields)
    more = tuple(fields[n] for n in fields if n not in first)
    loose = [text for name, text in said.items() if name not in fields]
    anchor = make_anchor(address) if address is not None else _name_new(kind, owner, selection)
    names_of = list_names(criteria)
    per_event = owner is not None and owner.startswith("region:")
    return FormView(
        anchor=anchor,
        do="edit" if address is not None else "add",
        title=_title(kind, before, owner),
        kind=kind,
        address=address or "",
        owner=typed.get("owner", owner or ""),
        seen=typed.get("seen") or (f"{address}={digest_part(before)}" if before is not None else ""),
        seen_whole=f"{address}={digest_whole(before)}" if before is not None else "",
        fields=tuple(fields[n] for n in first),
        more=more,
        problem=" ".join(loose),
        selection=selection,
        quotes=make_quotes((proof,), (), {}, proof.document_id) if proof is not None else (),
        owners=_list_owners(criteria) if address is None and kind in ("cut", "removal") else (),
        now=set_part(before, names_of, per_event=per_event) if stale and before is not None else None,
        why=typed.get("why", ""),
        kept=f"{address or _name_new(kind, owner, selection)}",
        back=f"/#{anchor}" if address is not None else "/",
        moves=_list_moves(criteria, address) if address is not None else (),
        removable=before is not None and (kind in DEFINITIONS or getattr(before, "origin", "") == "human"),
    )


def build_preview(
    form_anchor: str,
    criteria: SelectionCriteria,
    *,
    before: AnyPart | None,
    after: AnyPart | None,
    owner: str | None,
    proofs: Sequence[Evidence] = (),
    problems: Sequence[FieldProblem] = (),
    code: CodeChange | None = None,
    notes: Sequence[str] = (),
) -> PreviewView:
    """What the part says before and after an edit, and what becomes of the code and of its quotes."""
    names = list_names(criteria)
    per_event = owner is not None and owner.startswith("region:")
    return PreviewView(
        form_anchor,
        set_part(before, names, per_event=per_event) if before is not None else None,
        set_part(after, names, per_event=per_event) if after is not None else None,
        tuple(problems),
        make_quotes(proofs, (), {}, next((p.document_id for p in proofs), "")),
        code,
        tuple(notes),
    )


def _make_field(name: str, value: str, problem: str) -> FieldView:
    options: tuple[tuple[str, str], ...] = ()
    if name == "operator":
        known = [(o, SIGNS.get(o) or WORDS_OF_OPERATORS.get(o, o)) for o in get_args(CutOperator)]
        options = (("", "–"), *known)
    if name == "quantifier":
        options = (("all", "all of them must pass"), ("any", "any one is enough"))
    return FieldView(name, LABELS[name], value, HINTS.get(name, ""), problem, options)


def _list_moves(criteria: SelectionCriteria, address: str) -> tuple[str, ...]:
    part = find_part(criteria, address)
    last = len(list_like(criteria, part.kind, part.owner)) - 1
    return (*(("up",) if part.index > 0 else ()), *(("down",) if part.index < last else ()))


def _list_owners(criteria: SelectionCriteria) -> tuple[tuple[str, str], ...]:
    return (
        *((f"object:{o.name}", f"{name_plainly(o.name)} (each object)") for o in criteria.objects),
        *((f"candidate:{c.name}", f"{name_plainly(c.name)} (each combination)") for c in criteria.candidates),
        *((f"region:{r.name}", f"{name_plainly(r.name)} (events)") for r in criteria.regions),
    )


def _title(kind: PartKind, before: AnyPart | None, owner: str | None) -> str:
    if before is not None:
        return f"Edit this {NOUNS[kind]}"
    where = f" of {name_plainly(owner.partition(':')[2])}" if owner else ""
    return f"New {NOUNS[kind]}{where}"


def _name_new(kind: str, owner: str | None, selection: tuple[str, int, int] | None) -> str:
    place = f"{selection[0]}/{selection[1]}-{selection[2]}" if selection is not None else ""
    return make_anchor(f"new:{kind} {owner or ''} {place}")
