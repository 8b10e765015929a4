"""Everything that can go wrong with the machine or the input, and the exit code of each.

Failure of the subject (code that crashes, a mismatch, a quote that is not there) is data, not an exception.

    PaperfilterError            70  internal: report it
    ├── UsageError               2  wrong arguments
    ├── PaperError               3  the paper cannot be read
    │   ├── NotAPdf
    │   ├── EncryptedPdf
    │   ├── BrokenPdf               truncated or damaged
    │   ├── NoText                  a scan
    │   ├── PaperTooHeavy           time, memory or pages
    │   └── LibraryError            the library of papers cannot be read or written
    ├── DataError                4  event data: no file, no tree, missing branch, no events
    │   └── DamagedData             the kind is known, the file is cut or spoilt
    ├── CriteriaError            5  criteria do not validate
    │   ├── OpenQuestions           code generation refused until they are answered
    │   └── StaleEdit               somebody else changed the part meanwhile
    ├── ProfileError             6  a data profile does not validate
    ├── SandboxUnavailable       7  no sandbox works on this machine
    ├── RunFolderError           8  the run folder cannot be read or written
    │   └── RunFolderInUse          another process works in it
    ├── NetworkError             9  a download failed
    ├── AnalysisFailed          10  generated code did not finish
    └── ModelError              11  a language model: nothing usable can be had from it
        ├── ModelUnavailable        no server, wrong address, unknown model, no permission
        ├── ModelContextExceeded    the prompt does not fit
        ├── ModelReplyFailed        one question got no reply after all attempts
        └── NoUsableReading         a server answers, but no reading of a paper could be used; the rules' is kept

A comparison that does not match exits with 1.
"""

EXIT_OK = 0
EXIT_MISMATCH = 1
EXIT_INTERRUPTED = 130


class PaperfilterError(Exception):
    """Root of the tree. The message is one line: it names the thing and says what to do."""

    exit_code = 70


class UsageError(PaperfilterError):
    """The arguments make no sense together."""

    exit_code = 2


class PaperError(PaperfilterError):
    """The paper cannot be read."""

    exit_code = 3


class NotAPdf(PaperError):
    """The file is something else, or empty."""


class EncryptedPdf(PaperError):
    """The file wants a password."""


class BrokenPdf(PaperError):
    """The file is truncated or damaged; reading it would lose text in silence."""


class NoText(PaperError):
    """The file has no visible text (a scan)."""


class PaperTooHeavy(PaperError):
    """Reading took more time, memory or pages than allowed."""


class LibraryError(PaperError):
    """The library of papers cannot be read or written."""


class DataError(PaperfilterError):
    """Event data is missing or does not look like the profile says."""

    exit_code = 4


class DamagedData(DataError):
    """The file is of a known kind, but cut or spoilt: no other profile helps."""


class CriteriaError(PaperfilterError):
    """Selection criteria do not validate: names the cut, the token and what was expected."""

    exit_code = 5


class OpenQuestions(CriteriaError):
    """Code generation refused: names the questions and the command that answers them."""


class StaleEdit(CriteriaError):
    """A part is not any more what the person saw who acts on it. Nothing was changed.

    `part` is its address, `seen` what it said when they looked and `now` what it says, in words: None where it was not
    there, or is not. `by` is who changed it meanwhile, None where that is not known.
    """

    def __init__(self, part: str, seen: str | None, now: str | None, by: str | None) -> None:
        self.part, self.seen, self.now, self.by = part, seen, now, by
        what = f"reads '{now}' now" if now is not None else "is not there any more"
        before = f", not '{seen}'" if seen is not None and seen != now else ""
        super().__init__(f"{part} was changed meanwhile{f' by {by}' if by else ''}: it {what}{before}; look again")


class ProfileError(PaperfilterError):
    """A data profile does not validate."""

    exit_code = 6


class SandboxUnavailable(PaperfilterError):
    """No sandbox works here and generated code never runs without one."""

    exit_code = 7


class RunFolderError(PaperfilterError):
    """The run folder cannot be read or written."""

    exit_code = 8


class RunFolderInUse(RunFolderError):
    """Another process works in the run folder."""


class NetworkError(PaperfilterError):
    """A download failed."""

    exit_code = 9


class AnalysisFailed(PaperfilterError):
    """Generated code crashed, ran out of limits or wrote no usable output."""

    exit_code = 10


class ModelError(PaperfilterError):
    """Nothing usable can be had from a language model."""

    exit_code = 11


class ModelUnavailable(ModelError):
    """No server answers, or it does not know the model or the key."""


class ModelContextExceeded(ModelError):
    """Prompt and answer do not fit into the model's context."""


class ModelReplyFailed(ModelError):
    """One question got no reply after all attempts."""


class NoUsableReading(ModelError):
    """Models were asked about a paper and none of their readings could be used; what the rules found is kept."""
