"""In which way a compiled selection goes through the events."""

from typing import Literal

# numpy: a table of objects for many events at once. numba: one loop over events, turned into machine code.
Backend = Literal["numpy", "numba"]
