"""Tables for analysis notes: proper symbols, every requirement once, and no way in for markup."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.tables.latex import escape, write_latex
from codegen.tables.markdown import write_markdown, write_plain
from codegen.tables.rows import arrange_table
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import load_criteria
from tests.codegen.adl_documents import Generator
from tests.schemas.examples import ALL, DIPHOTON, H4L, LEPTOQUARK

ANALYSES = sorted((Path(__file__).parents[2] / "benchmarks" / "analyses").glob("*/criteria.yaml"))
FRAME = r"""\documentclass{article}\usepackage{amsmath,array,booktabs,longtable}\begin{document}
%s\end{document}
"""
HOSTILE = (
    r"\input{/etc/passwd}", r"\write18{ls}", "100% & $x$ #1 _a ^b ~c {", "}}\\end{longtable}\\input{x}", "^^5cinput x",
    "日本語 \U0001f600 \u202e", "a|b\n| --- |", "<script>alert(1)</script>", "[x](http://e)", "![x](y)",
    "`code` *b* __c__", "\x00\x07\n\n\\par", "$$\\", "%", "\\", "*[x]", "&lt;",
)  # fmt: skip

# everything that our own LaTeX says
WORDS = (
    "addlinespace approx arraybackslash begin bottomrule caption cos cdot circ dagger ell end "
    "endfirsthead endhead endlastfoot ensuremath footnotesize geq in label ldots leq linewidth mathcal "
    "midrule multicolumn neq noindent par raggedright sin sqrt text textasciicircum textasciigrave "
    "textasciitilde textbackslash textbar textbf textgreater textless textstyle textsuperscript times to "
    "toprule usepackage Delta eta phi sigma theta tau mu gamma sum alpha leftarrow"
)
COMMANDS = {"\\" + word for word in (*WORDS.split(), *"\\,{}$&#_%")}


def rows(latex: str) -> list[str]:
    """The requirement column."""
    return [line.split(" & ", 1)[1].removesuffix(r" \\") for line in latex.split("\n") if " & " in line]


def test_four_leptons_in_latex() -> None:
    latex = rows(write_latex(load_criteria(H4L)))
    for expected in (
        r"$p_{\text{T}} > 7\,\text{GeV}$",
        r"$|\eta| < 2.47$",
        "at least loose identification",
        r"$p_{\text{T}} > 15\,\text{GeV}$, if calo tagged",
        "electrons and muons",
        r"removed within $\Delta R < 0.2$ of electrons",
        r"smallest $|m_{Z_{1}} - m_{Z}|$",
        r"no object of $Z_{1}$",
        "candidate $H$ exists",
        r"$p_{\text{T}}(\ell_{1}^{H}) > 20\,\text{GeV}$",
        r"$50 < m_{12} < 106\,\text{GeV}$",
        r"$m_{34} > 12\,\text{GeV}$ for $m_{4\ell} \leq 140\,\text{GeV}$, linear to $50\,\text{GeV}$ at"
        r" $190\,\text{GeV}$, constant above",
        r"$\Delta R(\ell,\, \ell) > 0.1$ for all pairs of leptons of $H$",
        r"$m_{\ell \ell} > 5\,\text{GeV}$ for all same-flavour, opposite-charge pairs of leptons of $H$",
        r"$|d_{0} / \sigma(d_{0})| < 5$ for all electrons of $H$",
    ):
        assert latex.count(expected) == 1, (expected, latex)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (H4L, r"| Electrons | p<sub>T</sub> &gt; 7 GeV |"),
        (H4L, r"|  | \|η\| &lt; 2.47 |"),
        (H4L, r"| m<sub>4ℓ</sub> | m<sub>H</sub> |"),
        (DIPHOTON, r"|  | \|η\| ≤ 1.37 or \|η\| ≥ 1.52 |"),
        (DIPHOTON, r"|  | p<sub>T</sub>(γ<sub>1</sub>)/m<sub>γγ</sub> &gt; 0.35 |"),
        (DIPHOTON, "|  | not: at least tight identification for all photons of γγ |"),
        (LEPTOQUARK, r"| LQ | one lepton of the 2 leading leptons and one jet of the 2 leading jets each"),
        (LEPTOQUARK, r"min(m<sub>LQ<sub>1</sub></sub>, m<sub>LQ<sub>2</sub></sub>)"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    assert expected in write_markdown(load_criteria(text))


def test_a_group_is_one_row_and_a_rejected_cut_none() -> None:
    text = H4L.replace("{id: l1_pt,", "{id: l1_pt, group: either,").replace("{id: l3_pt,", "{id: l3_pt, group: either,")
    markdown = write_markdown(load_criteria(text.replace("{id: l2_pt,", "{id: l2_pt, status: rejected,")))
    lepton = "p<sub>T</sub>(ℓ<sub>{}</sub><sup>H</sup>) &gt; {} GeV"
    assert f"|  | {lepton.format(1, 20)} or {lepton.format(3, 10)} |" in markdown
    assert lepton.format(2, 15) not in markdown


def test_pages_quotes_and_open_questions_are_shown() -> None:
    checks = "number: ok, unit: ok, operator: ok, polarity: ok"
    evidence = f"{{document_id: n, page: 12, quote: [pT > 7 & more], alignment: exact, {checks}}}"
    question = "questions: [{id: q, text: Really 7 GeV_?, why: unclear, cuts: [e_pt]}]\n"
    criteria = load_criteria(H4L.replace("{id: e_pt,", f"{{id: e_pt, evidence: [{evidence}],") + question)
    latex = write_latex(criteria, quotes=True)
    assert r"$p_{\text{T}} > 7\,\text{GeV}$\textsuperscript{a}\textsuperscript{[1]} & 12 \\" in latex
    assert r"\textsuperscript{a}~Really 7 GeV\_?" in latex
    assert r"[1]~``pT \textgreater{} 7 \& more''" in latex
    markdown = write_markdown(criteria)
    assert "| Electrons | p<sub>T</sub> &gt; 7 GeV <sup>open 1</sup> | 12 |" in markdown
    assert "1. open: Really 7 GeV\\_?" in markdown


def test_plain_text() -> None:
    table = arrange_table(load_criteria(H4L))
    lines = [write_plain(row.phrase) for section in table.sections for group in section.groups for row in group.rows]
    assert {"pT > 7 GeV", "|η| < 2.47", "50 < m12 < 106 GeV", "pT(ℓ1^H) > 20 GeV"} <= set(lines)


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_nothing_in_a_document_is_latex(seed: int) -> None:
    check_latex(write_latex(Generator(seed, HOSTILE).document(), quotes=True))


def check_latex(latex: str) -> None:
    """Only our own commands, balanced braces and math, one comment."""
    body = latex.split("\n", 1)[1]
    assert set(re.findall(r"\\(?:[A-Za-z]+|.)", latex)) <= COMMANDS
    plain = re.sub(r"\\[\\{}$&#_%,]", "", body)
    assert not set(plain.replace("}~", "").replace("]~", "")) & set("%~")
    assert "^^" not in plain
    assert plain.count("$") % 2 == 0
    assert plain.count("{") == plain.count("}")
    assert body.count(r"\begin{") == body.count(r"\end{") == 1
    assert not re.search(r"\\\\\s*[\[*]", body)


@given(st.text(max_size=40) | st.sampled_from(HOSTILE))
def test_words_are_only_words(text: str) -> None:
    escaped = escape(text)
    assert "\n" not in escaped
    bare = re.sub(r"\\(?:[{}$&#_%,]|[a-z]+)|\{[\[\]*]\}", "", escaped)
    assert not set(bare) & set("\\$&#_%~|<>") - {"~"}


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_nothing_in_a_document_is_markup(seed: int) -> None:
    markdown = write_markdown(Generator(seed, HOSTILE).document())
    assert set(re.findall(r"<[^>]*>", markdown)) <= {"<sub>", "</sub>", "<sup>", "</sup>"}
    assert not re.search(r"(?<!\\)\]\(|(?<!\\)`", markdown)
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in markdown.split("\n") if line.startswith("|")]
    assert len(set(widths)) <= 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_tables_typeset(tmp_path: Path) -> None:
    documents: list[SelectionCriteria] = [load_criteria(source) for source in [*ANALYSES, *ALL.values()]]
    documents += [Generator(seed, HOSTILE).document() for seed in range(8)]
    text = FRAME % "\\clearpage\n".join(write_latex(d, quotes=True) for d in documents)
    (tmp_path / "tables.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "tables.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=60)
    assert done.returncode == 0, [line for line in done.stdout.split("\n") if line.startswith("!")]


@pytest.mark.parametrize(
    ("candidate", "constant", "letter"),
    [("z", "mZ", "Z"), ("w", "mW", "W"), ("h", "mH", "H"), ("higgs", "mH", "H"), ("top", "mTop", "t")],
)
def test_a_candidate_and_the_mass_of_its_particle_differ(candidate: str, constant: str, letter: str) -> None:
    text = f"""
