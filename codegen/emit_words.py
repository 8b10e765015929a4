"""Calls of the functions that a coder wrote for what the criteria state in words."""

from codegen.bind import label_column
from codegen.blocks import Block
from codegen.emit_tables import TableCode
from codegen.offered import MOMENTUM, group_given, name_field
from schemas.expressions.nodes import (
    Call,
    Candidate,
    Composites,
    EventObject,
    LabelTest,
    Members,
    Node,
    This,
    Worded,
)
from schemas.words import name_function


def write_call(block: Block, node: Worded, code: TableCode) -> str:
    """Code of what a function says: a number per event, or 1, 0 and NaN per event or per object of a table.

    The objects that it is given are written to the block first.
    """
    block.line("given = {")
    for owner, nodes in group_given(node.given).items():
        block.line(f'    "{_name(owner)}": {_write(owner, nodes, code)},')
    block.line("}")
    name = name_function(code.binding.checked.criteria, node.owner, is_variable=node.type.kind == "number")
    if node.type.kind == "number":
        return f'written.measure("{name}", given)'
    return f'written.decide("{name}", given)' if node.axis is None else f'written.judge("{name}", {code.table}, given)'


def _name(owner: Node) -> str:
    if isinstance(owner, Members):
        return f"{owner.owner.name}.{owner.part}"  # type: ignore[attr-defined]
    return owner.collection if isinstance(owner, This) else owner.name  # type: ignore[attr-defined]


def _write(owner: Node, nodes: list[Node], code: TableCode) -> str:
    names = [n for node in nodes for n in (MOMENTUM if _is_momentum(node) else [name_field(node)])]
    names = list(dict.fromkeys(names))
    labels = [label_column(n).name for n in nodes if isinstance(n, LabelTest)]
    plain = [f'"{n}"' for n in names if n not in labels]
    match owner:
        case EventObject():
            columns = ", ".join(f'"{n}": {code.events[f"{owner.name}.{n}"]}' for n in names)
            return f"ak.zip({{{columns}}})"
        case Candidate():
            return f"describe_candidate({', '.join([code.composite(owner), *plain])})"
        case Composites():
            return f"list_composites({', '.join([code.composite(owner), *plain])})"
    table = str(code.table) if isinstance(owner, This) else code.names.name_table(owner)
    shown = [f"labels=({''.join(f'{label!r}, ' for label in labels).strip()})".replace("'", '"')] if labels else []
    return f"list_objects({', '.join([table, *plain, *shown])})"


def _is_momentum(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "mass"
