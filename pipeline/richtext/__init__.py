"""Articles with markup as pages show them: parsed, made harmless, and cut into segments again."""
