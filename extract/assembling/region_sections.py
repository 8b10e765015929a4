"""Sections in which a selection sorts events into regions, rather than selecting them for good."""

import re

from schemas.document import Document
from schemas.evidence import Evidence

REGION_HEADING = re.compile(
    r"categor|classif|control|validation|background|sideband|signal region|fiducial|result",
    re.I,
)
SELECTION_HEADING = re.compile(r"(?<!signal region )selection|object|reconstruction|identification", re.I)


class RegionSections:
    """The character ranges of those sections of a document, told from their headings."""

    def __init__(self, document: Document) -> None:
        self._ranges = [
            (s.start, s.end)
            for s in document.sections
            if REGION_HEADING.search(s.title) and not SELECTION_HEADING.search(s.title)
        ]

    def speak_of_regions(self, evidence: Evidence) -> bool:
        """Whether a quote stands in such a section."""
        return any(low <= start < high for start, _ in evidence.spans[:1] for low, high in self._ranges)
