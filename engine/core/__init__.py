"""The pure centre: what the gate knows and how it reasons, without clock, disk, network, log or environment."""
