-- string.format of the 5.1 machine. It prints with verbs and flags of its own: %d of a fraction cuts it, %q quotes with \x escapes, %x
-- prints the bytes of a text, widths count characters, and what does not fit is named in place: %!d(MISSING), %!f(string=a).
local TYPE_WORDS = { number = "lua.LNumber", string = "lua.LString", boolean = "lua.LBool", ["nil"] = "*lua.LNilType", table = "*lua.LTable", ["function"] = "*lua.LFunction" }
local char_of = utf8.char
local length_of = utf8.len

-- Characters of a text; a byte that belongs to none counts as one.
local function characters(text)
  local count, at = 0, 1
  while at <= #text do
    local good, bad_at = length_of(text, at)
    if good then return count + good end
    count = count + (bad_at > at and length_of(text, at, bad_at - 1) or 0) + 1
    at = bad_at + 1
  end
  return count
end

local function pad(text, f)
  local missing = (f.width or 0) - characters(text)
  if missing <= 0 then return text end
  if f.minus then return text .. rep(" ", missing) end
  return rep(f.zero and "0" or " ", missing) .. text
end

local function without_zero(f)
  return { minus = f.minus, plus = f.plus, space = f.space, sharp = f.sharp, width = f.width, precision = f.precision }
end

local function int64(n)
  if n ~= n or n >= 2 ^ 63 or n < -2 ^ 63 then return math.mininteger end
  return tointeger(n < 0 and -floor(-n) or floor(n))
end

local DIGITS = { d = 10, v = 10, b = 2, o = 8, O = 8, x = 16, X = 16 }
local function digits_of(n, verb)
  local base = DIGITS[verb]
  local text
  if base == 10 then text = raw.string.gsub(format("%d", n), "^-", "")
  elseif n == math.mininteger then text = base == 16 and "8000000000000000" or base == 8 and "1000000000000000000000" or "1" .. rep("0", 63)
  elseif base == 2 then
    text = ""
    n = n < 0 and -n or n
    repeat text, n = (n % 2) .. text, n // 2 until n == 0
  else text = format(base == 8 and "%o" or "%x", n < 0 and -n or n) end
  return verb == "X" and raw.string.upper(text) or text
end

