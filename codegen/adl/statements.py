"""Cuts, overlap removals and candidates as ADL statements."""

from codegen.adl.expressions import AND, COMPARISON, OR, PRIMARY, SUM, Speaker, is_whole_call, write_number
from codegen.adl.vocabulary import Unsayable, Vocabulary
from schemas.criteria import Candidate, Cut, Threshold
from schemas.errors import CriteriaError
from schemas.units import find_unit, to_base

ENOUGH_TO_LIST = 6  # leading objects that are written one by one


def say_cut(cut: Cut, speaker: Speaker) -> str:
    """The statement of one cut. Raises Unsayable, as for one in words."""
    if cut.words is not None:
        raise Unsayable("words")
    if cut.operator == "fail" and cut.condition is None and not speaker.has_axis(cut.variable):
        return f"reject {speaker.say(cut.variable)}"
    return f"select {_require(cut, speaker, 0)}"


def say_group(cuts: list[Cut], speaker: Speaker) -> str:
    """The statement of cuts that are joined by "or". Raises Unsayable."""
    if any(cut.words is not None for cut in cuts):
        raise Unsayable("words")
    return "select " + " or ".join(_require(cut, speaker, PRIMARY) for cut in cuts)


def _require(cut: Cut, speaker: Speaker, level: int) -> str:
    per_object = speaker.has_axis(cut.variable) or (speaker.this is None and cut.quantifier == "any")
    quantifier = f"{cut.quantifier}of" if per_object else ""
    if quantifier and cut.condition is None and _is_simple(cut):
        assert cut.threshold is not None
        left = f"{quantifier}({speaker.say(cut.variable)})"
        text, own = f"{left} {cut.operator} {_limit(cut.threshold, speaker)}", COMPARISON
        return f"({text})" if own < level else text
    text, own = _test(cut, speaker)
    if cut.condition is not None:
        text, own = f"{speaker.say(cut.condition, OR)} ? {text} : ALL", 0
    if quantifier:
        return f"{quantifier}({text})"
    return f"({text})" if own < level else text


def _is_simple(cut: Cut) -> bool:
    return cut.threshold is not None and (cut.threshold.value is not None or cut.threshold.expression is not None)


def _test(cut: Cut, speaker: Speaker) -> tuple[str, int]:
    threshold, variable = cut.threshold, cut.variable
    if threshold is None:
        if cut.operator not in ("pass", "fail"):
            raise Unsayable(cut.operator)
        if cut.operator == "pass":
            return speaker.say(variable, AND), AND
        return f"NOT {speaker.say(variable, PRIMARY)}", AND
    if threshold.label is not None:
        return speaker.say_label(variable, cut.operator or "", threshold.label), COMPARISON
    if threshold.labels is not None:
        return " or ".join(speaker.say_label(variable, "==", label) for label in threshold.labels), OR
    if threshold.values is not None:
        left = speaker.say(variable, SUM)
        return " or ".join(f"{left} == {_number(v, threshold.unit)}" for v in threshold.values), OR
    if threshold.range is not None:
        return _range(cut, threshold, speaker.say(variable, SUM))
    if cut.operator not in ("<", "<=", ">", ">=", "==", "!="):
        raise Unsayable(cut.operator)
    return f"{speaker.say(variable, SUM)} {cut.operator} {_limit(threshold, speaker)}", COMPARISON


def _range(cut: Cut, threshold: Threshold, variable: str) -> tuple[str, int]:
    assert threshold.range is not None
    low, high = (_number(v, threshold.unit) for v in threshold.range)
    left, right = threshold.closed in ("left", "both"), threshold.closed in ("right", "both")
    if cut.operator == "between":
        if left and right:
            return f"{variable} [] {low} {high}", COMPARISON
        return f"{variable} {'>=' if left else '>'} {low} and {variable} {'<=' if right else '<'} {high}", AND
    if cut.operator != "outside":
        raise Unsayable(cut.operator)
    if not left and not right:
        return f"{variable} ][ {low} {high}", COMPARISON
    return f"{variable} {'<' if left else '<='} {low} or {variable} {'>' if right else '>='} {high}", OR


def _limit(threshold: Threshold, speaker: Speaker) -> str:
    if threshold.value is not None:
        return _number(threshold.value, threshold.unit)
    if threshold.expression is None:
        raise Unsayable("no threshold")
    if not threshold.unit:
        return speaker.say(threshold.expression, SUM)
    try:
        unit = find_unit(threshold.unit)
    except CriteriaError:
        raise Unsayable(threshold.unit) from None
    factor = "".join(
        f" {sign} {write_number(by)}" for sign, by in (("*", unit.multiply), ("/", unit.divide)) if by != 1
    )
    return f"{speaker.say(threshold.expression, SUM + 1 if factor else SUM)}{factor}"


