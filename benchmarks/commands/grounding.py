"""`bench grounding`: is a false finding refused, a true one kept?."""

import json
from pathlib import Path

import click

from schemas.errors import PaperfilterError


@click.command("grounding")
@click.option("--gold", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--pdf", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="the PDFs")
@click.option("--json", "as_json", is_flag=True, help="rates and failures as JSON on stdout")
def command(gold: Path, pdf: Path, as_json: bool) -> None:
    """Test grounding by mutation: true findings must be kept, false ones refused; every wrong verdict is listed."""
    from benchmarks.gold import load_gold
    from benchmarks.grounding import list_quotes, measure, read_documents
    from benchmarks.tables import print_grounding

    try:
        lists = load_gold(gold)
        documents = read_documents(lists, pdf)
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    scores = [measure(g, documents[g.paper], list_quotes(lists, g.paper)) for g in lists]
    if as_json:
        click.echo(json.dumps([s.model_dump(mode="json") for s in scores], ensure_ascii=False, indent=1))
    else:
        print_grounding(scores)
