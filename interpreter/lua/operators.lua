-- Makes a Lua 5.4 machine behave to scripts like the 5.1 machine they were written for, and keeps them inside.
-- The files of worker.ts are one chunk: numbers, errors and operators here, then patterns, formats and what scripts may call, then
-- run_script(source, name, arguments, results, seconds).
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
local LARGE = 6
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
  if exponent < -4 or exponent >= (large or LARGE) then
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

-- The number that a text spells, as arithmetic takes it: decimal and hexadecimal, 0b and 0o, a leading 0 for octal, inf and nan.
local function parse_number(text)
  local s = raw.string.lower(raw.string.match(text, "^[ \t\n]*(.-)[ \t\n]*$"))
  if find(s, "^[+-]?%w+_[%w_]*%w$") and not find(s, "__", 1, true) then
    local plain = raw.string.gsub(s, "_", "")
    if find(plain, "^[+-]?%d+$") or find(plain, "^[+-]?0[box]%x+$") then s = plain end
  end
  local sign, prefix, digits = raw.string.match(s, "^([+-]?)0([box]?)(%x+)$")
  local base = prefix == "x" and 16 or prefix == "o" and 8 or prefix == "b" and 2
  if digits and prefix == "" then base = find(digits, "^[0-7]+$") and 8 end
  if base then
    local n = lua_tonumber(digits, base)
    return n and (sign == "-" and -n or n) + 0.0
  end
  local unsigned = raw.string.gsub(s, "^[+-]", "")
  if unsigned == "inf" or unsigned == "infinity" then return sub(s, 1, 1) == "-" and -1 / 0 or 1 / 0 end
  if s == "nan" then return 0 / 0 end
  local is_hex = find(unsigned, "^0x%x*%.?%x*p[+-]?%d+$")
  if not is_hex and not find(unsigned, "^%d*%.?%d*e?[+-]?%d*$") then return nil end
  local n = lua_tonumber(unsigned)
  if n == nil or n + 0.0 == 1 / 0 then return nil end
  return sub(s, 1, 1) == "-" and -(n + 0.0) or n + 0.0
end
local function operand(value)
  if type(value) == "number" then return value end
  return type(value) == "string" and parse_number(value) or nil
end

-- The length of a table is its largest index; what lies beyond a gap counts.
local function length(value)
  if type(value) == "string" then return #value end
  if type(value) ~= "table" then raise("__len undefined") end
  local n = #value
  local beyond
  if n == 0 then beyond = next(value) else beyond = next(value, n) end
  if beyond == nil then return n end
  for k in next, value do
    if type(k) == "number" and k > n and k < 67108864 and tointeger(k) then n = k end
  end
  return n
end

-- Concatenation: `a << CAT << b`; the length of a: `CAT ^ a`.
local partial = {}
local CAT = debug.setmetatable({}, {
  __shl = function(a) return debug.setmetatable({ a }, partial) end,
  __pow = function(_, value) return length(value) end,
})
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
    local x, y = operand(a), operand(b)
    if x == nil or y == nil then
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
    local x = operand(a)
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
