"""The number by which an ATLAS file names a container in its element links (`m_persKey`).

It is the lowest 30 bits of a CRC-64 over the container's name and the number of its class (StringPool in Athena's
CxxUtils and AthContainersInterfaces). Checked with four containers of a PHYSLITE file.
"""

from functools import cache

_POLYNOMIAL = 0x95AC9329AC4BC9B5  # bits in reversed order
_START = 2**64 - 1
_LOWEST_30_BITS = 2**30 - 1


def hash_container(name: str, class_number: int) -> int:
    """The key of a container: 776133387 for `GSFTrackParticles` of class 1287425431."""
    crc = _START
    for byte in name.encode():
        crc = _table()[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    while class_number > 0:
        crc = _table()[(crc ^ class_number) & 0xFF] ^ (crc >> 8)
        class_number >>= 8
    return crc & _LOWEST_30_BITS


@cache
def _table() -> tuple[int, ...]:
    return tuple(_divide(byte) for byte in range(256))


def _divide(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ _POLYNOMIAL if value & 1 else value >> 1
    return value
