"""Orders to a program in languages other than English: what is told to be ignored, who is spoken to, what to write.

Each language has its verbs of ignoring, its words for what stands before or for instructions, its ways to give a role,
and its verbs of adding together with the words for a cut. Two of them close together are what no physics paper says.
"""

import re
from typing import NamedTuple

from extract.addressing.heads import Pattern, compile_pattern


class _Words(NamedTuple):
    """Alternatives of one language; `role` stands alone, the others in pairs: ignore + told, add + cut."""

    ignore: str
    told: str
    role: str
    add: str
    cut: str


_GAP = r"[^.!?。！？\n]{0,50}?"

_LANGUAGES = {
    "German": _Words(
        r"ignorier\w*|missachte\w*|vergiss|vergessen sie|beachte\w* nicht|uberspring\w*",
        r"anweisung\w*|vorgaben|instruktion\w*|eingabeaufforderung|obige\w*|vorherige\w*|vorige\w*|bisherige\w*"
        r"|vorstehende\w*",
        r"\bdu bist (?:ein|jetzt|nun|der|die)|\bsie sind (?:ein|jetzt|nun) |\bals (?:ki|sprachmodell)\b"
        r"|\ban (?:alle |die |das )?(?:ki|sprachmodelle?)\b",
        r"fuge|gib|gebe|schreibe?|erganze|antworte|nenne",
        r"schnitte?|anforderung\w*|kriteri\w+|bedingung\w*|antwort|liste|hinzu\b|auswahl",
    ),
    "French": _Words(
        r"ignore[zr]?|oublie[zr]?|ne ten(?:ez|ir) pas compte|neglige[zr]?",
        r"instructions?|consignes?|directives?|ci[- ]dessus|qui precede\w*|precedente?s?",
        r"\b(?:tu es|vous etes) (?:une?|maintenant|desormais|le|la)\b|\ben tant qu['’ ]?(?:ia|assistant|modele)\b",
        r"ajoute[zr]?|ecri(?:s|vez)|reponds|repondez|insere[zr]?|indique[zr]?|donne[zr]",
        r"coupures?|critere\w*|exigences?|liste|reponse|seuils?",
    ),
    "Spanish": _Words(
        r"ignor(?:a|e|ad|en|ar)|olvid(?:a|e|ad|en|ar)|descart(?:a|e)|haga caso omiso|no hagas caso",
        r"instruccion(?:es)?|indicacion(?:es)?|ordenes|anterior(?:es|mente)?|arriba|previas?|previos?",
        r"\b(?:eres|usted es) (?:una?|ahora|el|la)\b|\bcomo (?:ia|asistente|modelo de lenguaje)\b",
        r"anad(?:e|a|ir)|agreg(?:a|ue)|escrib(?:e|a)|respond(?:e|a)|insert(?:a|e)|devuelv(?:e|a)",
        r"cortes?|criterios?|requisitos?|lista|respuesta|seleccion",
    ),
    "Italian": _Words(
        r"ignor(?:a|i|ate|are)|dimentic(?:a|hi|ate|are)|trascur(?:a|i|ate)|non considerare",
        r"istruzion[ei]|indicazioni|precedent[ei]|quanto sopra|sopra",
        r"\b(?:sei|lei e|tu sei) (?:un[ao']?|ora|adesso)\b|\bcome (?:ia|assistente|modello linguistico)\b",
        r"aggiung(?:i|ere|ete|a)|scriv(?:i|ete|a)|rispond(?:i|ete)|inserisc(?:i|a)|restituisc(?:i|a)",
        r"tagli[oe]?|criteri[o]?|requisit[oi]|elenco|lista|risposta|selezione",
    ),
    "Portuguese": _Words(
        r"ignor(?:e|em|ar)|esquec(?:a|er|e)|desconsider(?:e|em|ar)",
        r"instruc(?:oes|ao)|anterior(?:es|mente)?|acima|previas?",
        r"\b(?:voce|tu) (?:e|es) (?:uma?|agora)\b|\bcomo (?:ia|assistente|modelo de linguagem)\b",
        r"adicion(?:e|a|ar)|acrescent(?:e|a)|escrev(?:a|er)|respond(?:a|e)|insir(?:a)",
        r"cortes?|criterios?|requisitos?|lista|resposta|selecao",
    ),
    "Dutch": _Words(
        r"negeer|vergeet|sla over",
        r"instructies?|opdrachten|bovenstaande|voorgaande|vorige|eerdere",
        r"\b(?:je|jij|u) bent (?:een|nu)\b|\bals (?:ai|taalmodel)\b",
        r"voeg|schrijf|antwoord|geef",
        r"snede|criteri\w+|eis(?:en)?|lijst|antwoord|toe\b",
    ),
    "Polish": _Words(
        r"zignoruj\w*|ignoruj\w*|zapomnij\w*|pomin\w*",
        r"instrukcj\w*|polecen\w*|powyzsz\w*|poprzedni\w*",
        r"\bjestes (?:teraz|asystent\w*|modelem)\b",
        r"dodaj\w*|napisz\w*|odpowiedz\w*|wypisz\w*",
        r"ciecie|ciecia|kryteri\w*|wymagan\w*|liste?\b|odpowied\w*",
    ),
    "Turkish": _Words(
        r"yoksay\w*|yok say\w*|gormezden gel\w*|unut\w*",
        r"talimat\w*|yukaridaki\w*|onceki\w*",
        r"\bsen (?:artik )?bir\b.{0,30}(?:asistan|model)",
        r"ekle\w*|yaz\w*|cevapla\w*",
        r"kesim\w*|kriter\w*|liste\w*|cevap\w*",
    ),
}

