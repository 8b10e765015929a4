"""Do votes find back what readings lose? Simulated readings of a paper: findings left out, changed, made up, reworded.

The truth is what the rule reader reads. Every simulated reading is grounded against the paper like a real one, so a
change that the paper does not bear loses there, and what is left must be outvoted.
"""

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.mutations import change_digits
from extract.consensus.merge import merge_readings
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.read import read_paper
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp
from schemas.reading import Consensus, Reading
from schemas.vocabulary import Effect, Operator

TURNED: dict[Operator, Operator] = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "pass": "fail", "fail": "pass"}
COMPLEMENT: dict[Operator, Operator] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "pass": "fail", "fail": "pass"}
STRICT: dict[Operator, Operator] = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}


class Noise(NamedTuple):
    """Shares of findings that a reading leaves out, changes, adds, and says in other words."""

    drop: float
    change: float
    invent: float
    reword: float


class Outcome(NamedTuple):
    """What merging gave. `told`: true requirements that at least half of the readings have; `found`: by votes."""

    true: int
    told: int
    found: int
    found_at_all: int
    false: int  # grounded requirements that are none of the true ones
    false_majority: int
    conflicts: int
    split: int  # true requirements that became more than one
    seconds: float


def simulate(document: Document, noise: Noise, n: int, seed: int) -> Outcome:
    """`n` noisy readings of one paper, grounded and merged."""
    truth = read_findings(document)
    choice = random.Random(seed)  # noqa: S311 - a simulation
    readings, evidence = [], dict[str, Evidence]()
    for sample in range(n):
        findings = tuple(_distort(truth, noise, choice, sample))
        readings.append(Reading(reader="llm:simulated", sample=sample, mode="bulk", document_id="", findings=findings))
        evidence |= {f.id: e for f, e in zip(findings, ground_findings(document, findings), strict=True)}
    proof = {f.id: e for f, e in zip(truth, ground_findings(document, truth), strict=True)}
    alone = merge_readings([Reading(reader="rules", mode="rules", document_id="", findings=truth)], proof)
    began = time.perf_counter()
    merged = merge_readings(readings, evidence)
    seconds = time.perf_counter() - began
    true_of = {i: v.finding for v in alone.votes if proof[v.finding].grounded for i in v.merged}
    return _judge(true_of, readings, merged, evidence, seconds)


def _judge(
    true_of: dict[str, str],
    readings: Sequence[Reading],
    merged: Consensus,
    evidence: dict[str, Evidence],
    seconds: float,
) -> Outcome:
    tellers: dict[str, set[int]] = {}
    variables = {f.id: f.variable for r in readings for f in r.findings}
    for reading in readings:
        for f in reading.findings:
            _, origin, done = f.id.split("/")
            if origin in true_of and done in ("kept", "reworded"):
                tellers.setdefault(true_of[origin], set()).add(reading.sample)
    majority, anywhere, owners = set[str](), set[str](), dict[str, int]()
    false = false_majority = 0
    for vote in merged.votes:
        if not evidence[vote.finding].grounded:
            continue
        grounded = [i for i in vote.merged if evidence[i].grounded]
        unchanged = [i for i in grounded if i.endswith(("kept", "reworded"))]
        unchanged = [i for i in unchanged if i.split("/")[1] in true_of]
        stated = {true_of[i.split("/")[1]] for i in unchanged}
        if stated:
            anywhere |= stated
            majority |= stated if 2 * len(vote.found_in) >= vote.of else set()
            own = {true_of[i.split("/")[1]] for i in unchanged if variables[i] == variables[vote.finding]}
            for one in own & stated:
                owners[one] = owners.get(one, 0) + 1
        else:
            false += 1
            false_majority += 2 * len(vote.found_in) >= vote.of
    told = sum(2 * len(t) >= len(readings) for t in tellers.values())
    split = sum(n > 1 for n in owners.values())
    return Outcome(
        len(set(true_of.values())),
        told,
        len(majority),
        len(anywhere),
        false,
        false_majority,
        len(merged.conflicts),
        split,
        seconds,
    )


