"""What files call the quantities of whole events: the numbers of an event, missing momentum, weights."""

import re
from itertools import product

NUMBER = ("", "number", "num", "no", "nr", "id")
# what a number of the key counts -> what formats call it, in lower case without separators
KEY_STEMS = {
    "run": ("run",), "event": ("event", "evt", "ev"), "lumi": ("luminosityblock", "lumiblock", "lumi", "lumisection",
    "luminosity", "ls", "lbn"), "channel": ("channel", "mcchannel", "dsid", "dataset", "sample"),
}  # fmt: skip
_ALONE = {"ev": False, "channel": False, "sample": False, "dataset": False}  # words that say nothing without a number
KEYS = {
    stem + number: meaning
    for meaning, stems in KEY_STEMS.items()
    for stem, number in product(stems, NUMBER)
    if number or _ALONE.get(stem, True)
}


def find_key_meaning(name: str) -> str | None:
    """run, event, lumi or channel for the name of a branch that says so, else None."""
    return KEYS.get(make_plain(name))


def make_plain(name: str) -> str:
    """The last part of a name in lower case without separators."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit("/", 1)[-1].rsplit("AuxDyn.", 1)[-1].lower())
