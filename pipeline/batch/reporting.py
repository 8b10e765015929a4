"""What a batch prints on stdout: its plan, where its papers stand, what it came to."""

from pathlib import Path

from papers.identifiers import Identifier, parse_file_name, parse_identifier
from papers.library import Library
from pipeline.batch.entries import Entry, Listing
from pipeline.batch.folder import BATCHES, RECORD, list_batches, load_batch, load_statuses
from pipeline.batch.orders import Order
from pipeline.batch.plan import Job, plan_jobs
from pipeline.batch.records import PaperStatus, Usage
from pipeline.batch.summary import SUMMARY_MARKDOWN, Summary, count_states, describe, summarise
from pipeline.batch.usage import sum_usage
from pipeline.obtaining import Shelves
from pipeline.run_store import make_slug
from pipeline.terminal import make_console, print_json, strip_controls
from schemas.errors import UsageError


def print_plan(path: Path, listing: Listing, order: Order, *, as_json: bool) -> None:
    """What would be done with each paper, from where, and what it took before. Touches nothing."""
    known = (path / RECORD).is_file()
    statuses = load_statuses(path) if known else {}
    identity = load_batch(path).identity if known else None
    jobs = plan_jobs(listing.entries, order, statuses, identity)
    usual = _find_usual(list(statuses.values()))
    rows = [
        (job, _find_place(job.entry, order.shelves), _estimate(job, statuses.get(job.entry.key), usual)) for job in jobs
    ]
    if as_json:
        print_json(
            {
                "format": "paperfilter-batch-plan/1",
                "folder": str(path),
                "until": order.until,
                "warnings": list(listing.warnings),
                "papers": [
                    {
                        "source": job.entry.source,
                        "given": job.entry.given,
                        "where": job.entry.where,
                        "action": job.action,
                        "why": job.why,
                        "from": place,
                        "estimate": estimate.model_dump(mode="json") if estimate else None,
                    }
                    for job, place, estimate in rows
                ],
            }
        )
        return
    for warning in listing.warnings:
        _print(f"! {warning}")
    for job, place, estimate in rows:
        expected = f"; about {_word_usage(estimate)}" if estimate else ""
        _print(f"{job.action:<6} {job.entry.given}  ({place}; {job.why}{expected})")
    todo = [estimate for job, _, estimate in rows if job.action != "leave"]
    together = sum_usage([e for e in todo if e is not None])
    expected = f", about {_word_usage(together)}" if together else ""
    _print(f"{path}: {len(todo)} of {len(rows)} papers to do until {order.until}, {order.jobs} at once{expected}")


def print_status(runs: Path, name: str | None, *, as_json: bool) -> None:
    """Where the papers of a batch stand; without a name, the batches there are. Raises UsageError for another."""
    if name is None:
        summaries = [summarise_folder(path) for path in list_batches(runs)]
        if as_json:
            print_json([s.model_dump(mode="json", exclude={"papers"}) for s in summaries])
            return
        for one in summaries:
            _print(f"{one.name}  until {one.until}  {count_states(one)}")
        if not summaries:
            _print(f"no batches in {runs}")
        return
    path = next((p for p in (Path(name), runs / BATCHES / make_slug(Path(name).stem)) if (p / RECORD).is_file()), None)
    path = path or runs / BATCHES / make_slug(name)
    if not (path / RECORD).is_file():
        known = ", ".join(p.name for p in list_batches(runs)) or "none"
        raise UsageError(f"there is no batch '{name}' in {runs}; there are: {known}")
    summary = summarise_folder(path)
    if as_json:
        print_json(summary.model_dump(mode="json"))
        return
    for status in summary.papers:
        _print(f"{status.state:<9} {status.entry.given}  {describe(status)}")
    print_summary(summary)


def print_summary(summary: Summary) -> None:
    """The states, what the papers took, and where to read more."""
    usage = f"; {_word_usage(summary.usage)}" if summary.usage is not None else ""
    _print(f"{count_states(summary)}; {summary.seconds:.0f} s of all papers together{usage}")
    _print(f"{summary.folder}/{SUMMARY_MARKDOWN}")


def summarise_folder(path: Path) -> Summary:
    """The summary of a batch folder as it stands now. Papers that were never started are waiting."""
    record, statuses = load_batch(path), load_statuses(path)
    papers = [
        statuses.get(e.key) or PaperStatus(entry=e, until=record.until, extraction="", request="")
        for e in record.entries
    ]
    return summarise(path, record, papers, interrupted=False)


def _find_place(entry: Entry, shelves: Shelves) -> str:
    """Where a source would come from."""
    if entry.kind in ("paper", "criteria"):
        try:
            return f"file, {Path(entry.source).stat().st_size / 1e6:.1f} MB"
        except OSError as error:
            return f"file: {error.strerror}"
    if entry.kind == "analysis":
        return "built-in"
    identifier = parse_identifier(entry.source) if entry.kind == "identifier" else None
    if identifier is None:
        return entry.where
    if Library(shelves.library).find(identifier) is not None:
        return "library"
    named = (name for folder in shelves.papers for name in sorted(folder.glob("*.pdf")))
    beside = next((path for path in named if _is_called(path, identifier)), None)
    if beside is not None:
        return f"folder {beside.parent}"
    return "not here, and --offline" if shelves.offline else "network"


def _is_called(path: Path, identifier: Identifier) -> bool:
    named = parse_file_name(path.name)
    return named is not None and (named if identifier.version else named.plain) == identifier


def _estimate(job: Job, before: PaperStatus | None, usual: Usage | None) -> Usage | None:
    """What a paper took before, else what the papers of this batch take in the mean; None where nothing is known."""
    if job.action == "leave" or job.run is not None or job.entry.kind not in ("paper", "identifier"):
        return None
    return before.usage if before is not None and before.usage is not None else usual


def _find_usual(statuses: list[PaperStatus]) -> Usage | None:
    done = [s.usage for s in statuses if s.usage is not None and s.state in ("done", "questions")]
    total = sum_usage(done)
    if total is None:
        return None
    n = len(done)
    return Usage(
        asked=round((total.asked + total.cached) / n),
        prompt_tokens=round(total.prompt_tokens / n),
        completion_tokens=round(total.completion_tokens / n),
        cost=None if total.cost is None else round(total.cost / n, 6),
    )


def _word_usage(usage: Usage) -> str:
    cached = f" and {usage.cached} from the cache" if usage.cached else ""
    cost = f", cost {usage.cost:g}" if usage.cost is not None else ""
    return f"{usage.asked} questions{cached}, {usage.prompt_tokens} + {usage.completion_tokens} tokens{cost}"


def _print(text: str) -> None:
    make_console(stderr=False).print(strip_controls(text), markup=False, soft_wrap=True)
