"""What every schema of the API is made from."""

from salesml.http.schemas.base import In, Out

__all__ = ["In", "Out"]
