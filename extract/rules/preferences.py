"""Vertices, orders of preference, and who gives way where two objects overlap."""

import re
from collections.abc import Iterator

from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_cites, find_objects
from schemas.vocabulary import Effect, Operator, Stage

_SUM_PT2 = re.compile(
    r"(?:highest|largest|greatest|maximum|maximal)[^.;,]{0,60}?"
    r"(?:p_\{?T\}?\^\{?2\}?|squared (?:track )?(?:transverse )?moment(?:a|um)|(?:transverse )?moment(?:a|um) squared"
    r"|squares? of (?:the |their )?(?:track )?(?:transverse momenta|p_T))"
)
_HARDEST = re.compile(r"(?:corresponding to|from|with) the hardest (?:scattering|interaction|pp)")
_NETWORK = re.compile(
    r"(?:chosen|selected|identified|determined)[^.;]{0,90}(?:neural[- ]network|\bNN\b|BDT|multivariate|likelihood)"
)
_FLAVOURS = r"(?:[1-4]?[eμℓ](?:\^[±+-])?){1,4}"
_LIST = rf"{_FLAVOURS}(?:(?:, (?:and )?| and | or |, or ){_FLAVOURS})+"
_ORDERED = re.compile(
    rf"(?:ordered|in (?:the |decreasing |descending )?(?:following )?order(?: of (?:decreasing )?(?:priority"
    rf"|preference|\w+))?|priority)[,: ]+(?:as |is |of )?(?P<list>{_LIST})"
)
_CLASSES = re.compile(
    rf"(?:classif\w+|categori\w+|divided|split|separated|following)[^.;]{{0,70}}?(?:final states?|channels?"
    rf"|categories|classes)\s*:?,? ?(?P<list>{_LIST})"
)
_PREFERENCE = re.compile(
    r"preference (?:is )?(?:given )?to (?:the )?(?P<first>[\w-]+(?: [\w-]+)?)"
    r"(?: over (?:the )?(?P<second>[\w-]+(?: [\w-]+)?))?"
)
_SHARED = re.compile(
    r"(?P<a>electrons?|muons?|jets?|taus?|photons?)(?: candidates?)?[^.;]{0,40}?(?:and|with|to) (?:an? |the "
    r"|any )?(?P<b>electrons?|muons?|jets?|photons?)(?: candidates?)?"
    r"[^.;]{0,30}?(?P<share>shar\w+)(?: the same| an?| its)? (?:ID |inner[- ]detector |inner )?(?P<what>track)"
    r"|(?P<c>electrons?|muons?)(?: candidates?)? (?:that |which )?(?P<share2>shar\w+) (?:the same |an? |their "
    r"|its )?(?:ID |inner[- ]detector |inner )?track"
    r" (?:with|as) (?:an? |the |any )?(?P<d>electrons?|muons?)"
)
_GIVES_WAY = re.compile(
    r"(?:the )?(?P<who>electron|muon|jet|photon|tau)s?(?: candidates?)? (?:is|are) (?:rejected|removed|discarded"
    r"|dropped)(?: if (?P<if>[^.;,]{4,80}))?"
    r"|(?P<otherwise>otherwise,? )(?:the )?(?P<else>electron|muon)s?(?: \w+)? (?:is|are) (?:rejected|removed|discarded)"
)
_KEPT = re.compile(r"(?:the )?(?P<who>electron|muon)s? (?:is|are) (?:kept|retained|preferred)")


