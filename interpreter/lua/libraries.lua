-- Libraries.
local function refuse(text) return function() raise(text) end end
local function blocked(name)
  local text = "<string>:1: call function " .. name .. " is not supported in karmada customized resourceinterpreter."
  return function() error(text, 0) end
end
-- A function that was handed over, not called by its name, is anonymous.
local function bad(n, name, text)
  local level = 2
  while true do
    local info = debug.getinfo(level + 1, "S")
    if not info or info.short_src ~= "prelude" then break end
    level = level + 1
  end
  if not debug.getinfo(level, "n").name then name = "(anonymous)" end
  raise(format("bad argument #%d to %s (%s)", n, name, text))
end

local function text_arg(n, name, value)
  if type(value) == "number" then value = number_text(value) end
  if type(value) ~= "string" then bad(n, name, "string expected, got " .. type(value)) end
  if #value > MAX_TEXT then bad(n, name, "string is too long") end
  return value
end
local function int_arg(n, name, value, default)
  if value == nil and default then return default end
  local x = lua_tonumber(value)
  if x == nil or type(value) == "boolean" then bad(n, name, "number expected, got " .. type(value)) end
  if x ~= x then return 0 end
  if x >= 9e18 then return 9000000000000000000 elseif x <= -9e18 then return -9000000000000000000 end
  return tointeger(x) or (x < 0 and -floor(-x) or floor(x))
end

local unsupported = "The Lua function string.%s is not supported by Karmada. If you believe this function is essential for your use case, please submit an issue to let us know why you need it."
local json_text
local function change_case(name, s)
  if not find(s, "[\128-\255]") then return raw.string[name](s) end
  return load("return " .. host(name, '[["string"],[' .. json_text(s) .. "]]"), "=answer", "t", {})()
end
local str = {
  len = function(s) return #text_arg(1, "len", s) end,
  lower = function(s) return change_case("lower", text_arg(1, "lower", s)) end,
  upper = function(s) return change_case("upper", text_arg(1, "upper", s)) end,
  reverse = function(s) return raw.string.reverse(text_arg(1, "reverse", s)) end,
  sub = function(s, i, j) return sub(text_arg(1, "sub", s), int_arg(2, "sub", i), int_arg(3, "sub", j, -1)) end,
  byte = function(s, i, j)
    i = int_arg(2, "byte", i, 1)
    return byte(text_arg(1, "byte", s), i, int_arg(3, "byte", j, i))
  end,
  char = function(...)
    local out = { ... }
    for i = 1, select("#", ...) do out[i] = raw.string.char(int_arg(i, "char", (select(i, ...))) & 255) end
    return concat(out)
  end,
  find = function(s, p, i, plain)
    s, p, i = text_arg(1, "find", s), text_arg(2, "find", p), int_arg(3, "find", i, 1)
    if p == "" then return 1, 0 end
    if i > #s + 1 then return nil end
    return find(s, p, i, plain)
  end,
  match = function(s, p, i)
    s, p, i = text_arg(1, "match", s), text_arg(2, "match", p), int_arg(3, "match", i, 1)
    if i > #s + 1 then return nil end
    return raw.string.match(s, p, i)
  end,
  gmatch = function(s, p) return raw.string.gmatch(text_arg(1, "gmatch", s), text_arg(2, "gmatch", p)) end,
  gsub = refuse(format(unsupported, "gsub")),
  rep = refuse(format(unsupported, "rep")),
  dump = refuse(format(unsupported, "dump")),
}
function str.format(pattern, ...)
  pattern = raw.string.gsub(text_arg(1, "format", pattern), "%%g", "%%v")
  local args, n = { ... }, 0
  for spec in raw.string.gmatch(pattern, "%%[%-%+ #0]*%d*%.?%d*([%a%%])") do
    if spec ~= "%" then
      n = n + 1
      local value = args[n]
      if spec == "s" or spec == "q" then args[n] = text_of(value)
      elseif spec == "v" then args[n] = type(value) == "number" and number_text(value, 6) or text_of(value)
      elseif find("dicxXou", spec, 1, true) then args[n] = int_arg(n + 1, "format", lua_tonumber(value) or 0)
      elseif type(value) ~= "number" and lua_tonumber(value) == nil then bad(n + 1, "format", "number expected, got " .. type(value)) end
    end
  end
  pattern = raw.string.gsub(raw.string.gsub(pattern, "(%%[%-%+ #0]*%d*%.?%d*)u", "%1d"), "%%v", "%%s")
  return format(pattern, unpack(args, 1, n))
end

local function table_arg(n, name, value)
  if type(value) ~= "table" then bad(n, name, "table expected, got " .. type(value)) end
  return value
