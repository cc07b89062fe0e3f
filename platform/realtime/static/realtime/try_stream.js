"use strict";
// Signs in with the session's route and shows the frames of the stream as they come.
(() => {
    const form = document.getElementById("try");
    const state = document.getElementById("state");
    const frames = document.getElementById("frames");
    const MOST_LINES = 200;
    let lines = [];
    let socket = null;

    const show = (sender, text) => {
        lines = [`${sender} ${text}`, ...lines].slice(0, MOST_LINES);
        frames.textContent = lines.join("\n");
    };
    const send = (frame, shown = frame) => {
        socket.send(JSON.stringify(frame));
        show("→", JSON.stringify(shown));
    };
    const stop = () => {
        if (socket) socket.close(1000);
        socket = null;
    };

    const connect = (token, symbols, resume) => {
        const scheme = location.protocol === "https:" ? "wss" : "ws";
        const opened = new WebSocket(`${scheme}://${location.host}/ws`);
        socket = opened;
        opened.onopen = () => send({ authorization: token }, { authorization: "<token>" });
        opened.onmessage = ({ data }) => {
            show("←", data);
            if (!data.startsWith('{"event":"authorization","success":true')) return;
            state.textContent = "Connected.";
            if (resume) send({ event: "resume", since: 0 });
            if (symbols.length) send({ event: "subscribe", data: symbols });
        };
        opened.onclose = ({ code }) => {
            state.textContent = `Closed with ${code}.`;
        };
    };

    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        stop();
        const data = new FormData(form);
        state.textContent = "Signing in …";
        const answer = await fetch("/sign/in", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ login: Number(data.get("login")), password: data.get("password") }),
        });
        const body = await answer.json();
        if (!answer.ok) {
            state.textContent = `${body.error}: ${body.message}`;
            return;
        }
        const symbols = data.get("symbols").split(/[\s,]+/).filter(Boolean);
        connect(body.__token, symbols, data.get("resume") === "on");
    });
    document.getElementById("stop").addEventListener("click", stop);
})();
