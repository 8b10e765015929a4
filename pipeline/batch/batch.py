"""From a list of papers to a summary: the folder is opened, what is to be done is found out, and done."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.batch.display import Display
from pipeline.batch.entries import Listing
from pipeline.batch.folder import load_statuses, make_identity, open_batch
from pipeline.batch.going import do_batch
from pipeline.batch.orders import Order
from pipeline.batch.plan import plan_jobs
from pipeline.batch.records import BatchRecord
from pipeline.batch.summary import Summary, summarise, write_summary
from pipeline.clock import note_time


def run_batch(path: Path, listing: Listing, order: Order, arguments: Sequence[str], *, quiet: bool) -> Summary:
    """Do a batch in its folder; what it came to. Raises RunFolderError when the folder is in use or not writable."""
    wanted = BatchRecord(
        identity=make_identity(),
        name=path.name,
        created=note_time(),
        until=order.until,
        lists=tuple(arguments),
        options=order.options,
        entries=listing.entries,
    )
    with open_batch(path, wanted) as batch:
        jobs = plan_jobs(listing.entries, order, load_statuses(path), batch.record.identity)
        settled = [job.status.state for job in jobs if job.action == "leave"]
        with Display(len(jobs), settled, quiet=quiet) as display:
            for warning in listing.warnings:
                display.note(warning)
            for job in jobs:
                if job.entry.kind == "bad":
                    display.note(f"{job.entry.where}: {job.entry.problem}")
            interrupted = do_batch(jobs, order, batch, display)
        statuses = load_statuses(path)
        papers = [statuses.get(job.entry.key, job.status) for job in jobs]  # some may not have been started
        summary = summarise(path, batch.record, papers, interrupted=interrupted)
        write_summary(path, summary)
    return summary
