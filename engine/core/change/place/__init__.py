"""Where a field change goes: the right line of the right file, for each way of rendering."""
