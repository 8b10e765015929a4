"""One candidate as typed expressions: what it is built from, what it requires, and what it chooses by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword

from schemas.checked_cut import CheckedCut, check_cuts
from schemas.criteria import Candidate
from schemas.errors import CriteriaError
from schemas.expressions.functions import FUNCTIONS
from schemas.expressions.nodes import FLAGS, Collection, Composites, Negative, Node, Slice, Trial, Trials
from schemas.expressions.parser import describe, parse_expression, suggest
from schemas.expressions.scope import CandidateScope, CollectionScope, Scope
from schemas.fields import FIELDS
from schemas.names import NAME, check_name


@dataclass(frozen=True)
class CheckedCandidate:
    """A candidate with typed parts.

    `source` is the collection (or its first n) of a pair or of the leading objects; `roles` those of an assignment;
    `scores` the quantities that decide, smallest first, the earlier ones first.
    """

    candidate: Candidate
    source: Node | None = None
    roles: Mapping[str, Slice] = field(default_factory=dict)
    select: tuple[CheckedCut, ...] = ()
    scores: tuple[Node, ...] = ()


def check_candidate(
    candidate: Candidate,
    collections: Mapping[str, CollectionScope],
    made: Mapping[str, CandidateScope],
    later: frozenset[str] = frozenset(),
) -> tuple[CheckedCandidate, dict[str, CandidateScope]]:
    """The typed candidate, and the scopes of the names it introduces. `later` names what is defined further down.

    Raises CriteriaError.
    """
    where = f"candidate '{candidate.name}'"
    for name in (candidate.name, *(candidate.pairing or ())):
        check_name(name, "candidate", {**collections, **made})
    if len({candidate.name, *(candidate.pairing or ())}) != 1 + len(candidate.pairing or ()):
        raise CriteriaError(f"{where}: pairing: expected different names")
    if candidate.status == "rejected":
        raise CriteriaError(f"{where}: status 'rejected': expressions name a candidate; expected none, or take it out")
    if candidate.pairing is not None and len(candidate.pairing) < 2:
        raise CriteriaError(f"{where}: pairing: expected two or more names; for one pair give pair alone")
    for name in candidate.exclude:
        if name not in made:
            raise CriteriaError(
                f"{where}: exclude '{name}': expected a candidate defined above{suggest(name, list(made))}"
            )
    scope = Scope(collections, made, later=later)
    source: Node | None = None
    roles: dict[str, Slice] = {}
    trials = dict.fromkeys(candidate.pairing or (candidate.name,), candidate.name)
    if candidate.pair is not None or candidate.leading is not None:
        source = _check_source(candidate.pair or candidate.leading or "", scope, where)
        if candidate.leading is not None and not isinstance(source, Collection):
            raise CriteriaError(f"{where}: leading '{candidate.leading}': expected a collection; n says how many of it")
        size = candidate.n or 2 * len(candidate.pairing or (candidate.name,))
        own = CandidateScope((_root(source),), size, is_pair=size == 2)
    elif candidate.assign is not None:
        roles = _check_roles(candidate.assign, scope, where)
        count = next(iter(roles.values())).stop
        own = CandidateScope(
            tuple(dict.fromkeys(_root(s) for s in roles.values())),
            count * len(roles),
            roles=tuple(roles),
            composites=count,
        )
    else:
        own = _check_sum(candidate, made, where)
    if candidate.leading is not None or candidate.sum is not None:
        extras = [k for k in ("require", "select", "minimise", "maximise", "pairing") if getattr(candidate, k)]
        if extras:
            raise CriteriaError(f"{where}: {extras[0]}: expected only where there is a choice (pair or assign)")
    if candidate.sum is not None and candidate.exclude:
        raise CriteriaError(f"{where}: exclude: expected only for pair, leading or assign")
    _check_require(candidate, roles, where)
    pair = CandidateScope(own.members, 2, is_pair=True)
    scopes = {**dict.fromkeys(candidate.pairing or (), pair), candidate.name: own}
    inner = Scope(collections, {**made, **scopes}, trials=trials, later=later)
    if candidate.assign is not None:
        inner = Scope(collections, {**made, **scopes}, later=later, chooses=True)
    select = check_cuts(candidate.select, inner, where)
    for cut in select:
        if cut.variable.axis is not None and not isinstance(cut.variable.axis, Trials):
            raise CriteriaError(
                f"{where}, cut '{cut.cut.id}': '{cut.cut.variable}' has one value per object; "
                f"expected one value per combination, as in {_example(candidate)}"
            )
    return CheckedCandidate(candidate, source, roles, select, _check_scores(candidate, inner, where)), scopes


def _check_source(text: str, scope: Scope, where: str) -> Node:
    node = parse_expression(text, scope, where)
    if isinstance(node, Collection) or (isinstance(node, Slice) and isinstance(node.owner, Collection)):
        return node
    raise CriteriaError(f"{where}: '{text}': expected a collection, or its first n as in leptons[:n]")


def _root(source: Node) -> str:
    while isinstance(source, Slice):
        source = source.owner
    assert isinstance(source, Collection)
    return source.name


def _check_roles(assign: Mapping[str, str], scope: Scope, where: str) -> dict[str, Slice]:
    roles: dict[str, Slice] = {}
    for role, text in assign.items():
        if not NAME.fullmatch(role) or iskeyword(role) or role in {*FIELDS, *FUNCTIONS}:
            raise CriteriaError(f"{where}: role '{role}': expected a name that is no field or function")
        node = _check_source(text, scope, f"{where}, role '{role}'")
        if not isinstance(node, Slice):
            raise CriteriaError(f"{where}, role '{role}': '{text}': expected the first n, as in {text}[:2]")
        roles[role] = node
    if len(roles) < 2 or len({s.stop for s in roles.values()}) != 1:
        raise CriteriaError(f"{where}: assign: expected at least two roles with the same number of objects")
    if len({_root(s) for s in roles.values()}) != len(roles):
        raise CriteriaError(f"{where}: assign: expected every role from another collection")
    return roles


def _check_sum(candidate: Candidate, made: Mapping[str, CandidateScope], where: str) -> CandidateScope:
    parts = candidate.sum or ()
    for name in parts:
        if name in made and made[name].composites:
            raise CriteriaError(f"{where}: sum '{name}': expected one composite; an assignment has several")
        if name not in made:
            raise CriteriaError(f"{where}: sum '{name}': expected a candidate defined above{suggest(name, list(made))}")
    if len(parts) < 2 or len(set(parts)) != len(parts):
        raise CriteriaError(f"{where}: sum: expected two or more different candidates")
    members = tuple(dict.fromkeys(m for name in parts for m in made[name].members))
    return CandidateScope(members, sum(made[name].size for name in parts))


def _check_require(candidate: Candidate, roles: Mapping[str, Slice], where: str) -> None:
    asked = [r if isinstance(r, dict) else {r: ""} for r in candidate.require]
    flags = {(flag, role) for one in asked for flag, role in one.items()}
    for first, second in (("same_flavour", "opposite_flavour"), ("same_charge", "opposite_charge")):
        for role in sorted(role for flag, role in flags if flag == first and (second, role) in flags):
            of = f" of {role}" if role else ""
            raise CriteriaError(f"{where}: require '{first}' and '{second}'{of}: expected one of them; never both hold")
    for requirement in candidate.require:
        if isinstance(requirement, str):
            if requirement not in FLAGS or roles:
                expected = "a role, as in {opposite_charge: lepton}" if roles else f"one of {', '.join(FLAGS)}"
                raise CriteriaError(f"{where}: require '{requirement}': expected {expected}")
            continue
        for flag, role in requirement.items():
            if flag not in FLAGS or role not in roles:
                raise CriteriaError(f"{where}: require '{flag}: {role}': expected one of {', '.join(FLAGS)} and a role")


def _check_scores(candidate: Candidate, scope: Scope, where: str) -> tuple[Node, ...]:
    minimise = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
    where += ", minimise" if candidate.maximise is None else ", maximise"
    texts = [*minimise, *([candidate.maximise] if candidate.maximise is not None else [])]
    scores = [parse_expression(text, scope, where) for text in texts]
    for text, score in zip(texts, scores, strict=True):
        if score.type.kind != "number":
            raise CriteriaError(f"{where}: expected a number to choose by, found {describe(score)}")
        names = {n.name for n in score.walk() if isinstance(n, Trial | Composites)}
        own = {candidate.name, *(candidate.pairing or ())}
        if not names & own:
            raise CriteriaError(
                f"{where}: '{text}' is the same for every combination; expected one that depends on "
                f"'{candidate.name}', as in {_example(candidate)}"
            )
        if score.axis is not None and not isinstance(score.axis, Trials):
            raise CriteriaError(
                f"{where}: '{text}' has several values per combination; expected one, as in {_example(candidate)}"
            )
    return tuple(Negative(s.type, s) for s in scores) if candidate.maximise is not None else tuple(scores)


def _example(candidate: Candidate) -> str:
    name = (candidate.pairing or (candidate.name,))[0]
    return f"mass({name}[0])" if candidate.assign is not None else f"mass({name})"
