"""Features that need the bars of other symbols, and ranks, scores and residuals among them."""
