"""How objects are built, and definitions that stand elsewhere: jet algorithms, charges, cited works, "the same as"."""

import re
from collections.abc import Iterator

from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_cites, find_mentions, find_objects, find_owner
from schemas.vocabulary import Operator

_ALGORITHM = re.compile(
    r"(?P<akt>anti-?\s?k_?\{?[tT]\}?)|(?P<ca>Cambridge[-–/ ]Aachen|\bC/?A\b(?= (?:jet|algorithm)))"
    r"|(?P<kt>(?<![\w-])k_\{?[tT]\}?(?= (?:algorithm|jet)))"
)
_RADIUS = re.compile(
    r"(?:(?:radius|distance|size|cone|resolution)[- ]?(?:parameter)?s?|\bR)(?: of| equal to| is"
    r"| set to)?(?: size)? ?(?:ΔR|R)? ?(?:=|of|:)? ?"
    r"(?:R ?= ?)?(?P<one>[01]\.\d+)(?:(?: \(| and | or )(?:R ?= ?)?(?P<two>[01]\.\d+)\)?)?"
)
_AK = re.compile(r"\bAK(?P<radius>[48]|10|15)\b")
_BUILT = re.compile(r"\b(?:reconstruct\w*|cluster(?:ed|ing|s)?|built|formed|defined|using|found|finding)\b", re.I)
_CHARGE = re.compile(
    r"\b(?:have|has|having|with|of|be|being|carry|carrying)\b(?: the| an?)?"
    r" (?P<sign>opposite(?:ly)?|same|equal|different)[- ](?P<what>(?:electric )?charged?s?|signs?|flavou?rs?)(?= |,"
    r"|\.|$)"
    r"(?! (?:pair|lepton|electron|muon))"
)
_ALSO = re.compile(
    r"^,? and (?:of )?(?:the )?(opposite(?:ly)?|same|different)[- ]((?:electric )?charges?|signs?|flavou?rs?)\b"
)
_PAIR = re.compile(
    r"(?P<sign>opposite(?:ly)?|same)[- ](?P<what>charged?|signs?|flavou?rs?)(?: \(\w+\))?"
    r"(?:(?:, ?| and | )(?P<sign2>opposite(?:ly)?|same)[- ](?P<what2>charged?|signs?|flavou?rs?)(?: \(\w+\))?)?"
    r"(?: electric charges?| lepton| isolated| light)* (?P<noun>leptons?|electrons?|muons?|pairs?|taus?|candidates?)"
    r"|\b(?P<short>OSSF|SFOS|SFOC)\b"
)
_DELEGATED = re.compile(
    r"(?P<similar>similar(?:ly)? to (?:the one|those|that)?|clos\w+ (?:follow\w*|resembl\w*|to)[^.;]{0,40}?"
    r"|based on (?:those|the one)|"
    r"(?:largely|mostly) (?:follow\w*|identical))?"
    r"(?:(?:as |that |which (?:is|are) )?(?:described|defined|detailed|given|documented|specified|discussed|reported"
    r"|explained|outlined|presented)"
    r"(?: in (?:more |further |full )?detail| previously| elsewhere)? in|following|follow\w*|(?:the )?same as (?:in"
    r"|those)(?: used)?(?: in)?|"
    r"identical to (?:those|that)(?: \w+)? in|used in|as in|resembl\w+ those)"
    r"(?: the [\w ]{0,40}(?:in|of))? (?:Refs?\.? ?)(?P<cites>\[[\d, –-]+\](?:(?:,| and) \[[\d, –-]+\])*)"
)
_SAME_AS = re.compile(
    r"\b(?P<how>(?:is|are) (?:also )?(?:the same as|similar to|identical to)|follows?(?: exactly)?)"
    r" (?:that|those|the (?:selection|requirements|criteria|ones?))(?: used)? (?:of|in|for) the "
    r"(?P<other>[^.;,]{2,50}?) (?P<kind>channels?|categor(?:y|ies)|regions?|selection|analysis)"
)
_HEAD = re.compile(r"[^.;:]{0,160}$")
_SCORE = re.compile(
    r"(?:selection|requirement|cut|threshold|criteri(?:a|on))s?(?: criteria)? (?:is|are|was|being )?\s*(?:applied"
    r"|imposed|placed|made|based)?\s*"
    r"(?:to|on) (?:the |an? |this |their |each )?(?:two |output |value of the )*(?P<score>(?:BDT|DNN|NN|MVA|GNN"
    r"|neural[- ]network|"
    r"boosted decision tree|multivariate|classifier|tagger)s?[- ](?:output |classifier |discriminant )?(?:score"
    r"|output|discriminant|response|value)s?)"
)
# Whose charges are compared: a pair has the charges of its members.
_PARTS = {
    "electron": "electron", "muon": "muon", "lepton": "lepton", "tau": "tau", "dilepton": "lepton",
    "other:ditau": "tau",
}  # fmt: skip
_LEPTONS = ("electron", "muon", "lepton", "tau")
_NEXT_NUMBER = re.compile(r"[^.;]{0,25}(?:[<>≥≤]|above|below|greater|less|at least|exceed|larger|smaller)[^.;]{0,12}\d")