def _distort(truth: Sequence[Finding], noise: Noise, choice: random.Random, sample: int) -> list[Finding]:
    """A reading in an order of its own; what was done to a finding stands at the end of its id."""
    made = []
    for finding in truth:
        if choice.random() < noise.drop:
            continue
        done, changed = "kept", finding
        if choice.random() < noise.change:
            done, changed = "changed", _change(finding, choice)
        elif choice.random() < noise.reword:
            done, changed = "reworded", _reword(finding, choice)
        made.append(_rename(changed, sample, finding.id, done))
        if choice.random() < noise.invent:
            made.append(_rename(_invent(finding, truth, choice), sample, finding.id, "invented"))
    choice.shuffle(made)
    return made


def _rename(finding: Finding, sample: int, origin: str, done: str) -> Finding:
    return finding.model_copy(
        update={"id": f"m{sample}/{origin}/{done}", "reader": "llm:simulated", "start": None, "group": None}
    )


def _change(finding: Finding, choice: random.Random) -> Finding:
    """Another meaning: another number, direction, strictness or label."""
    value = finding.value
    ways: list[dict[str, object]] = []
    if isinstance(value, float):
        ways.append({"value": choice.choice(change_digits(value))})
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], float):
        ways.append({"value": (value[0], float(value[1]) + 10)})
    if isinstance(value, Ramp):
        ways.append({"value": value.model_copy(update={"y": value.y[::-1]})})
    if finding.operator in TURNED:
        ways.append({"operator": TURNED[finding.operator]})
    if finding.operator in STRICT:
        ways.append({"operator": STRICT[finding.operator]})
    if isinstance(value, str):
        ways.append({"value": f"very tight {value}"})
    return finding.model_copy(update=choice.choice(ways) if ways else {"quote": ("nothing of the kind is said",)})


def _reword(finding: Finding, choice: random.Random) -> Finding:
    """The same meaning: the other polarity, another unit, a shorter quote, no scope or condition."""
    ways: list[dict[str, object]] = [{"scope": None}, {"stage": "object" if finding.stage == "event" else "event"}]
    if finding.operator in COMPLEMENT and finding.effect == "keep" and finding.value is not None:
        effect: Effect = "reject_event" if finding.variable == "n" else "remove_object"
        ways.append({"operator": COMPLEMENT[finding.operator], "effect": effect})
    if finding.unit == "GeV" and isinstance(finding.value, float):
        ways.append({"value": finding.value * 1000, "unit": "MeV"})
    if finding.source == "prose" and len(finding.quote) == 1 and isinstance(finding.value, float):
        at = finding.quote[0].find(f"{finding.value:g}")
        if at > 40:
            ways.append({"quote": (finding.quote[0][finding.quote[0].index(" ", at - 40) + 1 : at + 12],)})
    if finding.variable == "abs_eta":
        ways.append({"variable": "eta"})
    return finding.model_copy(update=choice.choice(ways))


def _invent(finding: Finding, truth: Sequence[Finding], choice: random.Random) -> Finding:
    """A requirement with the quote of another one."""
    other = choice.choice(truth)
    return finding.model_copy(update={"quote": other.quote, "page": other.page, "source": other.source})


def main(folder: str) -> None:
    """Print one line per paper and noise."""
    levels = (Noise(0.2, 0.1, 0.1, 0.0), Noise(0.3, 0.2, 0.2, 0.3), Noise(0.5, 0.2, 0.3, 0.3))
    print("paper  drop change invent reword  true  told found anywhere split  false false>=half conflicts  s")
    for path in sorted(Path(folder).glob("*.pdf")):
        document = read_paper(path)
        for noise in levels:
            o = simulate(document, noise, 10, 1)
            shares = "  ".join(f"{100 * share:3.0f}%" for share in noise)
            print(
                f"{path.stem:18} {shares}  {o.true:4} {o.told:5} {o.found:5} {o.found_at_all:5} {o.split:5} "
                f"{o.false:5} {o.false_majority:5} {o.conflicts:5}  {o.seconds:.2f}"
            )


if __name__ == "__main__":
    main(sys.argv[1])
