// The header of the console: a key that leads to the search box, and a switch that needs no second press.
(() => {
    "use strict";
    // It stands in the head, before what it is for.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
    else begin();

    function begin() {
        // The theme's own element, which the first link of the page leads to.
        const content = document.getElementById("content");
        content?.setAttribute("role", "main");
        content?.setAttribute("tabindex", "-1");
        const box = document.getElementById("console-find");
        document.addEventListener("keydown", (event) => {
            const typing = event.target.closest("input, textarea, select, [contenteditable]");
            if (box && event.key === box.dataset.shortcut && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
                event.preventDefault();
                box.focus();
                box.select();
            }
        });
        // The theme's own ways to the menu and to one's account are for pointers alone.
        for (const toggle of document.querySelectorAll("#header-inner span, #nav-sidebar span, #nav-sidebar div")) {
            if (!toggle.hasAttribute("x-on:click")) continue;
            toggle.setAttribute("role", "button");
            toggle.setAttribute("tabindex", "0");
            if (toggle.matches(".material-symbols-outlined")) toggle.setAttribute("aria-label", box?.dataset.menu || "Menu");
            toggle.addEventListener("keydown", (event) => {
                if (event.key !== "Enter" && event.key !== " ") return;
                event.preventDefault();
                toggle.click();
            });
        }
        // An icon is a word set in a font of pictures; beside words of its own it is not read out.
        const hush = () => {
            for (const icon of document.querySelectorAll("a > .material-symbols-outlined, button > .material-symbols-outlined")) {
                if (icon.parentElement.textContent.trim() !== icon.textContent.trim()) icon.setAttribute("aria-hidden", "true");
            }
        };
        hush();
        for (const form of document.querySelectorAll("form[data-submits]")) {
            const select = form.querySelector("select");
            if (!select) continue;
            form.querySelector("button").hidden = true;
            select.addEventListener("change", () => form.requestSubmit());
        }

        // Cells of a table of rows show their column's words beside the field, where nobody who listens finds them; and a
        // choice that completes what is typed is named by its value alone.
        const FIELDS = "input:not([type=hidden]), select, textarea";
        const name = () => {
            for (const cell of document.querySelectorAll("td[data-label]")) {
                for (const field of cell.querySelectorAll(FIELDS)) {
                    if (!field.labels.length && !field.hasAttribute("aria-label")) {
                        field.setAttribute("aria-label", cell.dataset.label);
                    }
                }
            }
            for (const box of document.querySelectorAll(".select2-container")) {
                const select = box.previousElementSibling;
                const words = select?.getAttribute?.("aria-label") || select?.labels?.[0]?.textContent.trim();
                if (!words) continue;
                box.querySelector(".select2-search__field")?.setAttribute("aria-label", words);
                const value = box.querySelector(".select2-selection__rendered[role=textbox]");
                const chooser = box.querySelector("[role=combobox]");
                if (!value || !chooser) continue;
                value.removeAttribute("role");
                value.removeAttribute("aria-readonly");
                chooser.id ||= `${value.id}-chooser`;
                chooser.setAttribute("aria-label", words);
                chooser.setAttribute("aria-labelledby", `${chooser.id} ${value.id}`);
            }
        };
        // Choices are built by a library, sooner or later than this runs; what is named already is left as it is.
        let waiting = 0;
        const soon = () => {
            window.clearTimeout(waiting);
            waiting = window.setTimeout(name);
        };
        new MutationObserver(soon).observe(document.documentElement, { childList: true, subtree: true });
        window.addEventListener("load", name);
    }
})();
