"""What is known while the statements of an ADL file are read: names, ids, the parts made so far, what went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.adl.cuts import Maker
from codegen.adl.defining import Definer
from codegen.adl.known import Known
from codegen.adl.meaning import Interpreter
from codegen.adl.names import free_name
from codegen.adl.sources import make_id
from codegen.adl.syntax import Problem
from schemas.criteria import Analysis, Candidate, Cut, NamedVariable, ObjectDefinition, Region


@dataclass
class Read:
    """What a file's statements say, part by part, each with the line it stands in."""

    analysis: Analysis = field(default_factory=lambda: Analysis(slug="unnamed"))
    objects: list[ObjectDefinition] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    variables: list[NamedVariable] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # of "cut ID", "object NAME", "away NAME NEAR", ...
    text: tuple[str, ...] = ()  # the lines of the file
    tags: dict[str, str] = field(default_factory=dict)  # cut id: the field whose working point is open
    problems: list[Problem] = field(default_factory=list)
    asides: list[Problem] = field(default_factory=list)  # what was not imported and selects nothing


class Ledger:
    """Shared by the readers of objects and of regions."""

    def __init__(self) -> None:
        self.read = Read()
        self.known = Known(self.make_base)
        self.definer = Definer(self.known, self.read.candidates, self.read.variables, self.name)
        self.names: set[str] = set()
        self.wanted: set[str] = set()  # names that blocks further down will have
        self.ids: set[str] = set()
        self.bases: dict[str, str] = {}
        self.tagged: list[str] = []

    def mark_broken(self, name: str, problem: Problem) -> None:
        """A part that could not be expressed: a problem, and what uses its name will be one, too."""
        self.read.problems.append(problem)
        self.known.broken[name] = problem.line

    def put_aside(self, line: int, token: str, message: str) -> None:
        """Something that selects nothing and was not imported."""
        self.read.asides.append(Problem(line, token, message))

    def name(self, wanted: str) -> str:
        """A free name of the criteria."""
        name = free_name(wanted, self.names)
        self.names.add(name)
        return name

    def make_base(self, base: str) -> str:
        """The collection of all objects of a base; made when it is first asked for."""
        if base not in self.bases:
            name = free_name(f"{base}s" if base != "vertex" else "vertices", self.names | self.wanted)
            self.names.add(name)
            self.bases[base] = name
            self.read.objects.insert(len(self.bases) - 1, ObjectDefinition(name=name, base=base))
        return self.bases[base]

    def make_maker(self, owner: str, this: frozenset[str] = frozenset()) -> Maker:
        """Makes cuts for an owner; `this` are the names of the object that is cut on."""
        self.tagged = []
        interpreter = Interpreter(self.known, this, self.tagged.append)
        return Maker(interpreter, lambda variable: make_id(owner, variable), lambda first: f"{first}_or")

    def keep(self, cuts: Iterable[Cut], line: int) -> list[Cut]:
        """The cuts with ids and groups of their own, noted down with their line."""
        kept: list[Cut] = []
        groups: dict[str, str] = {}
        for cut in cuts:
            free = cut.id
            k = 1
            while free in self.ids:
                k += 1
                free = f"{cut.id}_{k}"
            group = cut.group
            if group is not None:
                group = groups.setdefault(group, f"{free}_or")
                self.ids.add(group)
            kept.append(cut.model_copy(update={"id": free, "group": group}))
            self.note_cut(kept[-1], line)
        return kept

    def note_cut(self, cut: Cut, line: int) -> None:
        """Where a cut stands, and what it leaves open."""
        self.ids.add(cut.id)
        self.read.lines[f"cut {cut.id}"] = line
        for variable in self.tagged:
            if variable in cut.variable:
                self.read.tags[cut.id] = variable
