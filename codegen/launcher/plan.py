"""What the launcher is told: plain values, handed over through a descriptor by the process that starts it."""

import marshal

FRESH_USER, USER_NAMESPACE = "fresh user", "user namespace"


class Plan:
    """One confined run. Paths with `inside` in their name are those that the program sees."""

    def __init__(
        self,
        *,
        role: str,  # FRESH_USER or USER_NAMESPACE
        number: int,  # the user that it runs as: here for a fresh user, else inside its namespace
        root: str,  # an empty folder of this machine, on which the program's root is mounted
        system: list[tuple[str, str, str]],  # kind, source, target: see codegen.confinement.Step
        shown: list[tuple[str, str, str]],  # the same, after scratch memory is there
        scratch_inside: str,
        scratch_bytes: int,
        out_inside: str | None,
        out_bytes: int,
        executable_inside: list[str],  # below these, files may be executed
        call_filter: bytes,
        limits: list[tuple[int, int, int]],  # resource, soft, hard
        command: list[str],
        environment: dict[str, str],
    ) -> None:
        self.role = role
        self.number = number
        self.root = root
        self.system = system
        self.shown = shown
        self.scratch_inside = scratch_inside
        self.scratch_bytes = scratch_bytes
        self.out_inside = out_inside
        self.out_bytes = out_bytes
        self.executable_inside = executable_inside
        self.call_filter = call_filter
        self.limits = limits
        self.command = command
        self.environment = environment

    def pack(self) -> bytes:
        """As bytes, for the same interpreter."""
        return marshal.dumps(vars(self))

    @classmethod
    def unpack(cls, data: bytes) -> "Plan":
        """The plan that `pack` made."""
        return cls(**marshal.loads(data))  # noqa: S302 - from the process that started this one
