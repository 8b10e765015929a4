"""ADL expressions as text, for messages."""

from codegen.adl.syntax import (
    Binary,
    Call,
    Choice,
    Comparison,
    Expression,
    Index,
    Logic,
    Minus,
    Name,
    Not,
    Number,
    Text,
    Together,
)


def show(expression: Expression) -> str:
    """The expression as ADL, for a message."""
    match expression:
        case Number(text=text) | Name(text=text):
            return text
        case Text(text=text):
            return f'"{text}"'
        case Index(owner=owner, first=first, last=last, is_slice=is_slice):
            ends = [str(first) if first is not None else "", str(last) if last is not None else ""]
            return f"{show(owner)}[{':'.join(ends) if is_slice else ends[0]}]"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(show(a) for a in arguments)})"
        case Together(parts=parts):
            return " ".join(show(p) for p in parts)
        case Binary(operator=operator, left=left, right=right):
            return f"{show(left)} {operator} {show(right)}"
        case Minus(argument=argument):
            return f"-{show(argument)}"
        case Comparison(operator=operator, left=left, right=right, second=second):
            return f"{show(left)} {operator} {show(right)}{f' {show(second)}' if second is not None else ''}"
        case Logic(operator=operator, parts=parts):
            return f" {operator} ".join(show(p) for p in parts)
        case Not(argument=argument):
            return f"not {show(argument)}"
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return f"{show(condition)} ? {show(then)}{f' : {show(otherwise)}' if otherwise is not None else ''}"
    return "?"
