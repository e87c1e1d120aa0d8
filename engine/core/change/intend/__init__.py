"""The intended object: what the target shall be afterwards, worked out before anybody looks at a file."""
