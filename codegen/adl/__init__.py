"""Selections in ADL, the Analysis Description Language of CutLang, smash2 and adl2tnm, both ways.

Export. Every part of a criteria document becomes an ADL statement that a reader of ADL understands (`object … take
…`, `select`, `define`, `region`), and, on the line above, a comment of ours: `#:`, the kind of the part, and the part
itself as JSON (`#+` continues a long one):

    object electrons
      take ELE
      #: cut {"id": "e_pt", "variable": "pt", "operator": ">", "threshold": {"value": 7.0, "unit": "GeV"}}
      select pT(ELE) > 7

ADL has no words for evidence, status, open questions, literals, units, overlap steps or what a candidate excludes;
the comment has them, so nothing is lost. To an ADL interpreter it is a comment.

Import. A comment is believed when what we would write for it is what stands below it. Where a person changed the
statement and not the comment, the statement wins: the cut is read from it, has status `edited` and a note of what it
was before. A statement without a comment is read as it stands; a comment whose statement was taken out is a rejected
cut. A file without our comments is read by its statements alone. What the criteria cannot express is an error that
names line and token.

Read are objects (take, several takes, unions, select, reject, ΔR to other objects as overlap removal), define
(numbers, variables, sums of objects), pairs with open indices or comb that `~=` or `~!` chooses, regions with
parents, bins as regions of their own, ranges, indices and slices from the start, and/or/not, `? :` as conditions, the
three ways to write a property (`pT(x)`, `{x}pT`, `x.pT`), histograms and saved values as outputs. A tag without a
working point becomes an open question. Not expressible, and so errors (or open questions with `partial`), are
external functions, efficiency tables, generator particles, constituents, sorting, slices from the middle, sums with
missing momentum, and combinations of more than two objects. Weights and published counts select nothing and are
listed.

Conventions of ADL: energies in GeV, lengths in mm, angles in rad; `x [] a b` is a <= x <= b, `x ][ a b` its
complement with the ends; `jets[0:2]` are three jets; dPhi and dEta are absolute values. ADL allows external
functions; those that export needs are listed at the top of the file that uses them.
"""
