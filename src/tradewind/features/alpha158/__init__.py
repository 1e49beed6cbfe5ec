"""Qlib's 158 features: what each is, and the pass that computes them."""
