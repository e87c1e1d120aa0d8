"""Facts: what the gate itself derives about a proposal; nothing here is taken from the proposer."""
