"""Words and codes of headlines, of neighbours and of other countries' feeds, by hazard family.

National codes (`hazards.py`) say what kind of event it is in a Chinese message. Everybody else has words
and lists of their own; here stands what the common feeds write. A word has the national code only where
it means exactly one.
"""

import re
from functools import lru_cache

from jiaoying.kernel.hazards import Hazard

# Of headlines and bulletins, Chinese and English, that are no official name.
OTHER_WORDS: dict[Hazard, dict[str, str | None]] = {
    Hazard.FLASH_FLOOD: {
        "山洪": "11A51", "山洪灾害": "11A51", "山洪灾害气象风险": "11A51", "flash flood": "11A51",
        "mountain torrent": "11A51",
    },
    Hazard.FLOOD: {
        "凌汛": "11A05", "江河洪水": "11A01", "中小河流洪水": "11A01", "洪涝": None, "flood": "11A01",
        "flooding": "11A01",
    },
    Hazard.WATERLOGGING: {"渍涝": None, "积涝": None, "城市内涝": "11A02", "waterlogging": "11A02"},
    Hazard.DAM: {"水库": None, "堤防": None, "淤地坝": None, "溃坝": None, "决口": None, "dam": None},
    Hazard.GEOHAZARD: {
        "地灾": "11D00", "滑坡": "11D01", "泥石流": "11D02", "崩塌": "11D03", "地面塌陷": "11D04",
        "地裂缝": "11D05", "地质灾害风险": "11B37", "landslide": "11D01", "debris flow": "11D02",
        "mudslide": "11D02", "mudflow": "11D02", "geological disaster": "11D00", "geological hazard": "11D00",
        "meteorological risk of geological disaster": "11B37",
    },
    Hazard.RAIN: {
        "大暴雨": "11B03", "特大暴雨": "11B03", "短时强降水": None, "短时强降雨": None, "强降水": None,
        "豪雨": None, "rainstorm": "11B03", "torrential rain": "11B03", "heavy rain": None,
        "heavy rainfall": None, "severe rainfall": None, "rainfall": None, "rain": None,
    },
    Hazard.TYPHOON: {
        "热带风暴": None, "typhoon": "11B01", "hurricane": None, "tropical cyclone": None,
        "tropical storm": None,
    },
    Hazard.CONVECTIVE: {
        "雷暴大风": None, "狂风雷暴": None, "雷雨": None, "龙卷": "11B02", "飑线": None,
        "thunderstorm": None, "thunder": "11B14",
        "lightning": "11B14", "hail": "11B15", "tornado": "11B02", "severe convection": "11B31",
        "severe convective weather": "11B31", "strong convection": "11B31", "thunderstorm gale": "11B20",
        "thunderstorm and gale": "11B20",
    },
    Hazard.SNOW_ICE: {
        "雨雪冰冻": None, "结冰": None, "积雪": None, "snowstorm": "11B04", "blizzard": "11B04",
        "heavy snow": None, "snow": None, "ice": None, "icing": None, "road icing": "11B21",
        "icy road": "11B21", "avalanche": "11B13",
    },
    Hazard.COLD: {
        "低温": None, "cold wave": "11B05", "frost": "11B16", "low temperature": None, "cold": None,
    },
    Hazard.HEAT: {"heat wave": "11B10", "heatwave": "11B10", "high temperature": "11B09", "heat": None},
    Hazard.WIND: {"阵风": None, "gale": "11B06", "strong wind": None, "high wind": None, "wind": None},
    Hazard.VISIBILITY: {
        "沙尘": None, "扬沙": None, "浓雾": "11B17", "团雾": None, "雾": None, "heavy fog": "11B17",
        "fog": None, "haze": "11B19", "sandstorm": "11B07", "dust storm": "11B07", "sand and dust": None,
    },
    Hazard.DROUGHT: {"drought": "11B22"},
    Hazard.WILDFIRE: {
        "火险": None, "森林草原火险": "11B41", "森林火灾": None, "草原火灾": None, "山火": None,
        "雷击火": None, "forest fire": None, "wildfire": None, "bushfire": None, "grass fire": None,
        "fire weather": None, "forest fire danger": "11B25",
    },
    Hazard.EARTHQUAKE: {"地震": None, "earthquake": None},
    Hazard.MINE: {"煤矿": None, "矿山": None, "尾矿库": None, "瓦斯": None},
    Hazard.HAZCHEM: {"危化品": None, "危险化学品": None, "chemical": None, "hazardous material": None},
    Hazard.TRAFFIC: {"交通事故": None, "traffic": None, "road closure": None},
    Hazard.AIR: {"重污染天气": "11B29", "空气重污染": "11B29", "air pollution": None, "ozone": "11B32"},
    Hazard.MARINE: {"tsunami": "11E01", "storm surge": "11E02", "high surf": None, "rip current": None},
    Hazard.CLOSURE_ORDER: {"停课": "11B44", "停工": "11B45", "停业": None, "停产": None, "停运": None},
}  # fmt: skip

