"""The aligned text in the formats of other tools."""
