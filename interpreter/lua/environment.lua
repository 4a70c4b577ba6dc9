-- The rest of what scripts may call: base functions, time and the kube library.
-- The value of digits in a base, without wrapping. What 64 bits do not hold is no number.
local function to_float(digits, radix)
  local value = 0.0
  for i = 1, #digits do value = value * radix + lua_tonumber(sub(digits, i, i), 36) end
  return value
end
local function to_number(value, base)
  local radix = int_arg(2, "tonumber", base, 10)
  if type(value) == "number" then return value end
  if type(value) ~= "string" then return nil end
  local text = raw.string.match(value, "^[ \n\t]*(.-)[ \n\t]*$")
  if find(text, ".", 1, true) then
    if find(text, "^[+-]?0[xX]") and not find(text, "[pP]") then return nil end
    if find(text, "_", 1, true) then return nil end
    return parse_number(text)
  end
  if base == nil and find(text, "^0[xX]") then radix, text = 16, sub(text, 3) end
  if radix < 2 or radix > 36 then return nil end
  local sign, digits = raw.string.match(text, "^([+-]?)(%w+)$")
  local n = digits and lua_tonumber("0" .. digits, radix)
  if not n or to_float(digits, radix) >= 1.8e19 or n < 0 and not (sign == "-" and n == math.mininteger) then return nil end
  return (sign == "-" and -n or n) + 0.0
end

-- The kube library: the work is done outside; arguments and answers are encoded.
local encode
local kube = {}
for _, name in pairs({ "resourceAdd", "accuratePodRequirements", "getPodDependencies", "getResourceQuantity" }) do
  kube[name] = function(...)
    local n, types, values = select("#", ...), {}, {}
    for i = 1, n do
      local value = select(i, ...)
      types[i] = '"' .. type(value) .. '"'
      local kind = type(value)
      values[i] = (kind == "nil" or kind == "function") and "null" or encode(value)
    end
    local answer = host(name, "[[" .. concat(types, ",") .. "],[" .. concat(values, ",") .. "]]")
    if sub(answer, 1, 1) == "!" then raise(sub(answer, 2)) end
    return load("return " .. answer, "=answer", "t", {})()
  end
end


-- The machine's own failures in the words of the 5.1 machine.
local WORDS = {
  { "attempt to compare two (%w+) values", "attempt to compare %1 with %1" },
  { "attempt to call a %w+ value.*", "attempt to call a non-function object" },
  { "stack overflow.*", "stack overflow" },
  { "C stack overflow.*", "stack overflow" },
  { "table index is nil", "index is nil" },
  { "table index is NaN", "index is NaN" },
  { "index is nil", "table index is nil" },
  { "index is NaN", "table index is NaN" },
  { "bad 'for' initial value .*", "for statement init must be a number" },
  { "bad 'for' (%w+) .*", "for statement %1 must be a number" },
  { "'for' initial value must be a number", "for statement init must be a number" },
  { "'for' (%w+) must be a number", "for statement %1 must be a number" },
}
local function failure(value)
  if type(value) == "string" then
    for i = 1, #WORDS do value = raw.string.gsub(value, WORDS[i][1], WORDS[i][2]) end
  end
  return value
end
local function caught(ok, ...)
  if ok then return ok, ... end
  return ok, failure((...))
end

-- Days since 1970-01-01 of a date; months and days beyond their range count on.
local function days_of(year, month, day)
  year = year + (month - 1) // 12
  month = (month - 1) % 12 + 1
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end
local function time_of(...)
  if select("#", ...) == 0 then return raw.os.time() end
  local t = table_arg(1, "time", (...))
  local function part(key, default)
    local value = t[key]
    return type(value) == "number" and int64(value) or default
  end
  local days = days_of(part("year", -1), part("month", -1), part("day", -1))
  return days * 86400 + part("hour", 12) * 3600 + part("min", 0) * 60 + part("sec", 0)
