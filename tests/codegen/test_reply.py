"""Code in what models really reply: fences of all kinds, several blocks, none, whole programs, garbage."""

import pytest

from codegen.coder.reply import MOST_CODE, read_reply

SELECT = "def select(events, selection):\n    return None\n"
HELPER = "def helper(x):\n    return x\n"
USING = "def select(events, selection):\n    return helper(events)\n"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (f"```python\n{SELECT}```", SELECT),
        (f"Sure!\n\n~~~~py\n{SELECT}~~~~\nDone.", SELECT),
        (f"```\n{SELECT}```", SELECT),
        (f"```python\n{SELECT}", SELECT),  # never closed
        (f"1. First:\n   ```python\n   {SELECT.replace(chr(10), chr(10) + '   ')}\n   ```", SELECT),
        (f"```python\n{SELECT.replace(chr(10), chr(13) + chr(10))}```", SELECT),
        (SELECT, SELECT),
        (f"Here is the code:\n\n{SELECT}", SELECT),
        # the last one that defines it counts; what it uses comes along, an example of a call does not
        (f"```python\n{SELECT.replace('None', '1')}```\nBetter:\n```python\n{SELECT}```", SELECT),
        (f"```python\n{HELPER}```\nand\n```python\n{USING}```", f"{HELPER}\n\n{USING}"),
        (f"```python\n{USING}```\nand\n```python\n{HELPER}```", f"{USING}\n\n{HELPER}"),
        (f"```python\n{SELECT}```\nUse it so:\n```python\nresult = select(1, 2)\n```", SELECT),
        (f"```bash\npip install numpy\n```\n```python\n{SELECT}```\n```json\n{{}}\n```", SELECT),
        ("```python\nx = 1\n```", "x = 1\n"),  # the guard will say what is missing
        (f"```python\nimport os\n{SELECT}\nif __name__ == '__main__':\n    main()\n```",
         f"import os\n{SELECT}\nif __name__ == '__main__':\n    main()\n"),
        ("```python\ndef select(events, selection)\n    pass\n```", "def select(events, selection)\n    pass\n"),
        (f"```python\n{SELECT}\x1b[31m\u202e\x00```", SELECT),
    ],
)  # fmt: skip
def test_the_code_that_is_meant(reply: str, code: str) -> None:
    found = read_reply(reply)
    assert found.problem is None
    assert found.functions == code


@pytest.mark.parametrize(
    ("reply", "cut", "problem"),
    [
        ("", False, "empty"),
        (" \n\t\n", True, "cut off"),
        ("I think we should first build the leptons, then import the rest.", False, "no code"),
        ("```json\n{}\n```", False, "no Python block"),
        ("```python\n```", False, "empty"),
        (f"```python\n{SELECT}", True, "cut off in the middle"),
        (f"```python\n{'x = 1' + chr(10) * 2}{'# ' + 'x' * MOST_CODE}\n```", False, "characters"),
        ("```diff\n-a\n+b\n```", False, "no Python block"),
        ("(" * 200_000, False, "no code"),
        ("```\n" * 1000, False, "no Python block"),
    ],
)
def test_why_a_reply_is_of_no_use(reply: str, cut: bool, problem: str) -> None:
    found = read_reply(reply, cut=cut)
    assert found.functions is None
    assert found.problem is not None
    assert problem in found.problem


def test_several_wanted_functions_come_from_several_blocks() -> None:
    one, two = "def first(events, objects):\n    return 1\n", "def second(events, objects):\n    return 2\n"
    found = read_reply(f"```python\n{one}```\n```python\n{two}```", ("first", "second"))
    assert found.functions == f"{one}\n\n{two}"
