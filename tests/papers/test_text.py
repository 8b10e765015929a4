"""Clean physics text: scripts, signs, spaces, marks that TeX draws, hyphens."""

from pathlib import Path

import pytest

from schemas.document import Document
from tests.papers.typesetting import read_note, texts

NOTE = r"""
= Selection
Muons need $p_T > 5 "GeV"$ and $|eta| < 2.7$, photons $p_T^gamma >= 35 "GeV"$, events $E_T^"miss" > 100 "GeV"$.
The masses $m_12$, $m_(4 ell)$ and $m_(gamma gamma)$ are used, with $x_(i_1)^2$ and $chi^2 < 5$, in $139 "fb"^(-1)$ at
$sqrt(s) = 13 "TeV"$. Pairs need $Delta R = sqrt((Delta eta)^2 + (Delta phi)^2) > 0.1$ and $-2.5 < eta < 2.5$.
Mass windows such as 110–160 GeV keep their dash. Final states with $t macron(t)$ and vectors $arrow(p)_T$ exist.
The fraction $p_T / m_(gamma gamma)$ is read, and so is the displayed one,
$ frac(E_T^"iso", p_T) < 0.2 $
which belongs to this sentence. A set of (≥ 2 jets) and “≤ 3 tracks” keeps its signs close, $H arrow Z Z^* arrow 4 ell$
keeps its arrows. The efﬁciency of anti-$k_t$ jets in an oﬄine ﬁt stays one word.
"""


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return read_note(tmp_path_factory.mktemp("text"), NOTE)


@pytest.mark.parametrize(
    "expected",
    [
        "p_T > 5 GeV",
        "|η| < 2.7",
        "p_T^γ ≥ 35 GeV",
        "E_T^{miss} > 100 GeV",
        "m_{12}, m_{4ℓ} and m_{γγ}",
        "x_{i_1}^2",
        "χ^2 < 5",
        "fb^{-1}",
        "√s = 13 TeV",
        "ΔR = √((Δη)^2 + (Δφ)^2) > 0.1",
        "-2.5 < η < 2.5",
        "110–160 GeV",
        "tt\u0304",
        "p\u20d7_T",
        "p_T/m_{γγ}",
        "one, E_T^{iso}/p_T < 0.2 which belongs",
        "(≥ 2 jets) and “≤ 3 tracks”",
        "H → ZZ^* → 4ℓ",
        "efficiency of anti-k_t jets in an offline fit",
    ],
)
def test_physics_is_written_as_one_line(note: Document, expected: str) -> None:
    assert expected in note.text


def test_words_cover_the_text_and_stand_on_their_page(note: Document) -> None:
    covered = set()
    for word in note.words:
        assert note.text[word.start : word.end].strip()
        assert 0 <= word.x0 < word.x1 <= note.pages[0].width + 1
        assert 0 <= word.y0 < word.y1 <= note.pages[0].height + 1
        covered.update(range(word.start, word.end))
    assert all(c.isspace() for i, c in enumerate(note.text) if i not in covered)
    assert [w.start for w in note.words] == sorted(w.start for w in note.words)


def test_the_box_of_a_word_is_where_it_is_printed(note: Document) -> None:
    title = next(w for w in note.words if note.text[w.start : w.end] == "Selection")
    muons = next(w for w in note.words if note.text[w.start : w.end] == "Muons")
    assert title.y1 < muons.y0
    assert muons.x0 == pytest.approx(2.5 * 72 / 2.54, abs=1.5)


def test_hyphens_at_line_ends_follow_the_words_of_the_paper(tmp_path: Path) -> None:
    lines = [
        "The discrim-",
        "inator uses same-",
        "flavour pairs and single-",
        "lepton triggers, a re-",
        "quirement of the",
    ]
    body = " \\ ".join(lines) + " selection. This requirement and the discriminator are known."
    document = read_note(tmp_path, "#set text(hyphenate: false)\n" + body)
    assert "The discriminator uses same-flavour pairs and single-lepton triggers, a requirement" in document.text


def test_passages_part_the_text_without_newlines(note: Document) -> None:
    assert texts(note, "heading") == ["1 Selection"]
    assert all("\n" not in note.passage_text(p) for p in note.passages)
    assert "\n".join(note.passage_text(p) for p in note.passages) + "\n" == note.text
