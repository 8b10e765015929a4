"""The one base of every artefact: frozen, and strict about unknown fields."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen record. Unknown fields are errors, so that a typo in an edited file is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
