"""What has to be shown: for every cut each of its comparisons, each piece of a piecewise one, each overlap removal."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from codegen.witness.distance import list_atoms
from codegen.witness.evaluate import Interpreter, Look
from codegen.witness.values import Entry
from schemas.checked_cut import CheckedCut
from schemas.expressions import nodes as n
from schemas.expressions.nodes import Node

Kind = Literal["region", "object", "combination", "overlap"]
UNUSED = "nothing that a region asks for depends on it"


class Goal(NamedTuple):
    """One comparison of one cut that should decide an event.

    `owner` is the region, collection or candidate; `piece` the part of an interpolation in whose range the event lies;
    `side` (of an equality) whether the value outside is below or above.
    """

    item: str
    kind: Kind
    owner: str
    cut: CheckedCut | None = None
    atom: Node | None = None
    of_condition: bool = False
    piece: tuple[n.Interpolation, int] | None = None
    side: int = 0

    @property
    def words(self) -> str:
        """What is special about the goal, for people; empty where nothing is."""
        parts = []
        if self.of_condition:
            parts.append("its condition")
        if self.piece is not None:
            node, k = self.piece
            low = f"{node.x[k - 1]:g} to " if k > 0 else "below "
            parts.append(f"{low}{node.x[k]:g}" if k < len(node.x) else f"above {node.x[-1]:g}")
        if self.side:
            parts.append("below" if self.side < 0 else "above")
        return ", ".join(parts)

    def list_entries(self, single: dict[Entry, bool]) -> list[Entry]:
        """The outcomes in an event that the goal is about."""
        if self.kind == "region":
            return [(self.item, ())]
        return [entry for entry in single if entry[0] == self.item]


def list_goals(interpreter: Interpreter) -> Iterator[Goal]:
    """Everything that the format can evaluate, in document order."""
    checked = interpreter.checked
    for name, groups in interpreter.object_cuts.items():
        for cuts in groups:
            for cut in cuts:
                yield from _split(Goal(cut.cut.id, "object", name, cut), interpreter)
    for definition in checked.criteria.objects:
        for removal in definition.remove_overlap:
            label = f"{definition.name} near {removal.with_}"
            if removal.status != "rejected" and label not in interpreter.missing:
                yield Goal(label, "overlap", definition.name)
    for step in interpreter.overlap:
        yield Goal(f"{step.remove} near {step.near}", "overlap", step.remove)
    for name, groups in interpreter.select_cuts.items():
        for cuts in groups:
            for cut in cuts:
                yield from _split(Goal(cut.cut.id, "combination", name, cut), interpreter)
    for region in interpreter.regions:
        for _, cuts in interpreter.steps[region.name]:
            for cut in cuts:
                yield from _split(Goal(cut.cut.id, "region", region.name, cut), interpreter)


def _split(goal: Goal, interpreter: Interpreter) -> Iterator[Goal]:
    assert goal.cut is not None
    variables = interpreter.checked.variables
    for of_condition, tree in ((False, goal.cut.test), (True, goal.cut.condition)):
        for atom in list_atoms(tree, variables):
            sides = (-1, 1) if isinstance(atom, n.Comparison) and atom.relation in ("==", "!=") else (0,)
            if isinstance(atom, n.Comparison) and atom.left.type.kind == "label":
                sides = (0,)
            pieces: list[tuple[n.Interpolation, int] | None] = [None]
            for part in atom.walk():
                if isinstance(part, n.Interpolation):
                    pieces = [(part, k) for k in range(len(part.x) + 1)]
            for side in sides:
                for piece in pieces:
                    yield goal._replace(atom=atom, of_condition=of_condition, piece=piece, side=side)


def find_piece(look: Look, piece: tuple[n.Interpolation, int]) -> list[float]:
    """How far the argument of an interpolation is from a piece of it, relative to its size; one number per member."""
    node, k = piece
    found = look.number(node.argument)
    values = found if isinstance(found, list) else [] if isinstance(found, str) else [found]
    low = node.x[k - 1] if k > 0 else float("-inf")
    high = node.x[k] if k < len(node.x) else float("inf")
    scale = max(abs(v) for v in node.x)
    margin = 1e-3 * scale
    return [
        10.0 if v != v else max(low + margin - v, v - high + margin, 0.0) / scale for v in values
    ]  # fmt: skip
