/* The words of the console's scripts in the reader's language (docs/translating.md). The page carries them, so that it
   speaks without a network; where it carries none, they are said as they are written. */
"use strict";

(function () {
    let said = null;

    function known(text) {
        if (said === null) {
            const found = document.getElementById("script-words");
            if (!found) {
                return undefined; /* not there yet, or not on this page */
            }
            said = JSON.parse(found.textContent);
        }
        return said[text];
    }

    function fill(text, values) {
        return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
    }

    /* The text, with `{name}` filled from `values`. */
    window.trufanSay = (text, values = {}) => fill(known(text) ?? text, values);

    /* The same of a number: `{count}` is filled with it. */
    window.trufanSayMany = (one, many, count, values = {}) => {
        const [single, several] = known(one) ?? [one, many];
        return fill(count === 1 ? single : several, {count, ...values});
    };
})();
