"""Full-text search: what people type, what it means, and where the words stand."""
