"""Masses that an expression may name, in GeV.

Values of the Review of Particle Physics 2022 (Prog. Theor. Exp. Phys. 2022, 083C01). They are written down here, and
not taken from an installed package, because a compiled selection must not change when a package is updated.
"""

CONSTANTS: dict[str, float] = {
    "mZ": 91.1876,
    "mW": 80.377,
    "mH": 125.25,
    "mTop": 172.69,
    "mTau": 1.77686,
    "mMuon": 0.1056583755,
    "mElectron": 0.00051099895,
}
