"""Working points of identification, isolation and b-tagging, as words or as efficiencies."""

import re
from collections.abc import Iterator

from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_cites, find_objects, find_owner

_QUOTES = "‘’“”'\"`"
_GRADES = r"(?:very[- ])?(?:loose|medium|tight)(?:ly)?|loosest|tightest|(?:hyper|ultra|super)[- ]?(?:loose|tight)"
# Names of working points as experiments write them in one word: FCLoose, TightLH, PflowTight_VarRad.
_NAMED = r"(?:[A-Z][A-Za-z_]*)?(?:Loose|Medium|Tight|Gradient)[A-Za-z_]*|HighPtCaloOnly|High-?p_?T"
GRADE = rf"[{_QUOTES}]{{0,2}}(?P<grade>(?i:{_GRADES})|{_NAMED})[{_QUOTES}]{{0,2}}"
_TWIN = rf"(?: \((?P<twin>(?i:{_GRADES})|{_NAMED})\))?"
_KIND = (
    r"identification|ID\b|isolation|isolated|likelihood|criteri(?:a|on)|requirements?|working[- ]points?|WPs?\b"
    r"|operating[- ]points?|selections?|quality|discriminant|discriminator|discrimination|tagger|cuts?\b"
)
_GRADED = re.compile(
    rf"(?<![\w-]){GRADE}{_TWIN}(?:\s*\[[\d, –-]+\])?(?P<middle>(?:[ -](?!and\b|or\b|the\b)[\w^_-]+){{0,3}}?)"
    rf"[ -](?P<kind>{_KIND}|one(?= against))(?:(?: and | or |/)(?P<kind2>identification|isolation|ID))?"
    r"(?P<after>(?: \((?:WPs?|ID)\))?(?: of (?:the |this |their )?[\w-]+(?: [\w-]+){0,3})?"
    r"(?: against (?:electrons?|muons?|jets?|light leptons))?)"
)
_SATISFIES = re.compile(
    rf"(?:satisf(?:y|ies|ying)|pass(?:es|ing)?|meet(?:s|ing)?|fulfil(?:l|s|ls|ling)?|to be|must be|should be|at the)"
    rf" (?:the |a )?{GRADE}(?= (?:criteri|muons?\b|electrons?\b|photons?\b|and\b|or\b|in\b|according)|[,.;)]| \[)"
)
_GRADED_OBJECT = re.compile(
    rf"(?:{GRADE}(?:,? (?:and )?(?P<isolated>isolated))? |(?P<only>isolated) )(?=(?:b-)?(?:electron|muon|photon|tau"
    rf"|lepton|τ|jet))"
)
APPLIED = re.compile(
    r"\b(?:requir\w+|must|should|have to|has to|needs? to|satisf\w+|pass(?:es|ing)?|meet(?:s|ing)?|fulfil\w*"
    r"|appl(?:y|ied|ies)"
    r"|used?|uses|using|imposed|employed|adopted|select(?:ed|s)?|considers?|tagged|operated|identified|chosen"
    r"|demand\w*|with a)\b",
    re.I,
)
_DESCRIBED = re.compile(
    r"efficienc(?:y|ies) (?:of|for) the$|fake|scale factor|uncertaint|systematic|\bfail|\binvert|relax"
    r"|not (?:satisfy|pass)"
    r"|control (?:region|sample)|template|background (?:estimate|estimation)",
    re.I,
)
BTAG = re.compile(
    r"b[- ]tag|b[- ]jet|b[- ]quark|bottom quark|b[- ]hadron|heavy[- ]flavou?r jet|DeepCSV|DeepJet|CSVv2|MV2c|DL1|GN2"
    r"|ParticleNet",
    re.I,
)
_ISOLATED = re.compile(
    r"(?:(?:required|requested|need(?:ed|s)?|have|has) to (?:also )?be|must(?: also)? be|should(?: also)? be)"
    r"(?: (?:well|also|both|further))* isolated|and (?:to )?be isolated"
    r"|isolation (?:criteri(?:a|on)|requirements?|selections?|conditions?|cuts?)"
    r"(?: \[[\d, –-]+\])? (?:is|are)(?: also| further| then| additionally)* (?:applied|imposed|required|used)"
    r"|(?:satisfy|pass|meet|fulfil)(?: \w+){0,3} isolation (?:criteri|requirement|selection|cut)"
    r"|selected (?:only )?from (?:\w+ ){0,2}isolated (?=photon|electron|muon|lepton|track)"
)
_IDENTIFIED = re.compile(
    r"(?:is|are) (?:further |then |also )?identified (?:with|using|by|based on|through|by means of) (?:the |an? )?"
    r"(?P<how>(?!matching|requiring|combining|their|its)(?:[^,;.]|(?<=\d), ?(?=\d)){3,150}?)(?= that | which |,|;|\."
    r"|$| and (?:are|is|must|with)\b| as )"
)
_OBJECTS = ("electron", "muon", "photon", "tau", "lepton", "jet", "fat-jet", "b-jet")


