"""Names of the variables in compiled code: those of the criteria where they are free, readable in any case."""

import builtins
import re
from keyword import iskeyword

from schemas.expressions.nodes import Collection, Members, Node, Pairs, Slice

# Names that the frame of a compiled analysis uses; those of the copied functions are added by the compiler.
FRAME = {
    "np", "ak", "uproot", "hist", "processor", "BaseSchema", "argparse", "csv", "glob", "json", "sys", "Path", "Any",
    "NamedTuple", "annotations", "combinations", "permutations", "product", "Callable", "Sequence", "events", "self",
    "keys", "weight", "simulated", "watch", "undecided", "enough", "first", "allowed", "passed", "applies", "exempt",
    "x", "outputs", "n_events", "accumulator", "ANALYSIS", "PROFILE", "TREE", "KEY", "BRANCHES", "REGIONS", "OUTPUTS",
    "NOT_EVALUABLE", "LUMINOSITY", "PATHS", "written", "given",
}  # fmt: skip


class Names:
    """Hands out names, each once."""

    def __init__(self, reserved: set[str]) -> None:
        self._taken = FRAME | reserved | set(dir(builtins))
        self._of: dict[object, str] = {}

    def give(self, owner: object, wanted: str) -> str:
        """The name of `owner`: the wanted one, with underscores where it is taken already."""
        if owner not in self._of:
            name = re.sub(r"\W", "_", wanted, flags=re.ASCII)
            while name in self._taken or iskeyword(name):
                name += "_"
            self._taken.add(name)
            self._of[owner] = name
        return self._of[owner]

    def find(self, owner: object) -> str:
        """The name that was given to `owner`."""
        return self._of[owner]

    def name_table(self, node: Node) -> str:
        """The name of a table: a collection, the members of a candidate, or a list of pairs."""
        match node:
            case Collection():
                return self.give(("collection", node.name), node.name)
            case Members():
                return self.give(node, f"{self.name_candidate(node.owner.name)}_{node.part}")  # type: ignore[attr-defined]
            case Pairs():
                owner = node.owner
                first = f"first_{owner.stop}_" if isinstance(owner, Slice) else ""
                table = self.name_table(owner.owner if isinstance(owner, Slice) else owner)
                flags = ("sfos",) if node.flags == ("same_flavour", "opposite_charge") else node.flags
                return self.give(node, "_".join((f"{first}{table.removesuffix('s')}_pairs", *flags)))
        raise TypeError(type(node).__name__)

    def name_candidate(self, name: str) -> str:
        """The name of a candidate."""
        return self.give(("candidate", name), name)

    def name_variable(self, name: str) -> str:
        """The name of an event variable."""
        return self.give(("variable", name), name)
