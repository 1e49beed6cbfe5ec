"""tradewind: forecasts and decisions from market data that say whether they are real.

The nouns are in `tradewind.core`; `docs/architecture.md` is the map of the rooms.
"""