def read_jet_algorithm(sentence: Sentence) -> Iterator[Draft]:
    """Algorithm and radius of jets: both are definitions."""
    text = sentence.text
    for name in _AK.finditer(text):
        radius = float(name["radius"]) / 10
        if _BUILT.search(text) and re.match(r" jets?", text[name.end() :]):
            yield Draft(name.start(), name.end(), "object", _jet(radius, text), "radius", "==", radius, effect="define")
    match = _ALGORITHM.search(text)
    if match is None or not (sentence.asked or _BUILT.search(text)):
        return
    built = [
        m.subject for m in find_objects(text[: match.start()]) if m.subject in (*_LEPTONS, "jet", "fat-jet", "photon")
    ]
    first = built[0] if built else sentence.topic
    if first not in ("jet", "fat-jet", None) and "jet" not in text[: match.start()]:
        return
    algorithm = "anti-kt" if match["akt"] else "Cambridge-Aachen" if match["ca"] else "kt"
    flow = re.search(r"particle[- ]flow|\bPF\w*\b", text, re.I)
    label = f"{algorithm} ({flow.group().lower() if ' ' in flow.group() else flow.group()})" if flow else algorithm
    found = list(_RADIUS.finditer(text, match.end())) or list(_RADIUS.finditer(text))
    radii = {float(r): m for m in found for r in (m["one"], m["two"]) if r}
    cites = find_cites(text)
    subjects = list(dict.fromkeys(_jet(r, text) for r in radii)) or [_jet(None, text)]
    if "track-jet" in text or "track jet" in text:
        subjects = ["other:track jet"]
    for subject in subjects:
        yield Draft(
            match.start(), match.end(), "object", subject, "algorithm", "==", label, effect="define", cites=cites
        )
    for radius, place in radii.items():
        subject = subjects[0] if subjects[0].startswith("other:") else _jet(radius, text)
        yield Draft(place.start(), place.end(), "object", subject, "radius", "==", radius, effect="define")


def _jet(radius: float | None, text: str) -> str:
    if radius is not None:
        return "fat-jet" if radius >= 0.7 else "jet"
    return "fat-jet" if re.search(r"large-(?:R|radius)|fat jet", text) else "jet"


def read_charges(sentence: Sentence) -> Iterator[Draft]:
    """Charge and flavour of a pair: "have opposite charges", "a same-flavour, opposite-sign pair is required"."""
    text = sentence.text
    match = _CHARGE.search(text)
    if match is not None:
        asked = [m.end() for m in re.finditer(r"\b(?:requires?|that)\b", text[: match.start()])]
        front = text[asked[-1] if asked else 0 : match.start()]
        objects = [_PARTS[m.subject] for m in find_mentions(front) if m.subject in _PARTS]
        if re.search(r"\b(?:in|of|from|among) (?:the |each )?(?:\w+ ){0,3}pair", front):
            objects = objects[:1]  # "the electrons in the lepton pair"
        if not objects and sentence.topic is not None and sentence.topic in _LEPTONS:
            objects = [sentence.topic]
        if objects:
            both = [(match["sign"], match["what"]), *_ALSO.findall(text[match.end() : match.end() + 45])]
            for sign, what in both:
                yield _pair_draft(match, sign, what, list(dict.fromkeys(objects)))
    for pair in _PAIR.finditer(text):
        if not sentence.asked and not re.search(
            r"\b(?:requir\w+|must|select\w*|contain\w*|exactly|at least|consist\w*)\b", text
        ):
            return
        if re.search(
            r"alternative|addition to the|background|control|validation|fail|third|fake",
            text[max(0, pair.start() - 60) : pair.start()],
            re.I,
        ):
            continue
        noun = pair["noun"] or "leptons"
        objects = [m.subject for m in find_objects(noun) if m.subject in _LEPTONS]
        if not objects:
            named = [m.subject for m in find_objects(text[: pair.start()]) if m.subject in _LEPTONS]
            objects = ["lepton"] if len(set(named)) != 1 else named[:1]
        pairs = [("same", "flavour"), ("opposite", "charge")] if pair["short"] else [
            (pair["sign"], pair["what"]), *([(pair["sign2"], pair["what2"])] if pair["sign2"] else [])
        ]  # fmt: skip
        for sign, what in pairs:
            yield _pair_draft(pair, sign, what, objects)
        return