def read_working_points(sentence: Sentence) -> Iterator[Draft]:
    """Graded working points: "satisfy the medium identification", "a tight (very loose) WP of the X discriminator"."""
    text = sentence.text
    if not sentence.asked and not APPLIED.search(text):
        return
    taken: list[tuple[int, int]] = []
    for match in list(_GRADED.finditer(text)) + list(_SATISFIES.finditer(text)):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        taken.append(match.span())
        if _DESCRIBED.search(text[max(0, match.start() - 60) : match.start()]):
            continue
        yield from _read_graded(sentence, match)


def _read_graded(sentence: Sentence, match: re.Match[str]) -> Iterator[Draft]:
    groups = match.groupdict()
    words = " ".join(str(groups.get(k) or "") for k in ("middle", "kind", "after"))
    around = f"{sentence.text[max(0, match.start() - 50) : match.start()]} {words}"
    subject = _find_subject(sentence, match, words)
    if subject is None:
        return
    cites = find_cites(sentence.text[match.start() : match.end() + 45])
    variables = [_find_variable(subject, words, around, sentence)]
    if groups.get("kind2"):
        second = "isolation" if groups["kind2"] == "isolation" else "id"
        variables += [second] if second not in variables else []
    label = _plain(f"{groups['grade']} {_label_words(str(groups.get('middle') or ''), str(groups.get('kind') or ''))}")
    scopes = _find_twin_scopes(sentence.text) if groups.get("twin") else None
    for variable in variables:
        # discriminators against leptons are a matter of hadronic tau candidates
        owner = "b-jet" if variable == "btag" else "tau" if variable.startswith("other:anti") else subject
        first = Draft(match.start(), match.end(), "object", owner, variable, "pass", label, cites=cites)
        yield first._replace(scope=scopes[0]) if scopes else first
        if groups.get("twin"):
            twin = first._replace(value=_plain(str(groups["twin"])))
            yield twin._replace(scope=scopes[1]) if scopes else twin


def _find_subject(sentence: Sentence, match: re.Match[str], words: str) -> str | None:
    named = [m.subject for m in find_objects(words) if m.subject in _OBJECTS]
    owner = find_owner(sentence, match.start())
    inside = [m.subject for m in find_objects(sentence.text[: match.start()])]
    if BTAG.search(words) and "anti" not in words:
        return "b-jet"
    if named and owner is None and "anti" not in words:
        return named[0]
    if owner in ("dilepton", "diphoton"):
        return {"dilepton": "lepton", "diphoton": "photon"}[owner]
    if owner is None or owner in ("quadruplet", "dijet", "z-boson", "w-boson", "higgs", "leptoquark", "top"):
        return next((s for s in inside if s in _OBJECTS), named[0] if named else None)
    return owner


def _find_variable(subject: str, words: str, around: str, sentence: Sentence) -> str:
    anti = re.search(r"(?:anti-?|against )(electron|muon|lepton)s?[- ]?(?:discriminat\w+|veto)?", words, re.I)
    if anti:
        return f"other:anti-{anti.group(1).lower()} discriminator"
    named = re.findall(r"\banti-?(?:electron|muon|lepton) discriminators?", sentence.earlier[-250:])
    if named and re.fullmatch(r"\s*(?:working[- ]points?|WPs?)\s*", words):
        return f"other:{named[-1]}"
    if re.search(r"isolat", words, re.I):
        return "isolation"
    if BTAG.search(words) or (subject == "b-jet" and not re.search(r"identification of (?!b)", words)):
        return "btag"
    if re.search(r"jet[- ]vertex|JVT", f"{words} {around}"):
        return "jvt"
    if re.search(r"working|WP|operating|criteri|requirement", words) and not re.search(
        r"identif|likelihood|ID\b|quality", words
    ):
        before = re.search(r"(isolation|identif\w+)(?!.*(?:isolation|identif))", around, re.I)
        if before and before.group(1).lower().startswith("isolat"):
            return "isolation"
        if subject == "jet" and BTAG.search(sentence.text):
            return "btag"
    return "id"


