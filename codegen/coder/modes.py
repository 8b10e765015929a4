"""The two ways in which a model codes: the whole selection, or what the criteria state in words alone."""

from collections.abc import Sequence
from typing import NamedTuple

from codegen.coder.guard import check_functions
from codegen.coder.guide import find_unused, write_guide
from codegen.coder.hybrid import list_tasks, make_hybrid_program, write_hybrid_guide
from codegen.coder.program import CoderProgram, make_program
from codegen.coder.prompting import write_criteria
from codegen.coder.task import CodingTask
from schemas.coding import Offence


class Mode(NamedTuple):
    """How a task is coded. `wanted` are the names of the functions to be written."""

    task: CodingTask
    wanted: tuple[str, ...]

    @property
    def hybrid(self) -> bool:
        """Whether the rest is compiled."""
        return self.task.coder == "hybrid"

    def write_guide(self, *, form: bool = True, examples: bool = True, far: bool = True) -> str:
        """The part of a prompt that says what to write, and what the files hold; without `form` not how to write it."""
        task = self.task
        if self.hybrid:
            examples = examples and form
            return write_hybrid_guide(task.ssc, task.profile, task.branches, examples=examples, far=far).strip()
        return write_guide(task.ssc, task.profile, task.branches, form=form, examples=examples, far=far).strip()

    def write_criteria(self, *, notes: bool = True) -> str:
        """The criteria in a prompt, without what nothing uses."""
        unused = () if self.hybrid else find_unused(self.task.ssc, self.task.profile)
        return write_criteria(self.task.ssc, notes=notes, unused=unused)

    def make_program(self, functions: str, model: str) -> CoderProgram:
        """The program around functions that a model wrote. Raises CriteriaError when there can be none."""
        make = make_hybrid_program if self.hybrid else make_program
        return make(functions, self.task.ssc, self.task.profile, f"{'hybrid' if self.hybrid else 'llm'}:{model}")

    def check(self, functions: str, steps: Sequence[str]) -> tuple[Offence, ...]:
        """What the functions must not do, as far as reading them shows."""
        return check_functions(
            functions, steps=steps, branches=self.task.branches, hybrid=self.hybrid, keys=self.task.profile.key
        )


def choose_mode(task: CodingTask) -> Mode:
    """How this task is coded. Raises CriteriaError when the criteria are not right, or state nothing in words."""
    mode = Mode(task, ("select",))
    if mode.hybrid:
        mode = mode._replace(wanted=tuple(one.name for one in list_tasks(task.ssc, task.profile)))
    mode.make_program("", "nobody")
    return mode