# Hong Kong, Macau, Taiwan and Japan in their own writing, then languages of national feeds; `;` between.
# Words of one family only: what may mean two things (`storm` and snow) is left to the longer word.
FOREIGN_WORDS: dict[Hazard, str] = {
    Hazard.RAIN: (
        "大雨;豪雨;豪雨特報;降雨;雨勢;雨势;호우;ฝนตกหนัก;downpour;heavy precipitation;precipitation"
        ";excessive rain;lluvia;lluvia intensa;lluvia fuerte;lluvias fuertes;aguacero;pluie;fortes pluies"
        ";précipitations;pluie-inondation;regen;dauerregen;starkregen;ergiebiger regen;chuva"
        ";chuvas intensas;pioggia;piogge;regn;skyfall;kiša;kiše;dež;deszcz;intensywny deszcz;opady;déšť"
        ";vydatný déšť;дождь;сильный дождь;ливень;дощ;rigning;úrkoma"
    ),
    Hazard.FLOOD: (
        "洪災;氾濫;hydrologic outlook;coastal flood;high water;river flood;inundación;inundaciones"
        ";crecida;crue;crues;inondation;inondations;hochwasser;überschwemmung;tauwetter;cheia;inundação"
        ";alluvione;översvämning;höga flöden;flom;poplava;poplave;povodeň;powódź;roztopy;wezbranie"
        ";паводок;половодье;наводнение;thaw"
    ),
    Hazard.FLASH_FLOOD: "山洪暴發;山洪爆发;crue soudaine;sturzflut;inundación repentina;crecida súbita",
    Hazard.WATERLOGGING: "水浸;淹水;surface water;urban flood",
    Hazard.DAM: "水庫放流;水庫洩洪;dam break;dam failure;levee failure;rotura de presa",
    Hazard.GEOHAZARD: (
        "山泥傾瀉;山泥倾泻;土石流;土砂災害;噴火;火山;rockfall;rock slide;mud flow;volcano;volcanic"
        ";ashfall;volcán;deslizamiento;deslizamientos;deslave;derrumbe;glissement de terrain;éboulement"
        ";erdrutsch;deslizamento;frana;frane;jordskred;steinskred;сель;оползень;osuwisko"
    ),
    Hazard.TYPHOON: (
        "颱風;熱帶氣旋;热带气旋;熱帶風暴;태풍;tropical depression;tropical disturbance;cyclone"
        ";storm warning no;ciclón;ciclón tropical;ciclónico;tormenta tropical;huracán;depresión tropical"
        ";cyclone tropical;ouragan;tempête tropicale;furacão;ciclone;uragano;тайфун;ураган"
    ),
    Hazard.CONVECTIVE: (
        "雷暴;雷雨特報;龍捲風;狂風雷暴;冰雹特報;낙뢰;thunderstorms;severe thunderstorm;squall;downburst"
        ";waterspout;tormenta;tormentas;granizo;tornados;orage;orages;grêle;gewitter;starkes gewitter"
        ";schweres gewitter;hagel;trovoada;trovoadas;temporale;temporali;grandine;onweer;onweersbuien"
        ";åska;åskväder;torden;grmljavina;grmljavinsko;grmljavinsku oluju;nevihta;neviht;bouřky;bouřka"
        ";silné bouřky;burze;burza;гроза;грозы;град;шквал;смерч;þrumuveður"
    ),
    Hazard.SNOW_ICE: (
        "대설;snowfall;snow squall;blowing snow;lake effect snow;ice storm;freezing rain;freezing drizzle"
        ";flash freeze;winter storm;winter weather;black ice;slippery roads;snow-ice;snow ice;ice pellets"
        ";glaze;snowdrift;nevada;nevadas;nieve;hielo;neige;neige-verglas;verglas;avalanches;schnee"
        ";schneefall;schneeverwehung;schneeverwehungen;glätte;glatteis;lawine;lawinen;neve;gelo;ghiaccio"
        ";valanghe;sneeuw;gladheid;ijzel;snö;snöfall;snö och is;stora snömängder;snø;snøfokk;snøskred"
        ";ising;snijeg;snijeg/poledicu;snijeg-led;sneg;poledica;poledicu;žled;sníh;sněžení;náledí;ledovka"
        ";śnieg;intensywne opady śniegu;oblodzenie;gołoledź;снег;метель;гололед;гололёд;гололедица;лавина"
        ";snjókoma;hríð"
    ),
    Hazard.COLD: (
        "寒冷天氣;低溫;霜凍;한파;wind chill;freeze;hard freeze;cold weather;extreme cold;low-temperature"
        ";arctic outflow;frente frío;heladas;helada;bajas temperaturas;temperaturas mínimas;grand froid"
        ";gel;strenger frost;frio;tempo frio;freddo;geada;stark kyla;niska temperatura;nizka temperatura"
        ";nízké teploty;silný mráz;silny mróz;przymrozki;мороз;заморозки;сильный мороз"
    ),
    Hazard.HEAT: (
        "酷熱;酷热;炎熱;炎热;高溫;폭염;hot weather;extreme heat;excessive heat;high-temperature;calor"
        ";onda de calor;ola de calor;temperaturas máximas;canicule;hitze;starke hitze;extreme hitze"
        ";tempo quente;caldo;ondate di calore;hitte;höga temperaturer;visoka temperatura"
        ";visoke temperature;vysoké teploty;upał;жара;сильная жара"
    ),
    Hazard.WIND: (
        "強風;強烈季候風;强烈季候风;季候風;季候风;강풍;windy;wind gust;strong gust;brisk wind;storm"
        ";storm force wind;squally winds;extreme wind;hurricane force wind;santa ana;les suetes wind"
        ";wreckhouse wind;viento;vientos;vientos fuertes;rachas;vent;vents;vent violent;vents violents"
        ";tempête;böen;windböen;sturm;sturmböen;schwere sturmböen;orkan;orkanböen;orkanartige böen;vento"
        ";vento forte;ventos;windstoten;kuling;sterk vind;hård vind;vind;medelvind;vjetar;vetar;veter"
        ";vítr;silný vítr;wiatr;silny wiatr;ветер;сильный ветер;vindur"
    ),
    Hazard.VISIBILITY: (
        "濃霧;沙塵;dense fog;blowing dust;dust;sandstorms;niebla;nieblas;polvo en suspensión;brouillard"
        ";nebel;nevoeiro;nebbia;mist;dimma;tåke;magla;megla;mlha;mgła;gęsta mgła;туман"
    ),
    Hazard.DROUGHT: "乾旱;sequía;sécheresse;dürre;seca;siccità;засуха",
    Hazard.WILDFIRE: (
        "火災危險;火灾危险;山林大火;산불;bush fire;bushfires;grassfire;red flag;extreme fire;fire danger"
        ";fire ban;forest-fire;fire warning;fire;hazard reduction;incendio;incendios;incendio forestal"
        ";incendios forestales;feu de forêt;feux de forêt;waldbrand;incêndio;incêndio rural"
        ";incendi boschivi;skogsbrand;skogbrann;skogbrannfare;požar;požár;pożar;пожар;пожарная опасность"
        ";природный пожар"
    ),
    Hazard.EARTHQUAKE: "地震速報;sismo;terremoto;séisme;erdbeben;землетрясение;quake",
    Hazard.HAZCHEM: "chemical hazard;radiological hazard;nuclear power plant;toxic plume;gas leak",
    Hazard.TRAFFIC: "motor vehicle accident;road crash;road accident;railway accident;rail crash",
    Hazard.ENVIRONMENT: "水質污染;海洋污染;marine pollution;water pollution;oil spill;boil water",
    Hazard.AIR: "空氣污染;空氣品質;미세먼지;air quality;air stagnation;smoke;dense smoke;smog;poor air",
    Hazard.MARINE: (
        "海嘯;風暴潮;天文潮;津波;hazardous seas;small craft;special marine;beach hazard;coastal event"
        ";coastalevent;freezing spray;heavy freezing spray;rough sea;rough bar;high seas;marine weather"
        ";oleaje;maremoto;costeros;fenómenos costeros;vagues-submersion;submersion;sturmflut"
        ";agitação marítima;mareggiate;maremoti;marejada;цунами"
    ),
}  # fmt: skip

