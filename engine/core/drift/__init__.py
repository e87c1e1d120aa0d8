"""Drift: where the cluster no longer is what Git says, who made it so, and what to do about it."""
