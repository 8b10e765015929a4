"""Triggers and data quality."""

import re
from collections.abc import Iterator

from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_cites, find_objects

_OBJECT = (
    r"leptons?|electrons?|muons?|photons?|taus?|τ(?:_\{?h\w*\}?)?|jets?|b-?jets?|objects?"
    r"|hadronic(?:ally decaying)? (?:tau|τ)s?"
)
_MANY = r"single|di|tri|multi|double|triple|two|three|four|one"
_TYPE = (
    rf"(?:(?:{_MANY})[- ]?(?:isolated[- ])?(?:{_OBJECT})(?:[-/+ ](?:{_OBJECT})(?=[ ,]))?"
    rf"|(?:{_OBJECT})(?:[-+/ ]plus[- ]|\+|[-–])(?:{_OBJECT}|jets?|E_T\^\{{miss\}})"
    r"|E_T\^\{?miss\}?|p_T\^\{?miss\}?|MET|missing[- ](?:transverse[- ])?(?:momentum|energy)|H_T|HT"
    rf"|(?:high-p_?T |large-R |isolated |displaced )?(?:{_OBJECT})|level-1|e\+μ|eμ)"
)
_LIST = re.compile(
    rf"(?P<types>(?<![\w-]){_TYPE}(?:-based)?(?:(?:,? (?:and|or|and/or) |, )(?:an? |the )?{_TYPE}(?=[ ,]|-based))*)"
    r" (?:high-level |online |\(HLT\) )?triggers?\b(?! (?:efficienc|scale factor|level|system|object|match|threshold"
    r"|menu|rate|decision|and \w+ efficienc))",
    re.I,
)
_FIRED = re.compile(
    r"triggers? (?:that (?:were|was) )?(?:fired|based|requiring|seeded|selects|selecting)(?: on"
    r"| by)?(?: at least)? (?P<objects>[^.;]{3,200})",
    re.I,
)
_BY = re.compile(
    r"(?:by |or |on |and |requiring )*(?:at least )?(?P<type>(?:an? )?(?:single |pairs? of |one |two |three "
    r"|isolated |the presence of )+"
    rf"[^,;]*?(?:{_OBJECT})(?: objects?| candidates?)?)(?: for the (?P<scope>[^;]*?) channels?)?(?=,|;|$| for\b| or\b)"
)
_USED = re.compile(
    r"\b(?:record\w*|select\w*|collect\w*|trigger(?:ed)|requir\w+|use[ds]?|using|fired|accept\w*|pass\w*|satisf\w+"
    r"|employ\w*"
    r"|makes use|obtained|taken|rel(?:y|ies)|based on|acquired|combination)\b",
    re.I,
)
_NOT_USED = re.compile(
    r"efficienc(?:y|ies) (?:of|for)|scale factor|uncertaint|calibrat|emulat|previous(?:ly)?|tag-and-probe"
    r"|background (?:estimat|sample)|control sample"
    r"|(?<!un)\bprescaled|had (?:looser|strict)|inspected|simulat|parameteris|parametriz"
)
_QUALITY = re.compile(
    r"(?:data(?:[- ]taking)?[- ])?quality (?:requirements?|criteri(?:a|on)|selections?|cuts?|conditions?)"
    r"|(?:good|stable)[- ](?:data )?quality|good-quality data|(?:all|relevant"
    r"|sub-?)[\w, -]{0,40}detectors?(?: components?| systems?)?"
    r"[^.;]{0,40}(?:fully )?(?:operational|operating|functional|functioning)|standard data[- ]quality|certified"
)
_MATCHED = re.compile(
    r"(?:geometrically )?match(?:ed|ing)? (?:to|with|the) [^.;,]{0,70}\b(?:trigger\w*|online|HLT)\b[^.;,]{0,40}", re.I
)
_QUALITY_PLACE = re.compile(
    r"subject|requir|satisf|pass|after|appl|reject|ensur|only|reco?rded|select|taken|considered|with all", re.I
)


def read_triggers(sentence: Sentence) -> Iterator[Draft]:
    """Trigger requirements by kind: "a combination of single-lepton and dilepton triggers"."""
    text = sentence.text
    if not re.search(r"trigger", text, re.I) or not (sentence.asked or _USED.search(text)) or _NOT_USED.search(text):
        return
    fired = _FIRED.search(text)
    parts = list(_BY.finditer(fired["objects"])) if fired else []
    if fired and parts:
        for part in parts:
            start = fired.start("objects") + part.start()
            scope = part["scope"]
            yield Draft(
                start, start + len(part.group()), "trigger", "trigger", "other:trigger", "pass",
                _clean(part["type"]), scope=scope, cites=find_cites(text),
            )  # fmt: skip
        return
    kinds: list[str] = []
    places: list[tuple[int, int]] = []
    for match in _LIST.finditer(text):
        if re.search(
            r"\bfor (?:the )?$|efficiency of (?:the )?$|\b(?:[Aa]s|[Ff]or)\b[^.;]{0,12}$", text[: match.start()]
        ):
            continue
        names = [_clean(k) for k in re.split(r",? (?:and|or|and/or) |, ", match["types"]) if k]
        for name in names:
            if name and name not in kinds:
                kinds.append(name)
        places.append(match.span())
    if kinds:
        yield Draft(
            places[0][0], places[-1][1], "trigger", "trigger", "other:trigger", "pass", " OR ".join(kinds),
            cites=find_cites(text),
        )  # fmt: skip


def _clean(kind: str) -> str:
    plain = re.sub(r"^(?:an?|the) ", "", kind.strip())
    plain = re.sub(r"^(?:the )?presence of ", "", plain)
    plain = re.sub(r"-based$|(?: objects?| candidates?)$", "", plain)
    return re.sub(r"(?<=[a-z]{3})s$", "", plain)


def read_trigger_matching(sentence: Sentence) -> Iterator[Draft]:
    """Objects that must be the ones that fired the trigger."""
    match = _MATCHED.search(sentence.text)
    if match is None or re.search(r"efficienc|scale factor|calibrat", sentence.text):
        return
    objects = [m.subject for m in find_objects(sentence.text[: match.start()])]
    objects = objects or ([sentence.topic] if sentence.topic else [])
    if objects and re.search(r"requir|must|retain|select|need|should|have to|has to|kept|accept", sentence.text):
        yield Draft(
            match.start(), match.end(), "trigger", objects[0], "other:trigger_match", "pass",
            match.group(),
        )  # fmt: skip


def read_data_quality(sentence: Sentence) -> Iterator[Draft]:
    """Quality of the recorded data: all parts of the detector working."""
    match = _QUALITY.search(sentence.text)
    if match is None or not _QUALITY_PLACE.search(sentence.text):
        return
    plain = match.group().lower().startswith("quality")
    if plain and not re.search(r"\bdata\b|detector|events? (?:are|must)", sentence.text):
        return  # "quality criteria" of tracks or objects
    if plain and find_objects(sentence.text[: match.start()]):
        return
    yield Draft(
        match.start(), match.end(), "event", "event", "other:data_quality", "pass", match.group(),
        cites=find_cites(sentence.text[match.start() :]),
    )  # fmt: skip
