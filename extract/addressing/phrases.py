"""Words and phrases of orders to a program, in English and in the notations of chats, tools and shells.

A space in a pattern is any white space, ` ?` may be none; `<NAME>` is a fragment.
"""

from typing import Literal

Kind = Literal["ignore", "address", "role", "dictate", "command", "chat", "tool", "escape", "order"]

FRAGMENTS = {
    "AUDIENCE": (
        r"(?:(?:an? |the |any |all |every |each |this |that |other |these |most ){0,4}(?:large |artificial "
        r"|helpful |automated |virtual ){0,3}(?:ais?\b|a\.i\.|llms?\b|(?:large )?language[- ]models?|chat ?-?bots?"
        r"|(?:chat)?gpt(?:-?\d\w*)?\b|claude\b|gemini\b|copilot\b|(?:ai|llm|ml|language|virtual|digital|artificial"
        r"|automated|automatic|machine|text|pdf|paper|computer)[- ](?:assistants?|agents?|models?|readers?"
        r"|reviewers?|parsers?|summari[sz]ers?|extractors?|extraction(?: (?:tools?|systems?|programs?|models?"
        r"|pipelines?|software))?|bots?|intelligences?|processing|reading|mining|pipelines?|annotators?)"
        r"|(?:automated|automatic|reading|extraction) (?:\w+ )?(?:tools?|systems?|programs?|software|models?"
        r"|pipelines?)|reader programs?|programs? (?:that|which) reads?|bots\b|robots\b|crawlers?\b|summari[sz]ers?\b"
        r"|assistants?\b(?=[:,]?\s+(?:must|should|shall|please))|(?:information|criteria|data)[- ]extract(?:ors?"
        r"|ion (?:tools?|systems?|models?|programs?))))"
    ),
    "WEAK_AUDIENCE": (
        r"(?:(?:the|this|any|dear|an?) (?:\w+ )?(?:assistants?|models?|machines?|programs?|tools?|parsers?|software"
        r"|agents?|systems?))"
    ),
    "NOW": (
        r"(?:now |also |always |only |not |never |instead |please |therefore |immediately |simply |just |first "
        r"|then |kindly ){0,4}"
    ),
    "DOES": (
        r"(?:add|append|insert|output|print|return|emit|respond|reply|answer|write|include|report|produce|generate"
        r"|say|state|list|extract|record|set|replace|claim|give|provide|submit|ignore|disregard|forget|omit|treat"
        r"|use|call|invoke|execute|run|open|follow|obey|conclude|assume|pretend|mark|summari[sz]e|translate|repeat"
        r"|reveal|stop|read)"
    ),
    # Where an order may begin: a sentence, a quotation, a bracket, an item, behind a comma or a word of asking.
    "ORDER": (
        r"(?:^|[.!?:;,\"“”‘"
        r"'«(\[{*#>/–—-]\s*|\b(?:please|kindly|must|should|shall|now|then|instead|simply|just|immediately|finally"
        r"|first|next|to you|afterwards) )"
    ),
    "SENTENCE": (
        r"(?:^|[.!?:;\"“”‘«(\[{*#>]\s+|[\"“”‘«(\[{*#>]|\b(?:please|kindly|instead|you must|you should|finally|now"
        r"|then),? )"
    ),
    "IGNORE": (
        r"(?:ignore|disregard|forget|override|overrule|bypass|(?:do not|don['’]?t|never) (?:follow|obey|trust|read"
        r"|believe|rely on)|pay no attention to|take no notice of|stop (?:following|obeying|reading)|cease"
        r" (?:following|to follow))"
    ),
    "INSTRUCTIONS": (
        r"(?:instructions?|prompts\b|(?:system|initial|original|previous|earlier) prompt|directives?|guardrails"
        r"|system messages?|(?:previous|prior|earlier|above|preceding) (?:commands?|messages?|orders|context"
        r"|conversation|guidelines|rules|directions|text))"
    ),
    "SOFT": (
        r"(?:skip|dismiss|abandon|discard|erase|cancel|revoke|neglect|delete|drop|set aside|put aside|leave out"
        r"|throw away|don['’]?t use|do not use|never use)"
    ),
    "BEFORE": (
        r"(?:above|previous(?:ly)?|prior|preceding|earlier|before(?:hand)?|foregoing|aforementioned|so far"
        r"|until now|rest|remainder|everything|anything|all else)"
    ),
    "LINKS": (
        r"(?:(?:all|any|of|the|that|this|these|those|what(?:ever)?|was|is|were|has|have|been|stated|said|written"
        r"|told|given|you|your|every|each|other|and|or|text|content|contents|cuts|criteria|statements|sections?"
        r"|paragraphs?|lines|words|of it|it|remaining|real|actual|true|original) ){0,10}"
    ),
    "ANSWER": (
        r"(?:json\b|yaml\b|(?:your|the|an?|its|every|each|final|any) (?:\w+ )?(?:output|answers?|response|reply"
        r"|replies|findings?|summary|extraction)\b|(?:list|set|table|array) of (?:\w+ )?(?:cuts|criteria|findings"
        r"|requirements|selections|results)|(?:following|this|these|additional|extra|new|one more|another)"
        r" (?:\w+ )?(?:cuts?|criteri(?:on|a)|findings?|requirements?|items?|entry|entries|sentence|thresholds?"
        r"|selections?|text|words|line|object)\b|(?:cuts?|criteri(?:on|a)|findings?|requirements?|selections?|entry"
        r"|items?|thresholds?) (?:\S+ ){0,8}?(?:to|into|in) (?:the|your|its|every|each|all|any) (?:\w+ )?(?:list"
        r"|output|answer|response|reply|result|results|json|findings|criteria|selections?|cuts|extraction|table"
        r"|file|summary)\b)"
    ),
    "BOUND": (
        r"(?:(?!with\b|of\b)\S+ )?\S*? ?(?:[<>≤≥=]|>=|<=|above|below|greater than|less than|at least|at most"
        r"|of at least) ?\d"
    ),
}

