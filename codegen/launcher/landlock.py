"""Landlock: the kernel's rules on paths, ports and scopes, which no mount or uid can undo (linux/landlock.h).

A second wall inside the first: what the mounts show is read-only to it as well, no TCP, no signal or abstract socket to
anything outside the sandbox. How much of this a kernel knows is its ABI number; what it lacks, the namespaces cover.
"""

import os
import struct

from codegen.launcher import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
ALL_TCP, ALL_SCOPES = 0b11, 0b11

READ = READ_FILE | READ_DIR
CHANGE = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM
CHANGE |= REFER | TRUNCATE
NEW_FILE_RIGHTS = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}  # by the ABI that brought them
TCP_SINCE, SCOPES_SINCE = 4, 6


def find_abi() -> int:
    """The version of Landlock that this kernel enforces; 0 without it."""
    try:
        return kernel.call(CREATE_RULESET, "asking for Landlock", None, 0, VERSION)
    except OSError:
        return 0


def file_rights(abi: int) -> int:
    """All rights on files that the version knows."""
    rights = (1 << 13) - 1
    for since, right in NEW_FILE_RIGHTS.items():
        rights |= right if abi >= since else 0
    return rights


def restrict(writable: list[str], executable: list[str], devices: list[str]) -> int:
    """From here on: read anything that is shown, change only below `writable`, execute only below `executable`.

    Holds for this process and all its children, for good. `devices` are files that may be written to. Returns the
    version in force, 0 for none. Raises OSError.
    """
    abi = find_abi()
    if not abi:
        return 0
    handled = file_rights(abi)
    words = [handled]
    if abi >= TCP_SINCE:
        words.append(ALL_TCP)
    if abi >= SCOPES_SINCE:
        words.append(ALL_SCOPES)
    record = struct.pack(f"={len(words)}Q", *words)
    ruleset = kernel.call(CREATE_RULESET, "making Landlock rules", record, len(record), 0)
    try:
        _allow(ruleset, "/", READ & handled)
        for path in writable:
            _allow(ruleset, path, CHANGE & handled)
        for path in executable:
            _allow(ruleset, path, EXECUTE & handled)
        for path in devices:
            _allow(ruleset, path, (WRITE_FILE | TRUNCATE) & handled)
        kernel.call(RESTRICT_SELF, "putting Landlock in force", ruleset, 0)
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        kernel.call(
            ADD_RULE, f"a Landlock rule for {path}", ruleset, PATH_BENEATH, struct.pack("=Qi", rights, place), 0
        )
    finally:
        os.close(place)
