"""Scanners: what somebody else's checks say of the objects that a change makes."""
