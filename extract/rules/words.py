"""The words of the grammar: numbers, comparisons, verbs and connectives, as tables of patterns (any case).

In a table the most special entry comes first: the first that matches at a place wins.
"""

NUMBER_WORDS: dict[str, float] = {
    "a single": 1, "single": 1, "unit": 1, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip

FRACTION_WORDS: dict[str, float] = {
    "one half of": 0.5, "half of": 0.5, "half": 0.5, "one third of": 1 / 3, "a third of": 1 / 3, "one quarter of": 0.25,
    "a quarter of": 0.25, "two thirds of": 2 / 3, "three quarters of": 0.75,
}  # fmt: skip

_MUST_NOT = r"(?:must|may|can|should|shall|has|have)(?: to)? not (?:to )?(?:be|lie|fall)"

COMPARISONS: tuple[tuple[str, str], ...] = (
    (r"(?:a )?lower (?:bound|limit|threshold|cut) (?:of|at)", ">"),
    (r"(?:an? )?upper (?:bound|limit|threshold|cut) (?:of|at)", "<"),
    (r"(?:is|are|be) longer than|longer than", ">"),
    (r"(?:is|are|be) shorter than|shorter than", "<"),
    (r"or (?:more|greater|larger|higher|above)", ">="),
    (r"or (?:less|fewer|smaller|lower|below)", "<="),
    (r"(?:greater|larger|higher|more) than or equal to", ">="),
    (r"(?:less|smaller|lower|fewer) than or equal to", "<="),
    (rf"{_MUST_NOT} (?:above|over|beyond|(?:more|greater|larger|higher) than)|(?:neither|none)(?: of (?:them|which|"
     r"these))? exceeds?", "<="),
    (rf"{_MUST_NOT} (?:below|under|(?:less|smaller|lower|fewer) than)", ">="),
    (r"(?:no|not(?: to)?(?: be)?) (?:more|greater|larger|higher|further) than|(?:not|cannot|(?:does|do|must|should|"
     r"may) not) "
     r"(?:to )?exceed|not exceeding|not(?: be)? above", "<="),
    (r"(?:no|not(?: to)?(?: be)?) (?:less|fewer|smaller|lower) than|not(?: be| fall| lie)? below", ">="),
    (r"at least|(?:a |the )?minimum (?:value )?(?:of|is|to be)|(?:a |the )?minimum(?= [\d.])|starting (?:from|at)|"
     r"down to(?= \S+ [=≥>]| [\d.])",
     ">="),
    (r"at most|up to(?: and including)?(?= |$)|(?:a |the )?maximum (?:value )?(?:of|is|to be)|as (?:high|large) as",
     "<="),
    (r"exactly|precisely|equal to|equals", "=="),
    (r"only(?= (?:a )?(?:one|two|three|single|1|2|3)\b)", "<="),
    (r"(?:strictly )?(?:greater|larger|higher|more|bigger|farther|further|harder) than|(?:to )?exceed(?:s|ed|"
     r"ing)?|in excess of|"
     r"above|over(?= [\d.])|beyond(?= [\d.])|(?:(?:is|are|was|were|be) )?"
     r"(?:raised|increased|lowered|reduced|relaxed|tightened|loosened) to(?= [\d.])|"
     r"thresholds? (?:of|is|are|at|was|were)(?: set (?:at|to))?(?= (?:about |approximately )?[\d.])|"
     r"threshold(?= [\d.])|cut(?:s)? (?:of|at)(?= [\d.])", ">"),
    (r"(?:strictly )?(?:less|fewer|smaller|lower|closer) than|below|under(?= [\d.])|within(?= \|?[\d.±])", "<"),
)  # fmt: skip

BETWEEN = r"(?:ranging )?(?:in )?between|ranging from|from(?= [\d.])"
RANGE = (
    r"(?:with)?in (?:the |a |an |its )?(?:(?:following|central|forward|full|kinematic|wide|narrow|same|barrel|"
    r"endcap|fit|MS|"
    r"detector|acceptance|narrower|wider) ){0,2}(?:range|window|interval|region|bin|band)s?(?: of| from| between|,|:)?"
    r"|(?:range|window|interval|band|region)s?(?: of| from| between|:)?(?= [\d.|(-]| \S+ [<>=≤≥])"
)
OUTSIDE = (
    r"outside(?: of)?(?: the| a| this| an)?(?: [\w-]+){0,4}? ?(?:region|range|window|interval|gap)s?(?: of|"
    r" between| defined by)?"
    r"|outside(?: of)?|excluding(?: the)?(?: [\w-]+){0,4}? ?(?:region|range|window|interval|gap)?s?(?: of| between)?"
    r"|except(?: for)?(?: in)?(?: the)?(?: [\w-]+){0,3}? ?(?:region|range|window|interval|gap)s?(?: of| between)?"
    r"|not (?:be )?(?:in|within|inside)(?: the| a)?(?: [\w-]+){0,3}? ?(?:region|range|window|interval|gap)?"
    r"|with the exception of(?: the)?(?: [\w-]+){0,3}? ?(?:region|range|window|interval|gap)?"
)  # fmt: skip
_ADVERBS = (
    r"(?:(?:then|also|further|furthermore|additionally|therefore|thus|hence|instead|both|all|each|only|always|"
    r"finally|initially|"
    r"not|moreover|in turn|subsequently|first|in addition|explicitly) )*"
)
_BE = r"(?:is|are|was|were|be|being|been)"
REJECT = (
    rf"{_BE} {_ADVERBS}(?:rejected|removed|vetoed|discarded|excluded|dropped|ignored|eliminated|disregarded|"
    rf"left out|thrown away|set aside|not "
    r"(?:considered|selected|accepted|used|allowed|permitted|retained|kept|counted))"
    r"|(?<!to )(?<!for )(?:reject|veto|discard|exclude|remove|ignore)(?:s|es)?(?= (?!is |are |was |were |has |only ))|"
    r"(?:by )?(?:rejecting|vetoing|removing|discarding)"
    r"|leads? to (?:the |a )?(?:rejection|removal) of"
    r"|veto(?:es)? (?:on|against|of|for)|veto(?:es)? (?:is|are) applied (?:on|to|for)"
    r"|(?:rejected|vetoed|discarded|removed)(?= (?:if|when|by|in|from|$))"
)
SELECT = (
    rf"{_BE} {_ADVERBS}(?:selected|considered|retained|kept|accepted|used|included|chosen|preselected|added|"
    rf"allowed|permitted|"
    r"present|recorded|classified|categori[sz]ed|assigned|reconstructed|identified|split|divided|separated|"
    r"grouped|placed|found|"
    r"taken|looked at|examined|investigated|counted|(?:[\w-]+-)?tagged|labelled|labeled|analy[sz]ed|preserved|"
    r"studied|normali[sz]ed|"
    rf"(?:treated|regarded) as|fitted to|combined (?:to|with|into))|counts? as|qualif(?:y|ies) as"
    r"|(?:falls? (?:in|into)|enters?|populates?|selects?|retains?|keeps?|accepts?|considers?|includes?|selecting|"
    r"retaining|keeping|accepting)(?= )"
)
REQUIRE = (
    rf"{_BE} {_ADVERBS}(?:required|requested|demanded|asked|constrained|restricted|limited|imposed|applied|needed|"
    rf"set|placed(?= on)|"
    r"extended(?= to )|chosen(?= to )|expected(?= to (?:have|satisfy|pass|lie)))"
    r"(?: (?:on|to|for|by|such that|that))?(?: (?:the|each|all|both) )?"
    r"|(?:must|should|shall|needs? to|(?:has|have|had) to)(?: (?:all|also|each|both|then|further|in addition|"
    r"not(?! (?:be |to be |fall |lie )?(?:more|greater|larger|higher|less|smaller|lower|"
    r"fewer|further|below|above|exceed))))?"
    r"|requir(?:es?|ing|ed(?= (?:to|that)))|needs?(?! for\b| not\b)|demand(?:s|ing)?|ask(?:s|ing)?(?: for| that)|"
    r"call(?:s|ing)? for|insist(?:s|ing)? on|(?:the |an? )?(?:additional |further )?conditions? that|"
    r"request(?:s|ing)?|impos(?:es?|ing)|we apply|applying"
    r"|(?:the |an? )?(?:additional |further |minimum |loose |tight )?requirements?(?: (?:of|that|on|for))"
    r"|(?:a |an )?(?:additional )?cuts?(?: (?:of|on|at|for))"
)
# What a requirement verb may carry with it: "are required to have", "must satisfy".
COMPLEMENT = (
    r"(?:to )?(?:have|be|satisfy|contain|pass|fulfil|fulfill|lie|possess|meet|exhibit|include|fall|originate|"
    r"consist of|carry|"
    r"come|feature|exist|leave|stay|remain|amount to)(?: (?:the|a|an|all|at(?! least| most)|in(?! excess)|with))?"
    r"(?: (?:requirements?|criteri(?:a|"
    r"on)|conditions?)(?: (?:of|that|on|:))?)?"
)  # fmt: skip
HAVE = (
    r"ha(?:s|ve|d|ving)|with(?: an?)?|whose|possess(?:es|ing)?|contain(?:s|ing|ed)?|satisf(?:y|ies|ying|"
    r"ied)(?: (?:the )?"
    r"(?:requirements?|conditions?|criteri(?:a|on))(?: (?:of|that))?)?|fulfil(?:l?s|ling|l|led)?|pass(?:es|ing|"
    r"ed)?|meet(?:s|ing)?|"
    r"accompanied by|featuring|characteri[sz]ed by|carrying|consist(?:s|ing)? of|compris(?:es|ing)"
)
IF = r"if|when|whenever|in cases? (?:where|that|of)|in case|provided(?: that)?|unless|for|where|depending on|once"
CLAUSE = r"while|whereas|but|otherwise|although|though|since|because|so that|thus|to ensure that|such that"
RELATIVE = r"that|which|who"
DEFINE = (
    rf"{_BE} {_ADVERBS}(?:defined|referred to|denoted|constructed|formed|calculated|computed|built|made|"
    rf"determined|measured|estimated|"
    r"seeded|clustered|corrected|calibrated|obtained|derived|matched|associated|evaluated|parametri[sz]ed|"
    r"simulated|generated|"
    r"trained|performed|modelled)"
    r"|(?:defined|calculated|computed|constructed|formed|built|clustered) (?:as|from|using|by|in|within|with)"
)
NOT = r"not|never|neither|nor|cannot|fail(?:s|ing)?(?: to)?|inverted|inverting"
NONE = (
    r"no(?: additional| other| further| extra)?(?! longer)|without(?: any| additional)?|lack(?:s|ing)|"
    r"absence of any|devoid of|free of|zero"
)
ANY = r"any(?: additional)?|additional|extra|further|another|other"
