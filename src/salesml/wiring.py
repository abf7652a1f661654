"""Joins settings, engines, transactions, readers and model files: the only place that does."""
