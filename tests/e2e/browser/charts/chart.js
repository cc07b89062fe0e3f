// Draws a symbol's candles from the feed at /udf, as a page of a terminal does, and scrolls back to
// the beginning. `lightweight-charts.js` (Apache-2.0, TradingView) is version 5.2.1 as published.
"use strict";

async function ask(route, query) {
  const answer = await fetch(`/udf/${route}?${new URLSearchParams(query)}`, { credentials: "same-origin" });
  const body = await answer.json();
  if (body.s === "error") throw new Error(body.errmsg);
  return body;
}

async function loadBars(symbol, resolution, to, countback) {
  const body = await ask("history", { symbol, resolution, from: 0, to, countback });
  if (body.s === "no_data") return [];
  return body.t.map((time, i) => ({
    time, open: body.o[i], high: body.h[i], low: body.l[i], close: body.c[i], volume: body.v[i],
  }));
}

async function drawChart(element, name, resolution, countback) {
  const config = await ask("config", {});
  if (!config.supported_resolutions.includes(resolution)) throw new Error("no such resolution");
  const symbol = await ask("symbols", { symbol: name });
  const { LightweightCharts: library } = window;
  const chart = library.createChart(element, {
    autoSize: true,
    layout: { background: { color: "#ffffff" }, textColor: "#222222" },
    timeScale: { timeVisible: true },
  });
  const minMove = symbol.minmov / symbol.pricescale;
  const precision = Math.round(Math.log10(symbol.pricescale));
  const candles = chart.addSeries(library.CandlestickSeries, {
    title: symbol.description, priceFormat: { type: "price", precision, minMove },
  });
  const volume = chart.addSeries(library.HistogramSeries, { priceScaleId: "", color: "#b8c4d9" });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
  let bars = [], calls = 0;
  for (let to = await ask("time", {}) + 60; ; to = bars[0].time) {
    const before = await loadBars(symbol.ticker, resolution, to, countback);
    calls += 1;
    if (!before.length) break;
    bars = [...before, ...bars];
  }
  candles.setData(bars);
  volume.setData(bars.map((bar) => ({ time: bar.time, value: bar.volume })));
  chart.timeScale().setVisibleLogicalRange({ from: bars.length - 120, to: bars.length + 3 });
  const [quote] = (await ask("quotes", { symbols: symbol.ticker })).d;
  candles.createPriceLine({ price: quote.v.ask, color: "#c0392b", title: "ask", lineStyle: 2 });
  return { bars: bars.length, calls, last: bars.at(-1), bid: quote.v.bid, session: symbol.session };
}
