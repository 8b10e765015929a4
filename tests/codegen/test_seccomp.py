"""The system call filter, run by a small interpreter of classic BPF, for machines that are not this one."""

import struct

import pytest

from codegen.seccomp import MACHINES, assemble_filter

ALLOWED, KILLED = "allowed", "killed"


def decide(program: bytes, audit: int, number: int, *arguments: int) -> str | int:
    """What the filter says to a call: ALLOWED, KILLED, or the error that it fails with."""
    record = struct.pack("=iIQ6Q", number, audit, 0, *(*arguments, *[0] * (6 - len(arguments))))
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator = at = 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", record, value)
        elif code in (0x15, 0x35, 0x45):
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += if_true if holds else if_false
        else:
            assert code == 0x06
            said: dict[int, str | int] = {0x7FFF0000: ALLOWED, 0x80000000: KILLED}
            return said.get(int(value), int(value) & 0xFFFF)


@pytest.mark.parametrize("name", MACHINES)
def test_the_filter_decides_as_meant(name: str) -> None:
    machine = MACHINES[name]
    program = assemble_filter(name)
    assert program is not None
    assert len(program) // 8 < 256  # jumps are one byte
    for number in machine.denied:
        assert decide(program, machine.audit, number) == 1
    special = {machine.clone, machine.clone3, machine.socket, machine.socketpair, machine.ioctl, machine.fallocate}
    special |= {machine.setsockopt}
    for number in set(range(480)) - special - set(machine.denied):
        assert decide(program, machine.audit, number, 0x10000000) == ALLOWED
    assert decide(program, machine.audit, machine.clone3) == 38
    assert decide(program, machine.audit, machine.fallocate) == 95
    threads = 0x3D0F00  # what glibc passes for a thread
    assert decide(program, machine.audit, machine.clone, threads) == ALLOWED
    assert decide(program, machine.audit, machine.clone, 17) == ALLOWED  # fork
    assert decide(program, machine.audit, machine.clone, threads | 0x10000000) == 1
    for number in (machine.socket, machine.socketpair):
        families = {family: decide(program, machine.audit, number, family) for family in range(46)}
        assert {family for family, said in families.items() if said == ALLOWED} == {1, 2, 10}
        assert {said for said in families.values() if said != ALLOWED} == {97}
    assert decide(program, machine.audit, machine.ioctl, 0, 0x5401) == ALLOWED
    assert decide(program, machine.audit, machine.ioctl, 0, 0x5412) == 1
    options = {option: decide(program, machine.audit, machine.setsockopt, 3, 1, option) for option in range(80)}
    assert {option for option, said in options.items() if said == 1} == {7, 8, 32, 33}
    assert {said for said in options.values() if said != 1} == {ALLOWED}
    assert decide(program, machine.audit, machine.setsockopt, 3, 6, 7) == ALLOWED
    assert decide(program, 0x40000003, 1) == KILLED  # another architecture's numbers


def test_other_call_tables_fail_and_other_machines_have_no_filter() -> None:
    program = assemble_filter("x86_64")
    assert program is not None
    assert decide(program, MACHINES["x86_64"].audit, 0x40000000 + 1) == 38
    assert assemble_filter("riscv64") is None
