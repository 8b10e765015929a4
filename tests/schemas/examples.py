"""Three selections in our own words that together use every part of the schema."""

H4L = """
analysis: {slug: h4l, title: Four leptons from two Z bosons}
objects:
  - {name: electrons, base: electron, cuts: [
      {id: e_pt, variable: pt, operator: ">", threshold: {value: 7, unit: GeV}},
      {id: e_eta, variable: abs(eta), operator: "<", threshold: {value: 2.47}},
      {id: e_id, variable: id, operator: ">=", threshold: {label: loose}},
      {id: e_z0, variable: abs(z0_sintheta), operator: "<", threshold: {value: 0.5, unit: mm}}]}
  - {name: muons, base: muon, cuts: [
      {id: mu_pt, variable: pt, operator: ">", threshold: {value: 5, unit: GeV}},
      {id: mu_pt_calo, variable: pt, operator: ">", threshold: {value: 15, unit: GeV}, condition: kind == calo_tagged},
      {id: mu_eta, variable: abs(eta), operator: "<", threshold: {value: 2.7}},
      {id: mu_d0, variable: abs(d0), operator: "<", threshold: {value: 1, unit: mm}},
      {id: mu_z0, variable: abs(z0_sintheta), operator: "<", threshold: {value: 0.5, unit: mm}}]}
  - {name: leptons, union: [electrons, muons]}
  - {name: jets, base: jet, cuts: [
      {id: j_pt, variable: pt, operator: ">", threshold: {value: 30, unit: GeV}},
      {id: j_eta, variable: abs(eta), operator: "<", threshold: {value: 4.5}}],
     remove_overlap: [{with: muons, deltaR: 0.1}, {with: electrons, deltaR: 0.2}]}
candidates:
  - {name: z1, pair: leptons, require: [same_flavour, opposite_charge], minimise: abs(mass(z1) - mZ)}
  - {name: z2, pair: leptons, exclude: [z1], require: [same_flavour, opposite_charge], minimise: abs(mass(z2) - mZ)}
  - {name: higgs, sum: [z1, z2]}
variables:
  - {name: m12, expression: mass(z1)}
  - {name: m34, expression: mass(z2)}
  - {name: m4l, expression: mass(higgs), unit: GeV, binning: {bins: 34, low: 80, high: 250}}
regions:
  - name: preselection
    cuts:
      - {id: quadruplet, variable: count(higgs), operator: ">=", threshold: {value: 1}}
      - {id: l1_pt, variable: "higgs.leptons[0].pt", operator: ">", threshold: {value: 20, unit: GeV}}
      - {id: l2_pt, variable: "higgs.leptons[1].pt", operator: ">", threshold: {value: 15, unit: GeV}}
      - {id: l3_pt, variable: "higgs.leptons[2].pt", operator: ">", threshold: {value: 10, unit: GeV}}
      - {id: m12, variable: m12, operator: between, threshold: {range: [50, 106], unit: GeV}}
      - {id: m34_low, variable: m34, operator: ">",
         threshold: {expression: "interp(m4l, [140, 190], [12, 50])", unit: GeV}}
      - {id: m34_high, variable: m34, operator: "<", threshold: {value: 115, unit: GeV}}
      - {id: dR, variable: deltaR(pairs(higgs.leptons)), quantifier: all, operator: ">", threshold: {value: 0.1}}
      - {id: jpsi, variable: "mass(pairs(higgs.leptons, same_flavour, opposite_charge))", quantifier: all,
         operator: ">", threshold: {value: 5, unit: GeV}}
      - {id: e_d0sig, variable: abs(higgs.electrons.d0sig), quantifier: all, operator: "<", threshold: {value: 5}}
      - {id: mu_d0sig, variable: abs(higgs.muons.d0sig), quantifier: all, operator: "<", threshold: {value: 3}}
  - name: signal
    parent: preselection
    cuts: [{id: mass_window, variable: m4l, operator: between, threshold: {range: [115, 130], unit: GeV}}]
outputs: [m12, m34, m4l]
"""

DIPHOTON = """
analysis: {slug: diphoton}
objects:
  - {name: photons, base: photon, cuts: [
      {id: y_et, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}},
      {id: y_eta, variable: abs(eta), operator: "<", threshold: {value: 2.37}},
      {id: y_crack, variable: abs(eta), operator: outside, threshold: {range: [1.37, 1.52]}}]}
candidates: [{name: diphoton, leading: photons, n: 2}]
variables: [{name: myy, expression: mass(diphoton)}]
regions:
  - name: preselection
    cuts:
      - {id: two_photons, variable: count(photons), operator: ">=", threshold: {value: 2}}
      - {id: y1_rel, variable: "photons[0].pt / myy", operator: ">", threshold: {value: 0.35}}
      - {id: y2_rel, variable: "photons[1].pt / myy", operator: ">", threshold: {value: 0.25}}
      - {id: window, variable: myy, operator: between, threshold: {range: [105, 160], unit: GeV}}
  - name: tight
    parent: preselection
    cuts: [{id: both_tight, variable: diphoton.photons.id, quantifier: all, operator: ">=", threshold: {label: tight}}]
  - name: non_tight
    parent: preselection
    cuts: [{id: not_both_tight, variable: all(diphoton.photons.id >= tight), operator: fail}]
  - name: sidebands
    parent: non_tight
    cuts: [{id: side, variable: myy, operator: outside, threshold: {range: [120, 130], unit: GeV}}]
outputs: [myy]
"""

LEPTOQUARK = """
analysis: {slug: leptoquark}
objects:
  - {name: leptons, base: [electron, muon], cuts: [
      {id: l_pt, variable: pt, operator: ">", threshold: {value: 50, unit: GeV}},
      {id: l_eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}}]}
  - {name: jets, base: jet, cuts: [
      {id: j_pt, variable: pt, operator: ">", threshold: {value: 50, unit: GeV}},
      {id: j_eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}}],
     remove_overlap: [{with: leptons, deltaR: 0.4}]}
candidates:
  - name: lq
    assign: {lepton: "leptons[:2]", jet: "jets[:2]"}
    require: [{opposite_charge: lepton}, {same_flavour: lepton}]
    minimise: "abs(mass(lq[0]) - mass(lq[1]))"
variables:
  - {name: m_lq_min, expression: "min(mass(lq[0]), mass(lq[1]))"}
  - {name: m_lq_max, expression: "max(mass(lq[0]), mass(lq[1]))"}
regions:
  - name: signal
    cuts:
      - {id: two_leptons, variable: count(leptons), operator: ">=", threshold: {value: 2}}
      - {id: two_jets, variable: count(jets), operator: ">=", threshold: {value: 2}}
      - {id: paired, variable: count(lq), operator: "==", threshold: {value: 2}}
outputs: [m_lq_min, m_lq_max]
"""

ALL = {"h4l": H4L, "diphoton": DIPHOTON, "leptoquark": LEPTOQUARK}
