"""The words with which papers leave a definition to a cited work, and those that tell what they cite it for."""

_PARTICIPLES = (
    "described", "defined", "detailed", "outlined", "given", "documented", "specified", "discussed", "reported",
    "explained", "presented", "introduced", "listed", "summari[sz]ed", "used", "employed", "developed", "adopted",
    "applied", "established", "stated", "set out", "laid out", "laid down", "published", "provided", "quoted",
    "proposed", "recommended", "performed", "found", "available", "contained", "chosen", "derived", "set",
    "optimi[sz]ed",
)  # fmt: skip
PARTICIPLE = "|".join(_PARTICIPLES)

RECIPE = "|".join((
    "criteri(?:a|on)", "requirements?", "selections?", "definitions?", "working[- ]points?", "operating points?",
    "procedures?", "strateg(?:y|ies)", "recommendations?", "prescriptions?", "cuts?", "approach", "treatment",
))  # fmt: skip

EXTENT = (
    r"(?: (?:in (?:more |further |full |great |greater |some )?detail|in depth|at length|previously|elsewhere|fully"
    r"|there|earlier|comprehensively|extensively|originally|already))*"
)

WORK = (
    r"(?:[^\s.;,()\[\]]+ ){0,18}?(?:analys[ei]s|publications?|measurements?|search(?:es)?|papers?|works?"
    r"|stud(?:y|ies)|articles?|notes?|results?|channel|data ?set|[Cc]ollaboration|experiments?|letter|report|review)"
    r"(?: (?:of|with|using|in|at|on|for|from|by|based on) [^.;,()\[\]]{1,60})?"
)
"""An earlier work by its kind: "the latest measurement of …"."""

SIMILAR = "|".join((
    r"similar(?:ly)?(?: [\w-]+){0,4}? (?:to|as)", "analogous(?:ly)? to", "in analogy (?:to|with)", r"resembl\w+",
    "inspired by", "motivated by", "along the lines of", "in the spirit of", "comparable (?:to|with)", "adapted from",
    "(?:modified|updated|extended|simplified|optimi[sz]ed|improved) (?:with respect to|versions? of|from)",
    "variants? of",
    r"(?:closely|largely|mostly|broadly|partly|loosely|essentially) (?:follow\w*|the same as|identical to|as)",
    r"follow\w* (?:closely|largely)", "close to", "modell?ed (?:up)?on", "like (?:in|that|those|the ones?)",
    "derived from", "extends?", "builds? (?:up)?on",
    "based (?:up)?on(?= (?:that|those|the (?:ones?|method|selection|criteria|procedure|strategy|analys|previous"
    r"|approach|earlier|requirements)|Refs?\b|earlier|previous|what)|$)",
))  # fmt: skip

SAME = "|".join((
    r"same(?: [\w-]+){0,6}? (?:as|like)", "identical (?:to|with)", "equivalent to", "identically to",
    "(?:just |exactly )?as", "those", "following", "follow(?:s|ed)?(?: (?:exactly|strictly))?", "according to",
    "in accordance with", "in line with", "taken from", "adopt(?:ed|ing|s)?(?: from)?", "as per", "in agreement with",
    "consistent with", "per",
))  # fmt: skip

# What a clause is about. Compounds that only look like a selection are of the other things.
OTHER = "|".join((
    r"data[- ]quality(?: \w+)?",
    r"(?:trigger|selection|identification|isolation|reconstruction|tagging|signal|event) (?:and \w+ )?"
    r"(?:efficienc\w+|scale factors?|performance|uncertaint\w+)",
    r"backgrounds? (?:functions?|estimat\w+|templates?|shapes?|model\w*|from|due to)", r"estimat\w+",
    r"calibrat\w*", "correct(?:ed|ions?)", "scale factors?", "(?:energy|momentum|jet|mass) scale", "resolutions?",
    r"efficienc\w+", "performance", r"simulat\w*", "generat(?:ed|ors?|ion)", "Monte Carlo", r"\bMC\b",
    r"(?<!number of )measurements?\b(?! (?:from|in|of) the (?:\w+ ){0,2}(?:tracker|detector|calorimeter|system))",
    r"modell?(?:ed|ing|s)?\b(?! (?:up)?on)", r"parton\w*", r"shower\w*", "cross[- ]sections?", r"luminosit\w+",
    "detector", "spectrometer", r"uncertaint\w+", r"systematic\w*", "statistical",
    "(?:profile )?likelihood (?:fit|ratio|function)", r"\bfit(?:s|ted|ting)?\b", r"limits?\b", "algorithms?",
    "packages?", "librar(?:y|ies)", "toolkits?", "software", "frameworks?", "programs?", "decision trees?",
    "neural[- ]networks?", "multivariate analysis", "train(?:ed|ing)", "clustering", r"triggers?\b",
    "compar(?:ed|isons?)", "relative to", r"sensitiv\w+", r"improve\w*", "yields?",
    "(?:fake|misidentification)[- ]?(?:rates?|factors?)", r"tun(?:e|es|ed)\b", r"normali[sz]\w+", r"reweight\w*",
    "branching", r"theor\w+", r"predict\w*", "mass of the", r"parametri[sz]\w+", r"energy (?:response|loss\w*)",
    "average", "observed", "evidence", "excess", r"discover\w+", r"unfold\w*",
))  # fmt: skip

_NOUNS = "electrons?|muons?|leptons?|photons?|tracks?|taus?|jets?|b-jets"
SELECTION = "|".join((
    "isolation(?! (?:and lifetime|information|variables?))", f"isolated(?! (?:noise|patterns?|{_NOUNS}))",
    "non-isolated", "identification", f"identified(?! (?:and|particles?|{_NOUNS}))", r"\bID\b(?! tracks?)",
    "criteri(?:a|on)", "requirements?", r"selections?\b", r"\bselect\b(?! (?:the )?background)",
    r"(?:is|are|was|were|be) (?:\w+ )?selected\b", "preselection",
    r"working[- ]points?(?: (?:of|with|at) (?:an? )?\d+ ?% (?:[\w-]+ )?efficiency)?",
    r"\d+ ?% (?:[\w-]+ )?efficiency (?:working|operating)[- ]points?",
    r"\bWPs?\b", "operating[- ]points?", r"\b(?:loose|medium|tight)(?:ly)?\b", "quality",
    "definitions?", r"\bdefined\b", r"cuts?\b", r"overlap(?:s|ping|[- ]removal)?\b", "ambiguit(?:y|ies)",
    r"vet(?:o|oes|oed)\b",
    "discriminants?", "discriminators?", "[bc]-tagg(?:ed|ing)", "strateg(?:y|ies)", "categori[sz]ation",
    "(?:signal|control|search) regions?", "required", "must", "fiducial",
))  # fmt: skip

BUILDING = "|".join((
    "reconstructed", "reconstruction", "built", "constructed", "computed", "calculated", "accounted for", "recovered",
    "determined", "treated", "handled",
))  # fmt: skip