def read_vertices(sentence: Sentence) -> Iterator[Draft]:
    """Which vertex is the primary one."""
    text = sentence.text
    if not re.search(r"\bvert(?:ex|ices)\b", text):
        return
    cites = find_cites(text)
    for pattern, variable, value in (
        (_SUM_PT2, "other:sum_pt2", None),
        (_HARDEST, "other:hardness", "hardest scattering"),
        (_NETWORK, "other:nn_score", None),
    ):
        match = pattern.search(text)
        if match is None or not re.search(
            r"select|chosen|primary|taken|identified|defined|hard[- ]scatter|considered|PV", text
        ):
            continue
        if variable == "other:sum_pt2" and not re.search(r"vert(?:ex|ices)[^.;]{0,60}$|with", text[: match.start()]):
            continue
        if variable == "other:nn_score" and not re.search(r"vert(?:ex|ices)[^.;]{0,40}$", text[: match.start()]):
            continue
        yield Draft(
            match.start(), match.end(), "event", "vertex", variable, "maximise", value, effect="choose", cites=cites
        )  # fmt: skip
        return


def read_orders(sentence: Sentence) -> Iterator[Draft]:
    """Orders of preference among final states, and the list of final states itself."""
    text = sentence.text
    for pattern, operator, effect in ((_ORDERED, "order", "choose"), (_CLASSES, "in", "define")):
        match = pattern.search(text)
        if match is None:
            continue
        names = tuple(re.findall(_FLAVOURS, re.sub(r"\band\b|\bor\b", ",", match["list"])))
        if len(names) < 2 or not any(re.search(r"\d", n) for n in names):
            continue
        op: Operator = "order" if operator == "order" else "in"
        result: Effect = "choose" if effect == "choose" else "define"
        stage: Stage = "candidate" if op == "order" else "definition"
        subject = "quadruplet" if all(_count(n) == 4 for n in names) else "event"
        variable = "flavour" if subject == "quadruplet" else "other:channel"
        yield Draft(match.start(), match.end(), stage, subject, variable, op, names, effect=result)
    match = _PREFERENCE.search(text)
    if match:
        objects = [m.subject for m in find_objects(text[: match.start()])]
        front = text[max(0, match.start() - 200) : match.start()]
        subject = objects[0] if objects else sentence.topic or "event"
        order = (match["first"], match["second"]) if match["second"] else f"{match['first']} first"
        if front and len(match["first"]) > 2:
            yield Draft(
                match.start(), match.end(), "candidate", subject, "other:type", "order", order, effect="choose"
            )  # fmt: skip


def _count(state: str) -> int:
    """How many leptons a final state such as 2e2μ has."""
    return sum(int(n) if n else 1 for n in re.findall(r"(\d?)[eμℓ]", state))


def read_overlaps(sentence: Sentence) -> Iterator[Draft]:
    """Objects that share a track: who goes, and when. The effect is as printed, a removal."""
    text = sentence.text
    shared = _SHARED.search(text)
    if shared is None:
        return
    pair = [_singular(shared[g]) for g in ("a", "b", "c", "d") if shared[g]]
    earlier: str | None = None
    direct = re.search(r"(?:is|are) (?:rejected|removed|discarded|not considered)", text[shared.end() :])
    found = False
    for match in _GIVES_WAY.finditer(text, shared.start()):
        who = match["who"] or match["else"]
        other = next((p for p in pair if p != who), who)
        condition = match["if"]
        if match["otherwise"]:
            condition = f"otherwise (not: {earlier})" if earlier else "otherwise"
        earlier = condition
        found = True
        yield Draft(
            match.start(), match.end(), "overlap", who, "other:shared_id_track", "==", "shared",
            second_subject=other, effect="remove_object", condition=condition,
        )  # fmt: skip
    if not found and direct and shared["c"]:
        yield Draft(
            shared.start(), shared.end(), "overlap", pair[0], "other:shared_id_track", "==", "shared",
            second_subject=pair[1] if len(pair) > 1 else None, effect="remove_object",
        )  # fmt: skip
    if not found and not direct and (kept := _KEPT.search(text, shared.end())):
        gone = next((p for p in pair if p != kept["who"]), None)
        if gone:
            yield Draft(
                kept.start(), kept.end(), "overlap", gone, "other:shared_id_track", "==", "shared",
                second_subject=kept["who"], effect="remove_object",
            )  # fmt: skip


def _singular(word: str) -> str:
    return word.lower().removesuffix("s")