local function format_integer(n, verb, f)
  local sign = n < 0 and "-" or f.plus and "+" or f.space and " " or ""
  if f.precision == 0 and n == 0 then return rep(" ", f.width or 0) end
  local text = digits_of(n, verb)
  local wanted = f.precision or (f.zero and not f.minus and f.width and f.width - #sign) or 0
  text = rep("0", wanted - #text) .. text
  if f.sharp then
    if verb == "b" then text = "0b" .. text
    elseif verb == "o" and sub(text, 1, 1) ~= "0" then text = "0" .. text
    elseif verb == "x" or verb == "X" then text = "0" .. verb .. text end
  end
  if verb == "O" then text = "0o" .. text end
  return pad(sign .. text, without_zero(f))
end

local function format_float(n, verb, f)
  local text
  if n ~= n then text = "NaN"
  elseif n == 1 / 0 or n == -1 / 0 then text = n > 0 and "Inf" or "-Inf"
  elseif (verb == "g" or verb == "G" or verb == "v") and not f.precision then
    text = n == 0 and format("%g", n) or number_text(n, 6)
    if verb == "G" then text = raw.string.upper(text) end
  else
    local c = verb == "v" and "g" or verb == "F" and "f" or verb
    local precision = f.precision or 6
    text = format("%." .. (precision > 99 and 99 or precision) .. c, n)
  end
  local sign, rest = raw.string.match(text, "^(%-?)(.*)$")
  if sign == "" then sign = f.plus and "+" or f.space and " " or "" end
  if n ~= n or n == 1 / 0 or n == -1 / 0 then
    if n == 1 / 0 and sign == "" then sign = "+" end
    return pad(sign .. rest, without_zero(f))
  end
  if f.zero and not f.minus and f.width and sign ~= "" then return sign .. rep("0", f.width - #sign - #rest) .. rest end
  return pad(sign .. rest, f)
end

local function cut(text, f)
  if not f.precision then return text end
  local at, left = 1, f.precision
  while at <= #text and left > 0 do
    local _, last = find(text, "^[\1-\127\194-\244][\128-\191]*", at)
    at, left = (last or at) + 1, left - 1
  end
  return sub(text, 1, at - 1)
end

local NAMED = { [7] = "\\a", [8] = "\\b", [9] = "\\t", [10] = "\\n", [11] = "\\v", [12] = "\\f", [13] = "\\r", [34] = '\\"', [92] = "\\\\" }
local function quoted(text, ascii)
  local out, at = {}, 1
  while at <= #text do
    local c = byte(text, at)
    local size = 1
    if NAMED[c] then out[#out + 1] = NAMED[c]
    elseif c < 32 or c == 127 then out[#out + 1] = format("\\x%02x", c)
    elseif c < 128 then out[#out + 1] = raw.string.char(c)
    else
      local ok, code = pcall(utf8.codepoint, text, at)
      if not ok then out[#out + 1] = format("\\x%02x", c)
      else
        size = #char_of(code)
        local plain = not ascii and code >= 0xa1 and code ~= 0xad and not (code >= 0x2000 and code <= 0x200f) and not (code >= 0x2028 and code <= 0x202f)
        out[#out + 1] = plain and sub(text, at, at + size - 1) or format(code < 0x10000 and "\\u%04x" or "\\U%08x", code)
      end
    end
    at = at + size
  end
  return '"' .. concat(out) .. '"'
end

local function format_bytes(text, verb, f)
  local shown = f.precision and sub(text, 1, f.precision) or text
  local prefix = f.sharp and #shown > 0 and "0" .. verb or ""
  local gap = f.space and " " .. prefix or ""
  local out = {}
  for i = 1, #shown do out[i] = format(verb == "x" and "%02x" or "%02X", byte(shown, i)) end
  return pad(prefix .. concat(out, gap), f)
end

local print_value

local function misfit(verb, name, value, f)
  return "%!" .. verb .. "(" .. name .. "=" .. print_value(value, "v", f, true) .. ")"
end

local function format_text(text, verb, f, name)
  if verb == "s" or verb == "v" then return pad(cut(text, f), f) end
  if verb == "q" then return pad(quoted(cut(text, f), f.plus), f) end
  if verb == "x" or verb == "X" then return format_bytes(text, verb, f) end
  return "%!" .. verb .. "(" .. (name or "string") .. "=" .. pad(cut(text, f), f) .. ")"
end

local function format_number(n, verb, f)
  if verb == "s" or verb == "q" then return format_text(number_text(n), verb, f) end
  if verb == "T" then return pad(cut("lua.LNumber", f), f) end
  if verb == "i" then return format_integer(int64(n), "d", f) end
  if verb == "c" then
    local code = int64(n)
    return pad(char_of((code < 0 or code > 0x10ffff or (code >= 0xd800 and code <= 0xdfff)) and 0xfffd or code), f)
  end
  if verb == "U" then return pad(format("U+%04X", int64(n)), f) end
  if verb == "p" then return misfit("p", "lua.LNumber", n, f) end
  if find("bdoxX", verb, 1, true) then return format_integer(int64(n), verb, f) end
  if find("eEfFgG", verb, 1, true) then return format_float(n, verb, f) end
  if tointeger(n) then
    if verb == "v" or verb == "O" then return format_integer(tointeger(n), verb, f) end
    return "%!" .. verb .. "(int64=" .. format_integer(tointeger(n), "d", f) .. ")"
  end
  if verb == "v" then return format_float(n, "v", f) end
  return "%!" .. verb .. "(float64=" .. format_float(n, "v", f) .. ")"
end

function print_value(value, verb, f, failing)
  local kind = type(value)
  if kind == "number" then return format_number(value, verb, f) end
  if verb == "T" then return pad(cut(TYPE_WORDS[kind], f), f) end
  if kind == "string" then
    if verb ~= "d" and verb ~= "i" then return format_text(value, verb, f) end
    if parse_number(value) then return format_text(value, "s", f) end
    return format_integer(0, "d", f)
  end
  if not failing and find("svxXq", verb, 1, true) then return format_text(lua_tostring(value), verb, f) end
  if kind == "boolean" then
    if verb == "t" or verb == "v" then return pad(value and "true" or "false", f) end
    return misfit(verb, "lua.LBool", value, f)
  end
  return kind == "nil" and "&{}" or lua_tostring(value)
end

-- One verb at `at` (behind its %): flags, width, precision and the letter, and where it ends.
local function read_verb(pattern, at)
  local f = {}
  local FLAGS = { ["#"] = "sharp", ["0"] = "zero", ["+"] = "plus", ["-"] = "minus", [" "] = "space" }
  local flag = FLAGS[sub(pattern, at, at)]
  while flag do
    f[flag], at = true, at + 1
    flag = FLAGS[sub(pattern, at, at)]
  end
  local star = sub(pattern, at, at) == "*"
  local width = raw.string.match(pattern, "^%d+", at)
  if star then at = at + 1 elseif width then f.width, at = tointeger(lua_tonumber(width)), at + #width end
  if sub(pattern, at, at) == "." then
    local precision = raw.string.match(pattern, "^%d*", at + 1)
    f.precision, at = tointeger(lua_tonumber(precision)) or 0, at + 1 + #precision
  end
  return f, raw.string.match(pattern, "^[\1-\127\194-\244]?[\128-\191]*", at), at, star
end

local function format_values(pattern, args, given)
  local _, percents = raw.string.gsub(pattern, "%%", "")
  local _, pairs_of_them = raw.string.gsub(pattern, "%%%%", "")
  local limit = percents - pairs_of_them
  local count = given < limit and given or limit
  local out, at, used = {}, 1, 0
  while true do
    local percent = find(pattern, "%", at, true)
    out[#out + 1] = sub(pattern, at, (percent or 0) - 1)
    if not percent then break end
    local f, verb, stop, star = read_verb(pattern, percent + 1)
    at = stop + #verb
    if star then
      out[#out + 1] = "%!(BADWIDTH)"
      if used < count then used = used + 1 end
    end
    if verb == "" then out[#out + 1] = "%!(NOVERB)"
    elseif verb == "%" then out[#out + 1] = "%"
    elseif used >= count then out[#out + 1] = "%!" .. verb .. "(MISSING)"
    else
      used = used + 1
      if (f.width or 0) > MAX_TEXT or (f.precision or 0) > MAX_TEXT then raise("the width or precision is too large") end
      out[#out + 1] = print_value(args[used], verb, f)
    end
  end
  if used < count then
    local extra = {}
    for i = used + 1, count do extra[#extra + 1] = TYPE_WORDS[type(args[i])] .. "=" .. print_value(args[i], "v", {}) end
    out[#out + 1] = "%!(EXTRA " .. concat(extra, ", ") .. ")"
  end
  return concat(out)
end
