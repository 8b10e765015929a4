"""What can be asked of one physics object: canonical field names, what kind of value they hold, and its dimension.

`graded` fields are either a number or a working point ("jvt > 0.59" and "jvt >= tight" are both written in papers).
"""

from typing import Literal

from schemas.expressions.dimension import ANGLE, ENERGY, LENGTH, ONE, Dimension
from schemas.model import Model

FieldKind = Literal["number", "label", "graded"]


class FieldDefinition(Model):
    """A field of one object: the kind of its value and, for numbers, the dimension."""

    name: str
    kind: FieldKind = "number"
    dimension: Dimension = ONE


FIELDS: dict[str, FieldDefinition] = {
    f.name: f
    for f in (
        FieldDefinition(name="pt", dimension=ENERGY),
        FieldDefinition(name="et", dimension=ENERGY),
        FieldDefinition(name="energy", dimension=ENERGY),
        FieldDefinition(name="mass", dimension=ENERGY),
        FieldDefinition(name="eta"),
        FieldDefinition(name="phi", dimension=ANGLE),
        FieldDefinition(name="rapidity"),
        FieldDefinition(name="charge"),
        FieldDefinition(name="d0", dimension=LENGTH),
        FieldDefinition(name="d0sig"),
        FieldDefinition(name="z0", dimension=LENGTH),
        FieldDefinition(name="dz", dimension=LENGTH),
        FieldDefinition(name="z0sig"),
        FieldDefinition(name="z0_sintheta", dimension=LENGTH),
        FieldDefinition(name="sip3d"),
        FieldDefinition(name="track_isolation", dimension=ENERGY),
        FieldDefinition(name="calo_isolation", dimension=ENERGY),
        FieldDefinition(name="n_tracks"),
        FieldDefinition(name="n_constituents"),
        FieldDefinition(name="tau21"),
        FieldDefinition(name="tau32"),
        FieldDefinition(name="d2"),
        FieldDefinition(name="id", kind="label"),
        FieldDefinition(name="kind", kind="label"),
        FieldDefinition(name="flavour", kind="label"),
        FieldDefinition(name="conversion", kind="label"),
        FieldDefinition(name="trigger_match", kind="label"),
        FieldDefinition(name="isolation", kind="graded"),
        FieldDefinition(name="jvt", kind="graded"),
        FieldDefinition(name="btag", kind="graded"),
        FieldDefinition(name="ctag", kind="graded"),
    )
}

COMPOSITE_FIELDS: frozenset[str] = frozenset({"pt", "eta", "phi", "mass", "energy", "rapidity", "charge"})

# base objects a criteria document may start from, and the flavour word of their members
BASES: tuple[str, ...] = ("electron", "muon", "tau", "photon", "jet", "fat_jet", "track", "vertex")

# quantities that belong to the event as a whole
EVENT_FIELDS: dict[str, FieldDefinition] = {
    f.name: f
    for f in (
        FieldDefinition(name="trigger", kind="label"),
        FieldDefinition(name="data_quality", kind="label"),
        FieldDefinition(name="n_vertices"),
        FieldDefinition(name="met_significance"),
    )
}

# objects of which every event has exactly one
EVENT_OBJECTS: dict[str, frozenset[str]] = {"met": frozenset({"pt", "phi"})}
