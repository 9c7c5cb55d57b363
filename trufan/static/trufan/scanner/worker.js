/* The service worker of the scanner page: keeps the page and its files (`CACHE` and `FILES`, set by the view that serves
   this), so that it can be loaded again without a network. What the page asks the server is never kept. */
"use strict";

const PAGE = /\/admin\/door\/scan\/[0-9a-f-]{36}\/$/;
/* A page that is not answered in this time comes from what is kept. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
        const names = (await caches.keys()).filter((name) => name.startsWith("trufan-scanner-") && name !== CACHE);
        await Promise.all(names.map((name) => caches.delete(name)));
        await self.clients.claim();
    })());
});

/* The newest page there is; only one that was answered as such is kept, no way to the sign-in. */
async function page(request) {
    const cache = await caches.open(CACHE);
    try {
        const response = await fetch(request, {signal: AbortSignal.timeout(PATIENCE)});
        if (response.status === 200 && !response.redirected) {
            await cache.put(request.url, response.clone());
        } else if (response.status === 403 || response.status === 404) {
            await cache.delete(request.url);
        }
        return response;
    } catch (error) {
        const kept = await cache.match(request.url);
        if (kept) {
            return kept;
        }
        throw error;
    }
}

self.addEventListener("fetch", (event) => {
    const {pathname} = new URL(event.request.url);
    if (event.request.method !== "GET") {
        return;
    }
    if (event.request.mode === "navigate" && PAGE.test(pathname)) {
        event.respondWith(page(event.request));
    } else if (FILES.includes(pathname)) {
        event.respondWith(caches.match(pathname).then((kept) => kept || fetch(event.request)));
    }
});
