"""The room where forecasts become positions, and positions become money.

`allocation` turns a forecast into target weights, `guardrails` make them less risky and say why, and
`broker` fills orders at the next bar, with costs.
"""
