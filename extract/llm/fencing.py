"""The fence around paper text in the prompts of the reader; see `schemas.fencing`."""

from schemas.fencing import fence, unfence

__all__ = ["FENCE", "fence", "unfence"]

FENCE = "paper_text"
