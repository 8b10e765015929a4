"""Why an attempt failed: ten classes, told apart by rules, the first that holds decides.

The order, and why. What keeps everything else from being judged comes first (no code that parses; code that goes where
it must not; code that does not end), then results that come from nowhere (they make every comparison worthless), then
what a crash says about its cause, then a result that is wrong. The rules read what the attempt's guard, run and
comparison left behind; what a program printed counts only where it did not end well, so that a warning or a made-up
traceback beside a wrong result changes nothing.

The names of the classes are those of Gendreau-Distler et al., "Automating High Energy Physics Data Analysis with
LLM-Powered Agents", with three that their table lacks: timeout, sandbox violation, other.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from codegen.coder.crash import Crash, read_crash
from schemas.coding import Attempt, FailureClass, Offence, OffenceKind
from schemas.execution import Outcome

CUTFLOW = "cutflow.json"
REFUSED = 10  # exit code of the frame around a coder's functions: what they gave it cannot be used
SIGNALLED = 128  # exit codes above it are signals
SIGSYS = 31  # a call that the sandbox's filter does not let through

SYNTAX_ERRORS = {"SyntaxError", "IndentationError", "TabError"}
# Operating system errors: of places, links and processes that a program has no business with
FORBIDDEN_ERRORS = {
    "PermissionError", "BlockingIOError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "ConnectionAbortedError", "BrokenPipeError", "ChildProcessError", "ProcessLookupError", "InterruptedError",
    "TimeoutError", "OSError", "IOError", "gaierror", "herror", "URLError", "HTTPError", "ConnectError",
    "ConnectTimeout", "SubprocessError", "CalledProcessError", "MemoryError", "_ArrayMemoryError",
}  # fmt: skip
MISSING_FILE_ERRORS = {"FileNotFoundError", "FileExistsError", "IsADirectoryError", "NotADirectoryError", "EOFError"}
# A call that does not fit what it calls: the name, the module, the number or the type of the arguments
CALL_ERRORS = {
    "AttributeError", "TypeError", "ImportError", "ModuleNotFoundError", "NameError", "UnboundLocalError",
    "NotImplementedError", "AxisError", "LinAlgError", "FieldNotFoundError", "UFuncTypeError", "UFuncNoLoopError",
}  # fmt: skip
LIBRARIES = {"numpy", "awkward", "vector", "uproot", "coffea", "hist", "numba", "scipy"}

# Folders of a machine that are no place of a program's own files
# the home of this user is shown as ~
SYSTEM_PLACE = re.compile(r"'(?:~|/(?:etc|root|home|proc|sys|dev|var|run|boot|mnt|media|srv|opt))(?:/|')")
# Messages of ValueError and IndexError that numpy, awkward and Python's own functions give about their arguments
ARGUMENTS = re.compile(
    r"could not be broadcast|cannot broadcast|shape mismatch|shapes? .*not aligned|same (?:length|shape|number)"
    r"|out of bounds for axis|too many indices|cannot slice|truth value of an|ambiguous|setting an array element"
    r"|inhomogeneous shape|all the input arrays? |dimensions?|not enough values to unpack|too many values to unpack"
    r"|math domain error|invalid literal|could not convert|cannot convert|zero-size array|boolean index did not match",
    re.IGNORECASE,
)
NO_BRANCH = re.compile(r"\bno branch ['\"]")

UNUSABLE = re.compile(rf"\b{re.escape(CUTFLOW)} .*; it is not used$", re.DOTALL)  # as codegen.outputs refuses it

# What the guard says of a forbidden call, the first that fits: it wanted to hand over by printing or by files of its
# own; it looked for a way out; anything else is a name that is not for a selection.
IMPORTED = re.compile(r"^import of ['\"`]?(?P<module>\w+)")
OUTWARDS = {
    "_thread", "aiohttp", "asyncio", "atexit", "builtins", "cffi", "cloudpickle", "code", "codeop", "concurrent",
    "ctypes", "dill", "fcntl", "ftplib", "gc", "getpass", "glob", "grp", "http", "httpx", "importlib", "inspect", "io",
    "joblib", "marshal", "mmap", "multiprocessing", "os", "paramiko", "pathlib", "pickle", "platform", "psutil", "pty",
    "pwd", "requests", "resource", "runpy", "select", "selectors", "shelve", "shutil", "signal", "smtplib", "socket",
    "socketserver", "sqlite3", "ssl", "subprocess", "sys", "telnetlib", "tempfile", "threading", "tty", "urllib",
    "webbrowser",
}  # fmt: skip
FORBIDDEN: tuple[tuple[re.Pattern[str], FailureClass], ...] = (
    (re.compile(r"^['\"`]?print\b|is printed"), "intermediate file not found"),
    (re.compile(r"files are read and written by the frame"), "intermediate file not found"),
    (re.compile(r"look into the interpreter|out by name|not on memory|import at the top"), "sandbox violation"),
    (re.compile(r""), "function-calling error"),
)

OFFENCES: dict[OffenceKind, FailureClass] = {
    "syntax": "syntax",
    "forbidden call": "sandbox violation",  # more exactly by FORBIDDEN
    "fabricated input": "dummy data",
    "replaced input": "dummy data",
    "listed events": "dummy data",
    "constant cut": "dummy data",  # a mask that was not computed from the events
    "zero weights": "all weights zero",
    "wrong branch": "incorrect branch name",
    "not a selection": "function-calling error",  # what the frame calls, or is to be called with, is not there
    "subsampling": "semantic error",
    "swallowed exception": "other",  # hides what went wrong: nobody knows
}
OUTCOMES: dict[Outcome, FailureClass] = {
    "timeout": "timeout",
    "memory": "sandbox violation",
    "output_limit": "sandbox violation",
    "no_output": "intermediate file not found",
}


class Rule(NamedTuple):
    """One reason for one class."""

    failure: FailureClass
    because: str  # one line, for people
    holds: Callable[["Signs"], bool]


class Signs:
    """What an attempt left behind, as the rules ask for it."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.execution = attempt.execution

    @cached_property
    def crash(self) -> Crash | None:
        """The last exception, where the program did not end well."""
        return read_crash(self.execution) if self.execution else None

    @property
    def is_unanswered(self) -> bool:
        """Whether there is no code because no question to the coder got a reply."""
        asked = [call for call in self.attempt.calls if call.role == "coder"]
        silent = all(call.prompt_tokens == call.completion_tokens == call.seconds == 0 for call in asked)
        return self.attempt.code_sha256 is None and bool(asked) and silent

    @property
    def stopped(self) -> FailureClass | None:
        """The class of a limit that was passed."""
        return OUTCOMES.get(self.execution.outcome) if self.execution else None

    @property
    def signal(self) -> int:
        """The signal that ended the program, 0 for none."""
        code = self.execution.exit_code if self.execution else None
        return 0 if code is None else -code if code < 0 else max(code - SIGNALLED, 0)

    def offends(self, failure: FailureClass) -> bool:
        """Whether an offence belongs to the class."""
        return any(class_offence(offence) == failure for offence in self.attempt.offences)

    def raises(self, names: set[str]) -> bool:
        """Whether it died of one of these exceptions."""
        return self.crash is not None and self.crash.kind in names

    @property
    def lacks_branch(self) -> bool:
        """Whether it died of a name that is no branch of the files."""
        crash = self.crash
        return crash is not None and bool(NO_BRANCH.search(crash.message) or NO_BRANCH.search(crash.told))

    @property
    def leaves_forbidden(self) -> bool:
        """Whether it left something that is not taken: links, pipes, devices, floods of files.

        The folder of new results that a killed analysis.py leaves behind is its frame's own.
        """
        refused = self.execution.refused if self.execution else ()
        return any(not (r.reason == "a folder" and r.name.startswith(".new-")) for r in refused)

    @property
    def leaves_unusable(self) -> bool:
        """Whether its cutflow is none, or contradicts itself: the frame writes no such thing."""
        run = self.execution
        written = run is not None and run.outcome == "ok" and CUTFLOW in {output.name for output in run.outputs}
        return written and bool(UNUSABLE.search(self.attempt.problem or ""))

    @property
    def opens_system_place(self) -> bool:
        """Whether the file that it did not find is one of the machine's."""
        return self.raises(MISSING_FILE_ERRORS) and bool(self.crash and SYSTEM_PLACE.search(self.crash.message))

    @property
    def has_no_results(self) -> bool:
        """Whether it ended well and left no cutflow."""
        run = self.execution
        return run is not None and run.outcome == "ok" and CUTFLOW not in {output.name for output in run.outputs}

    @property
    def calls_wrongly(self) -> bool:
        """Whether it died of a call that does not fit: by the exception, who raised it, or what it says."""
        crash = self.crash
        if crash is None or crash.raised:
            return False
        if crash.kind in CALL_ERRORS or crash.home in LIBRARIES:
            return True
        return crash.kind in {"ValueError", "IndexError", "KeyError"} and (
            crash.where == "library" or bool(ARGUMENTS.search(crash.message))
        )

    @property
    def is_told_to(self) -> bool:
        """Whether the frame refused what the functions gave it: a step that is missing, a mask of another length."""
        refused = self.execution is not None and self.execution.exit_code == REFUSED
        return refused or self.raises({"SelectionProblem"})

    @property
    def differs(self) -> bool:
        """Whether it ran to its end and its events are not those of the baseline."""
        attempt = self.attempt
        compared = attempt.comparison is not None and not attempt.comparison.matched
        return compared or attempt.held_out is False or attempt.witness is False


