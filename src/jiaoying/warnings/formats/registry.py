"""Every format that is read, one line each, found by what a document looks like and never by its name.

A reader gets a document that was parsed within bounds already, so that no format guards itself. It is
pure: no network, no files. What holds several warnings is taken apart before (formats/containers.py).
The first reader that recognises a document reads it: narrow ones stand before wide ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from jiaoying.warnings.formats import (
    caiyun,
    cap_json,
    cma,
    cn12379,
    error_answer,
    feed,
    hongkong,
    macau,
    nmc,
    nws,
    qweather,
    shenzhen,
    sichuan,
    weathercn,
)
from jiaoying.warnings.formats.cap import read_cap
from jiaoying.warnings.formats.cap_schema import VERSIONS
from jiaoying.warnings.formats.containers import is_bundle
from jiaoying.warnings.formats.feed_index import is_index, read_index
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.guarded_xml import Document
from jiaoying.warnings.model import ParsedMessage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """A format. `read` gets `now` as the bound for how far ahead a message may be dated.

    `formats` are the names that its messages may bear, for whoever asks for one by name.
    """

    recognises: Callable[[T], bool]
    read: Callable[[T, datetime], list[ParsedMessage]]
    formats: tuple[str, ...] = ()


def _anything(_: object) -> bool:
    return True


# CAP stands last: it says best what is wrong with a document that is nothing that we know.
XML_READERS: tuple[Reader[Document], ...] = (
    Reader(cn12379.is_cn12379, cn12379.read_cn12379, (cn12379.FORMAT,)),
    Reader(lambda document: is_index(document) or is_bundle(document), read_index),
    Reader(_anything, read_cap, tuple(version.format for version in VERSIONS.values())),
)
# Of a parsed JSON value (formats/guarded_json.py).
JSON_READERS: tuple[Reader[JsonDocument], ...] = (
    # First, since an error with an empty list beside it would read as "nothing is in force".
    Reader(error_answer.is_error_answer, error_answer.read_error_answer),
    Reader(nws.is_nws, nws.read_nws, (nws.FORMAT,)),
    Reader(cap_json.is_meteoalarm, cap_json.read_meteoalarm, (cap_json.METEOALARM,)),
    Reader(qweather.is_qweather_v7, qweather.read_qweather_v7, (qweather.V7,)),
    Reader(qweather.is_qweather_v1, qweather.read_qweather_v1, (qweather.V1,)),
    Reader(nmc.is_nmc, nmc.read_nmc, (nmc.FORMAT,)),
    Reader(cma.is_cma, cma.read_cma, (cma.FORMAT,)),
    Reader(weathercn.is_weathercn_detail, weathercn.read_weathercn_detail, (weathercn.FORMAT,)),
    Reader(weathercn.is_weathercn_list, weathercn.read_weathercn_list, (weathercn.FORMAT,)),
    Reader(caiyun.is_caiyun, caiyun.read_caiyun, (caiyun.FORMAT,)),
    Reader(shenzhen.is_shenzhen, shenzhen.read_shenzhen, (shenzhen.FORMAT,)),
    Reader(hongkong.is_hongkong, hongkong.read_hongkong, (hongkong.FORMAT,)),
    Reader(macau.is_macau, macau.read_macau, (macau.FORMAT,)),
    Reader(sichuan.is_sichuan, sichuan.read_sichuan, (sichuan.FORMAT,)),
    # Wide ones last: the platform's list has names of CAP besides its own.
    Reader(cn12379.is_cn12379_json, cn12379.read_cn12379_json, (cn12379.JSON_FORMAT,)),
    Reader(cap_json.is_cap_json, cap_json.read_cap_json, (cap_json.FORMAT,)),
    Reader(feed.is_empty_list, feed.read_empty_list),
)
# Of plain text.
TEXT_READERS: tuple[Reader[str], ...] = ()


def format_names() -> tuple[str, ...]:
    """The name of every format whose messages are read, in the order of the readers."""
    readers = (*XML_READERS, *JSON_READERS, *TEXT_READERS)
    return tuple(dict.fromkeys(name for reader in readers for name in reader.formats))
