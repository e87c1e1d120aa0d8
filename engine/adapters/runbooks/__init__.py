"""Runbooks and their recorded examples, read from a folder."""