end
local tab = {
  concat = function(t, separator, i, j)
    table_arg(1, "concat", t)
    local out = {}
    i, j = int_arg(3, "concat", i, 1), int_arg(4, "concat", j, #t)
    if i == j and type(t[i]) == "number" then return t[i] end
    for k = i, j do
      local value = t[k]
      if type(value) ~= "string" and type(value) ~= "number" then
        raise(format("invalid value (%s) at index %d in table for concat", type(value), k))
      end
      out[#out + 1] = text_of(value)
    end
    return concat(out, separator == nil and "" or text_arg(2, "concat", separator))
  end,
  insert = function(...)
    local t, position, value = ...
    table_arg(1, "insert", t)
    local count = select("#", ...)
    if count < 2 then raise("wrong number of arguments to 'insert'") end
    if count == 2 then
      t[#t + 1] = position
      return
    end
    local at = int_arg(2, "insert", position)
    if at >= 1 and at <= #t then raw.table.insert(t, at, value) else t[at] = value end
  end,
  remove = function(t, position)
    table_arg(1, "remove", t)
    local size = #t
    local at = int_arg(2, "remove", position, size)
    if size == 0 or at < 1 or at > size then return nil end
    return raw.table.remove(t, at)
  end,
  sort = function(t, less) return raw.table.sort(table_arg(1, "sort", t), less) end,
  getn = function(t) return #table_arg(1, "getn", t) end,
  maxn = function(t)
    local largest = 0
    for k in pairs(table_arg(1, "maxn", t)) do
      if type(k) == "number" and k > largest then largest = k end
    end
    return largest
  end,
}

local mat = { huge = 1.7976931348623157e308, pi = math.pi }
local function math_function(name, f)
  mat[name] = function(...)
    local n = select("#", ...)
    if n == 0 then bad(1, name, "number expected, got no value") end
    local args = { ... }
    for i = 1, n do
      local x = lua_tonumber(args[i])
      if x == nil or type(args[i]) == "boolean" then
        bad(i, name, "number expected, got " .. type(args[i]))
      end
      args[i] = x + 0.0
    end
    return f(unpack(args, 1, n))
  end
end
for _, name in pairs({ "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "max", "min", "modf", "rad", "sin", "sqrt", "tan" }) do
  math_function(name, raw.math[name])
end
math_function("log", function(x) return raw.math.log(x) end)
math_function("log10", function(x) return raw.math.log(x, 10) end)
math_function("pow", function(x, y) return x ^ y end)
math_function("mod", function(x, y) return x % y end)
math_function("atan2", raw.math.atan)
math_function("fmod", function(x, y) return raw.math.fmod(x, y) end)
math_function("sinh", function(x) return (raw.math.exp(x) - raw.math.exp(-x)) / 2 end)
math_function("cosh", function(x) return (raw.math.exp(x) + raw.math.exp(-x)) / 2 end)
math_function("tanh", function(x) return 1 - 2 / (raw.math.exp(2 * x) + 1) end)
math_function("ldexp", function(x, e) return x * 2.0 ^ e end)
math_function("frexp", function(x)
  if x == 0 or x ~= x or x == 1 / 0 or x == -1 / 0 then return x, 0 end
  local e = 0
  while x >= 1 or x <= -1 do x, e = x / 2, e + 1 end
  while x < 0.5 and x > -0.5 do x, e = x * 2, e - 1 end
  return x, e
end)
mat.random = function(m, n)
  if m == nil then return raw.math.random() end
  m = int_arg(1, "random", m)
  if n == nil then return raw.math.random(1, m) end
  return raw.math.random(m, int_arg(2, "random", n))
end
mat.randomseed = function() end

local function to_number(value, base)
  if type(value) == "number" then return value end
  if type(value) ~= "string" then return nil end
  local text = raw.string.match(value, "^%s*(.-)%s*$")
  if base ~= nil and base ~= 10 then
    local ok, n = pcall(lua_tonumber, text, int_arg(2, "tonumber", base))
    return ok and n or nil
  end
  if not find(text, "^[+-]?0[xX]%x+$") and not find(text, "^[+-]?%d+$") then
    if find(text, "[xX]") or not find(text, ".", 1, true) then return nil end
  end
  local n = lua_tonumber((raw.string.gsub(text, "^%+", "")))
  return n and n + 0.0
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
  { "index is nil", "table index is nil" },
  { "index is NaN", "table index is NaN" },
}
local function failure(value)
  if type(value) == "number" then return number_text(value) end
  if type(value) == "string" then
    for i = 1, #WORDS do value = raw.string.gsub(value, WORDS[i][1], WORDS[i][2]) end
  end
  return value
end
local function caught(ok, ...)
  if ok then return ok, ... end
  return ok, failure((...))
end

local function environment()
  local env = {
    next = function(t, key)
      local ok, k, value = pcall(next, table_arg(1, "next", t), key)
      if ok then return k, value end
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
      level = level == nil and 1 or int_arg(2, "error", level)
      if level < 1 or (type(value) ~= "string" and type(value) ~= "number") then error(value, 0) end
      raise(text_of(value), level)
    end,
    assert = function(...)
      local ok, message = ...
      if select("#", ...) == 0 then bad(1, "assert", "value expected") end
      if ok then return ... end
      if select("#", ...) == 1 then raise("assertion failed!") end
      error(message, 0)
    end,
    pcall = function(...)
      if select("#", ...) == 0 then bad(1, "pcall", "value expected") end
      return caught(pcall(...))
    end,
    xpcall = function(f, handler)
      return xpcall(f, function(value) return handler(failure(value)) end)
    end,
    select = function(n, ...)
      if n == "#" then return select("#", ...) end
      local i = int_arg(1, "select", n)
      local count = select("#", ...)
      if i < 0 then i = count + i + 1 end
      if i < 1 then bad(1, "select", "index out of range") end
      if i > count then return end
      return select(i, ...)
    end,
    unpack = function(t, i, j)
      table_arg(1, "unpack", t)
      return unpack(t, int_arg(2, "unpack", i, 1), int_arg(3, "unpack", j, #t))
    end,
    print = function() end,
    _VERSION = "Lua 5.1",
    os = {
      time = raw.os.time,
      date = function(pattern, seconds)
        pattern = raw.string.gsub(pattern == nil and "%c" or text_arg(1, "date", pattern), "%%j", "%%%%j")
        local date = raw.os.date(pattern, seconds == nil and raw.os.time() or int_arg(2, "date", seconds))
        if type(date) == "table" then date.yday = date.yday - 1 end
        return date
      end,
    },
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
    name = text_of(name)
    raise(format("module %s not found:\n\tno field package.preload['%s'], ", name, name))
  end
  return env
end
