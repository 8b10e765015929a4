"""One round of reading, in a process of its own: `python -m benchmarks.performance.reading_child FIRST PDF...`.

Later rounds in one process would find sentences that it remembers. Imports come before the clock, what is done at the
first use does not: it is borne by the paper that is number FIRST (from 0) of those given, which is read first.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.performance.reading import PaperRound, ReadingRound
from benchmarks.performance.timing import Took, find_peak_memory, take
from extract.grounding.ground import ground
from extract.grounding.index import GroundingIndex
from extract.rules.reader import read_findings
from papers.read import read_paper
from schemas.document import Document
from schemas.errors import PaperfilterError
from schemas.finding import Finding


def read_round(paths: Sequence[Path], first: int = 0) -> ReadingRound:
    """Read each paper, find its criteria, ground them, and ground as many whose quotes are another paper's."""
    order = [*range(first, len(paths)), *range(first)]
    texts: dict[int, tuple[Document, Took]] = {}
    left_out = []
    for k in order:
        try:
            texts[k] = take(read_paper, paths[k])
        except PaperfilterError as error:
            left_out.append(str(error))
    found = {k: take(read_findings, document) for k, (document, _) in texts.items()}
    rounds = {}
    known = sorted(texts)
    for k, (document, reading) in texts.items():
        findings, finding = found[k]
        other = known[(known.index(k) + 1) % len(known)]
        foreign = found[other][0] if other != k else ()
        kept, grounding = take(_ground_all, document, findings)
        _, refusing = take(_ground_all, document, foreign)
        rounds[k] = PaperRound(
            paper=paths[k].stem, pages=document.n_pages, characters=len(document.text), findings=len(findings),
            grounded=kept, foreign=len(foreign), reading=reading, finding=finding, grounding=grounding,
            refusing=refusing,
        )  # fmt: skip
    return ReadingRound(
        papers=tuple(rounds[k] for k in known), left_out=tuple(sorted(left_out)), peak_memory=find_peak_memory()
    )


def _ground_all(document: Document, findings: Sequence[Finding]) -> int:
    """How many are grounded; the index of the text is made anew, as for every paper."""
    index = GroundingIndex(document)
    return sum(ground(index, finding).grounded for finding in findings)


if __name__ == "__main__":
    print(read_round([Path(name) for name in sys.argv[2:]], int(sys.argv[1])).model_dump_json())
