"""Event codes and event words."""

import csv
from pathlib import Path

import pytest

from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.hazard_words import FOREIGN_WORDS, OTHER_WORDS
from jiaoying.warnings.hazards import EVENT_TYPES, kind_in_words, kind_of_code, kind_of_scheme

TABLE = Path(__file__).parents[4] / "shared" / "data" / "cn" / "event_codes_12379.csv"


@pytest.mark.parametrize(
    ("words", "hazard", "code"),
    [
        ("暴雨", Hazard.RAIN, "11B03"),
        ("强降雨", Hazard.RAIN, "11B38"),
        ("短时强降水", Hazard.RAIN, None),
        ("山洪", Hazard.FLASH_FLOOD, "11A51"),
        ("山洪灾害事件", Hazard.FLASH_FLOOD, "11A51"),
        ("山洪灾害气象风险", Hazard.FLASH_FLOOD, "11A51"),
        ("洪水", Hazard.FLOOD, "11A01"),
        ("内涝", Hazard.WATERLOGGING, "11A02"),
        ("水库重大险情", Hazard.DAM, "11A03"),
        ("地质灾害", Hazard.GEOHAZARD, "11D00"),
        ("地质灾害气象风险", Hazard.GEOHAZARD, "11B37"),
        ("滑坡", Hazard.GEOHAZARD, "11D01"),
        ("泥石流", Hazard.GEOHAZARD, "11D02"),
        ("崩塌", Hazard.GEOHAZARD, "11D03"),
        ("雷电", Hazard.CONVECTIVE, "11B14"),
        ("雷雨大风", Hazard.CONVECTIVE, "11B20"),
        ("冰雹", Hazard.CONVECTIVE, "11B15"),
        ("强对流", Hazard.CONVECTIVE, "11B31"),
        ("大风", Hazard.WIND, "11B06"),
        ("暴雪", Hazard.SNOW_ICE, "11B04"),
        ("道路结冰", Hazard.SNOW_ICE, "11B21"),
        ("低温雨雪冰冻", Hazard.SNOW_ICE, "11B30"),
        ("寒潮", Hazard.COLD, "11B05"),
        ("高温", Hazard.HEAT, "11B09"),
        ("大雾", Hazard.VISIBILITY, "11B17"),
        ("霾", Hazard.VISIBILITY, "11B19"),
        ("森林火险", Hazard.WILDFIRE, "11B25"),
        ("森林（草原）火险", Hazard.WILDFIRE, "11B41"),
        ("thunder", Hazard.CONVECTIVE, "11B14"),
        ("Flash flood events", Hazard.FLASH_FLOOD, "11A51"),
        ("RAINSTORM", Hazard.RAIN, "11B03"),
        ("heavy rains", Hazard.RAIN, None),
        ("gale", Hazard.WIND, "11B06"),
        ("road icing", Hazard.SNOW_ICE, "11B21"),
    ],
)
def test_words(words: str, hazard: Hazard, code: str | None) -> None:
    kind = kind_in_words(words)
    assert kind is not None
    assert (kind.hazard, kind.code) == (hazard, code)


def test_the_longest_name_wins_and_then_the_first() -> None:
    longest = kind_in_words("暴雨可能引发山洪灾害")
    first = kind_in_words("暴雨和大风")
    assert longest is not None
    assert longest.hazard is Hazard.FLASH_FLOOD
    assert first is not None
    assert first.hazard is Hazard.RAIN


@pytest.mark.parametrize("words", ["", "其它", "火灾事故", "a train", "Child Abduction", "Tests"])
def test_words_that_say_nothing(words: str) -> None:
    assert kind_in_words(words) is None


def test_a_name_of_two_codes_in_one_family_has_no_code() -> None:
    kind = kind_in_words("顶板事故")
    assert kind is not None
    assert (kind.hazard, kind.code) == (Hazard.MINE, None)


def test_codes() -> None:
    for hazard, names in EVENT_TYPES.items():
        for code in names:
            kind = kind_of_code(code.lower())
            assert kind is not None
            assert (kind.hazard, kind.code) == (hazard, code)


