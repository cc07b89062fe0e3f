/* Shows the week of a schedule's form while its hours are typed. */
"use strict";
{
    const PAUSE = 250; // ms after the last key
    const start = () => {
        const week = document.getElementById("week-preview");
        const form = week && document.getElementById("schedule_form");
        if (!form) return;
        let timer = 0;
        let asked = 0;
        const show = async () => {
            const mine = ++asked;
            const sent = new URLSearchParams(new FormData(form));
            sent.delete("csrfmiddlewaretoken");
            const answer = await fetch(`${week.dataset.url}?${sent}`);
            if (answer.ok && mine === asked) week.innerHTML = await answer.text();
        };
        form.addEventListener("input", () => {
            clearTimeout(timer);
            timer = setTimeout(show, PAUSE);
        });
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
}
