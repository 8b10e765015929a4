"""A criterion without a working point that is not fulfilled: only where the text turns that criterion round."""

import pytest

from extract.grounding.ground import ground_findings
from schemas.finding import Finding
from tests.extract.documents import make_document


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("A sample is obtained by inverting the muon isolation requirement.", True),
        ("The control region inverts the isolation of the muon.", True),
        ("Events with non-isolated muons form the control region.", True),
        ("The isolation requirements on muons are reversed.", True),
        ("Muons are required to be isolated.", False),
        ("Muons for which the isolation criterion is not fulfilled are kept.", True),
        ("Muons must not fail the isolation requirement.", False),
        ("The order of the muons is reversed, and they are required to be isolated.", False),
    ],
)
def test_a_criterion_fails_where_the_text_inverts_it(text: str, fails: bool) -> None:
    document = make_document([("heading", "4 Selection"), ("paragraph", text)])
    finding = Finding(
        id="1", stage="region", subject="muon", variable="isolation", operator="fail", quote=(text,), page=1, reader="x"
    )
    assert ground_findings(document, [finding])[0].grounded is fails
