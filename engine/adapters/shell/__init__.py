"""Reading what agents write for a shell, by a real shell grammar. Nothing here runs anything."""
