"""`bench score`: findings against gold criteria."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from benchmarks.extraction import Score

Show = Literal["missed", "unmatched", "all"]


@click.command("score")
@click.option("--gold", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--pdf", type=click.Path(path_type=Path, exists=True, file_okay=False), help="folder of the PDFs")
@click.option(
    "--findings",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder of <paper>.json files with findings, instead of reading PDFs",
)
@click.option("--paper", "papers", multiple=True, help="only this paper (its name in the gold list); may be repeated")
@click.option("--all", "everything", is_flag=True, help="count the non-numeric criteria too")
@click.option("--json", "as_json", is_flag=True, help="scores as JSON on stdout")
@click.option("--show", type=click.Choice(["missed", "unmatched", "all"]), help="list criteria and findings")
def command(
    gold: Path,
    pdf: Path | None,
    findings: Path | None,
    papers: tuple[str, ...],
    everything: bool,
    as_json: bool,
    show: Show | None,
) -> None:
    """Score the reading of papers against gold criteria: recall, precision, chance, seconds."""
    from benchmarks.extraction import score
    from benchmarks.gold import load_gold
    from benchmarks.judging import load_judgements
    from benchmarks.reading import load_findings, read_with_rules
    from benchmarks.tables import print_details, print_scores

    if (pdf is None) == (findings is None):
        raise click.UsageError("give either --pdf or --findings")
    lists = load_gold(gold)
    readings = [
        load_findings(g.paper, findings / f"{g.paper}.json")
        if findings is not None
        else read_with_rules(g.paper, (pdf or Path()) / g.pdf)
        for g in lists
    ]
    judgements = load_judgements()
    unknown = set(papers) - {g.paper for g in lists}
    if unknown:
        raise click.UsageError(f"no gold list for {', '.join(sorted(unknown))}")
    scores = [
        score(g, r, [o for o in readings if o.paper != g.paper], judgements, everything=everything)
        for g, r in zip(lists, readings, strict=True)
        if not papers or g.paper in papers
    ]
    if as_json:
        click.echo(json.dumps([_summarise(s) for s in scores], ensure_ascii=False, indent=1))
        return
    print_scores(scores)
    if show is not None:
        print_details(scores, show)


def _summarise(scored: "Score") -> dict[str, object]:
    lower, upper = scored.precision
    plain: dict[str, object] = scored.model_dump(mode="json", exclude={"missed"})
    return {**plain, "missed": [c.id for c in scored.missed], "recall": scored.recall, "precision": [lower, upper]}