def test_an_unheard_code_belongs_to_its_group() -> None:
    slope, weather = kind_of_code("11D08"), kind_of_code("11B99")
    assert slope is not None
    assert slope.hazard is Hazard.GEOHAZARD
    assert weather is not None
    assert weather.hazard is Hazard.OTHER


@pytest.mark.parametrize("value", ["", "1003", "SAME", "11b", "11B033"])
def test_values_that_are_no_codes(value: str) -> None:
    assert kind_of_code(value) is None


# What the services of the USA, Canada, Australia, Europe, Mexico, Hong Kong, Macau and Taiwan write as event.
FOREIGN_EVENTS = {
    Hazard.FLASH_FLOOD: "Flash Flood Warning;Flash Flood Watch",
    Hazard.FLOOD: "Flood Advisory;Coastal Flood Statement;Hydrologic Outlook;Inundación;HOCHWASSER",
    Hazard.RAIN: "rainfall;Heavy Rain;豪雨特報;Aviso de lluvias de nivel amarillo;Pluie;DAUERREGEN;Дождь",
    Hazard.CONVECTIVE: (
        "Severe Thunderstorm Warning;Tornado Watch;STARKES GEWITTER;orages;severe thunderstorm watch"
        ";Žuto upozorenje za grmljavinsku oluju;雷暴警告;Thunderstorm Green"
    ),
    Hazard.TYPHOON: (
        "Hurricane Warning;Tropical Storm Watch;Aviso de Ciclón Tropical en el Pacífico;DEPRESIÓN TROPICAL"
        ";Aviso de zonas de baja presión con potencial ciclónico;颱風警報;熱帶氣旋警告;HURACÁN ODILE"
    ),
    Hazard.WIND: (
        "High Wind Warning;Wind Advisory;Brisk Wind Advisory;Gale Watch;Storm Warning;WINDBÖEN;ORKANBÖEN"
        ";Fortes rafales, vents violents;強烈季候風信號;Narančasto upozorenje za vjetar;Veðurviðvörun: Vindur"
        ";les suetes wind warning;average wind speed at sea;Lake Wind Advisory"
    ),
    Hazard.SNOW_ICE: (
        "Winter Storm Watch;Winter Weather Advisory;Lake Effect Snow Warning;Blizzard Warning;Snow-ice Yellow"
        " Warning;Stora snömängder;GLATTEIS;Freezing rain, icing;snow squall watch;Snijeg-led žuto Upozorenje"
    ),
    Hazard.COLD: "Freeze Warning;Cold Weather Advisory;Wind Chill Warning;Low-temperature Warning;frost",
    Hazard.HEAT: "Heat Advisory;Extreme Heat Warning;HITZE;Canicule;酷熱天氣警告;hot weather",
    Hazard.VISIBILITY: "Dense Fog Advisory;Blowing Dust Warning;Dust Storm Warning;NEBEL;fog advisory;沙塵",
    Hazard.WILDFIRE: "Red Flag Warning;Fire Weather Watch;Bushfire;Grass Fire;Moderate forest-fire warning",
    Hazard.GEOHAZARD: "山泥傾瀉警告;土石流;Ashfall Advisory;Volcano Warning;Deslizamientos",
    Hazard.EARTHQUAKE: "Earthquake;地震速報;Sismo",
    Hazard.AIR: "Air Quality Alert;Air Stagnation Advisory;Dense Smoke Advisory",
    Hazard.MARINE: (
        "Small Craft Advisory;Special Marine Warning;Rip Current Statement;High Surf Advisory;Tsunami Warning"
        ";Heavy Freezing Spray Warning;Hazardous Seas Warning;Beach Hazards Statement;風暴潮警告;海嘯警告"
        ";SMALL CRAFT CAUTION;storm surge warning"
    ),
    Hazard.DAM: "Dam Break Warning;水庫放流",
    Hazard.HAZCHEM: "Hazardous Materials Warning;Radiological Hazard Warning",
    Hazard.TRAFFIC: "Motor Vehicle Accident",
    Hazard.ENVIRONMENT: "海洋污染;Oil spill",
}


@pytest.mark.parametrize(
    ("hazard", "event"),
    [(hazard, event) for hazard, events in FOREIGN_EVENTS.items() for event in events.split(";")],
)
def test_events_of_other_services(hazard: Hazard, event: str) -> None:
    kind = kind_in_words(event)
    assert kind is not None
    assert kind.hazard is hazard


