"""Work that blocks, beside an event loop, in a thread that nobody waits for when the loop is left.

The loop's own executor is joined when it closes: Ctrl-C would wait for a search of minutes, or for a program's limit.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(work: Callable[[], T]) -> T:
    """What `work` returns or raises. It goes on when nobody waits for it any more, and ends with the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not done.done():
            set_it()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            failure = error
            report: Callable[[], None] = lambda: done.set_exception(failure)  # noqa: E731
        else:
            report = lambda: done.set_result(result)  # noqa: E731
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know
            loop.call_soon_threadsafe(settle, report)

    threading.Thread(target=run, daemon=True).start()
    return await done
