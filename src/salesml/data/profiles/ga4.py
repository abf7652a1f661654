"""Google Analytics 4: a table of days and users from an exploration or the Data API.

Names of dimensions and metrics: https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema,
https://support.google.com/analytics/answer/9143382; `User engagement` is in seconds. A client is recognised
only if the site sends the shop's own id as the User-ID. The BigQuery export of users
(https://support.google.com/analytics/answer/12769371) has sums over a user's whole life, no days: it is no
activity.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

ACTIVITY = Profile(
    name="ga4-users",
    title="Google Analytics 4 users by day",
    kind=ImportKind.ACTIVITY,
    header=("Date", "Sessions"),
    needs=("client_id",),
    fields={
        "client_id": ("Effective user ID", "User ID", "User-ID", "userId", "user_id", "customUser:user_id"),
        "day": ("Date",),
        "visits": ("Sessions",),
        "seconds_on_site": ("User engagement", "User engagement duration", "userEngagementDuration"),
    },
    note="clients are known by the User-ID that the site sends",
)
