"""Readers and writers of files: detection, mapping, checks, staging. Knows core."""
