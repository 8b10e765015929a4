"""Histograms of a run drawn in the field's style."""

from schemas.model import Model


class Figure(Model):
    """A figure of one histogram and the files it was saved to, in the run folder."""

    name: str
    title: str
    region: str
    png: str
    pdf: str
