"""Programs of criteria under review, compiled once for each selection that is looked at."""

import threading
from collections import OrderedDict
from typing import NamedTuple

from pipeline.compiling import compile_criteria
from pipeline.files import digest_text
from pipeline.review.preview_criteria import name_some, prepare_criteria
from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError, ProfileError
from schemas.profile import Profile

KEPT = 64  # programs of about 100 kB each


class Program(NamedTuple):
    """What the compiler makes of a state of the criteria: the program, or in `problem` why there is none.

    `told` says in lines for people what the program takes for granted and what it leaves out. Two states that select
    the same have the same `digest`, of all but the header; `criteria` is one of what the criteria say. `unused` are
    definitions that nothing in the program needs.
    """

    source: str
    digest: str
    criteria: str
    told: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    problem: str | None = None


class Programs:
    """The programs for one data format. To be used from several threads."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._format = digest_text(profile.model_dump_json())
        self._made: OrderedDict[str, Program] = OrderedDict()
        self._lock = threading.Lock()  # one compiles, the others wait for it: often they want the same

    def compile(self, criteria: SelectionCriteria, backend: Backend = "numpy") -> Program:
        """The program of criteria that may have open questions. What cannot be compiled is told, not raised."""
        try:
            prepared = prepare_criteria(criteria)
        except CriteriaError as error:
            key = digest_text(str(error))
            return Program("", key, key, problem=str(error))
        key = digest_text(prepared.criteria.model_dump_json(), self._format, backend)
        with self._lock:
            program = self._made.get(key)
            if program is None:
                program = self._made[key] = self._compile(prepared.criteria, key, backend)
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
        return program._replace(told=(*prepared.told, *program.told))

    def _compile(self, criteria: SelectionCriteria, key: str, backend: Backend) -> Program:
        try:
            made = compile_criteria(criteria, self.profile, backend)
        except (CriteriaError, ProfileError) as error:
            return Program("", key, key, problem=str(error))
        lacking = [f"{one.cut} ({one.reason})" for one in made.not_evaluable]
        told = (f"the data format cannot evaluate {name_some(lacking)}",) if lacking else ()
        _, _, below = made.source.split('"""', 2)  # the header names the criteria by their digest
        return Program(made.source, digest_text(below), key, told, made.unused)
