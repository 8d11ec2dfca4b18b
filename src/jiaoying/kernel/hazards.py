"""Hazard families: what responsibilities are held for.

The same hazard comes under several event codes (山洪: 11A51 or a code of group 11B), so people are
matched by family and never by code.
"""

from enum import StrEnum


class Hazard(StrEnum):
    RAIN = "rain"
    FLOOD = "flood"
    FLASH_FLOOD = "flash_flood"
    WATERLOGGING = "waterlogging"
    DAM = "dam"
    GEOHAZARD = "geohazard"
    TYPHOON = "typhoon"
    CONVECTIVE = "convective"
    SNOW_ICE = "snow_ice"
    COLD = "cold"
    HEAT = "heat"
    WIND = "wind"
    VISIBILITY = "visibility"
    DROUGHT = "drought"
    WILDFIRE = "wildfire"
    EARTHQUAKE = "earthquake"
    MINE = "mine"
    HAZCHEM = "hazchem"
    TRAFFIC = "traffic"
    ENVIRONMENT = "environment"
    AIR = "air"
    MARINE = "marine"
    CLOSURE_ORDER = "closure_order"
    OTHER = "other"


# What a family is called when no nearer event is known, for `say`.
HAZARD_NAMES: dict[str, str] = {
    Hazard.RAIN: "rainstorm",
    Hazard.FLOOD: "flood",
    Hazard.FLASH_FLOOD: "flash flood",
    Hazard.WATERLOGGING: "waterlogging",
    Hazard.DAM: "reservoir",
    Hazard.GEOHAZARD: "geological hazard",
    Hazard.TYPHOON: "typhoon",
    Hazard.CONVECTIVE: "severe convection",
    Hazard.SNOW_ICE: "snow and ice",
    Hazard.COLD: "cold wave",
    Hazard.HEAT: "heat",
    Hazard.WIND: "gale",
    Hazard.VISIBILITY: "low visibility",
    Hazard.DROUGHT: "drought",
    Hazard.WILDFIRE: "forest fire",
    Hazard.EARTHQUAKE: "earthquake",
    Hazard.MINE: "mine safety",
    Hazard.HAZCHEM: "hazardous chemicals",
    Hazard.TRAFFIC: "road traffic",
    Hazard.ENVIRONMENT: "pollution",
    Hazard.AIR: "air pollution",
    Hazard.MARINE: "marine",
    Hazard.CLOSURE_ORDER: "closure order",
    Hazard.OTHER: "emergency",
}

# A warning of one family also concerns those who answer for what it brings: rain fills rivers and
# reservoirs and loosens slopes. Our own choice after domain practice (防汛责任人 answer for all water);
# no national table exists, so a county may narrow it by the hazards written on its posts.
_WATER = frozenset({Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING, Hazard.DAM})
_CONCERNS = {
    Hazard.RAIN: _WATER,
    Hazard.FLOOD: _WATER,
    Hazard.FLASH_FLOOD: _WATER,
    Hazard.WATERLOGGING: _WATER,
    Hazard.DAM: _WATER,
    Hazard.TYPHOON: _WATER | {Hazard.TYPHOON, Hazard.WIND},
    Hazard.CONVECTIVE: frozenset({Hazard.CONVECTIVE, Hazard.WIND, Hazard.RAIN}),
    Hazard.WIND: frozenset({Hazard.WIND, Hazard.CONVECTIVE}),
    Hazard.SNOW_ICE: frozenset({Hazard.SNOW_ICE, Hazard.COLD}),
    Hazard.COLD: frozenset({Hazard.COLD, Hazard.SNOW_ICE}),
}


def families_concerned(hazard: Hazard) -> frozenset[Hazard]:
    """The families whose responsible people a warning of `hazard` is for; always holds `hazard` itself."""
    return _CONCERNS.get(hazard, frozenset()) | {hazard}
