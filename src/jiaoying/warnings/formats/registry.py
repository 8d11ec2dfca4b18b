"""Every format that is read, one line each, found by what a document looks like and never by its name.

A reader gets a document that was parsed within bounds already, so that no format guards itself. It is
pure: no network, no files. The first reader that recognises a document reads it: narrow ones stand
before wide ones.
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
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.guarded_xml import Document
from jiaoying.warnings.model import ParsedMessage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """A format. `read` gets `now` as the bound for how far ahead a message may be dated."""

    recognises: Callable[[T], bool]
    read: Callable[[T, datetime], list[ParsedMessage]]


def _anything(_: object) -> bool:
    return True


# CAP stands last: it says best what is wrong with a document that is nothing that we know.
XML_READERS: tuple[Reader[Document], ...] = (
    Reader(cn12379.is_cn12379, cn12379.read_cn12379),
    Reader(_anything, read_cap),
)
# Of a parsed JSON value (formats/guarded_json.py).
JSON_READERS: tuple[Reader[JsonDocument], ...] = (
    # First, since an error with an empty list beside it would read as "nothing is in force".
    Reader(error_answer.is_error_answer, error_answer.read_error_answer),
    Reader(nws.is_nws, nws.read_nws),
    Reader(cap_json.is_meteoalarm, cap_json.read_meteoalarm),
    Reader(qweather.is_qweather_v7, qweather.read_qweather_v7),
    Reader(qweather.is_qweather_v1, qweather.read_qweather_v1),
    Reader(nmc.is_nmc, nmc.read_nmc),
    Reader(cma.is_cma, cma.read_cma),
    Reader(weathercn.is_weathercn_detail, weathercn.read_weathercn_detail),
    Reader(weathercn.is_weathercn_list, weathercn.read_weathercn_list),
    Reader(caiyun.is_caiyun, caiyun.read_caiyun),
    Reader(shenzhen.is_shenzhen, shenzhen.read_shenzhen),
    Reader(hongkong.is_hongkong, hongkong.read_hongkong),
    Reader(macau.is_macau, macau.read_macau),
    Reader(sichuan.is_sichuan, sichuan.read_sichuan),
    # Wide ones last: the platform's list has names of CAP besides its own.
    Reader(cn12379.is_cn12379_json, cn12379.read_cn12379_json),
    Reader(cap_json.is_cap_json, cap_json.read_cap_json),
    Reader(feed.is_empty_list, feed.read_empty_list),
)
# Of plain text.
TEXT_READERS: tuple[Reader[str], ...] = ()
