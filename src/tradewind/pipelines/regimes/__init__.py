"""Regimes of a workspace: learnt on its bars, told day by day, looked at.

config      the section `regimes` of tradewind.yaml
rows        each bar as it was first known, with the features that regimes are told from
fitting     `fit`: a detector is learnt, and kept as JSON
refreshing  `refresh`: what is new is told, into a table and as documents
labels      `labels`: what the current models have told, for whoever asks
comparing   `compare`: detectors side by side, on rows that they had not seen
picturing   the page of one symbol
"""
