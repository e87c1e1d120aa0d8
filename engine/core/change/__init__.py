"""Changes: the exact file edits an action would make, built in memory before the decision."""
