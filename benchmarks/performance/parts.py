"""What can be measured, apart."""

from typing import Literal, get_args

Part = Literal["reading", "serving", "selecting", "memory", "workers"]
PARTS: tuple[Part, ...] = get_args(Part)