# A sign that is enough by itself.
STRONG: tuple[tuple[Kind, str], ...] = (
    ("address", r"\bplease (?!refer|note|see|contact|consult|visit|cite|find|be advised)\w+"),
    ("address", r"<AUDIENCE>,? (?:please )?(?:take note|take notice|listen|beware|attention)\b"),
    (
        "address",
        r"(?:^|[.!?;:(]\s*)(?:(?:a )?(?:note|notice|message|remark) )?(?:for|to) <AUDIENCE> ?[,:]",
    ),
    (
        "address",
        r"\b(?:whoever|whatever|whichever|any ?one who|any ?thing that|all who|those who) (?:\w+ )?"
        r"(?:reads?|extracts?|parses?|processes|summari[sz]es?|scans?|analy[sz]es?) \w+",
    ),
    (
        "address",
        r"(?P<lead><SENTENCE>)<NOW>(?:tell|inform|remind|convince|assure|show) (?:the|your|every|all|any)"
        r" (?:users?|readers?|humans?|physicists?|persons?|people|operators?)\b",
    ),
    ("address", r"\b(?:the|an?|this|any) (?:\w+ )?assistant (?:must|should|will|shall|is to|has to|answers|replies)\b"),
    (
        "role",
        r"(?P<lead><SENTENCE>)<NOW>(?:(?:assume|take|take on|play|adopt) the (?:role|persona|part|identity) of"
        r"|let us play|let['’]s play)\b",
    ),
    (
        "ignore",
        r"\b(?:prior|previous|above|earlier|preceding|other|existing) (?:\w+ ){0,2}?(?:is|are) (?:hereby |now )?"
        r"(?:void|obsolete|invalid|cancell?ed|revoked|fake|decoys?|placeholders?)\b",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>)<NOW>(?:ignore|disregard|forget) (?:what(?:ever)?|anything|everything|all"
        r"|the (?:paper|text|document|authors?|selections?|cuts|criteria|rest|article|instructions?))\b",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>)<NOW><SOFT> (?:the|all|any|these|those) <BEFORE> (?:requirements?|cuts?|criteria"
        r"|selections?|thresholds?|values?|numbers?) and (?:use|take|add|apply|write|report|put)\b",
    ),
    (
        "dictate",
        r"\bthe only (?:valid|correct|true|right|real|acceptable|allowed) (?:\w+ )?(?:cuts?|requirements?|selections?"
        r"|criteri(?:on|a)|thresholds?|answers?|values?|findings?)\b",
    ),
    ("dictate", r"(?P<lead><SENTENCE>)<NOW>replace (?:them|it|these|those)\b"),
    (
        "tool",
        r"\b(?:add|set|submit|insert|append|remove|delete|call|run|exec|write|send|get|tool|function|report|output)"
        r"_[a-z]{2,}\w* ?\("
        r"|(?:^|[.!?] )(?:execute|invoke|call) ?: ?\S",
    ),
    ("chat", r"\b(?:new|next|your|real|actual|updated) (?:task|job|goal|objective|mission) ?:|< ?< ?<? ?end of "),
    (
        "address",
        r"\b(?:you|yours?|yourself)\b(?=[^.!?\n]{0,140}?(?:[<>≤≥=]\s*-?\d|\b\d+(?:\.\d+)?\s*(?:[kmgt]ev|mm)\b"
        r"|\b(?:list|add|write|include|report|extract|ignore|output|answer|obey|json)\b))",
    ),
    (
        "address",
        r"(?:\b\d+(?:\.\d+)?\s*(?:[kmgt]ev|mm)\b|\b(?:add|write|include|report|extract|ignore|output|answer|obey|json)\b)"
        r"[^.!?\n]{0,140}?\b(?:you|yours?|yourself)\b",
    ),
    ("address", r"(?:^|[.!?]\s+|\b(?:to|dear|hi|hey|hello),? (?:there,? )?)<AUDIENCE> ?[:!]"),
    (
        "address",
        r"\bit (?:would|will|might) be (?:very )?(?:helpful|useful|good|best|nice|great|appreciated|better) if"
        r" (?:<AUDIENCE>|<WEAK_AUDIENCE>)",
    ),
    ("address", r"\b(?:when|if|whenever|once) (?:you are |it is |he is |the model is )?asked\b"),
    (
        "address",
        r"(?:^|[.,;:!?\"“(] ?|\band |\bthat )i (?:am the|hereby|authori[sz]e|command|order|instruct|want|demand|insist"
        r"|beg|urge|tell|say)\b"
        r"|\bdo (?:exactly )?(?:as|what) (?:i|this|the) \w+",
    ),
    (
        "ignore",
        r"\b(?:ignored|disregarded|discarded|skipped|forgotten|added|included|reported|overlooked) by"
        r" (?:the|any|all|every|each) (?:\w+ )?readers?\b",
    ),
    (
        "ignore",
        r"\b(?:text|everything|all|nothing|anything|instructions?|content|cuts|selections?|statements|numbers|values)"
        r" (?:\w+ ){0,2}?(?:above|before|below|until|up to|after) this (?:line|point|sentence|message|word|mark)\b",
    ),
    ("ignore", r"(?P<lead><SENTENCE>)<NOW>overlook (?:the|all|any|every|everything|this|these|those)\b"),
    (
        "order",
        r"(?P<lead><SENTENCE>)(?:(?:only|just|always|never|do not|don['’]?t) (?:extract|report|list|output|return"
        r"|mention|answer|print|write|reply|respond|repeat|copy)\b|pretend\b|obey\b|repeat after\b|act as if\b"
        r"|imagine that you|comply with|make sure (?:that|to)\b|be sure to\b)",
    ),
    (
        "dictate",
        r"(?P<lead><SENTENCE>)<NOW>(?:respond|reply|answer|output|return|translate|convert|rewrite|summari[sz]e|print)"
        r" (?:[^.!?\n]{0,60}? )?(?:(?:in|as|with|using|to|into) (?:valid |pure |plain |raw |an? )?"
        r"(?:json|yaml|xml|finding|cut|criterion|requirement|list)\b|the following\b)",
    ),
    (
        "tool",
        r"(?P<lead><ORDER>)<NOW>(?:use|call|invoke|trigger) (?:the |this |your )?(?:tools?|functions?|api|plugin)"
        r" \w+_\w+",
    ),
    ("tool", r"\{\{ ?[#/]\w"),
    (
        "chat",
        r"\b(?:begin|start|end|new) (?:of )?(?:the )?system (?:messages?|prompts?|notes?|instructions?)\b"
        r"|\bcompletion ?: ?\S",
    ),
    ("ignore", r"\binstructions? ?:|(?:^|[.!?] |\n)override ?:"),
    (
        "ignore",
        r"\b(?:<IGNORE>|<SOFT>|ignoring|disregarding|forgetting|overrid(?:e|es|ing)"
        r"|bypassing)(?: [\w'’-]+){0,6}? <INSTRUCTIONS>",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>|[,—–-] ?|\b(?:you|and you|to) (?:must|should|shall|may|can|have to|need to|are to) "
        r"|\b(?:readers?|models?|assistants?|programs?|ais?) (?:must|should"
        r"|shall) )<NOW><IGNORE> <LINKS><BEFORE>(?! (?:limit|order|threshold|approximation|energy|run)s?\b)",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>|[,—–-] ?)<NOW><SOFT> <LINKS>(?:\w+ )?<BEFORE>(?= ?(?:$|[.,;:!?]| and\b| (?:text"
        r"|content|paragraphs?|sentences?)))",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>|[,—–-] ?)<NOW><IGNORE> (?:the |all |any |these |those |every "
        r"|other ){1,4}(?:[\w-]+ ){1,4}?<BEFORE>\b(?! (?:the|a|an|\d))",
    ),
    (
        "ignore",
        r"(?P<lead><SENTENCE>|[,—–-] ?|\band )<NOW>(?:ignore|disregard|forget|do not follow|don['’]?t follow) (?:it"
        r"|them|this|that|those|all that)\b",
    ),
    (
        "ignore",
        r"\b(?:instructions?|prompts) (?:[\w-]+ ){0,5}?(?:is|are) (?:void|obsolete|invalid|cancell?ed|revoked"
        r"|suspended|no longer|outdated|superseded|wrong|hereby)\b",
    ),
    (
        "ignore",
        r"(?:^|[.!?:;,] ?|\b(?:please|now|then) )stop (?:reading|processing|parsing|extracting)\b",
    ),
    (
        "ignore",
        r"\b(?:must|should|shall|ha(?:s|ve) to|(?:is|are) to) be (?:ignored|disregarded|skipped|forgotten|added"
        r"|output|reported|returned|included|inserted) by (?:<AUDIENCE>|<WEAK_AUDIENCE>)",
    ),
    (
        "ignore",
        r"\b(?:overrides?|supersedes?|replaces?|takes? (?:precedence|priority) over) (?:all |any "
        r"|every ){0,3}(?:the |your )?(?:other|previous|prior|above|earlier|preceding|existing|original)"
        r" (?:instructions?|text|rules|statements|content|prompts?|messages?|directions|guidelines)",
    ),
    (
        "ignore",
        r"\b(?:new|updated|revised|secret|hidden|urgent|critical|important|actual|real|special|additional|further"
        r"|override) instructions?\b(?! set)",
    ),
    (
        "ignore",
        r"\binstructions? (?:above|below|override|end|start|begin|for|to) ?(?:here|you|this)\b|\b(?:begin|start"
        r"|end) (?:of )?(?:new )?(?:system )?(?:instructions?|prompt)\b",
    ),
    (
        "address",
        r"\b(?:dear|hey|hello|attention|attn\.?|notes?|notice|message|instructions?|hints?|comments?|remarks?"
        r"|reminder|warning|request|information|addressed|important)[,:]? (?:(?:to|for) )?<AUDIENCE>",
    ),
    (
        "address",
        r"<AUDIENCE>(?: (?:(?:that|which|who|when|while|if)? ?(?:are |is )?(?:read|process|pars|extract|summari"
        r"|analy|review)\w*)(?: [\w-]+){0,6}?)?,? (?:must|should|shall|has to|have to|needs? to|ought to|please"
        r"|(?:is|are) (?:(?:kindly )?(?:asked|instructed|requested|told|required|advised) )?to"
        r" (?:not )?(?=<DOES>\b))\b",
    ),
    (
        "address",
        r"(?:<WEAK_AUDIENCE>|(?:any|the|every|each|this) (?:automated |machine )?readers?)(?: (?:that|which|who"
        r"|reading|processing|parsing|extracting)(?: \w+){0,5}?)? (?:must|should|shall|has to|have to|needs? to"
        r"|(?:is|are) (?:asked|instructed|requested|told) to) (?:now |also |always |only |not |never "
        r"|instead ){0,3}(?:add|append|insert|output|print|return|respond|reply|answer|write|report|say|extract"
        r"|ignore|disregard|forget|obey|follow|list|execute|run)\b",
    ),
    (
        "address",
        r"\b(?:if|when|while|since|because|as) you(?:['’]re| are)? (?:an? |the )?(?:<AUDIENCE>|reading|processing"
        r"|parsing|extracting|summari[sz]ing|reviewing|read|process|parse|extract|see|reached?)\b",
    ),
    (
        "address",
        r"\byou (?:must|should|shall|will|have to|need to|are to|can|may|are (?:asked|required|instructed"
        r"|told) to) <NOW><DOES>\b",
    ),
    (
        "address",
        r"\b(?:important|essential|crucial|necessary|required|mandatory|sure|ask|request|demand|insist"
        r"|expect)(?:ed)? (?:that |of )?you (?:to )?<NOW><DOES>\b",
    ),
    (
        "address",
        r"(?:<WEAK_AUDIENCE>|\b(?:who|what|any)ever) (?:(?:that|which|who) )?(?:is |are |reads?|processes"
        r"|parses)? ?(?:currently |now |automatically ){0,3}(?:reading|processing|parsing|extracting from"
        r"|summari[sz]ing|analy[sz]ing|reads?|processes|parses) (?:this|these|the (?:paper|text|document|pdf|page"
        r"|article|note))\b",
    ),
    (
        "address",
        r"\b(?:when|while|after|before|if|whenever|upon) (?:you )?(?:summari[sz]|read|pars|extract|process"
        r"|analy[sz]|answer|respond|transcrib|review)\w*(?: [\w-]+){0,4}? (?:this|the) (?:paper|text|document"
        r"|article|pdf|page|note|question|request)\b",
    ),
    (
        "address",
        r"\byour (?:tasks?|jobs?|role|goal|answers?|outputs?|response|reply|instructions?|system|prompt|training"
        r"|findings|list|json|extraction|summary|results?|configuration|memory|previous|prior|context|developers?"
        r"|creators?|user|operator|owner|guidelines|rules)\b",
    ),
    (
        "address",
        r"\b(?:without|do not|don['’]?t|never) (?:tell|telling|mention|mentioning|inform|informing|reveal|revealing"
        r"|alert|alerting|disclose|disclosing)(?:ing)? (?:\w+ ){0,4}?(?:the (?:user|human|person|reader|operator"
        r"|physicist|authors?)|this|these instructions|that you)\b",
    ),
    (
        "role",
        r"\byou(?:['’]re| are| will be| act| shall be| become) (?:now |hereby |henceforth |from now on |actually "
        r"|currently ){0,3}(?:an?|the|no longer|not|in|acting|being|free|allowed|operating|a helpful)\b",
    ),
    (
        "role",
        r"\b(?:as|being|i am|i['’]m|act as|acting as|behave (?:like|as)|pretend to be|role-?play as|imagine"
        r" (?:that )?you are|simulate) (?:an? |the )(?:helpful |honest |large |expert |unrestricted ){0,3}(?:ai\b"
        r"|a\.i\.|llm\b|language model|assistant\b|chat ?bot|gpt)",
    ),
    (
        "role",
        r"\b(?:developer|debug|god|dan|maintenance|admin(?:istrator)?|unrestricted|jailbreak) mode (?:is |now "
        r"|has been )?(?:on|enabled|activated|active)\b|\bjailbr(?:eak|oken)\b|\bsystem prompts?\b|\bfrom now on,?"
        r" (?:you|act|respond|answer|ignore|treat|always|only|write|report)\b|\bdo anything now\b",
    ),
    (
        "dictate",
        r"(?P<lead><ORDER>)<NOW>(?:add|append|insert|output|print|return|emit|respond with|reply with|answer with"
        r"|write|include|report|produce|generate|inject|echo|put|place|record"
        r"|register)\b(?: [^\s.!?;]+){0,6}? <ANSWER>",
    ),
    (
        "dictate",
        r"(?P<lead><ORDER>)<NOW>(?:output|print|return|emit|respond|reply|answer|echo|say|repeat)\b (?:only "
        r"|exactly |nothing (?:but|except) |with |verbatim |back |that |simply ){1,4}(?=[\w\""
        r"'“‘:{\[])",
    ),
    (
        "dictate",
        r"(?P<lead><SENTENCE>|[,—–-] ?)<NOW>(?:(?:add|append|insert|inject|report|return|write|include|claim|record"
        r"|print|emit)|(?:output|state|answer|reply)(?= (?:an?|the|another|exactly|only|that)\b)) (?:an? |the "
        r"|another |also |exactly |only |that ){0,4}(?:(?:cuts?|requirements?|criteri(?:on|a)|threshold|selection"
        r"|condition|veto|finding)\b|<BOUND>)",
    ),
    (
        "dictate",
        r"\b(?:the|your) (?:only |final |correct |right |expected |true )(?:answer|output|response|reply|finding)"
        r" (?:is|must be|should be|to give|shall be)\b",
    ),
    (
        "dictate",
        r"(?P<lead><ORDER>)<NOW>(?:replace|change|set|overwrite|modify|alter|raise|lower|multiply|treat) (?:all "
        r"|every |each |any |the |your ){0,3}(?:\w+ )?(?:cuts|thresholds?|values?|numbers|criteria|requirements"
        r"|findings|answers?|selections?) (?:\S+ ){0,5}?(?:with|to|by|as|from) ",
    ),
    (
        "command",
        r"(?P<lead><ORDER>|\band )<NOW>(?:run|execute|call|invoke|launch|eval(?:uate)?|exec|open|visit|fetch"
        r"|download|browse(?: to)?|click(?: on)?|send|post|upload|install|import|load)\b"
        r" (?:[^\s.!?;]+ ){0,3}?(?:commands?|scripts?|shell|python|bash|url|link|web ?(?:site|page)|tool|function"
        r"|payload|executable|terminal|code below|following code|this code|https?://\S+|\S+\.(?:sh|py|exe)\b)",
    ),
    (
        "command",
        r"\brm -[rf]{1,2}\b|\bsudo \w|\b(?:curl|wget) (?:-\w+ ){0,4}(?:\S{0,40}https?:|[\w.-]{1,40}\.\w+/|-)"
        r"|\b(?:bash|sh|zsh|python3?|perl|node) -[cei]\b|\bchmod [+0-7]|\bcat /etc|/etc/passwd|\bos ?\. ?(?:system"
        r"|environ|popen)|\bsubprocess ?\. ?\w+|\b(?:eval|exec|__import__|getattr) ?\(|\bimport (?:os|sys"
        r"|subprocess|socket|requests)\b|\$\((?=[a-z])|\bpowershell\b|\bnc -[el]|\bdrop table\b|[;&|] ?(?:bash|sh"
        r"|curl|wget|rm|nc|python3?)\b(?= ?[-/~\""
        r"']|$)|>\s*/(?:dev|tmp|etc)/|\bpip install\b|\bmkfs\b|:\(\) ?\{|\{\{ ?[\w.]+ ?(?:\(|\}\})|\{% ?\w+",
    ),
    (
        "chat",
        r"<\s*[|｜][^<>\n]{1,40}[|｜]\s*>|\[\s*/?\s*(?:inst|system|sys|assistant|user|tool_calls?|available_tools"
        r"|system[_ -](?:prompt|message|override|note))\s*\]|<\s*<\s*/?\s*sys\s*>\s*>"
        r"|<\s*/?\s*(?:system(?:[-_ ]\w+)?|instructions?|user|assistant|human|admin|important|prompt|think|thinking"
        r"|scratchpad|paper_text|paper|document|context|end_of_turn|start_of_turn|(?:bos|eos)|/s)\s*>|<\s*/\s*s\s*>",
    ),
    (
        "chat",
        r"#{2,12} ?(?:instructions?|system|response|input|human|assistant|user|answer|task|new)\b|[=#*_-]{2,12} ?(?:end"
        r"|begin|start) (?:of )?(?:the )?(?:paper|document|text|input|context|instructions?|article|prompt|user"
        r"|system|data)\b",
    ),
    (
        "chat",
        r"(?:^|[.!?\"“‘(\[*#]\s*)(?:(?:(?:system|assistant|developer) (?:message|prompt|note|override|notice|alert"
        r"|update|instructions?)|assistant) ?: ?\S|(?:system|developer) ?:(?: \S+){5})|\bend of (?:the )?(?:paper"
        r"|article|document) ?(?:text|content)?[.:]? (?:new|now|next|the following) ",
    ),
    (
        "tool",
        r"<\s*/?\s*(?:tool(?:_\w+)?|function(?:_\w+|s)?|invoke|parameter|script|iframe|img|a href"
        r"|antml)\b[^<>\n]{0,60}>|[\"“”"
        r"']\s*(?:role|tool_calls?|tool|function|arguments|parameters|findings|operator|threshold|variable|subject"
        r"|name|content|action|command|stage)\s*[\"“”"
        r"']\s*:",
    ),
    (
        "escape",
        r"[\x1b\x9b]|\\(?:x1b|033|e|u001b)\s?[\[\]]|(?:\[|\^\[)(?:\d{1,3};)+\d{1,3}[mhj]\b|\[[02]?[jk]\b"
        r"|\[\?\d+[hl]\b|\[(?:3[0-7]|9[0-7]|0|1|8)m(?!\w*[,\]]).{0,80}?\[0?m|\]\s?(?:0|8|52);",
    ),
    (
        "command",
        r"\b(?:base ?64|rot-?13)\b[- ]?(?:decode|encoded|string|below|:)|\bdecode (?:the |this )(?:following|text"
        r"|string|message)",
    ),
)

# A sign that counts beside another.
WEAK: tuple[tuple[Kind, str], ...] = (
    (
        "ignore",
        r"(?P<lead><SENTENCE>|[,] )<NOW>(?:ignore|disregard|forget|override|bypass|pay no attention)\b",
    ),
    (
        "address",
        r"\b(?:you|yourself|your|yours)\b(?!\w)",
    ),
    (
        "address",
        r"\b(?:language models?|llms?|chat ?bots?|chatgpt|ai (?:assistants?|models?|systems?|readers?|agents?)"
        r"|reader programs?)\b",
    ),
    (
        "dictate",
        r"\b(?:json|the (?:final )?answer|(?:in|to|into) the (?:output|response|reply)|(?:list|set) of (?:findings"
        r"|cuts|criteria)|this (?:instruction|message)|the (?:user|operator))\b",
    ),
    (
        "order",
        r"(?:^|[.!?]\s+|\bplease )(?:add|append|insert|output|print|return|respond|reply|answer|write|say|report"
        r"|set|treat|replace|execute|run|call|stop|start|translate|repeat|obey|remember|pretend|conclude|make sure"
        r"|be sure)\b(?! (?:no|of|by|in|from|on)\b)(?: (?:the|a|an|all|any|every|this|that|only|with|as|these|it"
        r"|them|exactly)\b|:|\s+\S+ ?[<>≤≥=])",
    ),
    (
        "chat",
        r"(?:^|[.!?]\s+)(?:user|human|ai|system|bot|instructions?|prompt|task|tool) ?: ?\S",
    ),
)
