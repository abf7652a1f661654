"""Features and labels: one table of definitions, generated SQL, DuckDB to run it."""
