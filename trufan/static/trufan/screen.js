/* Renews a screen of the console and carries each touch, so that the page never has to be loaded again. Without it the
   page is a plain form. What is shown is always what the server said last. */
"use strict";

(function () {
    const screen = document.getElementById("screen");
    const part = document.getElementById("part");
    const notice = document.getElementById("notice");
    const offline = document.getElementById("offline");
    const every = Number(screen.dataset.poll);
    const NOTICE_STAYS = 12000;
    /* After tiles moved, a second tap meant for the old place must not hit what stands there now. */
    const SETTLES = 350;
    let tag = null;
    let touching = false;
    let noticeTimer = 0;
    let asked = 0;
    let soon = 0;
    /* How often the server is asked while it tells us of changes by itself; minutes on the tiles go on all the same. */
    const UP = 30000;
    const GATHER = 150;

    async function ask(options) {
        const response = await fetch(screen.action, {
            credentials: "same-origin", cache: "no-store", redirect: "manual", ...options,
            headers: {"X-Screen-Part": "1", ...(options.headers || {})},
        });
        offline.hidden = true;
        asked = Date.now();
        live.renew(response.headers.get("X-Screen-Ticket"));
        return response;
    }

    /* What is shown is put in place anew, and the focus with it: who works by keys goes on where they were. A tile that
       moved keeps it; where it is gone, the next Tab begins at the top of what is shown. */
    function focused() {
        const here = document.activeElement;
        if (!part.contains(here) && !notice.contains(here)) {
            return null;
        }
        const tile = here.closest("[data-tile]");
        const exact = here.name
            ? `[name="${CSS.escape(here.name)}"][value="${CSS.escape(here.value)}"]`
            : `a[href="${CSS.escape(here.getAttribute("href") || "")}"]`;
        const within = tile ? `[data-tile="${tile.dataset.tile}"] ${here.matches(".more") ? ".more" : ".go"}` : exact;
        return {places: [exact, within, "main"], byKey: here.matches(":focus-visible")};
    }

    function focusAgain(was) {
        if (was) {
            const place = was.places.map((each) => document.querySelector(each)).find(Boolean);
            place.focus({preventScroll: !was.byKey});
        }
    }

    function show(html, withNotice) {
        const was = focused();
        const box = document.createElement("template");
        box.innerHTML = html;
        const said = box.content.querySelector("[data-notice]");
        if (said) {
            said.remove();
        }
        if (withNotice) {
            notice.replaceChildren(...(said ? [said] : []));
            clearTimeout(noticeTimer);
            noticeTimer = setTimeout(() => notice.replaceChildren(), NOTICE_STAYS);
        }
        const scrolled = [...part.querySelectorAll(".columns")].map((each) => each.scrollLeft);
        part.replaceChildren(box.content);
        part.querySelectorAll(".columns").forEach((each, at) => { each.scrollLeft = scrolled[at] || 0; });
        focusAgain(was);
    }

    function settle() {
        setTimeout(() => screen.classList.remove("is-busy"), SETTLES);
    }

    /* Signed out, or no longer on the staff: the server leads elsewhere, and the page goes there as a whole. */
    function leave() {
        location.assign(screen.action);
    }

    async function renew() {
        if (touching || document.hidden) {
            return;
        }
        let response;
        try {
            response = await ask({headers: tag ? {"If-None-Match": tag} : {}});
        } catch (error) {
            offline.hidden = false;
            return;
        }
        if (response.status === 304 || touching) {
            return;
        }
        if (!response.ok) {
            if (response.status < 500) {
                leave();
            }
            offline.hidden = response.status < 500;
            return;
        }
        const html = await response.text();
        if (touching) {
            return;
        }
        tag = response.headers.get("ETag");
        screen.classList.add("is-busy");
        show(html, false);
        settle();
    }

    /* Something happened: several things at once are one question. While a finger is down, or tiles settle, it waits. */
    function happened() {
        clearTimeout(soon);
        soon = setTimeout(() => (touching ? happened() : renew()), GATHER);
    }

    async function touch(button) {
        touching = true;
        screen.classList.add("is-busy");
        const tile = button.closest(".tile");
        if (tile) {
            tile.classList.add("is-touched");
        }
        const body = new FormData(screen);
        body.set(button.name, button.value);
        try {
            const response = await ask({method: "POST", body});
            if (!response.ok) {
                leave();
                return;
            }
            tag = response.headers.get("ETag");
            show(await response.text(), true);
        } catch (error) {
            offline.hidden = false;
            if (tile) {
                tile.classList.remove("is-touched");
            }
        } finally {
            touching = false;
            settle();
        }
    }

    screen.addEventListener("submit", (event) => {
        event.preventDefault();
        if (event.submitter && !touching && !screen.classList.contains("is-busy")) {
            touch(event.submitter);
        }
    });
    document.addEventListener("visibilitychange", renew);
    if (notice.children.length) {
        noticeTimer = setTimeout(() => notice.replaceChildren(), NOTICE_STAYS);
        history.replaceState(null, "", screen.action);
    }
    const live = window.trufanLive(screen.dataset.watch || "", screen.dataset.ticket || "", happened);
    setInterval(() => {
        if (!live.isUp() || Date.now() - asked >= UP) {
            renew();
        }
    }, every);
})();