# MeteoAlarm's `awareness_type`, as `3; Thunderstorm` (numbers of the MeteoAlarm CAP profile; 11 is not used).
_AWARENESS_TYPES = {
    "1": Hazard.WIND, "2": Hazard.SNOW_ICE, "3": Hazard.CONVECTIVE, "4": Hazard.VISIBILITY,
    "5": Hazard.HEAT, "6": Hazard.COLD, "7": Hazard.MARINE, "8": Hazard.WILDFIRE, "9": Hazard.SNOW_ICE,
    "10": Hazard.RAIN, "12": Hazard.FLOOD, "13": Hazard.FLOOD,
}  # fmt: skip

# SAME (47 CFR 11.31(e)) and the codes that the National Weather Service of the USA writes beside it.
_SAME_CODES: dict[Hazard, str] = {
    Hazard.CONVECTIVE: "TOR TOA TOE SVR SVA SVS SVW SQW",
    Hazard.FLASH_FLOOD: "FFW FFA FFS FFY",
    Hazard.FLOOD: "FLW FLA FLS FLY FAA FAW FAY CFW CFA CFS CFY LFW LFA LFY ESF HYY",
    Hazard.DAM: "DBW DBA",
    Hazard.TYPHOON: "HUW HUA HUS HLS TRW TRA TYW TYA TCS",
    Hazard.WIND: "HWW HWA EWW WIY GLW GLA SRW SRA HFW HFA BWY LWY",
    Hazard.SNOW_ICE: "BZW WSW WSA WWY LEW LEA LEY AVW AVA AVY ISW HSW SQY ZRY",
    Hazard.COLD: "WCW WCA WCY FZW FZA FRY ECW ECA CWY HZW HZA",
    Hazard.HEAT: "EHW EHA HTY XHW XHA HTW",
    Hazard.VISIBILITY: "DSW DUW DUY DUS FGY MFY",
    Hazard.WILDFIRE: "FRW FWW FWA FWN",
    Hazard.EARTHQUAKE: "EQW",
    Hazard.GEOHAZARD: "VOW LSW AFW AFY",
    Hazard.MARINE: "TSW TSA TSY SSW SSA SMW MAW MWS SCY SEW SEA SUW SUY RPS BHS UPW UPA UPY LOY",
    Hazard.AIR: "AQA ASY SMY MSY",
    Hazard.HAZCHEM: "HMW CHW NUW RHW",
    Hazard.ENVIRONMENT: "CWW BWW",
}  # fmt: skip

