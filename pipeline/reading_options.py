"""How a paper is to be read: part of a run's request, so that a run goes on as it began."""

from typing import Literal

from pydantic import Field

from schemas.model import Model

Follow = Literal["auto", "no", "local", "web"]
Converter = Literal["pymupdf", "marker"]
Mode = Literal["auto", "bulk", "chunk"]


class ReadingOptions(Model):
    """What decides how a paper is read. Models are `NAME@URL` once they are settled; keys are never in here."""

    models: tuple[str, ...] = ()  # none: the rules alone
    mode: Mode = "auto"
    votes: int = Field(default=1, ge=1, le=100)
    ask_again: bool = True
    follow: Follow = "auto"  # auto: from the network if the paper itself was named by an identifier
    depth: int = Field(default=2, ge=1, le=5)
    max_works: int = Field(default=8, ge=0, le=50)
    ocr: bool = False
    converter: Converter = "pymupdf"

    @property
    def reader(self) -> str:
        """The reader, for the name of the run folder."""
        names = [m.partition("@")[0].rstrip("/").rpartition("/")[2] for m in self.models]
        votes = f"x{self.votes}" if names and self.votes > 1 else ""
        return "-".join(["rules", *names]) + votes
