"""GitHub on loopback: it keeps state, and holds every request and answer to what GitHub publishes about itself."""
