"""Telling people, through whatever they read."""
