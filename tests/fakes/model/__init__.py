"""A model's server on loopback that speaks the wire format and says what it was told to say."""
