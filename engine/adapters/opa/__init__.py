"""Open Policy Agent: the bundle, and the evaluators that answer from it."""
