"""A made-up shop with real habits, to show and to test the product without anyone's data."""

from salesml.data.simulated_shop.shop import SimulatedShop, simulate, write

__all__ = ["SimulatedShop", "simulate", "write"]
