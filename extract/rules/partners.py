"""The two objects of a distance: "ΔR between the photon and any lepton", "jets within ΔR < 0.2 of an electron"."""

import re

from extract.rules.carriers import Owner, Scene, find_carrier, read_nouns, read_owner
from extract.rules.clauses import Clause
from extract.rules.statements import Statement
from extract.rules.subjects import Noun

_FILL = r"[dwaKqnW]{0,5}"
_ISOLATED = re.compile(r"^isolat", re.IGNORECASE)


def find_partners(statement: Statement, clause: Clause, scene: Scene, own: tuple[Noun, ...]) -> Owner | None:
    """Both partners of a distance: from the symbol's arguments, else "between A and B", else carrier and other noun."""
    spoken = re.match(r"[wq]{0,2}B[dwaKqoW]{0,5}(?=O)", scene.masked[statement.last : clause.last])
    if len(own) >= 2 and not spoken:
        return Owner((_unrank(own[0]),), (_unrank(own[1]),))
    around = _find_around(statement, clause, scene)
    if around is not None:
        return around
    if len(own) == 1 and own[0].subject in ("dilepton", "dijet", "diphoton"):
        return Owner(own)
    between = _find_between(statement, clause, scene)
    if between is not None:
        return between
    other, begin = _find_other(statement, clause, scene)
    carrier = find_carrier(statement, clause, scene, begin) or scene.carried
    if carrier is None:
        return Owner(other.nouns[:1], own[:1]) if other else None
    if own:
        return carrier._replace(second=own[:1])
    if other is not None and (other.nouns != carrier.nouns or other.twin):
        return carrier._replace(second=other.nouns, twin=other.twin or carrier.twin)
    missing = [t for t in scene.tokens[: statement.begin] if t.quantity and t.quantity.variable == "met"]
    if missing and not own and re.match(r"V+T[dwaK]*O", scene.masked[statement.begin :]):
        return carrier._replace(second=(Noun("met", (), missing[-1].text),))  # "…, its azimuthal angle to the muon"
    if len(carrier.nouns) == 2 and not carrier.twin:
        return Owner(carrier.nouns[:1], carrier.nouns[1:])
    if len(carrier.nouns[0].ranks) > 1 and len(carrier.nouns) == 1:  # "of the two leading jets, … their separation"
        return Owner((_unrank(carrier.nouns[0]),), (_unrank(carrier.nouns[0]),))
    if carrier.nouns[0].subject == "other:ditau":
        return Owner((Noun("tau"),), (Noun("tau"),))
    return carrier


def _find_around(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """A cone "around the muon or electron" is the lepton's; one of "isolated … within ΔR" the subject's."""
    found = re.match(rf"P{_FILL}(?=O)", scene.masked[statement.last : clause.last])
    if found and scene.tokens[statement.last].text.lower() == "around":
        nouns, twin = read_nouns(statement.last + found.end(), scene)
        if {n.subject for n in nouns} == {"electron", "muon"} and not twin:
            return Owner((Noun("lepton", (), nouns[0].text),))
        return Owner(nouns, twin=twin) if nouns else None
    words = [t.text for t in scene.tokens[clause.first : statement.first]]
    isolated = not any(w.startswith("separat") for w in words) and any(
        _ISOLATED.search(t.text) for t in scene.tokens[clause.first : statement.first]
    )
    if isolated and clause.subject:
        return read_owner(clause.subject[0], scene)
    return None


def _unrank(noun: Noun) -> Noun:
    return noun._replace(ranks=()) if len(noun.ranks) > 1 else noun


def _find_between(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """ "the separation between the leptons and the jet is …", "|Δη| < 3 between the two jets", "… of the two jets"."""
    for place, pattern in (
        (statement.last, r"[wq,M]{0,2}B[dwaKqoW]{0,5}(?=O)"),
        (statement.begin, r"V*(?:\(V\))?[Bo][dwaKqoW]{0,5}(?=O)"),
    ):
        found = re.match(pattern, scene.masked[place : clause.last])
        if found is None:
            continue
        nouns, _ = read_nouns(place + found.end(), scene)
        if len(nouns) >= 2:
            return Owner((_unrank(nouns[0]),), (_unrank(nouns[1]),))
        if nouns:
            pair = nouns[0].subject in ("dilepton", "dijet", "diphoton")
            return Owner(nouns[:1]) if pair else Owner((_unrank(nouns[0]),), (_unrank(nouns[0]),))
    before = re.search(
        rf"B[dwaKqoW]{{0,5}}(?P<o>O(?:(?:,A|[AX,]){_FILL}[OV])*)(?:[MHbwLP]|V)*$",
        scene.masked[clause.first : statement.begin],
    )
    if before:
        nouns, _ = read_nouns(clause.first + before.start("o"), scene)
        if len(nouns) >= 2:
            return Owner((_unrank(nouns[0]),), (_unrank(nouns[1]),))
        return Owner((_unrank(nouns[0]),), (_unrank(nouns[0]),)) if nouns else None
    return None


def _find_other(statement: Statement, clause: Clause, scene: Scene) -> tuple[Owner | None, int | None]:
    """The second noun: "to the nearest lepton", "from the leptons by ΔR > 0.5"; and where its phrase begins."""
    after = re.match(
        rf"(?:[wqSM]{{0,3}}[THPo])[wq]{{0,3}}[THPo]?{_FILL}(?=O)", scene.masked[statement.last : clause.last]
    )
    if after:
        return read_owner(statement.last + after.end(), scene), None
    before = re.search(
        rf"[PTo]{_FILL}(?P<o>O(?:\(O\))?(?:[AX]{_FILL}O)*)(?:HV*s+)?[PHbwLC]{{1,3}}V*$",
        scene.masked[clause.first : statement.begin],
    ) or re.search(rf"H{_FILL}(?P<o>O(?:\(O\))?(?:[AX]{_FILL}O)*)PV*$", scene.masked[clause.first : statement.begin])
    if before is None:
        return None, None
    return read_owner(clause.first + before.start("o"), scene), clause.first + before.start()
