"""What works on this machine: Python, packages, sandbox, built-in analyses, profiles, the folder for runs."""

import importlib.metadata
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.analyses import list_analyses, load_analysis
from pipeline.compiling import DEFAULT_PROFILE
from pipeline.event_data import find_files
from schemas.errors import DataError, PaperfilterError, RunFolderError, SandboxUnavailable
from schemas.model import Model

if TYPE_CHECKING:
    from pipeline.models.config import ModelSettings

REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)[^;]*(?:;.*extra\s*==\s*['\"](?P<extra>\w+)['\"])?$")
OLDEST = (3, 11)


class Check(Model):
    """One thing that was tried."""

    name: str
    state: Literal["ok", "warning", "failed"]
    detail: str
    advice: str | None = None
    exit_code: int = 0


def examine(
    runs: Path, data: Sequence[str], profile: str | None, models: Sequence["ModelSettings"] = ()
) -> Iterator[Check]:
    """All checks, one by one as they are done; `models` are to answer too."""
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < OLDEST
    yield Check(
        name="python", state="failed" if old else "ok", detail=f"{version}, {sys.executable}", exit_code=70 * old
    )
    yield from check_packages()
    yield check_sandbox()
    for name in list_analyses():
        yield _check_analysis(name)
    yield check_folder(runs)
    if data:
        yield _check_data(data, profile or DEFAULT_PROFILE)
    if models:
        from pipeline.models.checks import check_models

        yield from check_models(models)


def check_packages() -> Iterator[Check]:
    """One check for what is required, one for each optional extra."""
    wanted: dict[str, list[str]] = {}
    for line in importlib.metadata.requires("paperfilter") or ():
        found = REQUIREMENT.match(line)
        if found:
            wanted.setdefault(found["extra"] or "", []).append(found["name"])
    for extra, names in wanted.items():
        versions = {name: _find_version(name) for name in names}
        missing = [name for name, version in versions.items() if version is None]
        shown = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        if not missing:
            yield Check(name=f"extra {extra}" if extra else "packages", state="ok", detail=shown)
        elif extra:
            advice = f"optional: pip install 'paperfilter[{extra}]'"
            yield Check(name=f"extra {extra}", state="warning", detail=f"without {', '.join(missing)}", advice=advice)
        else:
            advice = "install the package again"
            yield Check(name="packages", state="failed", detail=f"missing {missing}", advice=advice, exit_code=70)


def check_sandbox() -> Check:
    """Whether generated code can be confined here, by confining something."""
    from codegen.sandbox import probe_sandbox

    report = probe_sandbox()
    if report.usable and report.weaker:
        return Check(name="sandbox", state="warning", detail=f"{report.detail}; weaker: {', '.join(report.weaker)}")
    if report.usable:
        return Check(name="sandbox", state="ok", detail=report.detail)
    return Check(
        name="sandbox",
        state="failed",
        detail=report.detail,
        advice=report.advice,
        exit_code=SandboxUnavailable.exit_code,
    )


def check_folder(runs: Path) -> Check:
    """Whether run folders can be made, without leaving anything behind."""
    folder = runs.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        advice = "choose another folder with --runs-dir or PAPERFILTER_RUNS"
        detail = f"{runs}: {error.strerror}"
        return Check(name="runs", state="failed", detail=detail, advice=advice, exit_code=RunFolderError.exit_code)
    return Check(name="runs", state="ok", detail=str(runs))


def _check_analysis(name: str) -> Check:
    from codegen.profiles import load_profile
    from pipeline.reading import count_cuts, load_criteria
    from schemas.validation import validate_criteria

    try:
        analysis = load_analysis(name)
        criteria = load_criteria(analysis.criteria)
        validate_criteria(criteria)
        for profile in analysis.profiles:
            load_profile(profile)
    except PaperfilterError as error:
        return Check(name=f"analysis {name}", state="failed", detail=str(error), exit_code=error.exit_code)
    detail = f"{analysis.title}; {count_cuts(criteria)} cuts, {', '.join(analysis.profiles)}"
    return Check(name=f"analysis {name}", state="ok", detail=detail)


def _check_data(patterns: Sequence[str], name: str) -> Check:
    from pipeline.compiling import find_profile
    from pipeline.layouts import count_events, find_lacking_key

    try:
        files = find_files(patterns)
        profile = find_profile(name, files)
        lacking = find_lacking_key(profile, files)
        if lacking:
            raise DataError(lacking)
        events = sum(count_events(file, profile) for file in files)
        if not events:
            raise DataError("no events in these files; give files with events")
    except PaperfilterError as error:
        return Check(name="data", state="failed", detail=str(error), exit_code=error.exit_code)
    tree = f", tree {profile.tree}" if profile.tree else ""
    return Check(name="data", state="ok", detail=f"{events} events in {len(files)} files{tree} ({name})")


def _find_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
