"""What bars tell of variance, jumps, liquidity and limits; and what a regime is read from."""
