"""The room where a forecast is made to mean what it says: Forecast -> Forecast.

`platt` rescales the log-odds, and shrinks them to the base rate as far as the evidence is thin.
"""
