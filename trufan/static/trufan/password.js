// Hands the token behind the # of a mailed link to the form, and takes it out of the address.
(() => {
    "use strict";
    const field = document.querySelector("#password-form input[name=token]");
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (field && token) {
        field.value = token;
        history.replaceState(null, "", location.pathname + location.search);
    }
})();