def _pair_draft(match: re.Match[str], sign: str, what: str, objects: list[str]) -> Draft:
    flavour = what.startswith("flavo")
    kind = "opposite" if sign.startswith("opposite") else "same" if sign in ("same", "equal") else "different"
    label = f"{kind} flavour" if flavour else f"{kind} sign"
    first = objects[0]
    second = objects[1] if len(objects) > 1 else first
    variable = "flavour" if flavour else "charge"
    return Draft(match.start(), match.end(), "candidate", first, variable, "==", label, second_subject=second)


def read_delegations(sentence: Sentence) -> Iterator[Draft]:
    """Definitions that stand in a cited work. The value is empty; a work that is only similar must not be copied."""
    text = sentence.text
    match = _DELEGATED.search(text)
    if match is None or not re.search(
        r"\b(?:requir\w+|select\w+|criteri\w+|isolat\w+|identif\w+|reconstruct\w*|procedure|definitions?|removal)\b",
        text,
    ):
        return
    if re.search(
        r"simulat|generat|efficienc|calibrat|uncertaint|correct|background|fit\b|model", text[: match.end()], re.I
    ):
        return
    similar = bool(match["similar"]) or bool(
        re.search(r"similar|closely|resembl|largely", text[max(0, match.start() - 60) : match.end()])
    )
    front = text[: match.start()]
    on_events = re.search(r"\bselection|\bevents?\b", front) is not None and not find_objects(front)
    owner, variable = _name_delegated(text, "event" if on_events else find_owner(sentence, match.start()))
    if variable == "id" and re.search(r"loose|medium|tight", text, re.I):
        return  # the working point is a finding of its own, with this citation
    note = "similar to the cited work: its values must not be copied" if similar else None
    yield Draft(
        match.start(), match.end(), "event" if owner == "event" else "object", owner, variable, "pass",
        cites=find_cites(match["cites"]), note=note,
    )  # fmt: skip


def _name_delegated(text: str, owner: str | None) -> tuple[str, str]:
    """Whose definition it is and which; of events where the text names no object."""
    if "overlap" in text:
        return "event", "other:overlap removal"
    if owner not in (*_LEPTONS, "photon", "jet", "b-jet", "fat-jet") and not (owner or "").startswith("other:"):
        return "event", "other:selection"
    if "isolat" in text:
        return owner or "event", "isolation"
    return owner or "event", "id" if re.search(r"identif\w+|working point", text) else "other:selection"


def read_same_selections(sentence: Sentence) -> Iterator[Draft]:
    """A selection that is told by another one: "follows that of the A channel"; "A (B) … X (Y)" is two."""
    match = _SAME_AS.search(sentence.text)
    before = _HEAD.search(sentence.text, 0, match.start()) if match else None
    head = before.group() if before else ""
    if match is None or not re.search(r"selection|requirement|criteria|categor", head):
        return
    exact = not re.search(r"similar", match["how"])
    operator: Operator = "==" if exact else "pass"
    subjects = [m.subject for m in find_objects(head) if m.subject in (*_LEPTONS, "photon", "jet", "b-jet", "fat-jet")]
    inside = re.search(
        r"\bin (?:the )?([^.;]*?)(?: channels?| categor\w+| regions?)?(?: (?:is|are|also)\b| $|$)",
        head.rstrip() + " ",
    )
    scope = inside.group(1).strip() if inside else None
    how = re.sub(r"^(?:is|are) (?:also )?", "", match["how"])
    twin_other, twin_scope = _split_twin(match["other"]), _split_twin(scope or "")
    if twin_other and len(subjects) >= 2:
        for i in (0, 1):
            yield Draft(
                match.start(), match.end(), "object", subjects[i], "other:selection", operator,
                f"{how} {twin_other[i]} {match['kind']}", scope=twin_scope[i] if twin_scope else scope,
            )  # fmt: skip
        return
    yield Draft(
        match.start(), match.end(), "object", subjects[0] if subjects else "event", "other:selection", operator,
        f"{how} {match['other']} {match['kind']}", scope=scope,
    )  # fmt: skip


def _split_twin(text: str) -> tuple[str, str] | None:
    found = re.fullmatch(r"(\S+) \((\S+)\)", text.strip())
    return (found[1], found[2]) if found else None


def read_scores(sentence: Sentence) -> Iterator[Draft]:
    """A cut on a score whose value is not printed."""
    match = _SCORE.search(sentence.text)
    if match and not _NEXT_NUMBER.match(sentence.text[match.end() :]):
        yield Draft(
            match.start(), match.end(), "region", "event", f"other:{re.sub('s$', '', match['score'])}", "pass",
            match.group(),
        )  # fmt: skip
