"""Who calls: named identities and their tokens."""
