"""Answers for the scripted server: what the rule reader finds in the papers of a folder, wherever a question shows it.

PAPERFILTER_STAND_IN_PAPERS=FOLDER python -m tests.models.scripted_server --answers tests.models.rule_answers:answer
"""

import json
import os
import re
from functools import cache
from pathlib import Path

from benchmarks.stand_in import ChatBody
from extract.grounding.folding import fold
from extract.llm.fencing import unfence
from extract.rules.reader import read_findings
from papers.read import read_paper
from tests.extract.scripted_port import write_item

FOLDER = "PAPERFILTER_STAND_IN_PAPERS"
FENCED = re.compile(r"<paper_text>\n(.*?)\n</paper_text>", re.S)


def answer(question: ChatBody) -> str:
    """The items whose words stand in the last fenced text of the question."""
    fenced = FENCED.findall(question.messages[-1].content)
    text = fold(unfence(fenced[-1])).text if fenced else ""
    items = [item for quotes, item in _list_items() if all(quote in text for quote in quotes)]
    reply: dict[str, object] = {"findings": items[:80]}
    if '"verdicts"' in json.dumps(question.schema_asked):
        reply = {"verdicts": [], **reply, "findings": items[:24]}
    return json.dumps(reply, ensure_ascii=False)


@cache
def _list_items() -> list[tuple[list[str], dict[str, object]]]:
    """Items of every paper with their quotes, folded; each once."""
    items = {}
    for path in sorted(Path(os.environ[FOLDER]).glob("*.pdf")):
        for finding in read_findings(read_paper(path)):
            item = write_item(finding)
            items[json.dumps({k: v for k, v in item.items() if k != "page"}, sort_keys=True)] = (
                [fold(quote).text for quote in finding.quote],
                item,
            )
    return list(items.values())


if os.environ.get(FOLDER):
    _list_items()  # before the server says where it is
