"""What scripted coders answer, round by round, and what must become of each answer."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from benchmarks.coders.bugs import ShownBy, load_bugs, write_functions
from schemas.coding import FailureClass, OffenceKind
from schemas.errors import CriteriaError
from schemas.model import Model

FOLDER = Path(__file__).parent
FUNCTIONS = "@@functions@@"  # in a reply: where the functions stand


class Expected(Model):
    """What must become of an attempt: accepted (`failure` None), or noticed by one of these, with this class."""

    failure: FailureClass | None = None
    shown_by: tuple[ShownBy, ...] = ()
    offence: OffenceKind | None = None
    first: tuple[str, ...] = ()  # region/step, where events are compared


class Turn(Model):
    """One answer: right functions with these mistakes, in a reply of the folder `replies`.

    `failure` and what follows are for replies that are wrong in themselves; else the first of `bugs` says it.
    """

    bugs: tuple[str, ...] = ()
    reply: str = "plain"
    failure: FailureClass | None = None
    shown_by: ShownBy | None = None
    offence: OffenceKind | None = None


class Script(Model):
    """A coder. `turns` are by analysis, or for all of them."""

    name: str
    about: str
    turns: dict[str, tuple[Turn, ...]]

    def list_turns(self, analysis: str) -> tuple[Turn, ...]:
        """What it answers in this analysis. Raises CriteriaError where the script says nothing about it."""
        found = self.turns.get(analysis, self.turns.get("all"))
        if found is None:
            raise CriteriaError(f"the coder '{self.name}' has no turns for {analysis}")
        return found


@cache
def load_scripts() -> dict[str, Script]:
    """All coders by name."""
    text = (FOLDER / "scripts.yaml").read_text(encoding="utf-8")
    scripts = TypeAdapter(tuple[Script, ...]).validate_python(YAML(typ="safe").load(text))
    return {script.name: script for script in scripts}


def write_reply(analysis: str, turn: Turn) -> str:
    """What the coder answers."""
    reply = (FOLDER / "replies" / f"{turn.reply}.md").read_text(encoding="utf-8")
    return reply.replace(FUNCTIONS, write_functions(analysis, turn.bugs).rstrip("\n"))


def expect(analysis: str, turn: Turn) -> Expected:
    """What must become of the answer."""
    if turn.failure is not None:
        shown_by = (turn.shown_by,) if turn.shown_by is not None else ()
        return Expected(failure=turn.failure, shown_by=shown_by, offence=turn.offence)
    if not turn.bugs:
        return Expected()
    bug = load_bugs(analysis)[turn.bugs[0]]
    return Expected(failure=bug.failure, shown_by=bug.shown_by, offence=bug.offence, first=bug.first)
