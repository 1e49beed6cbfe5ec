"""The room of what surrounds a forecast: in which regime a symbol, its sector and the market are.

    Bands                                    bands.py         low, normal or high among what was seen before
    generate_regime_labels, step, LabelState rule_labels.py   volatility, liquidity and rotation by rule
    label_findings                           label_checks.py  labels that say nothing, or too much

The rules are deterministic and read the past alone, so a label never changes once it was said.
"""
