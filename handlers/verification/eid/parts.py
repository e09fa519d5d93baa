"""What the parts of the route share: its name and its times."""

from datetime import timedelta
from typing import Final

ROUTE: Final = "eid"
LINK_LIFE: Final = timedelta(minutes=15)
LOGIN_LIFE: Final = timedelta(minutes=10)
