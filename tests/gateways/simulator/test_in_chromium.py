"""A telephone in a browser: somebody picks up, presses a key and writes back."""

import pytest

from browser.chromium import chromium_tab
from gateways.simulator.street import PHONE, Street


@pytest.mark.system
async def test_a_person_answers_on_the_page(street: Street) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"habit": "ignores", "name": "演示张三"})
    async with chromium_tab() as tab:
        await tab.open(f"{street.base}/phones/{PHONE}")
        await street.call()
        await street.walk(4)
        await tab.click("button.accept")
        await tab.until("document.body.innerText.includes('确认收到请按一')")
        await tab.click(".keypad button:nth-child(2)")
        await street.listener.until(lambda: bool(street.listener.at("/key")))
        assert street.listener.at("/key")[0]["Digits"] == "2"
        await street.walk(10)
        await tab.until("document.querySelector('.thread .event')")
        await tab.fill(".compose input", "转移 12户35人")
        await tab.click(".compose button")
        await street.listener.until(lambda: bool(street.listener.at("/inbound")))
        assert street.listener.at("/inbound")[0]["Body"] == "转移 12户35人"
        await tab.until(
            "document.querySelector('.bubble.sent') && !document.querySelector('.compose input').value"
        )
        await tab.open(f"{street.base}/?lang=en")
        await tab.until("document.querySelector('.phones li')")
        assert tab.complaints == []
