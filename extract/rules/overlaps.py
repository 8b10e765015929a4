"""Which of two objects goes when they are too close: the one that the sentence removes, the other is its partner."""

from extract.rules.claims import Claim, Setting
from extract.rules.owners import TWO_OBJECT


def order_partners(claim: Claim, setting: Setting) -> Claim:
    """ "If an electron and a jet are closer than ΔR = 0.2, the jet is removed": the jet stands first."""
    if claim.effect != "remove_object" or claim.variable not in TWO_OBJECT:
        return claim
    tokens, clause = setting.scene.tokens, setting.clause
    gone = next((n.subject for i in clause.subject if (n := tokens[i].noun)), None)
    if gone is not None and gone == claim.second != claim.subject:
        return claim._replace(subject=gone, second=claim.subject)
    return claim


def recall_partner(claim: Claim, earlier: Claim | None) -> Claim:
    """ "…; if the distance is between 0.2 and 0.4, the electron is removed": from what was said of before."""
    if claim.second is not None or earlier is None or claim.variable != earlier.variable:
        return claim
    if claim.effect != "remove_object" or earlier.effect != "remove_object":
        return claim
    if claim.subject in (earlier.subject, earlier.second):
        second = earlier.second if claim.subject == earlier.subject else earlier.subject
        return claim._replace(second=second)
    return claim
