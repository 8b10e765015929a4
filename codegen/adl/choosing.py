"""ADL's comb objects (and our `assign`): candidates that are chosen among combinations, or lists of pairs."""

from collections.abc import Callable

from codegen.adl.cuts import Maker
from codegen.adl.defining import Definer
from codegen.adl.known import Known
from codegen.adl.meaning import Interpreter
from codegen.adl.spelling import show
from codegen.adl.syntax import Block, Call, Comparison, Expression, Index, Name, NotExpressible, Number, Together
from schemas.criteria import Candidate, Cut
from schemas.expressions.nodes import FLAGS


class _Draft:
    """What is known of a candidate while its block is read."""

    def __init__(self, name: str) -> None:
        self.fields: dict[str, object] = {"name": name, "status": "accepted"}
        self.trials: tuple[str, ...] = ()  # the names of what is under test
        self.exclude: list[str] = []
        self.require: list[str | dict[str, str]] = []
        self.select: list[Cut] = []
        self.lines: list[int] = []
        self.smallest: list[str] = []
        self.largest: list[str] = []
        self.is_first = False  # the first combination, by their order


def read_combination(
    block: Block, source: Call, known: Known, definer: Definer, maker: Maker, name: Callable[[str], str]
) -> tuple[Candidate | None, list[int]]:
    """The candidate of a comb or assign block, and the lines of its cuts; nothing for a list of all pairs.

    Raises NotExpressible.
    """
    draft = _Draft(name(block.name))
    made = str(draft.fields["name"])
    alias = block.alias or block.name
    joint: tuple[str, ...] = ()
    if source.function.lower() == "assign":
        interpreter = Interpreter(known)
        roles = dict(zip(source.keywords, (interpreter.one(a) for a in source.arguments), strict=True))
        if not roles:
            raise NotExpressible(
                source.line, source.function, "expected a name for every role, as in assign(lepton = X[0:1])"
            )
        draft.fields["assign"] = roles
        known.composites.add(made)
    else:
        joint = _find_joint(source, definer, known)
        draft.fields["pair"] = definer.open[joint[0]][0] if joint else _find_pair(source, known)
    if joint:
        draft.fields["pairing"] = joint
    draft.trials = joint or (made,)
    known.candidates[alias] = made
    for statement in block.statements:
        if statement.verb == "take":
            continue
        if statement.verb not in ("select", "reject") or statement.body is None:
            raise NotExpressible(statement.line, statement.verb, "is not expressible for a combination")
        if statement.verb == "reject" or not _read_requirement(statement.body, draft, known):
            if _is_first(statement.body):
                draft.is_first = True
                continue
            if isinstance(statement.body, Comparison) and statement.body.operator in ("~=", "~!"):
                text, is_smallest = definer.read_score(statement.body, Interpreter(known, inline=True))
                (draft.smallest if is_smallest else draft.largest).append(text)
                continue
            cuts = maker.select(statement.body) if statement.verb == "select" else maker.reject(statement.body)
            draft.select += cuts
            draft.lines += [statement.line] * len(cuts)
    if block.alias is not None:
        del known.candidates[alias]
    return _finish(block, draft, known, definer, joint)


def _finish(
    block: Block, draft: _Draft, known: Known, definer: Definer, joint: tuple[str, ...]
) -> tuple[Candidate | None, list[int]]:
    made = str(draft.fields["name"])
    chosen = draft.smallest or draft.largest or draft.is_first
    if not chosen and "pair" in draft.fields and not joint:
        # Without a choice it is the list of all combinations.
        if draft.select or draft.exclude:
            message = "combinations without a choice are expressible with requirements on charge and flavour only"
            raise NotExpressible(block.line, block.name, message)
        known.candidates.pop(block.name, None)
        flags = [r for r in draft.require if isinstance(r, str)]
        known.collections[block.name] = f"pairs({', '.join((str(draft.fields['pair']), *flags))})"
        return None, []
    if (draft.smallest and draft.largest) or len(draft.largest) > 1:
        raise NotExpressible(block.line, block.name, "expected ~= only, or one ~!")
    if draft.smallest:
        draft.fields["minimise"] = draft.smallest[0] if len(draft.smallest) == 1 else tuple(draft.smallest)
    if draft.largest:
        draft.fields["maximise"] = draft.largest[0]
    for name in joint:
        definer.scores[name] = "together"
    definer.candidates[:] = [c for c in definer.candidates if c.name not in joint]
    known.candidates[block.name] = made
    rest = {"exclude": tuple(draft.exclude), "require": tuple(draft.require), "select": tuple(draft.select)}
    return Candidate.model_validate(draft.fields | rest), draft.lines


def _find_joint(source: Call, definer: Definer, known: Known) -> tuple[str, ...]:
    """The pairs that are chosen together in comb(z1 z2)."""
    parts = _list_parts(source)
    names = [known.candidates.get(p.text) for p in parts if isinstance(p, Name)]
    found = tuple(n for n in names if n is not None and n in definer.open)
    return found if len(found) == len(parts) and found else ()


def _find_pair(source: Call, known: Known) -> str:
    """The collection of comb(X[-1] X[-1]) or comb(pairs(X[0:1]))."""
    parts = _list_parts(source)
    interpreter = Interpreter(known)
    match parts:
        case [Call(function="pairs", arguments=(inner,))]:
            return interpreter.one(inner)
        case [Index(owner=one, first=first), Index(owner=other, first=second)]:
            if first is not None and second is not None and first < 0 and second < 0:
                owners = {interpreter.one(one), interpreter.one(other)}
                if len(owners) == 1:
                    return owners.pop()
    raise NotExpressible(
        source.line, show(source), "expected two objects of one collection, as in comb(ELE[-1] ELE[-1])"
    )


def _is_first(body: Expression) -> bool:
    """first(c) ~= 0, as our export writes it."""
    match body:
        case Comparison(operator="~=", left=Call(function="first", arguments=(_,))):
            return True
    return False


def _list_parts(source: Call) -> list[Expression]:
    return [p for a in source.arguments for p in (a.parts if isinstance(a, Together) else (a,))]


def _read_requirement(body: Expression, draft: _Draft, known: Known) -> bool:
    """Whether a statement is a requirement on charges and flavours, or on members of other candidates; noted if so."""
    match body:
        case Comparison(
            operator="==", left=Call(function=function, arguments=(tested, *others)), right=Number(value=value)
        ):
            pass
        case _:
            return False
    under_test = isinstance(tested, Name) and known.candidates.get(tested.text) in draft.trials
    if not under_test:
        return False
    requirement: str | dict[str, str]
    low = function.lower()
    if low == "overlaps" and len(others) == 1 and value == 0:
        draft.exclude.append(Interpreter(known).one(others[0]))
        return True
    if low in ("q", "charge") and not others and value == 0 and "pair" in draft.fields:
        requirement = "opposite_charge"
    elif low in FLAGS and value == 1 and not others:
        requirement = low
    elif low in FLAGS and value == 1 and len(others) == 1 and isinstance(others[0], Name):
        requirement = {low: others[0].text}
    else:
        return False
    if requirement not in draft.require:
        draft.require.append(requirement)
    return True
