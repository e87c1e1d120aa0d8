"""The closed catalogue of actions: what may be proposed at all, with its bounds and what undoing it would take."""
