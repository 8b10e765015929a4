"""Paragraphs in reading order: page breaks, floats, footnotes, columns, running heads, line numbers."""

from pathlib import Path

from tests.papers.typesetting import read_note, texts


def test_a_sentence_goes_on_behind_a_figure_and_a_page_break(tmp_path: Path) -> None:
    body = r"""
= Events
#for i in range(26) [Sentence number #i of the text fills a line or so of this page with words. ]
The sentence before the figure stops after the word
#place(top, float: true)[#figure(polygon(fill: blue, (0pt, 0pt), (400pt, 0pt), (200pt, 500pt), (90pt, 30pt)),
  caption: [Distribution of the mass.])]
#pagebreak()
onward and needs $m_(j j) > 500 "GeV"$ at the end.
"""
    document = read_note(tmp_path, body)
    paragraphs = texts(document, "paragraph")
    assert sum("stops after the word onward and needs m_{jj} > 500 GeV" in p for p in paragraphs) == 1
    assert texts(document, "caption") == ["Figure 1: Distribution of the mass."]


def test_a_footnote_below_the_cited_works_is_none_of_them(tmp_path: Path) -> None:
    body = """= Selection
Events with two muons are kept.#footnote[For this, muons with $p_"T" > 7$ GeV count.] An earlier work @one had one.
#bibliography(bytes("@misc{one, title = {A work}, author = {Author, An}, year = 2020}
@misc{two, title = {Another work}, author = {Beech, B.}, year = 2021}"), full: true, style: "american-physics-society")
"""
    document = read_note(tmp_path, body)
    assert texts(document, "footnote") == ["For this, muons with p_T > 7 GeV count."]
    assert [t[:3] for t in texts(document, "bibliography")] == ["[1]", "[2]"]


def test_a_footnote_whose_mark_is_a_raised_letter_of_the_font(tmp_path: Path) -> None:
    head = '#set page(paper: "a4", margin: 2.5cm)\n#set text(size: 11pt, font: "Libertinus Serif")\n'
    body = """= Selection
Events with two muons are kept.#footnote[For this, muons with $p_"T" > 7$ GeV count.]
= References
[1] A. Author, A work of some length that is about nothing, J. Invented Phys. 12, 345 (2020).
"""
    document = read_note(tmp_path, body, head)
    assert [t.endswith("muons with p_T > 7 GeV count.") for t in texts(document, "footnote")] == [True]
    assert len(texts(document, "bibliography")) == 1


def test_cited_works_that_are_marked_like_footnotes_are_no_footnotes(tmp_path: Path) -> None:
    body = """= Selection
#lorem(300)
= References
#set text(size: 8pt)
#super[1] A. Author, A work of some length that is about nothing, J. Invented Phys. 12, 345 (2020).

#super[2] B. Beech, Another work of the same kind, J. Invented Phys. 13, 1 (2021).
"""
    document = read_note(tmp_path, body)
    assert len(texts(document, "bibliography")) == 2
    assert texts(document, "footnote") == []


def test_footnotes_are_passages_and_their_marks_are_gone(tmp_path: Path) -> None:
    body = r"""
Angles are measured in the transverse plane#footnote[The axis points along the beam.] of the detector.#footnote[Its
cylinder is symmetric.] Squares such as $chi^2$ and $10^3$ stay.
"""
    document = read_note(tmp_path, body)
    assert "transverse plane of the detector. Squares such as χ^2 and 10^3 stay." in document.text
    assert texts(document, "footnote") == ["The axis points along the beam.", "Its cylinder is symmetric."]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    head = r"""
#set page(paper: "a4", columns: 2, margin: 2cm, header: [Toy Journal *12* (2024) 345 #h(1fr) Page heads return])
#set text(size: 10pt, font: "New Computer Modern")
#set par(justify: true, first-line-indent: 1em)
"""
    body = r"""
#place(top, scope: "parent", float: true)[#text(18pt, weight: "bold")[A title over the whole width of the page]]
= I. FIRST
""" + "".join(f"Left and right sentence {i} is long enough to fill a good part of one column.\n" for i in range(150))
    document = read_note(tmp_path, body, head)
    numbers = [int(w.removeprefix("sentence ")) for w in _find_all(document.text, r"sentence \d+")]
    assert numbers == list(range(150))
    assert "Toy Journal" not in document.text
    assert document.title == "A title over the whole width of the page"


def test_line_numbers_and_page_numbers_are_no_text(tmp_path: Path) -> None:
    body = r"""
#set par.line(numbering: "1")
#for i in range(40) [The draft says in sentence #(i + 500) that its lines are counted in the margin. ]
"""
    document = read_note(tmp_path, body)
    words = document.text.split()
    assert [int(w) for w in words if w.isdecimal()] == list(range(500, 540))


def test_sections_and_items(tmp_path: Path) -> None:
    body = r"""
= Objects
== Muons
Muons are kept when all of these hold:
- the transverse momentum is above 5 GeV,
- the track is close to the vertex.
== Jets
Jets follow.
= Results
Nothing is seen.
"""
    document = read_note(tmp_path, body)
    assert [(s.number, s.title, s.level) for s in document.sections] == [
        ("1", "Objects", 1),
        ("1.1", "Muons", 2),
        ("1.2", "Jets", 2),
        ("2", "Results", 1),
    ]
    objects = document.sections[0]
    assert "Jets follow." in document.text[objects.start : objects.end]
    assert "Nothing" not in document.text[objects.start : objects.end]
    assert len(texts(document, "item")) == 2
    item = next(p for p in document.passages if p.kind == "item")
    assert item.section == 1


def _find_all(text: str, pattern: str) -> list[str]:
    import re

    return re.findall(pattern, text)
