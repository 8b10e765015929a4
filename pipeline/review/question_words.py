"""Questions as the page shows them: the cuts that they name are formulas, as on the cards of these cuts."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from codegen.tables.formulas import Names
from extract.assembling.questions import describe_cut
from pipeline.review.typeset import set_part
from schemas.criteria import Cut, Question


def set_cuts(question: Question, cuts: Mapping[str, Cut], names: Names) -> Mapping[str, Markup]:
    """The cuts that a question is about, of all `cuts` by id: the words that it has for them, and their formulas."""
    about = (cuts[name] for name in question.cuts if name in cuts)
    plain = (
        Cut(id=c.id, variable=c.variable, operator=c.operator, threshold=c.threshold) for c in about if _is_number(c)
    )
    return {describe_cut(cut): set_part(cut, names, per_event=True) for cut in plain}


def set_question(text: str, cuts: Mapping[str, Markup]) -> Markup:
    """Words of a question as HTML with the formulas of its cuts; everything else as it is, escaped."""
    if not cuts:
        return escape(text)
    anyone = "|".join(re.escape(words) for words in sorted(cuts, key=len, reverse=True))
    parts = re.split(rf"(?<![\w.])({anyone})(?![\w(]|\.\d)", text)
    return Markup("").join(cuts[p] if k % 2 else escape(p) for k, p in enumerate(parts))


def _is_number(cut: Cut) -> bool:
    return cut.threshold is not None and (cut.threshold.value is not None or cut.threshold.range is not None)
