"""Deliveries of forges, translated into looks."""
