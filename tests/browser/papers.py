"""Papers of our own for the review page: one that attacks it, one of sixty pages."""

from pathlib import Path

import pymupdf

from tests.papers.typesetting import typeset

HOSTILE_NAME = "\"'><img src=x onerror=alert(1)>"

HOSTILE = r"""
= Selection #"<b onmouseover=alert(2)>"
Muons, #"<img src=x onerror=alert(3)>", must satisfy $p_T > 5$ GeV and $|eta| < 2.7$. Jets
#"\"'><b onmouseover=alert(4)>" are required to have $p_T > 30$ GeV and #"{{ 7 * 7 }}" $|eta| < 4.5$. The photon
#"javascript:alert(5)" must have $E_T > 26$ GeV #"&lt;u&gt;" and #"</text></svg><svg onload=alert(6)>" is required to be
isolated.

= Event selection
Events are required to have at least two muons #"--><p onclick=alert(7)>" with a mass above 60 GeV. The missing
transverse momentum #"%3Cb%3E" must be smaller than 60 GeV, and the figure of #"<style>*{display:none}</style>" merit is
above 4.5.

= Summary
Electrons with #"<script>alert(8)</script>" are required to have $p_T > 7$ GeV.

#figure(
  caption: [Yields above 12 GeV #"<iframe src=javascript:alert(9)>"],
  table(columns: 2, [#"<script>"], [$> 3$ GeV]),
)
"""

_FILLING = (
    "The response of the detector to single particles is measured in a sample of its own and agrees with simulation.",
    "Corrections that depend on the transverse momentum are applied to every object before any selection is made.",
    "The uncertainty of the energy scale is taken from the calibration and is propagated to all quantities.",
    "Backgrounds are estimated from regions that are orthogonal to the selection and are extrapolated by a fit.",
    "The shape of the remaining contribution is smooth and its normalisation is left free in every period.",
)


def typeset_hostile(folder: Path) -> Path:
    """A note whose title, text, table and file name hold HTML, scripts and template code."""
    made = typeset(folder, HOSTILE, "hostile")
    return made.rename(folder / f"{HOSTILE_NAME}.pdf")


def write_long_paper(path: Path, pages: int = 60) -> Path:
    """A paper of many full pages, with thresholds on each."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page()
        page.insert_text((72, 70), f"{number} Signal region SR{number}", fontname="hebo", fontsize=13)
        text = f"""Events in signal region SR{number} are required to have at least {1 + number % 4} jets and missing
            transverse momentum above {100 + 5 * number} GeV. The efficiency is {50 + number % 40}% there for jets with
            pT > {30 + number} GeV. {" ".join(_FILLING[(number + i) % len(_FILLING)] for i in range(28))}"""
        left = page.insert_textbox(
            (72, 90, 523, 790), " ".join(text.split()), fontname="tiro", fontsize=11, lineheight=1.3
        )
        assert left >= 0
    document.set_metadata({"title": "A paper of many pages"})
    document.save(path)
    document.close()
    return path