def _number(value: float, unit: str | None) -> str:
    try:
        return write_number(to_base(value, unit)[0])
    except (CriteriaError, OverflowError):
        raise Unsayable(str(unit)) from None


def say_candidate(candidate: Candidate, vocabulary: Vocabulary) -> tuple[list[str], Speaker]:
    """The head of a candidate's block with what it requires, and the speaker for its cuts and its choice.

    Raises Unsayable.
    """
    outer = Speaker(vocabulary)
    name = vocabulary.names[candidate.name]
    if candidate.sum is not None:
        return [f"define {name} = {' + '.join(outer.say_object(p) for p in candidate.sum)}"], outer
    if candidate.leading is not None:
        return [f"define {name} = {_say_leading(candidate, outer)}"], outer
    trial = f"{name}_trial"
    trials = {candidate.name: trial}
    lines: list[str] = []
    if candidate.assign is not None:
        if not all(role.isidentifier() and role.isascii() for role in candidate.assign):
            raise Unsayable("role")
        source = vocabulary.call(
            "assign", *(f"{role} = {outer.say_object(text)}" for role, text in candidate.assign.items())
        )
    elif candidate.pairing is not None:
        collection = _plain(outer, candidate.pair or "")
        names = [vocabulary.names[p] for p in candidate.pairing]
        for k, pair in enumerate(names, start=1):
            lines.append(f"define {pair} = {collection}[-{k}] + {collection}[-{k}]")
        source = f"comb({' '.join(names)})"
        trials |= dict(zip(candidate.pairing, names, strict=True))
    else:
        collection = outer.say_object(candidate.pair or "")
        if collection.endswith("]"):
            source = f"comb({vocabulary.call('pairs', collection)})"
        else:
            source = f"comb({collection}[-1] {collection}[-1])"
    lines.append(f"object {name} : {source} alias {trial}")
    for excluded in candidate.exclude:
        lines.append(f"  select {vocabulary.call('overlaps', trial, outer.say_object(excluded))} == 0")
    under_test = [trials[p] for p in candidate.pairing] if candidate.pairing is not None else [trial]
    for requirement in candidate.require:
        if isinstance(requirement, str):
            lines += [f"  select {_say_flag(vocabulary, requirement, pair)}" for pair in under_test]
        else:
            lines += [f"  select {vocabulary.call(flag, trial, r)} == 1" for flag, r in requirement.items()]
    return lines, Speaker(vocabulary, trials=trials)


def say_choice(candidate: Candidate, speaker: Speaker) -> list[str]:
    """What is smallest or largest for the chosen combination, one statement each. Raises Unsayable."""
    scores = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
    lines = []
    for score in scores:
        said = speaker.say(score)
        plain = any(is_whole_call(said, function) for function in ("abs", "sqrt"))
        lines.append(f"select {said if plain else speaker.vocabulary.call('minimise', said)} ~= 0")
    if not scores and candidate.maximise is None:
        trial = speaker.trials.get(candidate.name, speaker.vocabulary.names[candidate.name])
        lines.append(f"select {speaker.vocabulary.call('first', trial)} ~= 0")
    if candidate.maximise is not None:
        lines.append(f"select {speaker.say(candidate.maximise, SUM)} ~! 0")
    return lines


def _say_flag(vocabulary: Vocabulary, flag: str, pair: str) -> str:
    if flag == "opposite_charge":
        return f"q({pair}) == 0"
    if flag not in ("same_flavour", "opposite_flavour", "same_charge"):
        raise Unsayable(flag)
    return f"{vocabulary.call(flag, pair)} == 1"


def _say_leading(candidate: Candidate, speaker: Speaker) -> str:
    collection = speaker.say_object(candidate.leading or "")
    count = candidate.n or 0
    if collection.endswith("]") or candidate.exclude or not 1 < count <= ENOUGH_TO_LIST:
        excluded = [speaker.say_object(name) for name in candidate.exclude]
        return speaker.vocabulary.call("leading", collection, str(count), *excluded)
    return " + ".join(f"{collection}[{k}]" for k in range(count))


def _plain(speaker: Speaker, text: str) -> str:
    collection = speaker.say_object(text)
    if collection.endswith("]"):
        raise Unsayable(text)
    return collection
