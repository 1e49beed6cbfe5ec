"""The library of a workspace's past episodes: filled, asked, and told of.

config       what is kept of them, and what is asked of the past unless more is said
bars         the bars to find them in, by the calendar that they keep
found        every episode of some bars, with the regime that was said when it was known
builds       of which settings and bars the library is made, and when another is begun
building     `build`: what is new since the last build, and what has followed the others since
searching    `search`: a symbol at a moment, what it resembles, and what followed that
picture      the same as a picture, path by path
standing     `stats`: what there is
showing      `show`: one episode, told and drawn
resembled    what the strongest calls of `tradewind up` look like
"""
