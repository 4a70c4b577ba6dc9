-- What scripts may call: arguments, and the string library.
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
-- An optional text may not be a number.
local function plain_text_arg(n, name, value, default)
  if value == nil then return default end
  if type(value) ~= "string" then bad(n, name, "string expected, got " .. type(value)) end
  return value
end
local function int_arg(n, name, value, default)
  if value == nil and default then return default end
  if type(value) ~= "number" then bad(n, name, "number expected, got " .. type(value)) end
  return int64(value)
end
local function number_arg(n, name, value)
  return (operand(value) or bad(n, name, "number expected, got " .. type(value))) + 0.0
end
local function function_arg(n, name, value)
  if type(value) ~= "function" then bad(n, name, "function expected, got " .. type(value)) end
  return value
end

local unsupported = "The Lua function string.%s is not supported by Karmada. If you believe this function is essential for your use case, please submit an issue to let us know why you need it."
local json_text
local function change_case(name, s)
  if not find(s, "[\128-\255]") then return raw.string[name](s) end
  return load("return " .. host(name, '[["string"],[' .. json_text(s) .. "]]"), "=answer", "t", {})()
end
-- The place before the character at an index; an index from the end is negative.
local function text_start(s, i)
  if i ~= 0 then i = i - 1 end
  if i < 0 then i = #s + i + 1 end
  return i < 0 and 0 or i
end
local function values_of(s, m)
  if #m.captures == 0 then return sub(s, m.start + 1, m.stop) end
  return unpack(m.captures)
end
local function next_match(state)
  if type(state) ~= "table" then raise("bad argument #1 to (for generator) (userdata expected, got " .. type(state) .. ")") end
  state[2] = state[2] + 1
  local m = state[1][state[2]]
  if not m then return end
  return values_of(state[3], m)
end
local str = {
  len = function(s) return #text_arg(1, "len", s) end,
  lower = function(s) return change_case("lower", text_arg(1, "lower", s)) end,
  upper = function(s) return change_case("upper", text_arg(1, "upper", s)) end,
  reverse = function(s) return raw.string.reverse(text_arg(1, "reverse", s)) end,
  sub = function(s, i, j)
    s = text_arg(1, "sub", s)
    local first, last = text_start(s, int_arg(2, "sub", i)), int_arg(3, "sub", j, -1)
    if last < 0 then last = #s + last + 1 end
    if last > #s then last = #s end
    return first < #s and first < last and sub(s, first + 1, last) or ""
  end,
  byte = function(...)
    local s, i, j = ...
    s = text_arg(1, "byte", s)
    local first, last = int_arg(2, "byte", i, 1) - 1, int_arg(3, "byte", j, -1)
    if first < 0 then first = #s + first + 1 end
    if last < 0 then last = #s + last + 1 end
    if select("#", ...) == 2 then last = first + 1 end
    if first < 0 then
      if select("#", ...) == 2 then return end
      first = 0
    end
    if last > #s then last = #s end
    if last <= first then return end
    return byte(s, first + 1, last)
  end,
  char = function(...)
    local out = { ... }
    for i = 1, select("#", ...) do out[i] = raw.string.char(int_arg(i, "char", (select(i, ...))) & 255) end
    return concat(out)
  end,
  find = function(...)
    local s, p, i, plain = ...
    s, p, i = text_arg(1, "find", s), text_arg(2, "find", p), int_arg(3, "find", i, 1)
    if p == "" then return 1, 0 end
    local first = text_start(s, i)
    if select("#", ...) == 4 and plain then
      if first > #s then raise("slice bounds out of range") end
      local start, stop = find(s, p, first + 1, true)
      return start, stop
    end
    local m = matches_of(s, p, first, 1)[1]
    if not m then return nil end
    return m.start + 1, m.stop, unpack(m.captures)
  end,
  match = function(s, p, i)
    s, p, i = text_arg(1, "match", s), text_arg(2, "match", p), int_arg(3, "match", i, 1)
    if i < 0 then i = #s + i + 1 end
    local m = matches_of(s, p, i < 1 and 0 or i - 1, 1)[1]
    if not m then return end
    return values_of(s, m)
  end,
  gmatch = function(s, p)
    s = text_arg(1, "gmatch", s)
    local state = { matches_of(s, text_arg(2, "gmatch", p), 0), 0, s }
    return next_match, state
  end,
  gsub = refuse(format(unsupported, "gsub")),
  rep = refuse(format(unsupported, "rep")),
  dump = refuse(format(unsupported, "dump")),
}
str.gfind = str.gmatch
function str.format(pattern, ...) return format_values(text_arg(1, "format", pattern), { ... }, select("#", ...)) end
