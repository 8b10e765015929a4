"""Stands for what the compiler writes, so that the other templates can be linted and typed. Never copied."""

from coffea import processor

from codegen.templates.flow import Output, Region

ANALYSIS = ""
PROFILE = ""
MADE_BY = ""
TREE = ""
KEY: tuple[str, ...] = ()
BRANCHES: tuple[str, ...] = ()
PATHS: dict[str, str] = {}
REGIONS: tuple[Region, ...] = ()
OUTPUTS: tuple[Output, ...] = ()
NOT_EVALUABLE: tuple[tuple[str, str, str], ...] = ()


class Analysis(processor.ProcessorABC):  # type: ignore[misc]
    """The compiled class."""

    def __init__(self, watched: frozenset[tuple[int, ...]] = frozenset()) -> None:
        self.watched = watched
