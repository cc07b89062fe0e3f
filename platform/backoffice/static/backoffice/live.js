/* Fills the tiles of `data-live` from its address every few seconds. What it is sent is text. */
"use strict";

(() => {
  const EVERY = 5000; // ms between two answers
  const SVG = "http://www.w3.org/2000/svg";

  function node(name, className = "", text = "") {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function shape(name, attributes, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  function figures(part) {
    const list = node("dl", "live-figures");
    for (const [label, value, tone] of part.figures) {
      const pair = node("div");
      pair.append(node("dt", "", label), node("dd", tone || "", value));
      list.append(pair);
    }
    return [list];
  }

  function share(part) {
    const svg = shape("svg", { width: 60, height: 10, "aria-hidden": "true" });
    const width = Math.max(1, Math.abs(part) * 29);
    svg.append(shape("line", { x1: 30, x2: 30, y1: 0, y2: 10 }));
    const x = part < 0 ? 30 - width : 30;
    svg.append(shape("rect", { x, y: 1, width, height: 8, class: `series-${part < 0 ? 1 : 0}` }));
    return svg;
  }

  function cell(value, isNumber) {
    const known = typeof value === "string" ? { text: value } : value;
    const made = node("td", `${isNumber ? "number" : ""} ${known.tone || ""}`.trim());
    if (known.href) {
      const link = node("a", "", known.text);
      link.href = known.href;
      made.append(link);
    } else {
      made.append(known.text);
    }
    if (known.share) made.append(share(known.share));
    return made;
  }

  function table(part) {
    if (!part.rows.length) return [node("p", "live-note", part.empty)];
    const made = node("table");
    const head = node("tr");
    for (const [title, isNumber] of part.columns) {
      const heading = node("th", isNumber ? "number" : "", title);
      heading.scope = "col";
      head.append(heading);
    }
    made.append(node("thead"), node("tbody"));
    made.tHead.append(head);
    for (const row of part.rows) {
      const line = node("tr");
      row.forEach((value, place) => line.append(cell(value, part.columns[place][1])));
      made.tBodies[0].append(line);
    }
    const box = node("div", "live-scroll");
    box.tabIndex = 0;
    box.append(made);
    return [box];
  }

  function title(part) {
    const made = node("h3", "", part.title);
    if (part.series.length > 1) {
      part.series.forEach(([name], place) => {
        made.append(node("span", `live-key series-${place}`), name);
      });
    }
    return made;
  }

  function bars(part, width) {
    const height = 150;
    const floor = height - 16;
    const most = Math.max(1e-9, ...part.series.flatMap(([, values]) => values));
    const step = width / Math.max(1, part.labels.length);
    const thick = Math.max(1, (step * 0.8) / part.series.length);
    const every = Math.ceil(46 / step);
    const svg = shape("svg", { width, height, role: "img", "aria-label": part.title });
    svg.append(shape("line", { x1: 0, x2: width, y1: floor, y2: floor }));
    part.labels.forEach((label, place) => {
      const left = place * step + step * 0.1;
      part.series.forEach(([name, values], number) => {
        const tall = (values[place] / most) * (floor - 18);
        const x = left + number * thick;
        const bar = { x, y: floor - tall, width: thick, height: tall, class: `series-${number}` };
        const drawn = shape("rect", bar);
        const told = `${label}, ${name}: ${values[place].toLocaleString("en")}`;
        drawn.append(shape("title", {}, told));
        svg.append(drawn);
      });
      if ((part.labels.length - 1 - place) % every === 0) {
        const last = place === part.labels.length - 1; // which would be cut off in the middle
        const x = last ? width : place * step + step / 2;
        const at = { x, y: height - 2, "text-anchor": last ? "end" : "middle" };
        svg.append(shape("text", at, label));
      }
    });
    svg.append(shape("text", { x: 0, y: 11 }, most >= 1 ? most.toLocaleString("en") : ""));
    return [title(part), svg];
  }

  function note(part) {
    return [node("p", `live-note ${part.tone}`.trim(), part.text)];
  }

  const KINDS = { figures, table, bars, note };

  class Live {
    constructor(root) {
      this.root = root;
      this.state = root.querySelector(".live-state");
      this.shown = new Map();
      this.tiles = {};
      new ResizeObserver(() => this.draw()).observe(root);
      document.addEventListener("visibilitychange", () => {
        if (!document.hidden) this.poll();
      });
      this.poll();
    }

    async poll() {
      clearTimeout(this.timer);
      if (document.hidden) return;
      if (await this.ask()) this.timer = setTimeout(() => this.poll(), EVERY);
    }

    async ask() {
      try {
        const options = { headers: { "X-Background": "1" }, redirect: "manual" };
        const response = await fetch(this.root.dataset.live, options);
        if (response.type === "opaqueredirect" || response.status === 403) {
          this.say("Signed out. Load the page again to sign in.", true);
          return false;
        }
        if (!response.ok) throw new Error(String(response.status));
        const answer = await response.json();
        this.tiles = answer.tiles;
        this.draw();
        this.say(`As of ${answer.time}`, false);
      } catch {
        this.say("The platform does not answer; trying again.", true);
      }
      return true;
    }

    say(text, bad) {
      this.state.textContent = text;
      this.state.classList.toggle("bad", bad);
    }

    draw() {
      for (const tile of this.root.querySelectorAll("[data-tile]")) {
        const parts = this.tiles[tile.dataset.tile];
        const body = tile.querySelector(".live-body");
        const width = Math.floor(body.clientWidth) || 320;
        const key = JSON.stringify([width, parts]);
        if (!parts || this.shown.get(tile) === key) continue;
        this.shown.set(tile, key);
        this.replace(body, parts.flatMap((part) => KINDS[part.kind](part, width)));
      }
    }

    replace(body, made) {
      const before = [...body.querySelectorAll(".live-scroll")];
      const places = before.map((box) => [box.scrollTop, box.scrollLeft]);
      body.replaceChildren(...made);
      body.querySelectorAll(".live-scroll").forEach((box, number) => {
        [box.scrollTop, box.scrollLeft] = places[number] || [0, 0];
      });
    }
  }

  document.querySelectorAll("[data-live]").forEach((root) => new Live(root));
})();
