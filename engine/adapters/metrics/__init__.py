"""What the gate counts of itself, in the form that Prometheus reads."""
