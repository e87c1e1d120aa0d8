"""Analysts: each is given a brief and answers with an analysis that can only cite and choose."""
