"""What every interval promises: a forecast's, a client's and the company's."""

COVERAGE = 0.80
"""The share of cases that lie between the bounds."""
TAIL = (1 - COVERAGE) / 2
"""The share beyond either bound."""
