"""Where people, agents and other systems come in."""
