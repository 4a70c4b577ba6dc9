-- Makes a Lua 5.4 machine behave to scripts like the 5.1 machine they were written for, and keeps them inside.
-- Defines run_script(source, name, arguments, results, seconds).
local host = host_call
host_call = nil
local debug, setmetatable, xpcall = debug, setmetatable, xpcall
local raw = { string = string, table = table, math = math, os = os }
local type, error, pairs, next, select, load, pcall = type, error, pairs, next, select, load, pcall
local format, sub, rep, byte, find = string.format, string.sub, string.rep, string.byte, string.find
local concat, floor, tointeger, clock = table.concat, math.floor, math.tointeger, os.clock
local lua_tostring, lua_tonumber, unpack = tostring, tonumber, table.unpack
local MAX_TEXT = 1000000

-- Fails with the line of the script that is running, whoever called whom in between.
local function raise(text, depth)
  local frames = 0
  local place = ""
  for level = 2, 1000 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.short_src == "<string>" then
      frames = frames + 1
      place = "<string>:" .. info.currentline .. ": "
      if frames >= (depth or 1) then break end
    end
  end
  error(place .. text, 0)
end

-- Numbers as text: integers plainly, others with the fewest digits that read back the same; exponents from `large` on.
local function number_text(n, large)
  if n ~= n then return "NaN" end
  if n == 1 / 0 then return "+Inf" elseif n == -1 / 0 then return "-Inf" end
  local int = tointeger(n)
  if int and not large then return format("%d", int) end
  if n == 0 then return "0" end
  local digits, exponent
  for precision = 0, 16 do
    local text = format("%." .. precision .. "e", n)
    if lua_tonumber(text) == n then
      digits, exponent = text:match("^(.-)e(.+)$")
      break
    end
  end
  exponent = tointeger(lua_tonumber(exponent))
  if exponent < -4 or exponent >= (large or 21) then
    return format("%se%s%02d", digits, exponent < 0 and "-" or "+", exponent < 0 and -exponent or exponent)
  end
  local sign = ""
  if sub(digits, 1, 1) == "-" then sign, digits = "-", sub(digits, 2) end
  digits = raw.string.gsub(digits, "%.", "")
  if exponent < 0 then return sign .. "0." .. rep("0", -exponent - 1) .. digits end
  if #digits <= exponent + 1 then return sign .. digits .. rep("0", exponent + 1 - #digits) end
  return sign .. sub(digits, 1, exponent + 1) .. "." .. sub(digits, exponent + 2)
end

local function text_of(value)
  if type(value) == "number" then return number_text(value) end
  return lua_tostring(value)
end

-- Concatenation: `a << CAT << b`.
local partial = {}
local CAT = debug.setmetatable({}, { __shl = function(a) return debug.setmetatable({ a }, partial) end })
partial.__shl = function(left, b)
  local a = left[1]
  local ta, tb = type(a), type(b)
  if (ta == "string" or ta == "number") and (tb == "string" or tb == "number") then
    if ta == "number" then a = number_text(a) end
    if tb == "number" then b = number_text(b) end
    return a .. b
  end
  raise(format("cannot perform concat operation between %s and %s", ta, tb))
end

-- Errors of operators in the words of the 5.1 machine.
local function arithmetic(name)
  return function(a, b)
    local x, y = lua_tonumber(a), lua_tonumber(b)
    if x == nil or y == nil or type(a) == "boolean" then
      raise(format("cannot perform %s operation between %s and %s", name, type(a), type(b)))
    end
    if name == "add" then return x + y elseif name == "sub" then return x - y elseif name == "mul" then return x * y end
    if name == "div" then return x / y elseif name == "mod" then return x % y end
    return x ^ y
  end
end
local operators = {
  __add = arithmetic("add"), __sub = arithmetic("sub"), __mul = arithmetic("mul"),
  __div = arithmetic("div"), __mod = arithmetic("mod"), __pow = arithmetic("pow"),
  __unm = function(a)
    local x = type(a) == "string" and lua_tonumber(a)
    if x then return -x end
    raise("__unm undefined")
  end,
  __lt = function(a, b) raise(format("attempt to compare %s with %s", type(a), type(b))) end,
  __le = function(a, b) raise(format("attempt to compare %s with %s", type(a), type(b))) end,
  __len = function() raise("__len undefined") end,
  __call = function() raise("attempt to call a non-function object") end,
  __index = function(o, k) raise(format("attempt to index a non-table object(%s) with key '%s'", type(o), text_of(k))) end,
  __newindex = function(o, k) raise(format("attempt to index a non-table object(%s) with key '%s'", type(o), text_of(k))) end,
}
local function operators_with(index)
  local copy = {}
  for k, v in pairs(operators) do copy[k] = v end
  copy.__index = index or copy.__index
  return copy
end
local callable = operators_with()
callable.__call = nil
debug.setmetatable(nil, operators)
debug.setmetatable(true, operators)
debug.setmetatable(0, operators)
debug.setmetatable(error, callable)

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

-- Results as JSON. A table is a list (keys 1..n) or an object (string keys), and may occur once.
local WRAP = "json: error calling MarshalJSON for type json.jsonValue: "
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }
function json_text(s)
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
