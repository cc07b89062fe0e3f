-- Opens a position and closes it again, turn by turn, on the one connection of the thread.
-- With BENCH_KEYS each request has an idempotency key of its own.
local order
local keyed = os.getenv("BENCH_KEYS")
math.randomseed(os.time() + tonumber(tostring({}):sub(8)))

local function headers()
  if keyed then
    local parts = {}
    for i = 1, 4 do parts[i] = string.format("%08x", math.random(0, 2 ^ 31 - 1)) end
    wrk.headers["Idempotency-Key"] = table.concat(parts)
  end
  return wrk.headers
end

local opening = '{"cmd":0,"volume":10,"symbol":"EURUSD","sl":0,"tp":0}'

function request()
  if order then
    local body = '{"order":' .. order .. '}'
    return wrk.format("DELETE", "/trade/close", headers(), body)
  end
  return wrk.format("POST", "/trade/open", headers(), opening)
end

function response(status, headers, body)
  if status ~= 200 then
    io.stderr:write(status .. " " .. body .. "\n")
    order = nil
  elseif order then
    order = nil
  else
    order = body:match('"order":%s*(%d+)')
  end
end
