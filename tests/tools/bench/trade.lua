-- Opens a position and closes it again, turn by turn, on the one connection of the thread.
local order
local opening = '{"cmd":0,"volume":10,"symbol":"EURUSD","sl":0,"tp":0}'

function request()
  if order then
    local body = '{"order":' .. order .. '}'
    return wrk.format("DELETE", "/trade/close", nil, body)
  end
  return wrk.format("POST", "/trade/open", nil, opening)
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