@pytest.mark.parametrize(
    ("name", "value", "hazard"),
    [
        ("awareness_type", "1; Wind", Hazard.WIND),
        ("awareness_type", "2; snow-ice", Hazard.SNOW_ICE),
        ("awareness_type", "3; Thunderstorm", Hazard.CONVECTIVE),
        ("awareness_type", "4; Fog", Hazard.VISIBILITY),
        ("awareness_type", "5; high-temperature", Hazard.HEAT),
        ("awareness_type", "6; low-temperature", Hazard.COLD),
        ("awareness_type", "7; coastalevent", Hazard.MARINE),
        ("awareness_type", "8; forest-fire", Hazard.WILDFIRE),
        ("awareness_type", "9; avalanches", Hazard.SNOW_ICE),
        ("awareness_type", "10; Rain", Hazard.RAIN),
        ("Awareness Type", "12; flooding", Hazard.FLOOD),
        ("awareness_type", "13; rain-flood", Hazard.FLOOD),
        ("awareness_type", "Wind", Hazard.WIND),
        ("SAME", "TOR", Hazard.CONVECTIVE),
        ("same", " ffw ", Hazard.FLASH_FLOOD),
        ("SAME", "TSW", Hazard.MARINE),
        ("SAME", "DBW", Hazard.DAM),
        ("NationalWeatherService", "SCY", Hazard.MARINE),
        ("GROUP", "THUNDERSTORM", Hazard.CONVECTIVE),
        ("II", "51", Hazard.WIND),
        ("II", "247", Hazard.HEAT),
        ("AEMET-Meteoalerta fenomeno", "PR;Lluvias", Hazard.RAIN),
        ("AEMET-Meteoalerta fenomeno", "TO;Tormentas", Hazard.CONVECTIVE),
        ("eventtype", "TC", Hazard.TYPHOON),
        (
            "urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0:AUeventLIST:1.0",
            "bushFire",
            Hazard.WILDFIRE,
        ),
        ("profile:CAP-CP:Event:0.4", "flashFreeze", Hazard.SNOW_ICE),
        ("profile:CAP-CP:Event:0.4", "thunderstorm", Hazard.CONVECTIVE),
        ("CDNevent", "grassFire", Hazard.WILDFIRE),
        ("alertType", "Wind", Hazard.WIND),
    ],
)
def test_lists_of_other_services(name: str, value: str, hazard: Hazard) -> None:
    kind = kind_of_scheme(name, value)
    assert kind is not None
    assert (kind.hazard, kind.code) == (hazard, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAME", "NWS"),
        ("SAME", "RMT"),
        ("LICENSE", "Wind"),
        ("II", "999"),
        ("awareness_type", "11"),
        ("x", "TOR"),
    ],
)
def test_other_values_say_nothing(name: str, value: str) -> None:
    assert kind_of_scheme(name, value) is None


def test_a_word_means_one_family() -> None:
    families: dict[str, set[Hazard]] = {}
    for hazard, words in OTHER_WORDS.items():
        for word in words:
            families.setdefault(word, set()).add(hazard)
    for hazard, listed in FOREIGN_WORDS.items():
        for word in listed.split(";"):
            families.setdefault(word, set()).add(hazard)
    assert {word: found for word, found in families.items() if len(found) > 1} == {}


def test_no_code_stands_twice() -> None:
    codes = [code for names in EVENT_TYPES.values() for code in names]
    assert len(codes) == len(set(codes))


def test_the_table_agrees_with_the_sources() -> None:
    """Where the sources lie beside the checkout; 水旱灾害 in general is ours to call flood."""
    if not TABLE.exists():
        return
    ours = {code: (name, hazard) for hazard, names in EVENT_TYPES.items() for code, name in names.items()}
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    theirs = {
        row["code"]: (row["name_zh"], Hazard(row["family_proposed"].replace("flashflood", "flash_flood")))
        for row in rows
    }
    theirs |= {code: (theirs[code][0], Hazard.FLOOD) for code in ("11A00", "11A99")}
    assert ours == theirs
