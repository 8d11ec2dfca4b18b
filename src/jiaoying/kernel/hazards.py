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
