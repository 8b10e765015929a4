"""Working points, kinds and triggers in words."""

from codegen.tables.pieces import Phrase, Sign, Words

_LABELS = {
    "id": "identification", "kind": "kind", "flavour": "flavour", "conversion": "conversion status",
    "trigger_match": "trigger match", "isolation": "isolation", "btag": "b-tag", "ctag": "c-tag", "jvt": "JVT",
    "trigger": "trigger", "data_quality": "data quality",
}  # fmt: skip


def say_label_test(field: str, relation: Sign | str, label: str) -> Phrase:
    """A working point or a kind in words: "at least loose identification"."""
    noun, word = _LABELS.get(field, field.replace("_", " ")), label.replace("_", " ")
    if field in ("kind", "conversion"):
        noun = "" if relation in ("==", "!=") else noun
    match relation:
        case ">=":
            return (Words(f"at least {word} {noun}"),)
        case "<":
            return (Words(f"less than {word} {noun}"),)
        case ">":
            return (Words(f"more than {word} {noun}"),)
        case "<=":
            return (Words(f"at most {word} {noun}"),)
        case "!=":
            return (Words(f"{noun} other than {word}" if noun else f"not {word}"),)
    return (Words(f"{noun}: {word}" if noun else word),)
