"""Binaries the gate stands on, and the files it ships: where they are on this machine."""