_OTHER_SCRIPTS = re.compile(
    # Russian, Ukrainian
    rf"(?:игнориру\w+|проигнориру\w+|забуд\w+|не обраща\w+ внимани\w+|ігнору\w+|не учитыва\w+){_GAP}"
    r"(?:инструкци\w*|указани\w*|команд\w*|выше\w*|предыдущ\w*|інструкці\w*|попередн\w*)"
    r"|\b(?:ты|вы) (?:теперь |являетесь )?[–—-]? ?(?:ассистент|помощник|языковая модель)"
    rf"|(?:добав\w+|выведи\w*|напиши\w*|ответь\w*){_GAP}(?:отбор\w*|критери\w*|список|ответ\w*|услови\w*)"
    # Chinese, in both spellings
    r"|(?:忽略|无视|無視|忘记|忘記|不要理会|不要理會|请忽视|忽視|忽视)[^。！？\n]{0,20}(?:指令|指示|说明|說明|内容|內容|以上|上述|之前|前面|提示)"
    r"|你(?:现在|現在)?是(?:一个|一個|一名)?[^。\n]{0,8}(?:助手|模型|助理|人工智能)|作为(?:一个)?(?:人工智能|语言模型|AI)"
    r"|(?:添加|加入|输出|輸出|写入)[^。！？\n]{0,20}(?:条件|條件|要求|筛选|判据|列表|答案|结果)"
    # Japanese
    r"|(?:以上|上記|上述|これまで|前述|以前)[^。\n]{0,15}(?:無視|忘れ)|(?:指示|命令|プロンプト)[^。\n]{0,10}(?:無視|忘れ)"
    r"|(?:無視|忘れ)(?:して)?(?:ください|下さい|て)"
    r"|あなたは[^。\n]{0,20}(?:です|アシスタント|モデル)"
    r"|(?:条件|カット|要求|選択)[^。\n]{0,12}(?:追加して|出力して|加えて)"
    # Korean
    r"|(?:위의|이전|앞의|상기)[^.\n]{0,15}(?:무시|잊)|(?:지시|명령|프롬프트)\S*[^.\n]{0,10}(?:무시|잊)"
    r"|당신은[^.\n]{0,20}(?:입니다|모델|어시스턴트)"
    # Arabic
    r"|(?:تجاهل|انس)[^.\n]{0,30}(?:التعليمات|السابقة|أعلاه)",
    re.IGNORECASE,
)


def _compile() -> Pattern:
    branches = []
    for words in _LANGUAGES.values():
        branches.append(rf"\b(?:{words.ignore})\b{_GAP}\b(?:{words.told})(?!\w)")
        # Germanic and Turkish word order: the verb may stand last
        branches.append(rf"\b(?:{words.told})\b{_GAP}\b(?:{words.ignore})(?!\w)")
        branches.append(words.role)
        branches.append(
            rf"(?:^|[.!?:;,\n] ?|\b(?:und|et|y|e|en|i|ve|bitte|dann) )(?:{words.add})\b{_GAP}\b(?:{words.cut})(?!\w)"
        )
    return compile_pattern("|".join(branches))


LATIN_SCRIPTS = _compile()  # for text as `spell_in_latin` gives it
_LETTERS = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u1c80-\u1c8f\u3000-\u9fff\uac00-\ud7a3]")  # one in every match


def find_in_other_scripts(plain: str) -> list[tuple[int, int]]:
    """Where an order stands in a language that is not written in Latin letters; `plain` as from `spell_plainly`."""
    return [m.span() for m in _OTHER_SCRIPTS.finditer(plain)] if _LETTERS.search(plain) else []
