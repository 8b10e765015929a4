"""Long lines of generated code are broken without changing what they mean."""

from codegen.blocks import Block


def test_one_term_in_brackets_stays_a_term() -> None:
    block = Block()
    block.line("good = " + " | ".join(f"(number_{i} < {i})" for i in range(12)) + " | (number_12 < 99999)")
    scope: dict[str, object] = {f"number_{i}": 100 for i in range(13)}
    exec("\n".join(line.strip() for line in block.lines), scope)
    assert len(block.lines) > 1
    assert scope["good"] is True


def test_a_call_keeps_its_arguments() -> None:
    block = Block()
    block.line("total = sum_of(" + ", ".join(f"number_{i}" for i in range(14)) + ")")
    scope: dict[str, object] = {f"number_{i}": i for i in range(14)} | {"sum_of": lambda *numbers: sum(numbers)}
    exec("\n".join(line.strip() for line in block.lines), scope)
    assert len(block.lines) > 1
    assert scope["total"] == sum(range(14))