end
local DATE_WORDS = { a = "mon", A = "%A", b = "%b", B = "%B", c = "%d %b %y %H:%M UTC", d = "%d", F = "%Y-%m-%d", H = "%H", I = "%I", m = "%m", M = "%M", p = "%p", P = "%p", S = "%S", x = "%H/%M/%S", X = "%H:%M:%S", y = "%y", Y = "%Y", z = "+0000", Z = "UTC", w = "%w" }
local function date_text(...)
  local pattern, seconds = "%c", nil
  if select("#", ...) > 0 then pattern = raw.string.gsub(text_arg(1, "date", (...)), "^!+", "") end
  if select("#", ...) > 1 then seconds = int_arg(2, "date", (select(2, ...))) else seconds = raw.os.time() end
  if sub(pattern, 1, 2) == "*t" then
    local date = raw.os.date("!*t", seconds)
    date.yday, date.isdst = 0, false
    return date
  end
  local out = raw.string.gsub(pattern, "%%(.)", function(letter)
    local word = DATE_WORDS[letter]
    if letter == "%" then return "%" elseif not word then return "%" .. letter end
    local text = raw.os.date("!" .. word, seconds)
    return letter == "P" and raw.string.lower(text) or text
  end)
  return out
end

local function environment()
  local env = {
    next = function(t, key)
      table_arg(1, "next", t)
      if type(key) == "number" then key = tointeger(key) or key end
      local ok, k, value = pcall(next, t, key)
      if ok and k ~= nil then return k, value end
      return nil
    end,
    pairs = function(t) return next, table_arg(1, "pairs", t), nil end,
    type = function(...)
      if select("#", ...) == 0 then bad(1, "type", "value expected") end
      return type((...))
    end,
    tostring = function(...)
      if select("#", ...) == 0 then bad(1, "tostring", "value expected") end
      return text_of((...))
    end,
    tonumber = function(...)
      if select("#", ...) == 0 then bad(1, "tonumber", "value expected") end
      return to_number(...)
    end,
    ipairs = function(t)
      table_arg(1, "ipairs", t)
      return function(list, i)
        local value = list[i + 1]
        if value ~= nil then return i + 1, value end
      end, t, 0
    end,
    error = function(...)
      if select("#", ...) == 0 then bad(1, "error", "value expected") end
      local value, level = ...
      level = int_arg(2, "error", level, 1)
      if level < 1 or type(value) ~= "string" then error(value, 0) end
      raise(value, level)
    end,
    assert = function(...)
      local ok, message = ...
      if ok then return ... end
      raise(plain_text_arg(2, "assert", message, "assertion failed!"))
    end,
    pcall = function(...)
      if select("#", ...) == 0 then bad(1, "pcall", "value expected") end
      local f = ...
      if type(f) ~= "function" then return false, "attempt to call a " .. type(f) .. " value" end
      return caught(pcall(...))
    end,
    xpcall = function(f, handler)
      function_arg(1, "xpcall", f)
      function_arg(2, "xpcall", handler)
      return xpcall(f, function(value)
        local _, result = pcall(handler, failure(value))
        return failure(result)
      end)
    end,
    select = function(n, ...)
      if n == "#" then return select("#", ...) end
      if type(n) == "string" then bad(1, "select", "invalid string '" .. n .. "'") end
      if type(n) ~= "number" then bad(1, "select", "number or string expected, got " .. type(n)) end
      local i = int64(n)
      local count = select("#", ...)
      if i < 0 then i = count + i + 1 end
      if i < 1 then bad(1, "select", "index out of range") end
      if i > count then return end
      return select(i, ...)
    end,
    unpack = function(t, i, j)
      table_arg(1, "unpack", t)
      i, j = int_arg(2, "unpack", i, 1), int_arg(3, "unpack", j, length(t))
      local out = {}
      for k = i, j do if k > 0 then out[k - i + 1] = t[k] end end
      return unpack(out, 1, j - i + 1)
    end,
    print = function() end,
    _VERSION = "Lua 5.1",
    os = { time = time_of, date = date_text },
    package = { preload = {}, loaded = {}, path = "", cpath = "" },
    string = {}, table = {}, math = {},
  }
  for k, v in pairs(str) do env.string[k] = v end
  for k, v in pairs(tab) do env.table[k] = v end
  for k, v in pairs(mat) do env.math[k] = v end
  for _, name in pairs({ "collectgarbage", "dofile", "getfenv", "getmetatable", "load", "loadfile", "loadstring", "rawequal", "rawget", "rawset", "setfenv", "setmetatable", "module", "newproxy" }) do
    env[name] = blocked(name)
  end
  env._G = env
  env.require = function(name)
    if name == "kube" then return kube end
    if name == "string" or name == "table" or name == "math" or name == "os" or name == "package" then return env[name] end
    if name == "_G" then return env end
    name = text_arg(1, "require", name)
    raise(format("module %s not found:\n\tno field package.preload['%s'], ", name, name))
  end
  return env
end
