"""Repositories: a few named questions a noun, answered with frozen values or Arrow tables."""
