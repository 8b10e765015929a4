"""Replies of models, kept in one SQLite file that several processes share: what was answered is never asked again."""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pydantic import ValidationError

from pipeline.files import digest_text
from schemas.errors import RunFolderError
from schemas.model_call import ModelReply

BUSY = 60.0  # seconds that one process waits for another one's writing
LOG_PAGES = 16384  # of 4 kB, before the log is merged, which waits for the disk; closing merges it too
SHORTEST, LONGEST = 0.02, 0.5  # seconds between two looks at a question that another process is asking
TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, question TEXT NOT NULL, reply TEXT NOT NULL, digest TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS failures (key TEXT PRIMARY KEY, kind TEXT NOT NULL, message TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

T = TypeVar("T")


class ReplyCache:
    """Replies by the digest of their question, and numbers that a server told (context length, token counts).

    A process that is killed leaves a file that stands (write-ahead log). A file that is damaged is put aside under
    another name and a new one begun; `remarks` says so. The file must be on a local disk.
    """

    def __init__(self, path: Path, say: Callable[[str], None] | None = None) -> None:
        """`say` hears every remark at once. Raises RunFolderError when the file can neither be read nor made."""
        self.path = path
        self.remarks: list[str] = []
        self._say = say
        self._guard = path.with_name(f"{path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._guard, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RunFolderError(f"{path}: replies cannot be kept there ({error.strerror}); choose --cache") from error
        try:
            self._database = self._open()
        except BaseException:
            os.close(self._descriptor)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self._database.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def get(self, key: str) -> ModelReply | None:
        """The reply to a question that was answered before, marked as cached."""
        query = "SELECT reply, digest FROM replies WHERE key = ?"
        row = self._try(lambda: self._database.execute(query, (key,)).fetchone())
        if row is None or digest_text(row[0]) != row[1]:
            return None
        try:
            return ModelReply.model_validate_json(row[0]).model_copy(update={"cached": True})
        except ValidationError:  # written by another version: as if it were not there
            return None

    def put(self, key: str, question: str, reply: ModelReply) -> None:
        """Keep a reply; when this returns, killing the process loses nothing."""
        text = reply.model_copy(update={"cached": False}).model_dump_json()
        row = (key, question, text, digest_text(text), time.time())
        self._try(lambda: self._write("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?)", row))

    def get_failure(self, key: str) -> tuple[str, str] | None:
        """The kind and the message of a question that got no reply when it was asked last."""
        query = "SELECT kind, message FROM failures WHERE key = ?"
        row = self._try(lambda: self._database.execute(query, (key,)).fetchone())
        return (str(row[0]), str(row[1])) if row is not None else None

    def put_failure(self, key: str, kind: str, message: str) -> None:
        """Keep that a question got no reply."""
        self._try(lambda: self._write("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (key, kind, message)))

    def get_number(self, key: str) -> int | None:
        """A number that a server told."""
        row = self._try(lambda: self._database.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone())
        return row[0] if row is not None and isinstance(row[0], int) else None

    def put_number(self, key: str, value: int) -> None:
        """Keep a number that a server told."""
        self._try(lambda: self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value)))

    @asynccontextmanager
    async def claim(self, key: str) -> AsyncIterator[None]:
        """While this is held, no other process asks the question: it waits here, and then finds the reply.

        The claim is a lock on one byte of a file, so that the system takes it from a process that dies.
        """
        # 2**62 places for all questions: two that meet wait for each other, nothing worse.
        place = int(digest_text(key)[:16], 16) >> 2 | 1
        pause = SHORTEST
        while not self._lock(place):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, place)

    def _lock(self, place: int) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a file system without locks: two processes may ask the same at the same time
            return True
        return True

    def _write(self, statement: str, row: tuple[str | int | float, ...]) -> None:
        with self._database:
            self._database.execute(statement, row)

    def _try(self, action: Callable[[], T]) -> T:
        """Do it; when the file turns out to be damaged, once more with a new one."""
        try:
            return action()
        except sqlite3.OperationalError as error:
            raise self._explain(error) from error
        except sqlite3.DatabaseError:
            self._database.close()
            self._database = self._open(thorough=True)
        try:
            return action()
        except sqlite3.DatabaseError as error:
            raise self._explain(error) from error

    def _open(self, *, thorough: bool = False) -> sqlite3.Connection:
        with self._alone():
            try:
                return self._connect(thorough=thorough)
            except sqlite3.OperationalError as error:
                raise self._explain(error) from error
            except sqlite3.DatabaseError as error:
                self._put_aside(error)
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                raise self._explain(error) from error

    def _connect(self, *, thorough: bool = False) -> sqlite3.Connection:
        # One thread at a time by construction (the event loop); which thread that is may change.
        database = sqlite3.connect(self.path, timeout=BUSY, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
            database.executescript(TABLES)
            damage = database.execute("PRAGMA quick_check(1)").fetchone()[0] if thorough else "ok"
            if damage != "ok":
                raise sqlite3.DatabaseError(" ".join(damage.split()))
        except BaseException:
            database.close()
            raise
        return database

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}")
        try:
            self.path.rename(aside)
            for ending in ("-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        except OSError as problem:
            raise RunFolderError(f"{self.path}: is damaged and cannot be put aside ({problem.strerror})") from error
        remark = f"{self.path}: kept replies are damaged ({error}); put aside as {aside.name}, begun anew"
        self.remarks.append(remark)
        if self._say is not None:
            self._say(remark)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process opens the file at the same time, so that only a damaged file is put aside, not its heir."""
        with suppress(OSError):
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, 0)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, 0)

    def _explain(self, error: sqlite3.Error) -> RunFolderError:
        return RunFolderError(
            f"{self.path}: replies cannot be read or kept ({error}); choose another file with --cache"
        )
