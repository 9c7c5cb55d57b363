"""Hands that hold no mouse: a real browser, worked by keys alone, for tests."""

from __future__ import annotations

from typing import Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

#: More stops than any screen has before what is looked for.
_MOST = 120
#: What is said of the focused element, as whoever reads by ear hears it.
_NAME = """const here = document.activeElement, label = here.labels && here.labels[0];
if (here === document.body) return '';
const read = (label || here).cloneNode(true);
read.querySelectorAll('[aria-hidden=true]').forEach((each) => each.remove());
return (here.getAttribute('aria-label') || read.textContent).replace(/\\s+/g, ' ').trim();"""
#: Whether one sees where one is: a ring around it, around what stands for it, or around the frame of a field.
_IS_SEEN = """const here = document.activeElement, box = here.getBoundingClientRect();
const ringed = (each) => {
  const {outlineStyle, outlineWidth} = each ? getComputedStyle(each) : {outlineStyle: 'none'};
  return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
};
const frames = [here, here.nextElementSibling, here.parentElement, here.parentElement.parentElement];
return frames.some(ringed) && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;"""


class Keyboard:
    """Tab, letters and Enter."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def here(self) -> str:
        return str(self.driver.execute_script(_NAME))

    def to(self, words: str) -> Keyboard:
        """Tab on until the focus is on what begins with `words`; every stop on the way is to be seen."""
        stops = []
        for _ in range(_MOST):
            self.press(Keys.TAB)
            stops.append(self.here)
            if not self.driver.execute_script("return document.activeElement === document.body"):
                assert self.driver.execute_script(_IS_SEEN), f"nobody sees the focus on “{self.here}”"
            if self.here.startswith(words):
                return self
        raise AssertionError(f"“{words}” is not reached by Tab, but {stops}")

    def type(self, text: str) -> Keyboard:
        self.press(text)
        return self

    def enter(self) -> None:
        self.press(Keys.ENTER)

    def skip_to_the_content(self) -> None:
        """The first stop of every page."""
        self.to("Skip to the content").enter()
        is_there: Any = self.driver.execute_script("return document.activeElement.matches('main, [role=main]')")
        assert is_there, f"the focus is on “{self.here}”"
