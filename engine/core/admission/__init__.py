"""What the API server asks before it writes, and what it is answered."""
