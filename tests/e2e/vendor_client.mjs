// A terminal as the public pages describe one: plain fetch and WebSocket, run by test_vendor_client.py.
// Arguments: the platform's address. Exits with 0 if every step was answered as the pages say.
import assert from "node:assert/strict";

const base = process.argv[2];
let token = "";

async function call(method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest",
               ...(token ? { Authorization: token } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

const rowsOf = ({ structure, rows }) =>
  rows.map((row) => Object.fromEntries(structure.map((name, index) => [name, row[index]])));
const trades = async (type, query = "") =>
  rowsOf(await call("GET", `/trades?limit=100&offset=0&tradeType=${type}${query}`));
const buy = { cmd: 0, volume: 100.0, symbol: "EURUSD", sl: null, tp: null, magic: 0, comment: "js" };

async function signIn() {
  const signed = await call("POST", "/sign/in",
    { login: 100001, password: "demo1234", remember: true, platform: "web" });
  token = signed.__token;
  assert.equal((await call("GET", "/account/me")).login, signed.login);
}

async function openModifyAndClose() {
  const opened = await call("POST", "/trade/open", { ...buy, open_time: 0, expiration: 0 });
  assert.equal(opened.state, 1);
  const [record] = (await trades(1)).filter((row) => row.order === opened.order);
  const bid = (await call("GET", "/market")).assets.EURUSD.bid;
  const sl = Number((bid - 0.05).toFixed(5));
  const modified = await call("PUT", "/trade/modify", { ...record, sl });
  assert.equal(modified.state, 14);
  const part = await call("DELETE", "/trade/close", { order: opened.order, volume: 40 });
  assert.deepEqual([part.state, part.close_volume], [19, 40]);
  const [rest] = (await trades(1)).filter((row) => row.order === opened.order);
  assert.deepEqual([rest.volume, rest.sl], [60, sl]);
  assert.equal((await call("DELETE", "/trade/close", { ...rest, expiration: 0 })).state, 7);
  const pieces = await trades(2, "&where[0][0]=parent_order&where[0][1]==&where[0][2]=" + opened.order);
  assert.deepEqual(pieces.map((row) => row.volume), [40]);
}

async function placeAndCancel() {
  const ask = (await call("GET", "/market")).assets.EURUSD.ask;
  const limit = { ...buy, cmd: 2, open_price: Number((ask - 0.05).toFixed(5)) };
  const placed = await call("POST", "/trade/open/pending", limit);
  const [record] = (await trades(3)).filter((row) => row.order === placed.order);
  assert.equal((await call("PUT", "/trade/modify/pending", { ...record, comment: null })).state, 16);
  assert.equal((await call("DELETE", "/trade/cancel", { order: placed.order })).state, 9);
}

async function closeGroup() {
  for (const comment of ["first", "second"]) await call("POST", "/trade/open", { ...buy, comment });
  const closed = await call("DELETE", "/trade/close/group", { type: 0, symbol: "EURUSD" });
  assert.equal(closed.data, "OK");
  assert.deepEqual((await trades(1)).filter((row) => row.symbol === "EURUSD"), []);
}

async function keepScripts() {
  const { id } = await call("POST", "/script", { name: "RSI", script: "plot(1)", type: "public" });
  const [mine] = (await call("GET", "/scripts")).rows.filter((row) => row.id === id);
  await call("PUT", "/script", { ...mine, name: "RSI 2", autostart: 1 });
  assert.equal((await call("GET", `/script/${id}`)).name, "RSI 2");
  assert.deepEqual(await call("DELETE", `/script/${id}`), { data: "OK" });
}

async function keepAlerts() {
  const created = rowsOf(await call("POST", "/price_alert",
    { symbol: "EURUSD", side: 0, condition: 0, repeat_mode: 0, target_price: 9, expires_at: 0 }));
  const { id } = created[0];
  const [alert] = rowsOf(await call("GET", "/price_alert/list")).filter((row) => row.id === id);
  await call("PUT", "/price_alert", { ...alert, target_price: 9.5 });
  assert.deepEqual(rowsOf(await call("DELETE", `/price_alert/${id}`)), [{ id }]);
}

async function watch() {
  assert.ok((await call("POST", "/market/watch", { symbol: "GBPUSD" })).GBPUSD);
  for (const prefix of ["web", "mobile"]) {
    const { assets } = await call("GET", `/market/watch/list?prefix=${prefix}`);
    assert.equal(assets.GBPUSD.symbol, "GBPUSD");
  }
  await call("DELETE", "/market/watch", { symbol: "GBPUSD" });
}

async function stream() {
  const socket = new WebSocket(base.replace("http", "ws") + "/ws");
  const frames = [], waiting = [];
  socket.onmessage = ({ data }) => {
    frames.push(JSON.parse(data));
    waiting.splice(0).forEach((check) => check());
  };
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const first = (fits) => new Promise((resolve) => {
    const check = () => {
      const found = frames.find(fits);
      if (found) resolve(found); else waiting.push(check);
    };
    check();
  });
  socket.send(JSON.stringify({ authorization: token }));
  assert.equal((await first((frame) => frame.event === "authorization")).success, true);
  socket.send(JSON.stringify({ event: "subscribe", data: ["eurusd"] }));
  assert.ok((await first((frame) => frame[0] === "t"))[2] > 0);
  const { order } = await call("POST", "/trade/open", buy);
  const added = await first((frame) => frame[0] === "o" && frame[1] === order);
  assert.equal(added.at(-1), 0);
  await call("DELETE", "/trade/close", { order });
  await first((frame) => frame[0] === "o" && frame[1] === order && frame.at(-1) === 6);
  await first((frame) => frame[0] === "b" && frame[1] === 100001);
  socket.close();
}

const steps = [signIn, openModifyAndClose, placeAndCancel, closeGroup, keepScripts, keepAlerts, watch];
if (typeof WebSocket !== "undefined") steps.push(stream);
for (const step of steps) {
  await step();
  console.log(`${step.name} OK`);
}
