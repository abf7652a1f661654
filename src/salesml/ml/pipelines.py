"""How the estimators of the registry are built."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from salesml.ml.attributions import Matrix, Split
from salesml.ml.estimators import RECENCY, TENURE, inputs_of
from salesml.ml.recency import RecencyImputer

SEED = 20_261_101


def linear(features: Sequence[str]) -> Pipeline:
    """Least squares of standardised features."""
    return _standardised(features, LinearRegression())


def logistic(features: Sequence[str]) -> Pipeline:
    """Logistic regression of standardised features."""
    model = LogisticRegression(solver="lbfgs", C=1.0, max_iter=1_000, random_state=SEED)
    return _standardised(features, model)


def explain_linear(pipeline: Pipeline, rows: Matrix) -> Split:
    """Base and contributions of the features of a pipeline of this module, in the order of its features.

    They add up to the prediction before its floor, or to the log-odds; the base is a client at the mean
    of everything.
    """
    model = pipeline[-1]
    parts: Matrix = pipeline[:-1].transform(rows) * np.ravel(model.coef_)
    return float(np.ravel(model.intercept_)[0]), parts


def _standardised(features: Sequence[str], model: object) -> Pipeline:
    inputs = inputs_of(features)
    imputer = RecencyImputer(
        recency=inputs.index(RECENCY) if RECENCY in features else None,
        tenure=inputs.index(TENURE) if RECENCY in features else None,
        keep_tenure=TENURE in features,
    )
    return Pipeline([("recency", imputer), ("scale", StandardScaler()), ("model", model)])