# The group of the German weather service beside its number `II` (DWD, CAP profile and list of warning codes).
_DWD_GROUPS = {
    "WIND": Hazard.WIND, "THUNDERSTORM": Hazard.CONVECTIVE, "HAIL": Hazard.CONVECTIVE,
    "TORNADO": Hazard.CONVECTIVE, "RAIN": Hazard.RAIN, "SNOWFALL": Hazard.SNOW_ICE,
    "SNOWDRIFT": Hazard.SNOW_ICE, "GLAZE": Hazard.SNOW_ICE, "SLIPPERINESS": Hazard.SNOW_ICE,
    "POWERLINEVIBRATION": Hazard.SNOW_ICE, "FROST": Hazard.COLD, "FOG": Hazard.VISIBILITY,
    "THAW": Hazard.FLOOD, "HEAT": Hazard.HEAT, "COASTAL": Hazard.MARINE,
}  # fmt: skip
_DWD_NUMBERS: dict[Hazard, tuple[int, ...]] = {
    Hazard.COLD: (22, 82),
    Hazard.CONVECTIVE: (31, 33, 34, 36, 38, 40, 41, 42, 44, 45, 46, 48, 49, 95, 96),
    Hazard.WIND: (51, 52, 53, 54, 55, 56),
    Hazard.VISIBILITY: (59,),
    Hazard.RAIN: (61, 62, 63, 64, 65, 66),
    Hazard.SNOW_ICE: (70, 71, 72, 73, 74, 75, 76, 84, 85, 86),
    Hazard.HEAT: (247, 248),
}

