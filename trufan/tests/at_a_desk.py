"""A new operator at a desk: a real browser of a desk's size, and the console's forms filled in as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.urls import reverse
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

WIDTH, HEIGHT = 1280, 900
_SECONDS = 20
_FETCH = """const [href, done] = arguments;
fetch(href).then(async (a) => done([a.status, a.headers.get('Content-Type'), (await a.text()).slice(0, 2000)]));"""


class Desk:
    """One browser, signed in to one server; pictures of what it saw are kept in `pictures`."""

    def __init__(self, driver: webdriver.Chrome, url: str, pictures: Path) -> None:
        self.driver, self.url, self.pictures = driver, url, pictures
        pictures.mkdir(parents=True, exist_ok=True)

    # -- Going somewhere --

    def open(self, name: str, *args: Any) -> None:
        self.go(reverse(name, args=args))

    def go(self, path: str) -> None:
        self.driver.get(path if path.startswith("http") else self.url + path)

    def follow(self, words: str) -> None:
        """Press the link or button that says so."""
        self._leave(self._visible(f"//*[self::a or self::button][{_ends(words)}]"))

    def follow_to(self, address: str) -> None:
        """Press the first link of the page that leads to an address with this in it."""
        self._leave(self._visible(f"//a[contains(@href, '{address}')]"))

    def touch(self, words: str) -> None:
        """Press what stays on this page: a tab, a row to add, a tile that moves on."""
        WebDriverWait(self.driver, _SECONDS).until(lambda d: not d.find_elements(By.CSS_SELECTOR, "#screen.is-busy"))
        element = self._visible(f"//*[self::a or self::button or self::summary][{_ends(words)}]")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    # -- Looking --

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def sees(self, words: str) -> None:
        """Wait until the page says so."""
        try:
            WebDriverWait(self.driver, _SECONDS).until(lambda _: words in self.text)
        except TimeoutException:
            self.picture("not-seen")
            raise AssertionError(f"“{words}” is not on the page:\n{self.text}") from None

    def picture(self, name: str) -> None:
        self.driver.save_screenshot(str(self.pictures / f"{name}.png"))

    # -- Filling in --

    def fill(self, **values: Any) -> None:
        """Each field by its name: words, a choice by its words, a tick by True or False."""
        for name, value in values.items():
            self._fill(self._field(name), value)

    def choose(self, name: str, value: Any) -> None:
        """A choice that a person would search for: the field that completes what is typed."""
        field = self.driver.find_element(By.NAME, name)
        self.driver.execute_script(
            "const [s, v, t] = arguments; s.append(new Option(t, v, true, true));"
            "s.dispatchEvent(new Event('change'));",
            field, str(value.pk), str(value),
        )  # fmt: skip

    def save(self) -> None:
        self._leave(self._visible("//button[@name='_save'] | //input[@name='_save']"))
        wrong = self.driver.find_elements(By.CSS_SELECTOR, ".errorlist, .errornote")
        if wrong:
            self.picture("not-saved")
        assert not wrong, f"not saved: {[each.text for each in wrong]}\n{self.text}"

    def press(self, button: str, sure: str = "", **answers: Any) -> None:
        """A button of a row's page, its answers, and the button that confirms (which says the same, or `sure`)."""
        self.follow(button)
        self.fill(**answers)
        self.confirm(sure or button)

    def confirm(self, button: str) -> None:
        """The button of the form that is on the page."""
        self._leave(self._visible(f"//form//button[@type='submit'][{_ends(button)}]"))

    def file(self, words: str) -> tuple[str, str]:
        """What the link that says so leads to, for this session: its content type and how it begins."""
        href = self._visible(f"//a[contains(normalize-space(.), '{words}')]").get_attribute("href")
        status, kind, text = self.driver.execute_async_script(_FETCH, href)
        assert status == HTTPStatus.OK, (href, status)
        return kind, text

    # -- Within --

    def _field(self, name: str) -> Any:
        found = WebDriverWait(self.driver, _SECONDS).until(lambda d: d.find_elements(By.NAME, name))
        return found[0]

    def _fill(self, field: Any, value: Any) -> None:
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(str(value))
        elif isinstance(value, bool):
            if field.is_selected() != value:
                self.driver.execute_script("arguments[0].click()", field)
        else:
            self.driver.execute_script("arguments[0].value = ''", field)
            field.send_keys(str(value))

    def _visible(self, path: str) -> Any:
        def found(driver: Any) -> Any:
            return next((each for each in driver.find_elements(By.XPATH, path) if each.is_displayed()), None)

        try:
            return WebDriverWait(self.driver, _SECONDS).until(found)
        except TimeoutException:
            self.picture("not-found")
            raise AssertionError(f"{path} is not on the page {self.driver.current_url}:\n{self.text}") from None

    def _leave(self, element: Any) -> None:
        """Press it, and wait until the next page is there, whole."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'}); window.isHereYet = true", element)
        element.click()
        there = "return !window.isHereYet && document.readyState === 'complete'"
        WebDriverWait(self.driver, _SECONDS).until(lambda d: d.execute_script(there))


def _ends(words: str) -> str:
    """What says `words`, behind an icon or not; for an XPath."""
    return f'substring(normalize-space(.), string-length(normalize-space(.)) - {len(words) - 1}) = "{words}"'


@contextmanager
def at_a_desk(url: str, pictures: Path, width: int = WIDTH, height: int = HEIGHT) -> Iterator[Desk]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},{height}"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield Desk(driver, url, pictures)
    finally:
        driver.quit()
