"""The room where market data comes in: sources, calendars, and markets whose truth is known.

Whatever its shape, what leaves this room is a `Panel` or a `Market`; every stamp says when its row was
complete, by a calendar that was declared.
"""
