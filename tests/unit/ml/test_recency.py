from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from salesml.ml.recency import RecencyImputer


@parametrize_with_checks([RecencyImputer()])  # type: ignore[untyped-decorator]
def test_the_imputer_keeps_the_rules_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_client_without_a_purchase_counts_as_away_for_his_whole_tenure() -> None:
    matrix = np.array([[5.0, 2.0], [np.nan, 2.0]])
    filled = RecencyImputer(recency=0, tenure=1).fit_transform(matrix)
    assert filled.tolist() == [[5.0, 2.0], [60.875, 2.0]]
    assert np.isnan(matrix[1, 0])


def test_tenure_can_help_and_still_be_no_feature() -> None:
    imputer = RecencyImputer(recency=0, tenure=2, keep_tenure=False)
    filled = imputer.fit_transform(np.array([[np.nan, 7.0, 1.0], [3.0, 8.0, 1.0]]))
    assert filled.tolist() == [[30.4375, 7.0], [3.0, 8.0]]
    assert imputer.get_feature_names_out(["recency", "basket", "tenure"]).tolist() == ["recency", "basket"]


@pytest.mark.parametrize(("recency", "tenure"), [(0, None), (None, 1), (0, 2), (-1, 1)])
def test_columns_that_are_not_there_are_refused(recency: int | None, tenure: int | None) -> None:
    with pytest.raises(ValueError, match="are not two columns of X"):
        RecencyImputer(recency=recency, tenure=tenure).fit(np.ones((3, 2)))
