"""State and record in one database file: budgets, documents, the switch and the hash chain share one commit."""
