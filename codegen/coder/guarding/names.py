"""What a name in a coder's functions stands for: a module, a function of one, or something of its own."""

import ast

# What the frame offers under its usual name, whether or not it is imported again.
GIVEN = {
    "np": "numpy", "numpy": "numpy", "ak": "awkward", "awkward": "awkward", "vector": "vector", "math": "math",
    "itertools": "itertools", "functools": "functools",
}  # fmt: skip

ALLOWED_IMPORTS = (
    "numpy", "awkward", "vector", "math", "itertools", "functools", "typing", "collections.abc", "numpy.typing",
)  # fmt: skip


class Modules:
    """Names that stand for modules or what is in them: `n` after `import numpy as n` is "numpy"."""

    def __init__(self, tree: ast.Module) -> None:
        self.known = dict(GIVEN)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    whole = name.name if name.asname else name.name.partition(".")[0]
                    self.known[name.asname or whole] = whole
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self.known[name.asname or name.name] = f"{node.module}.{name.name}"
        for node in ast.walk(tree):  # rng = np.random
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                whole_name = self.resolve(node.value)
                if whole_name is not None:
                    self.known.setdefault(node.targets[0].id, whole_name)

    def resolve(self, node: ast.AST) -> str | None:
        """The whole name of what a name or a chain of attributes stands for, as "numpy.random.normal"."""
        parts: list[str] = []
        while (step := _take_attribute(node)) is not None:
            node, name = step
            parts.append(name)
        if not isinstance(node, ast.Name) or node.id not in self.known:
            return None
        return ".".join([self.known[node.id], *reversed(parts)])


def _take_attribute(node: ast.AST) -> tuple[ast.AST, str] | None:
    """What an attribute is taken of, and its name: `a.b`, or `getattr(a, "b")`."""
    match node:
        case ast.Attribute(value=owner, attr=name):
            return owner, name
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
            return owner, name
    return None


def list_locals(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """Names that are a function's own: its parameters and what it assigns."""
    own = {a.arg for a in list_parameters(function.args)}
    body = function.body if isinstance(function.body, list) else [function.body]
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                own.add(node.name)
    return own


def list_parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, in order."""
    extra = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]