schema_version: "1.0"
analysis: {{slug: pairs}}
objects: [{{name: muons, base: muon}}]
candidates:
  - {{name: {candidate}, pair: muons, require: [opposite_charge], minimise: abs(mass({candidate}) - {constant})}}
  - {{name: {candidate}2, pair: muons, exclude: [{candidate}], minimise: abs(mass({candidate}2) - {constant})}}
"""
    criteria = load_criteria(text)
    smallest = [row for row in rows(write_latex(criteria)) if "smallest" in row]
    assert smallest == [
        rf"smallest $|m_{{{letter}}} - m_{{{letter}}}^{{\text{{PDG}}}}|$",
        rf"smallest $|m_{{{letter}_{{2}}}} - m_{{{letter}}}^{{\text{{PDG}}}}|$",
    ]
    assert f"m<sub>{letter}</sub><sup>PDG</sup>" in write_markdown(criteria)


def test_one_leading_object_units_and_names_of_regions() -> None:
    criteria = load_criteria("""
schema_version: "1.0"
analysis: {slug: one}
objects:
  - {name: muons, base: muon, cuts: [{id: a, variable: d0, operator: "<", threshold: {value: 450, unit: um}}]}
candidates: [{name: lead, leading: muons, n: 1}]
regions:
  - {name: sr1b, cuts: [{id: b, variable: count(muons), operator: ">=", threshold: {value: 1}}]}
  - {name: WZ, parent: sr1b}
""")
    latex, markdown = write_latex(criteria), write_markdown(criteria)
    assert "the leading muon" in markdown
    assert "leading muons" not in markdown
    assert "450 μm" in markdown
    assert r"450\,\mu\text{m}" in latex
    for text in (latex, markdown):
        assert "sr1b" in text
        assert "Sr1b" not in text
        assert "WZ" in text
