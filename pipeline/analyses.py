"""Built-in analyses, found by name in the entry-point group `paperfilter.analyses`."""

import importlib.metadata

from schemas.analysis import BuiltInAnalysis
from schemas.errors import UsageError

GROUP = "paperfilter.analyses"


def list_analyses() -> tuple[str, ...]:
    """Names of the built-in analyses; nothing is imported."""
    return tuple(sorted({point.name for point in importlib.metadata.entry_points(group=GROUP)}))


def load_analysis(name: str) -> BuiltInAnalysis:
    """The analysis called `name`. Raises UsageError when there is none or its package is damaged."""
    point = next((p for p in importlib.metadata.entry_points(group=GROUP) if p.name == name), None)
    if point is None:
        raise UsageError(f"there is no built-in analysis '{name}'; there are: {', '.join(list_analyses()) or 'none'}")
    try:
        found = getattr(point.load(), "ANALYSIS", None)
    except ImportError as error:
        raise UsageError(
            f"built-in analysis '{name}' cannot be imported: {error}; install the package again"
        ) from error
    if not isinstance(found, BuiltInAnalysis):
        raise UsageError(f"built-in analysis '{name}' has no ANALYSIS; install the package again")
    return found
