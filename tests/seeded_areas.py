"""The areas of the demonstration county as tests look them up, loaded once."""

from functools import cache
from zoneinfo import ZoneInfo

from jiaoying.demonstration.data_files import demonstration_areas
from jiaoying.kernel.area_names import AreaNames
from jiaoying.kernel.locality import Locality

HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))


@cache
def county_names() -> AreaNames:
    """The demonstration county's areas by name."""
    return AreaNames(demonstration_areas())
