"""Features, estimators, training, evaluation and model files. Knows core; no database, no web framework."""
