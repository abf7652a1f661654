"""Bodies that FastAPI and Flask share."""
