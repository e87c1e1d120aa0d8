"""The console: the gate in a browser."""