def _label_words(middle: str, kind: str) -> str:
    """The words that belong to the label: "loose likelihood", "tight cut-based", not "loose criteria"."""
    words = [w for w in f"{middle} {kind}".split() if re.fullmatch(r"likelihood|LH|cut-based|MVA|BDT|DNN|quality", w)]
    return " ".join(dict.fromkeys(words))


def _plain(label: str) -> str:
    bare = label.strip(_QUOTES + " ")
    return bare.removesuffix("ly") if bare.lower().endswith(("loosely", "tightly")) else bare


def _find_twin_scopes(text: str) -> tuple[str, str] | None:
    """The channels of "in the A (B) channel, a tight (loose) …"."""
    found = re.search(r"\b(?:[Ii]n|[Ff]or) the (\S+) \((\S+)\) (channel|category|region)", text)
    return (f"{found[1]} {found[3]}", f"{found[2]} {found[3]}") if found else None


def read_graded_objects(sentence: Sentence) -> Iterator[Draft]:
    """Objects named with their working point where every word asks: "two tight, isolated photons"."""
    if not sentence.asked:
        return
    for match in _GRADED_OBJECT.finditer(sentence.text):
        objects = [m for m in find_objects(sentence.text[match.end() :]) if m.start == 0 and m.subject in _OBJECTS]
        if not objects:
            continue
        subject = objects[0].subject
        if match["grade"]:
            variable = "btag" if subject == "b-jet" else "id"
            yield Draft(match.start(), match.end(), "object", subject, variable, "pass", _plain(match["grade"]))
        if match["isolated"] or match["only"]:
            yield Draft(match.start(), match.end(), "object", subject, "isolation", "pass", "isolated")


def read_isolation(sentence: Sentence) -> Iterator[Draft]:
    """Isolation that is asked for without a grade: "must be isolated", "isolation criteria are applied"."""
    match = _ISOLATED.search(sentence.text)
    if match is None or re.search(GRADE + r" (?:\w+ )?isolation", sentence.text):
        return
    if _DESCRIBED.search(sentence.text[max(0, match.start() - 60) : match.start()]):
        return
    for subject in _find_subjects(sentence, match.start()):
        # the works cited right after the isolation, before the next requirement
        rest = sentence.text[match.start() :]
        cites = find_cites(re.split(r" and (?:to|are|is|must|have)\b|;", rest)[0])
        yield Draft(match.start(), match.end(), "object", subject, "isolation", "pass", "isolated", cites=cites)


def _find_subjects(sentence: Sentence, position: int) -> list[str]:
    """The objects joined by "and" in front of the verb; or the owner."""
    start = sentence.text[:position]
    verb = re.search(r"\b(?:are|must|should|is)\b", start)
    joined = re.search(r"(\w+) (?:and|or) (\w+)(?: candidates)?\s*$", start[: verb.start()] if verb else start)
    if joined:
        nouns = [m.subject for m in find_objects(joined.group())]
        if len(nouns) == 2 and all(n in _OBJECTS for n in nouns):
            return nouns
    owner = find_owner(sentence, position)
    return [owner] if owner is not None and (owner in _OBJECTS or owner.startswith("other:")) else []


def read_identification(sentence: Sentence) -> Iterator[Draft]:
    """Identification without a grade: "are identified with a multivariate discriminant", conversion rejection."""
    match = _IDENTIFIED.search(sentence.text)
    if match and not re.search(GRADE, match["how"]):
        subjects = [m.subject for m in find_objects(sentence.text[: match.start()])]
        subject = subjects[0] if subjects else sentence.topic
        if subject == "jet" and BTAG.search(sentence.text):
            subject = "b-jet"
        if subject in ("electron", "muon", "photon", "tau", "b-jet"):
            cites = find_cites(match["how"]) or find_cites(sentence.text[match.end() : match.end() + 40])
            how = re.sub(r"\s*\[[^\]]*(?:\]|$)|\s*\(\w+\)", "", match["how"]).strip()
            variable = "btag" if subject == "b-jet" else "id"
            yield Draft(match.start(), match.end(), "object", subject, variable, "pass", how, cites=cites)
    conversion = re.search(
        r"(?:reject|veto|suppress|remov)\w*[^.;]{0,40}\bconversions?\b|conversion[- ](?:veto|rejection)", sentence.text
    )
    if conversion and re.search(r"\b(?:must|requir\w+|pass|appl\w+|should)\b", sentence.text):
        owner = find_owner(sentence, conversion.start())
        if owner in ("electron", "photon", "lepton"):
            yield Draft(
                conversion.start(), conversion.end(), "object", owner, "other:conversion_rejection", "pass",
                "conversion rejection",
            )  # fmt: skip
