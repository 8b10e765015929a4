"""What can be measured, apart."""

from typing import Literal, get_args

Part = Literal["reading", "serving"]
PARTS: tuple[Part, ...] = get_args(Part)