# The Spanish service's `AEMET-Meteoalerta fenomeno`, as `PR;Lluvias`.
_AEMET_PHENOMENA = {
    "VI": Hazard.WIND, "PR": Hazard.RAIN, "TO": Hazard.CONVECTIVE, "NE": Hazard.SNOW_ICE,
    "AT": Hazard.HEAT, "BT": Hazard.COLD, "CO": Hazard.MARINE, "AL": Hazard.SNOW_ICE,
    "NI": Hazard.VISIBILITY, "PO": Hazard.VISIBILITY, "DH": Hazard.FLOOD,
}  # fmt: skip

# GDACS, parameter `eventtype`.
_GDACS_TYPES = {
    "EQ": Hazard.EARTHQUAKE, "TC": Hazard.TYPHOON, "FL": Hazard.FLOOD, "VO": Hazard.GEOHAZARD,
    "WF": Hazard.WILDFIRE, "DR": Hazard.DROUGHT, "TS": Hazard.MARINE,
}  # fmt: skip

_SAME = {code: hazard for hazard, codes in _SAME_CODES.items() for code in codes.split()}
# By the folded name of the parameter or the event code.
_SCHEMES: dict[str, dict[str, Hazard]] = {
    "awarenesstype": _AWARENESS_TYPES,
    "same": _SAME,
    "nationalweatherservice": _SAME,
    "group": _DWD_GROUPS,
    "ii": {str(number): hazard for hazard, numbers in _DWD_NUMBERS.items() for number in numbers},
    "aemetmeteoalertafenomeno": _AEMET_PHENOMENA,
    "eventtype": _GDACS_TYPES,
}
# Lists whose values are words in one (`bushFire`): CAP-CP, CAP-AU, CAP-TWP, `alertType` …
_IN_WORDS = re.compile(r"event(?!priority|level|id)|alerttype|awarenesstype|phenomen|fenomeno")
_MAX_NAME_CHARACTERS = 200  # the longest seen has 80
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_;]")


def folded_name(name: str) -> str:
    """A valueName without blanks, signs and capitals: `Awareness-Type` is `awareness_type`."""
    return _folded(name[:_MAX_NAME_CHARACTERS])


@lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def hazard_of_scheme(name: str, value: str) -> Hazard | None:
    """The family that a value of a foreign list means, or None."""
    table = _SCHEMES.get(folded_name(name))
    if table is None:
        return None
    code = value.split(";")[0].strip().upper()
    return table.get(code)


def words_of_value(name: str, value: str) -> str | None:
    """The words of a value that names an event (`grassFire`, `10; Rain`), or None for other lists."""
    return _CAMEL.sub(" ", value) if _IN_WORDS.search(folded_name(name)) else None
