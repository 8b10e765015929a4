"""The desk at which a paper is read: what is wished for, the models, the finder of cited works."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.extracting import Desk
from pipeline.models.access import ModelAccess
from pipeline.models.config import ModelSettings, load_settings
from pipeline.obtaining import Shelves
from pipeline.reading_options import ReadingOptions
from pipeline.works import open_works

REPLIES = "replies.sqlite"


@contextmanager
def open_desk(
    options: ReadingOptions,
    shelves: Shelves,
    runs: Path,
    *,
    cache: Path | None = None,
    config: Path | None = None,
    timeout: float | None = None,
    replay: bool = False,
    identified: bool = False,
    settings: tuple[ModelSettings, ...] | None = None,
) -> Iterator[Desk]:
    """The desk for one command. `identified`: the paper was named by an identifier, so the network is meant to be used.

    `settings` are those of `options.models`; without them they are looked up.

    Raises UsageError when the settings of models make no sense.
    """
    from extract.stage_one import Wishes

    follow = options.follow if options.follow != "auto" else "web" if identified else "local"
    wishes = Wishes(
        mode=options.mode,
        votes=options.votes,
        ask_again=options.ask_again,
        works=options.max_works if follow != "no" else 0,
        depth=options.depth,
    )
    with ExitStack() as opened:
        works = None
        if wishes.works:
            works = opened.enter_context(open_works(shelves._replace(offline=shelves.offline or follow == "local")))
        models = None
        if options.models:
            settings = settings if settings is not None else load_settings(options.models, None, config)
            if timeout is not None:
                settings = tuple(s.model_copy(update={"timeout": timeout}) for s in settings)
            models = ModelAccess(settings=settings, cache=cache or runs / REPLIES, replay=replay)
        yield Desk(wishes=wishes, models=models, works=works, ocr=options.ocr, converter=options.converter)
