"""The MCP surface: an agent proposes, asks and looks up. No tool approves, merges, exempts or changes policy."""
