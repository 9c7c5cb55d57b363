/* Tells before a session of the console ends, and keeps what was typed when it has ended (docs/console-signin.md).
   The address says how many seconds a session lives without work: 0, until its end alone; -1, nobody is signed in. */
"use strict";

(function () {
    const script = document.currentScript;
    const idle = Number(new URL(script.src).searchParams.get("idle"));
    const STATE = "/admin/account/session/";
    const WARN = idle > 0 ? Math.min(120, idle / 4) : 120; /* seconds before the end */
    const SELDOM = 600; /* how often to ask where there is no idle limit: the end may have come by other means */
    const PING = WARN; /* while somebody types or points, the server hears of it this often */
    let person = null;
    let told = Date.now();
    let timer = null;
    let ticking = null;
    let box = null;
    let hasEnded = false;
    const changed = new Set(); /* forms that hold something typed */

    if (!(idle >= 0)) {
        return;
    }

    function token() {
        const field = document.querySelector("input[name=csrfmiddlewaretoken]");
        return field ? field.value : (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";
    }

    function ask(works) {
        const how = {credentials: "same-origin", headers: {"X-Requested-With": "XMLHttpRequest"}};
        if (works) {
            how.method = "POST";
            how.headers["X-CSRFToken"] = token();
        }
        return fetch(STATE, how).then((answer) => {
            if (!answer.ok) {
                throw new Error(`status ${answer.status}`);
            }
            return answer.json();
        });
    }

    function look(works) {
        clearTimeout(timer);
        return ask(works).then(settle, () => {
            /* No network: what the server thinks is unknown, and nothing is taken from the page. */
            later(30);
        });
    }

    function later(seconds) {
        clearTimeout(timer);
        timer = setTimeout(() => look(false), Math.max(1, seconds) * 1000);
    }

    function settle(state) {
        if (!state.is_signed_in || state.seconds_left <= 0) {
            over();
            return;
        }
        if (hasEnded && person && state.person !== person) {
            later(5); /* somebody else signed in: what was typed here is not theirs to save */
            return;
        }
        person = state.person;
        renewTokens(state.csrf_token);
        if (hasEnded) {
            hasEnded = false;
            close();
        }
        if (state.seconds_left > WARN) {
            close();
            later(Math.min(state.seconds_left - WARN + 1, SELDOM));
        } else {
            warn(state.seconds_left);
        }
    }

    /* Signing in changes the token; a form that was filled in before shall still be good. */
    function renewTokens(fresh) {
        document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => {
            field.value = fresh;
        });
    }

    function dialog(title) {
        close();
        box = document.createElement("dialog");
        box.className = "console-idle";
        box.setAttribute("aria-labelledby", "console-idle-title");
        const heading = document.createElement("h2");
        heading.id = "console-idle-title";
        heading.textContent = title;
        const words = document.createElement("p");
        words.setAttribute("role", "status");
        const menu = document.createElement("menu");
        box.append(heading, words, menu);
        document.body.append(box);
        return {words, menu};
    }

    function put(menu, element, text, isFirst) {
        const item = document.createElement("li");
        element.textContent = text;
        if (isFirst) {
            element.className = "is-first";
        }
        item.append(element);
        menu.append(item);
        return element;
    }

    function close() {
        clearInterval(ticking);
        if (box) {
            box.close();
            box.remove();
            box = null;
        }
    }

    function warn(seconds) {
        const ends = Date.now() + seconds * 1000;
        const {words, menu} = dialog(trufanSay("Are you still there?"));
        const count = document.createElement("p");
        words.textContent = trufanSay("Your session ends soon. What you typed and did not save stays on this page.");
        words.after(count);
        const out = put(menu, document.createElement("button"), trufanSay("Sign out now"), false);
        const stay = put(menu, document.createElement("button"), trufanSay("Stay signed in"), true);
        out.type = stay.type = "button";
        out.addEventListener("click", () => {
            const form = document.getElementById("logout-form");
            if (form) {
                form.submit();
            } else {
                location.assign("/admin/");
            }
        });
        stay.addEventListener("click", () => {
            told = Date.now();
            look(true);
        });
        box.addEventListener("cancel", (event) => {
            event.preventDefault();
            stay.click();
        });
        function tick() {
            const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
            count.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
            if (left === 0) {
                close();
                look(false);
            } else if (left % 15 === 0) {
                /* Another window of the same browser may have gone on working. */
                ask(false).then((state) => {
                    if (state.seconds_left > WARN) {
                        settle(state);
                    }
                }, () => later(5));
            }
        }
        ticking = setInterval(tick, 1000);
        tick();
        box.showModal();
        stay.focus();
    }

    function over() {
        const here = location.pathname + location.search;
        if (changed.size === 0) {
            location.assign(`/admin/login/?next=${encodeURIComponent(here)}`);
            return;
        }
        if (!hasEnded) {
            hasEnded = true;
            const {words, menu} = dialog(trufanSay("You were signed out"));
            words.textContent = trufanSay(
                "What you typed is still on this page, and not saved. Sign in again in another window, then come back here and save.",
            );
            const link = put(menu, document.createElement("a"), trufanSay("Sign in in another window"), true);
            link.href = "/admin/login/?next=/admin/account/";
            link.target = "_blank";
            link.rel = "noopener";
            box.addEventListener("cancel", (event) => event.preventDefault());
            box.showModal();
            link.focus();
        }
        later(5);
    }

    function works(event) {
        if (event.type === "input" && event.target.form && event.target.form.method === "post") {
            changed.add(event.target.form);
        }
        if (!hasEnded && !box && idle > 0 && Date.now() - told > PING * 1000) {
            told = Date.now();
            look(true);
        }
    }

    function start() {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = script.src.replace(/session(\.[0-9a-f]+)?\.js.*$/, "session.css");
        document.head.append(link);
        if (!document.querySelector("#page, .unfold, [x-data]")) {
            document.documentElement.classList.add("is-screen");
        }
        ["pointerdown", "keydown", "input"].forEach((kind) => document.addEventListener(kind, works, {passive: true}));
        document.addEventListener("submit", (event) => changed.delete(event.target));
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) {
                look(false);
            }
        });
        later(5); /* who only passes through asks nothing */
    }

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", start);
    } else {
        start();
    }
})();
