-- Results as JSON. A table is a list (keys 1..n) or an object (string keys), and may occur once.
local WRAP = "json: error calling MarshalJSON for type json.jsonValue: "
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }
-- Each byte that belongs to no character becomes one U+FFFD.
local function whole_characters(s)
  local out, at = {}, 1
  while at <= #s do
    local good, bad_at = length_of(s, at)
    if good then break end
    out[#out + 1] = sub(s, at, bad_at - 1) .. "\u{fffd}"
    at = bad_at + 1
  end
  return concat(out) .. sub(s, at)
end
function json_text(s)
  if not length_of(s) then s = whole_characters(s) end
  return '"' .. raw.string.gsub(s, '[%c"\\\127]', function(c) return escapes[c] or format("\\u%04x", byte(c)) end) .. '"'
end
local function json_number(n)
  if n ~= n or n == 1 / 0 or n == -1 / 0 then return nil end
  local int = tointeger(n)
  return int and format("%d", int) or format("%.17g", n)
end
local function fail(depth, text) error("encode lua result to json failed: " .. rep(WRAP, depth) .. text, 0) end

local function encode_value(value, seen, depth, out)
  local kind = type(value)
  if kind == "string" then out[#out + 1] = json_text(value)
  elseif kind == "number" then out[#out + 1] = json_number(value) or fail(depth, "json: unsupported value: " .. number_text(value))
  elseif kind == "boolean" then out[#out + 1] = value and "true" or "false"
  elseif kind == "nil" then out[#out + 1] = "null"
  elseif kind ~= "table" then fail(depth, "cannot encode " .. kind .. " to JSON")
  else
    if seen[value] then fail(depth, "cannot encode recursively nested tables to JSON") end
    seen[value] = true
    local count, numbers = 0, 0
    for k in next, value do
      count = count + 1
      if type(k) == "number" then numbers = numbers + 1
      elseif type(k) ~= "string" then fail(depth, "cannot encode mixed or invalid key types") end
    end
    if count == 0 then
      out[#out + 1] = "[]"
    elseif numbers == count then
      for i = 1, count do
        if value[i] == nil then fail(depth, "cannot encode sparse array") end
        out[#out + 1] = i == 1 and "[" or ","
        encode_value(value[i], seen, depth + 1, out)
      end
      out[#out + 1] = "]"
    elseif numbers > 0 then
      fail(depth, "cannot encode mixed or invalid key types")
    else
      local first = true
      for k, v in next, value do
        out[#out + 1] = (first and "{" or ",") .. json_text(k) .. ":"
        first = false
        encode_value(v, seen, depth + 1, out)
      end
      out[#out + 1] = "}"
    end
  end
end
encode = function(value)
  local out = {}
  encode_value(value, {}, 1, out)
  return concat(out)
end

debug.setmetatable("", operators_with(setmetatable({}, { __index = str, __newindex = function() end })))

-- Runs a script and calls its function. The answer is a JSON list of [type, value] pairs, one per expected result; or "!" and the failure.
function run_script(source, name, arguments, results, seconds)
  local limit = clock() + seconds
  debug.sethook(function()
    if clock() > limit then error("context deadline exceeded", 2) end
  end, "", 100000)
  local ok, answer = pcall(function()
    local env = environment()
    local chunk, fault = load(source, "=<string>", "t", env)
    if not chunk then error(fault, 0) end
    chunk(CAT)
    local f = next(env, nil) and env[name]
    if type(f) ~= "function" then error(name .. " is not a function: " .. type(f), 0) end
    local values = { f(load("return " .. arguments, "=arguments", "t", {})()) }
    local out = {}
    for i = 1, results do
      local kind = type(values[i])
      out[i] = '["' .. kind .. '",' .. (kind == "function" and '"function"' or kind == "number" and json_text(number_text(values[i])) or encode(values[i])) .. "]"
    end
    return "[" .. concat(out, ",") .. "]"
  end)
  debug.sethook()
  if ok then return answer end
  return "!" .. text_of(failure(answer))
end
