"""What each source sends, read into signals: one module a source, one registry of names."""
