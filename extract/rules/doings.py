"""What the statements of a clause do together: which are cuts, vetoes, definitions, conditions, or nothing.

`clauses.decide` judges a statement by its place; here neighbours and the kind of quantity are taken into account.
"""

import re
from collections.abc import Sequence

from extract.rules.claims import Setting
from extract.rules.clauses import HARD, Clause, Doing, decide
from extract.rules.owners import TWO_OBJECT, Scene
from extract.rules.relevance import is_about_something_else
from extract.rules.statements import Statement
from schemas.vocabulary import Effect

_OF_OBJECTS = (*TWO_OBJECT, "pt", "et", "abs_eta", "eta", "d0", "d0_sig", "dz", "z0", "z0_sintheta", "isolation")
ACTING: tuple[Doing, ...] = ("cut", "veto", "define")
_RECONSTRUCTS = re.compile(r"reconstruct|identif|accept|consider|select|used", re.IGNORECASE)


def decide_all(setting: Setting, own: Sequence[Statement]) -> list[Doing]:
    """What each statement of the clause does."""
    scene, clause = setting.scene, setting.clause
    doings: list[Doing] = []
    for i, statement in enumerate(own):
        doing = decide(statement, clause, scene.tokens, scene.masked)
        if is_about_something_else(statement, doing, clause, scene.tokens, scene.masked, setting.text):
            doing = "nothing"
        elif doing in ("condition", "cut") and is_cone(statement, clause, scene):
            doing = "define"
        elif doing in ACTING and (
            _is_followed_by_whose(i, own, scene)
            or _qualifies_partner(i, own, clause, scene)
            or _is_one_of_regions(i, own, scene)
        ):
            doing = "condition"
        doings.append(doing)
    return _decide_lead(setting, own, _decide_near(own, clause, scene, doings))


def _decide_near(own: Sequence[Statement], clause: Clause, scene: Scene, doings: list[Doing]) -> list[Doing]:
    """ "jets within ΔR = 0.2 of a muon are removed if they have fewer than three tracks": the last is a condition."""
    removed = next((v for v in clause.verbs if scene.tokens[v].kind == "reject"), None)
    near = [
        s for s, d in zip(own, doings, strict=True)
        if d == "veto" and not s.is_count and s.quantities[-1].variable == "deltaR" and s.last <= (removed or 0)
    ]  # fmt: skip
    if removed is None or not near:
        return doings
    # A distance behind the verb is another removal ("…, and so is a jet within ΔR < 0.2 of an electron").
    return [
        "condition"
        if d == "veto" and s.first > removed and (s.is_count or s.quantities[-1].variable != "deltaR")
        else d
        for s, d in zip(own, doings, strict=True)
    ]


def _decide_lead(setting: Setting, own: Sequence[Statement], doings: list[Doing]) -> list[Doing]:
    """What the statements of a condition in front do when it is more than a condition."""
    scene, clause = setting.scene, setting.clause
    acting = any(d in ACTING for d in doings)
    turned: Doing | None = None
    if not acting and _is_range_of_validity(clause, scene):
        turned = "cut"
    elif not acting and _rejects_if(clause, scene):
        turned = "veto"
    if turned is not None:
        return [turned if d == "lead" else d for d in doings]
    if _is_category(clause, scene):
        return ["cut" if d == "lead" and s.is_count else d for s, d in zip(own, doings, strict=True)]
    return doings


def _is_range_of_validity(clause: Clause, scene: Scene) -> bool:
    """ "In the region 2.5 < |η| < 2.7, muons are reconstructed from …": where such objects are taken."""
    opener = scene.tokens[clause.first]
    if opener.kind not in ("range", "preposition") or not clause.verbs or not clause.subject:
        return False
    verb = scene.tokens[clause.verbs[0]]
    return verb.kind == "select" and _RECONSTRUCTS.search(verb.text) is not None


def _rejects_if(clause: Clause, scene: Scene) -> bool:
    """ "If the separation is below 0.2, the jet is removed"."""
    if clause.lead == clause.first or not clause.verbs or scene.tokens[clause.verbs[0]].kind != "reject":
        return False
    return scene.tokens[clause.first].text.lower().startswith(HARD)


def _is_category(clause: Clause, scene: Scene) -> bool:
    """ "In events with exactly three leptons, …": the events of a category of their own."""
    words = " ".join(t.text.lower() for t in scene.tokens[clause.first : clause.first + 3])
    return clause.lead > clause.first and words.startswith("in events")


