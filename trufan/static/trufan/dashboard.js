/* Renews what staff land on when something happened at their venues, and every minute in any case. */
"use strict";

(function () {
    const part = document.getElementById("tonight");
    const EVERY = 60000;
    /* An evening's sales come faster than anybody reads. */
    const GATHER = 3000;
    let timer = 0;

    async function renew() {
        timer = 0;
        if (document.hidden) {
            return;
        }
        let response;
        try {
            response = await fetch(location.href, {credentials: "same-origin", cache: "no-store", redirect: "manual"});
        } catch (error) {
            return; /* no connection: the next time */
        }
        if (!response.ok) {
            return;
        }
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("tonight");
        if (fresh) {
            live.renew(fresh.dataset.ticket);
            part.innerHTML = fresh.innerHTML;
        }
    }

    function soon() {
        timer = timer || setTimeout(renew, GATHER);
    }

    const live = window.trufanLive(part.dataset.watch, part.dataset.ticket, soon);
    document.addEventListener("visibilitychange", soon);
    setInterval(renew, EVERY);
})();
