"""The room of forecasters, and of what fits them. A docstring and a map, so trees never load torch.

`climatology` says the base rate: whoever cannot beat it knows nothing. `lightgbm_forecaster` is the one
file that knows LightGBM.
"""
