"""What somebody's edit does, in the words of the catalogue."""
