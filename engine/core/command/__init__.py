"""What a raw command of an agent means: it only reads, it asks for typed actions, or it is refused with a reason."""
