"""`paperfilter profile`: data formats, and whether a file is of one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option

if TYPE_CHECKING:
    from pipeline.columns import FileColumns
    from pipeline.profile_checks import ProfileReport

MARKS = {"ok": "✓", "alternative": "~", "missing": "✗", "unavailable": "–"}


@click.group("profile")
def command() -> None:
    """Data formats: what a profile knows, and whether a file is as it says."""


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the profiles that come with the program."""
    from codegen.profiles import list_profiles, load_profile
    from pipeline.terminal import print_json

    profiles = [load_profile(name) for name in list_profiles()]
    if as_json:
        print_json([{"name": p.name, "title": p.title, "reader": p.reader, "tree": p.tree} for p in profiles])
        return
    for profile in profiles:
        tree = f", tree {profile.tree}" if profile.tree else ""
        click.echo(f"{profile.name}  {profile.title} ({profile.reader}{tree})")


@command.command("show")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show profile NAME (a built-in name or a TOML file): objects, their quantities, and what the format lacks."""
    from codegen.profiles import load_profile
    from pipeline.terminal import print_json, strip_controls
    from schemas.profile_fitting import describe_collection

    profile = load_profile(name)
    if as_json:
        print_json(profile.model_dump(mode="json", exclude_none=True))
        return
    lines = [f"{profile.name}: {profile.title}", f"event key: {', '.join(profile.key)}"]
    for base, source in profile.collections.items():
        lines += ["", f"{base}: {describe_collection(source)}"]
        for other in source.otherwise:
            lines.append(f"  in files without that: {describe_collection(other)}; a run says when it takes these")
        for field, given in source.fields.items():
            unit = f" [{given.unit}]" if given.unit else ""
            others = "".join(f", or {o.expression}" for o in given.otherwise)
            lines.append(f"  {field} = {given.expression}{unit}{others}")
        for field, labels in source.labels.items():
            there = [p.label for p in labels.points if p.expression is not None]
            lines.append(f"  {field}: {', '.join(there) or 'no label'}")
        lines += [f"  no {field}: {why}" for field, why in source.unavailable.items()]
    lines.append("")
    lines += [f"{name}.{f} = {s.expression}" for name, o in profile.event.objects.items() for f, s in o.fields.items()]
    lines += [f"{field} = {given.expression}" for field, given in profile.event.fields.items()]
    for field, labels in profile.event.labels.items():
        there = [p.label for p in labels.points if p.expression is not None]
        there += [f"{labels.branches}*"] if labels.branches is not None else []
        lines.append(f"{field}: {', '.join(there)}")
    lines += [f"no {what}: {why}" for what, why in {**profile.event.unavailable, **profile.unavailable}.items()]
    click.echo(strip_controls("\n".join(lines)))


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", "name", default=None, metavar="NAME", help="Data profile. [default: the one that fits best]")
@click.option(
    "--tree", default=None, metavar="NAME", help="Tree of the events. [default: the profile's, or the widest]"
)
@click.option(
    "--draft",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write a first profile for this file; nothing is compared.",
)
@json_option
def check(file: Path, name: str | None, tree: str | None, draft: Path | None, as_json: bool) -> None:
    """Compare a profile with FILE: what is there, what is missing and which branches may be meant, what looks wrong.

    Ends with 6 when the profile does not fit the file: another tree, none of the objects, an event key that is written
    otherwise; in a format whose files are all alike also when an object is there only in part. Objects and quantities
    that are missing whole are listed: analyses that do not use them run.
    """
    from codegen.profiles import list_profiles, load_profile
    from pipeline.columns import FileColumns
    from pipeline.profile_checks import check_profile, choose_profile
    from pipeline.terminal import print_json
    from schemas.errors import DataError, ProfileError

    if not file.is_file():
        raise DataError(f"{file}: {'a folder, not a file' if file.is_dir() else 'no such file'}")
    profile = load_profile(name) if name is not None else None
    columns = _open_columns(file, tree, profile.tree if profile is not None else None)
    if draft is not None:
        _write_draft(columns, draft, as_json=as_json)
        return
    if profile is None:
        profile = choose_profile(columns, [load_profile(known) for known in list_profiles()])
    if profile is None:
        raise ProfileError(
            f"{file}: no profile that comes along fits; --draft FILE.toml writes a first one for this format"
        )
    if tree is None and columns.tree != profile.tree and profile.tree in columns.trees:
        columns = FileColumns(file, profile.tree)
    report = check_profile(profile, columns)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_report(report)
    if not report.fits:
        raise click.exceptions.Exit(ProfileError.exit_code)


def _open_columns(file: Path, tree: str | None, wanted: str | None) -> "FileColumns":
    from pipeline.columns import FileColumns

    columns = FileColumns(file, tree)
    if tree is None and wanted and wanted in columns.trees and wanted != columns.tree:
        return FileColumns(file, wanted)
    return columns


def _write_draft(columns: "FileColumns", draft: Path, *, as_json: bool) -> None:
    from pipeline.drafting import draft_profile
    from pipeline.files import write_atomically
    from pipeline.terminal import print_json
    from schemas.errors import UsageError
    from schemas.profile import parse_profile

    if draft.suffix != ".toml":
        raise UsageError(f"--draft {draft}: a profile is a .toml file")
    if draft.exists():
        raise UsageError(f"--draft {draft}: the file exists; name another one")
    text = draft_profile(columns, draft.stem)
    profile = parse_profile(text, draft.name)
    write_atomically(draft, text)
    if as_json:
        print_json({"draft": str(draft), "objects": list(profile.collections)})
    else:
        objects = ", ".join(profile.collections) or "no objects"
        click.echo(f"{draft}: {objects}; check every line, then use it with --profile {draft}", err=True)


def _print_report(report: "ProfileReport") -> None:
    from pipeline.terminal import strip_controls

    tree = f", tree {report.tree}" if report.tree is not None else ""
    verdict = "fits" if report.fits else "does not fit"
    lines = [
        f"{report.file}{tree}, {report.n_events} events: profile {report.profile} {verdict}, "
        f"{report.found} of {report.asked} quantities are there",
        f"event key: {', '.join(report.key) or 'file and row'}",
        *([f"missing whole: {', '.join(report.lacking)}; analyses that use them do not run"] if report.lacking else []),
        "",
    ]
    for row in report.rows:
        detail = row.reason or ""
        if row.state in ("ok", "alternative"):
            detail = f"{row.expression}" + (f"  ({detail})" if row.state == "alternative" and detail else "")
        lines.append(f"  {MARKS[row.state]} {row.place}: {detail}")
        if row.proposals:
            lines.append(f"      perhaps {', '.join(row.proposals)}")
    if report.warnings:
        lines += ["", "to look at:", *(f"  ! {warning}" for warning in report.warnings)]
    for one in (s for s in report.suggestions if s.toml is not None):
        lines += ["", f"{one.prefix}* looks like {one.base} and is not read; to read it, add", "", one.toml or ""]
    others = [f"{s.prefix}*" for s in report.suggestions if s.toml is None]
    if others:
        lines += ["", f"other objects that are not read: {', '.join(others)}"]
    if report.unread:
        told = [f"{u.branch} ({u.meaning}?)" if u.meaning else u.branch for u in report.unread]
        lines += ["", f"branches that are not read: {', '.join(told)}"]
    click.echo(strip_controls("\n".join(lines)))
