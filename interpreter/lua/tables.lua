-- The table and math libraries.
local function table_arg(n, name, value)
  if type(value) ~= "table" then bad(n, name, "table expected, got " .. type(value)) end
  return value
end
local function less_than(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb or ta ~= "number" and ta ~= "string" then raise(format("attempt to compare %s with %s", ta, tb)) end
  return a < b
end
-- Sorts t[from..to], equal items in their order: short stretches by insertion, others by merging.
local function sort_range(t, from, to, less)
  if to - from < 12 then
    for i = from + 1, to do
      local k = i
      while k > from and less(t[k], t[k - 1]) do t[k], t[k - 1], k = t[k - 1], t[k], k - 1 end
    end
    return
  end
  local middle = (from + to) // 2
  sort_range(t, from, middle, less)
  sort_range(t, middle + 1, to, less)
  local left = raw.table.move(t, from, middle, 1, {})
  local i, k, out = 1, middle + 1, from
  while i <= #left and k <= to do
    if less(t[k], left[i]) then t[out], k = t[k], k + 1 else t[out], i = left[i], i + 1 end
    out = out + 1
  end
  raw.table.move(left, i, #left, out, t)
end
local tab = {
  concat = function(...)
    local t, separator, i, j = ...
    local size = length(table_arg(1, "concat", t))
    separator = plain_text_arg(2, "concat", separator, "")
    i, j = int_arg(3, "concat", i, 1), int_arg(4, "concat", j, size)
    if select("#", ...) == 3 and (i > size or i < 1) then return "" end
    if i > size then i = size end
    if i < 1 then i = 1 end
    if j > size then j = size end
    if i == j and type(t[i]) == "number" then return t[i] end
    local out = {}
    for k = i, j do
      local value = t[k]
      if type(value) ~= "string" and type(value) ~= "number" then
        raise(format("invalid value (%s) at index %d in table for concat", type(value), k))
      end
      out[#out + 1] = text_of(value)
    end
    return concat(out, separator)
  end,
  insert = function(...)
    local t, position, value = ...
    local size = length(table_arg(1, "insert", t))
    local count = select("#", ...)
    if count < 2 then raise("wrong number of arguments") end
    if count == 2 then
      t[size + 1] = position
      return
    end
    local at = int_arg(2, "insert", position)
    if at >= 1 and at <= size then
      for k = size, at, -1 do t[k + 1] = t[k] end
    end
    t[at] = value
  end,
  remove = function(...)
    local t, position = ...
    local size = length(table_arg(1, "remove", t))
    local at = select("#", ...) == 1 and size or int_arg(2, "remove", position)
    if size == 0 or at > size then return nil end
    if at < 1 then at = size end
    local removed = t[at]
    for k = at, size - 1 do t[k] = t[k + 1] end
    t[size] = nil
    return removed
  end,
  sort = function(...)
    local t, less = ...
    table_arg(1, "sort", t)
    if select("#", ...) > 1 then function_arg(2, "sort", less) else less = less_than end
    sort_range(t, 1, length(t), less)
  end,
  getn = function(t) return length(table_arg(1, "getn", t)) end,
  maxn = function(t) return length(table_arg(1, "maxn", t)) end,
}

local mat = { huge = 1.7976931348623157e308, pi = math.pi }
local function math_function(name, arity, f)
  mat[name] = function(x, y)
    x = number_arg(1, name, x)
    if arity == 2 then y = number_arg(2, name, y) end
    return f(x, y)
  end
end
for _, name in pairs({ "abs", "acos", "asin", "atan", "ceil", "cos", "exp", "floor", "log", "modf", "sin", "sqrt", "tan" }) do
  math_function(name, 1, raw.math[name])
end
local function fraction_and_exponent(x)
  if x == 0 or x ~= x or x == 1 / 0 or x == -1 / 0 then return x, 0 end
  local e = 0
  while x >= 1 or x <= -1 do x, e = x / 2, e + 1 end
  while x < 0.5 and x > -0.5 do x, e = x * 2, e - 1 end
  return x, e
end
math_function("deg", 1, function(x) return x * 180 / math.pi end)
math_function("rad", 1, function(x) return x * math.pi / 180 end)
math_function("log10", 1, function(x)
  local fraction, e = fraction_and_exponent(x)
  local log2 = fraction == 0.5 and e - 1.0 or raw.math.log(fraction) * 1.4426950408889634 + e
  return log2 * 0.30102999566398119521
end)
math_function("pow", 2, function(x, y) return x ^ y end)
math_function("mod", 2, function(x, y) return x % y end)
math_function("atan2", 2, raw.math.atan)
math_function("fmod", 2, raw.math.fmod)
math_function("sinh", 1, function(x) return (raw.math.exp(x) - raw.math.exp(-x)) / 2 end)
math_function("cosh", 1, function(x) return (raw.math.exp(x) + raw.math.exp(-x)) / 2 end)
math_function("tanh", 1, function(x)
  if x < 1e-3 and x > -1e-3 then return x - x ^ 3 / 3 + 2 * x ^ 5 / 15 end
  return 1 - 2 / (raw.math.exp(2 * x) + 1)
end)
math_function("frexp", 1, fraction_and_exponent)
mat.ldexp = function(x, e) return number_arg(1, "ldexp", x) * 2.0 ^ int_arg(2, "ldexp", e) end
local function extreme(name, better)
  mat[name] = function(...)
    if select("#", ...) == 0 then raise("wrong number of arguments") end
    local best = number_arg(1, name, (...))
    for i = 2, select("#", ...) do
      local x = number_arg(i, name, (select(i, ...)))
      if better(x, best) then best = x end
    end
    return best
  end
end
extreme("max", function(x, best) return x > best end)
extreme("min", function(x, best) return x < best end)
mat.random = function(m, n)
  if m == nil then return raw.math.random() end
  m = int_arg(1, "random", m)
  local low, high = n == nil and 1 or m, n == nil and m or int_arg(2, "random", n)
  if low > high then error("invalid argument to Intn", 0) end
  return raw.math.random(low, high)
end
mat.randomseed = function() end
