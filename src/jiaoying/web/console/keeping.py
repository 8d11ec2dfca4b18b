"""What the pages share on which the roster is changed by hand."""

from aiohttp import web

from jiaoying.contacts.areas.names import load_area_names
from jiaoying.contacts.keeping.editing import Keeper
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, parts_of
from jiaoying.web.pages import now_of

Values = dict[str, str]
Mistakes = dict[str, str]
_LONGEST_FIELD = 2_000
_MOST_NAMED = 5


def locality_of(request: web.Request) -> Locality:
    """Where this installation stands."""
    settings = parts_of(request).settings
    return Locality(settings.home_area, settings.landline_area_code, settings.timezone)


def keeper_of(request: web.Request) -> Keeper:
    """Whoever is signed in, as the changes by hand want them."""
    return Keeper(actor_of(request), now_of(request), locality_of(request))


async def values_in(request: web.Request) -> Values:
    """The texts of a form; a field is cut where nobody would write on."""
    posted = await request.post()
    return {
        name: value[:_LONGEST_FIELD].replace("\0", "")
        for name, value in posted.items()
        if isinstance(value, str)
    }


def mistakes_of(complaints: list[Complaint]) -> Mistakes:
    """One sentence for each field, to stand beside it."""
    found: Mistakes = {}
    for complaint in complaints:
        found.setdefault(complaint.field, complaint.text)
    return found


async def read_place(tx: Tx, text: str, home_area: str) -> Area | Complaint:
    """The area that a form names: a code, or names such as `龙港镇柳庄村`."""
    names = await load_area_names(tx, home_area)
    found = names.get(text.strip()) or names.find(text, within=home_area)
    if isinstance(found, Area):
        return found
    if found is None:
        sentence = say("No area is called “{text}”", text=text.strip()[:_LONGEST_FIELD])
    else:
        choices = say(", ").join(f"{area.name} {area.code}" for area in found.candidates[:_MOST_NAMED])
        sentence = say(
            "“{text}” may be {choices}: write the township or the code", text=text.strip(), choices=choices
        )
    return Complaint("area_wrong", "area", sentence if text.strip() else say("Write the place"))


async def address_of_place(tx: Tx, code: str, home_area: str) -> str:
    """How a form first shows an area: its township and name."""
    names = await load_area_names(tx, home_area)
    area = names.get(code)
    if area is None:
        return ""
    above = names.get(area.parent_code or "")
    return f"{above.name}{area.name}" if above and area.code != home_area else area.name
