"""Code that compiled analyses carry along: the compiler copies the functions and classes that an analysis uses.

These modules are ordinary code, so that they are linted, typed and tested; they are never imported by an analysis.
Within them only numpy, awkward, uproot, coffea, hist and the standard library are imported, and each other.
"""