def _is_followed_by_whose(i: int, own: Sequence[Statement], scene: Scene) -> bool:
    """ "jets with p_T < 60 GeV whose score is below 0.6 are rejected": the first says which jets are meant."""
    following = own[i + 1] if i + 1 < len(own) else None
    if following is None or own[i].is_count:
        return False
    between = scene.tokens[own[i].last : following.first]
    if any(t.text.lower() == "whose" for t in between):
        return True
    joined = re.fullmatch(r"[A,]{1,2}V*", scene.masked[own[i].last : following.first]) is not None
    return joined and _is_followed_by_whose(i + 1, own, scene)


def _qualifies_partner(i: int, own: Sequence[Statement], clause: Clause, scene: Scene) -> bool:
    """Whether the statement says which partner of a distance is meant: "within ΔR = 0.2 of a jet with p_T > 50 GeV"."""
    statement = own[i]
    if statement.is_count:
        return False
    if i and not own[i - 1].is_count and own[i - 1].quantities[-1].variable in TWO_OBJECT:
        between = scene.masked[own[i - 1].last : statement.begin]
        if re.fullmatch(r"[wTPo]{1,2}[dwaKq]*O[wq]*[HL]V*", between):
            return True
    following = own[i + 1] if i + 1 < len(own) else None
    if following is not None and not following.is_count and following.quantities[-1].variable in TWO_OBJECT:
        before = scene.masked[clause.first : statement.begin]
        by = scene.masked[statement.last : following.begin]
        return re.search(r"P[dwaKq]*OHV*$", before) is not None and re.fullmatch(r"[Pw]V*", by) is not None
    return False


def _is_one_of_regions(i: int, own: Sequence[Statement], scene: Scene) -> bool:
    """ "p_T > 30 GeV in the region |η| < 2.5 and p_T > 50 GeV for 2.5 < |η| < 5": where each threshold holds."""
    statement = own[i]
    if statement.is_count or not i or not re.search(r"sG$|sGV$|sP[dw]*V?$", scene.masked[: statement.begin]):
        return False
    names = [q.variable for q in statement.quantities]
    if names not in (["abs_eta"], ["eta"], ["abs_rapidity"]):
        return False
    after = " ".join(t.text for t in scene.tokens[statement.last :])
    if re.search(r"\b(?:elsewhere|otherwise)\b", after):
        return True
    return any(s is not statement and [q.variable for q in s.quantities] == names for s in own)


def is_cone(statement: Statement, clause: Clause, scene: Scene) -> bool:
    """Whether a distance is the size of an isolation cone."""
    if statement.is_count or statement.quantities[-1].variable != "deltaR":
        return False
    after = scene.tokens[statement.last].text.lower() if statement.last < len(scene.tokens) else ""
    words = " ".join(t.text.lower() for t in scene.tokens[clause.first : statement.last])
    return after == "around" or ("isolat" in words and "separat" not in words)


def find_effect(setting: Setting, statement: Statement, doing: Doing) -> Effect:
    """What happens to what fulfils the statement."""
    if doing == "define" or any(q.variable == "radius" for q in statement.quantities):
        return "define"
    if doing != "veto":
        return "keep"
    tokens, clause = setting.scene.tokens, setting.clause
    subjects = [n for i in clause.subject if (n := tokens[i].noun)]
    behind = [n for i in clause.verbs for t in tokens[i + 1 : i + 4] if (n := t.noun)]
    events = any(n.subject == "event" for n in (*subjects[:1], *behind[:1]))
    of_event = statement.is_count and statement.part is None and all(n.subject != "track" for n in statement.counted)
    if not subjects and statement.quantities:
        return "remove_object" if statement.quantities[-1].variable in _OF_OBJECTS else "reject_event"
    return "reject_event" if events or of_event or not subjects else "remove_object"


def find_group(i: int, own: Sequence[Statement], doings: Sequence[Doing], scene: Scene) -> str | None:
    """The name that statements joined by "or" share: the place of the first of them."""
    low, high = i, i
    while low and doings[low - 1] == doings[i] and _is_or(own[low - 1], own[low], scene):
        low -= 1
    while high + 1 < len(own) and doings[high + 1] == doings[i] and _is_or(own[high], own[high + 1], scene):
        high += 1
    if low == high and not (len(own[i].bounds) > 1 and own[i].alternatives):
        return None
    return f"or-{scene.tokens[own[low].begin].start}"


def _is_or(first: Statement, second: Statement, scene: Scene) -> bool:
    between = scene.masked[first.last : second.first]
    return "X" in between and re.fullmatch(r"[wqPdaoVNUWH]{0,8},?X[wdaHoPVGKOA]{0,4}", between) is not None
