"""The common indicators: what each is, and the step that computes them."""