RULES: tuple[Rule, ...] = (
    Rule("other", "no model answered", lambda s: s.is_unanswered),
    Rule("syntax", "the reply holds no code", lambda s: s.attempt.code_sha256 is None),
    Rule("syntax", "the code cannot be parsed", lambda s: s.offends("syntax") or s.raises(SYNTAX_ERRORS)),
    Rule("sandbox violation", "it does what is forbidden", lambda s: s.offends("sandbox violation")),
    Rule("timeout", "it passed a limit of time", lambda s: s.stopped == "timeout"),
    Rule("sandbox violation", "it passed a limit of memory or output", lambda s: s.stopped == "sandbox violation"),
    Rule("sandbox violation", "it made a call that the sandbox kills for", lambda s: s.signal == SIGSYS),
    Rule("sandbox violation", "it left what is not taken", lambda s: s.leaves_forbidden),
    Rule("sandbox violation", "it left results that nobody can use", lambda s: s.leaves_unusable),
    Rule("sandbox violation", "it wanted a file of the machine", lambda s: s.opens_system_place),
    Rule("sandbox violation", "the machine refused it something", lambda s: s.raises(FORBIDDEN_ERRORS)),
    Rule("sandbox violation", "it may start no more processes", lambda s: _is_out_of_threads(s.crash)),
    Rule("dummy data", "results do not come from the events", lambda s: s.offends("dummy data")),
    Rule("all weights zero", "every weight is zero", lambda s: s.offends("all weights zero")),
    Rule("incorrect branch name", "a name is no branch",
         lambda s: s.lacks_branch or s.offends("incorrect branch name")),
    Rule("intermediate file not found", "it prints, or uses files of its own, instead of handing over",
         lambda s: s.offends("intermediate file not found")),
    Rule("intermediate file not found", "a file was not there", lambda s: s.raises(MISSING_FILE_ERRORS)),
    Rule("intermediate file not found", "it ended without results",
         lambda s: s.stopped == "intermediate file not found" or s.has_no_results),
    Rule("function-calling error", "a call does not fit", lambda s: s.calls_wrongly),
    Rule("function-calling error", "the frame refused what it was given", lambda s: s.is_told_to),
    Rule("function-calling error", "a name is not for a selection, or functions and steps are missing",
         lambda s: s.offends("function-calling error")),
    Rule("semantic error", "its events are other ones", lambda s: s.differs or s.offends("semantic error")),
    Rule("other", "no rule fits", lambda _: True),
)  # fmt: skip


def classify(attempt: Attempt) -> FailureClass:
    """The class of a failed attempt, by the first of RULES that holds. "other" where none does."""
    return find_rule(attempt).failure


def find_rule(attempt: Attempt) -> Rule:
    """The rule that decides about a failed attempt: its class, and the reason in a line."""
    signs = Signs(attempt)
    return next(rule for rule in RULES if rule.holds(signs))


def class_offence(offence: Offence) -> FailureClass:
    """The class that an offence alone would give."""
    if offence.kind == "forbidden call":
        imported = IMPORTED.match(offence.detail)
        if imported:
            return "sandbox violation" if imported["module"] in OUTWARDS else "function-calling error"
        return next(failure for said, failure in FORBIDDEN if said.search(offence.detail))
    return OFFENCES[offence.kind]


def _is_out_of_threads(crash: Crash | None) -> bool:
    return crash is not None and "can't start new thread" in crash.message
