-- Patterns as the 5.1 machine reads them. They differ from those of Lua 5.4: there is no frontier, an empty match right behind a match
-- counts, and what repeats something other than a class is a plain character. A pattern becomes a list of steps; positions count from 0.
local EOS = -1

local function raise_at(text, place)
  raise(place and text .. (place == EOS and " at EOS" or " at " .. place) or text)
end

local CLASS_TEXT = { a = "%a", c = "[%z\1-\31\127]", d = "%d", l = "%l", p = "%p", s = "%s", u = "%u", w = "%w", x = "%x", z = "%z" }
local known_classes = {}

-- The bytes of a class such as %a; a letter that names none stands for itself.
local function named_class(letter)
  local known = known_classes[letter]
  if known then return known end
  local set = {}
  local text = letter ~= EOS and raw.string.char(letter)
  local pattern = text and CLASS_TEXT[raw.string.lower(text)]
  if not pattern then
    set[letter] = true
  else
    local negated = text ~= raw.string.lower(text)
    for c = 0, 255 do
      local char = raw.string.char(c)
      local inside = (letter | 32) == 122 and c == 0 or (letter | 32) ~= 122 and find(char, pattern) ~= nil and c < 128
      set[c] = inside ~= negated or nil
    end
  end
  known_classes[letter] = set
  return set
end

local any_byte = {}
for c = 0, 255 do any_byte[c] = true end

local function reader_of(pattern)
  local at, ended = 0, false
  local r = {}
  function r.peek() return byte(pattern, at + 1) or EOS end
  function r.next()
    local c = r.peek()
    if c == EOS then ended = true else at = at + 1 end
    return c
  end
  function r.place() return ended and EOS or at == 0 and 0 or at - 1 end
  function r.is_last() return at == #pattern - 1 end
  return r
end

local read_set

-- One class: { bytes }, with `char` where it is a plain character.
local function read_class(r, sets)
  local c = r.next()
  if c == 37 then return { bytes = named_class(r.next()) } end
  if c == EOS then raise_at("unexpected EOS", r.place()) end
  if sets and c == 46 then return { bytes = any_byte } end
  if sets and c == 91 then return read_set(r) end
  return { bytes = { [c] = true }, char = c }
end

local function range_of(first, last)
  local bytes = {}
  if first.char and last.char then
    for c = first.char, last.char do bytes[c] = true end
  end
  return { bytes = bytes }
end

function read_set(r)
  local negated = r.peek() == 94
  if negated then r.next() end
  local parts, is_range = {}, false
  while true do
    local c = r.peek()
    if c == EOS then raise_at("unexpected EOS", r.place()) end
    if c == 93 and #parts > 0 then break end
    if c == 45 and #parts > 0 then
      r.next()
      is_range = true
    else
      local part = read_class(r, false)
      if is_range then part, is_range = range_of(raw.table.remove(parts), part), false end
      parts[#parts + 1] = part
    end
  end
  r.next()
  if is_range then parts[#parts + 1] = { bytes = { [45] = true } } end
  local bytes = {}
  for c = 0, 255 do
    local inside = false
    for i = 1, #parts do inside = inside or parts[i].bytes[c] == true end
    if inside ~= negated then bytes[c] = true end
  end
  return { bytes = bytes }
end

local function is_quantifier(c) return c == 42 or c == 43 or c == 45 or c == 63 end

local function read_steps(r, steps, top)
  local function single(class) steps[#steps + 1] = { op = "one", bytes = class } end
  while true do
    local c = r.peek()
    if c == EOS then
      r.next()
      return
    elseif c == 37 then
      r.next()
      local d = r.peek()
      if d == 48 then raise_at("invalid capture index", r.place()) end
      if d >= 49 and d <= 57 then steps[#steps + 1] = { op = "again", index = 2 * (r.next() - 48) }
      elseif d == 98 then
        r.next()
        steps[#steps + 1] = { op = "balance", open = r.next(), close = r.next() }
      else single(named_class(r.next())) end
    elseif c == 46 or c == 91 or c == 93 then single(read_class(r, true).bytes)
    elseif c == 41 then
      if top then raise_at("invalid ')'", r.place()) end
      return
    elseif c == 40 then
      r.next()
      local index = steps.captures
      steps.captures = index + 2
      if r.peek() == 41 then
        steps[#steps + 1] = { op = "place", index = index }
      else
        steps[#steps + 1] = { op = "save", index = index }
        read_steps(r, steps, false)
        if r.peek() ~= 41 then raise_at("unfinished capture", r.place()) end
        steps[#steps + 1] = { op = "save", index = index + 1 }
      end
      r.next()
    elseif is_quantifier(c) then
      r.next()
      local last = steps[#steps]
      if last and last.op == "one" then steps[#steps] = { op = c, bytes = last.bytes } else single({ [c] = true }) end
    elseif c == 36 and top and r.is_last() then
      r.next()
      steps.tail = true
    else
      r.next()
      single({ [c] = true })
    end
  end
end

local function compile(pattern)
  local r = reader_of(pattern)
  local steps = { captures = 2 }
  if r.peek() == 94 then
    r.next()
    steps.head = true
  end
  read_steps(r, steps, true)
  return steps
end

-- The end of a match of the steps from `i` on at `at`, or nil; fills `found` with places.
local function match_steps(text, steps, i, at, found)
  while true do
    local step = steps[i]
    if not step then
      if steps.tail and at < #text then return nil end
      return at
    end
    local op, bytes = step.op, step.bytes
    i = i + 1
    if op == "one" then
      if not bytes[byte(text, at + 1)] then return nil end
      at = at + 1
    elseif op == 42 or op == 43 then
      local most = at
      while bytes[byte(text, most + 1)] do most = most + 1 end
      for stop = most, op == 43 and at + 1 or at, -1 do
        local finish = match_steps(text, steps, i, stop, found)
        if finish then return finish end
      end
      return nil
    elseif op == 45 then
      local finish = match_steps(text, steps, i, at, found)
      if finish then return finish end
      if not bytes[byte(text, at + 1)] then return nil end
      at, i = at + 1, i - 1
    elseif op == 63 then
      if bytes[byte(text, at + 1)] then
        local finish = match_steps(text, steps, i, at + 1, found)
        if finish then return finish end
      end
    elseif op == "save" then
      local before = found[step.index]
      found[step.index] = at
      if step.index >= found.count then found.count = step.index + 1 end
      local finish = match_steps(text, steps, i, at, found)
      if not finish then found[step.index] = before or 0 end
      return finish
    elseif op == "place" then
      found[step.index], found[step.index + 1] = { at + 1 }, { at + 1 }
      if step.index + 1 >= found.count then found.count = step.index + 2 end
    elseif op == "again" then
      if step.index >= found.count - 1 then raise("invalid capture index") end
      local first, last = found[step.index], found[step.index + 1]
      local copy = type(first) == "number" and sub(text, first + 1, last) or ""
      if sub(text, at + 1, at + #copy) ~= copy then return nil end
      at = at + #copy
    else
      if byte(text, at + 1) ~= step.open then return nil end
      local depth = 1
      at = at + 1
      while depth > 0 do
        local c = byte(text, at + 1)
        if not c then return nil end
        if c == step.close then depth = depth - 1 elseif c == step.open then depth = depth + 1 end
        at = at + 1
      end
    end
  end
end

-- At most `limit` matches from `at` on: each has its start, its stop, and its captures in a list.
local function matches_of(text, pattern, at, limit)
  local steps = compile(pattern)
  local out = {}
  while at <= #text do
    local found = { count = 2 }
    local stop = match_steps(text, steps, 1, at, found)
    local start = at
    at = at + 1
    if stop then
      if at < stop then at = stop end
      local captures = {}
      for index = 2, steps.captures - 2, 2 do
        local first, last = found[index], found[index + 1]
        captures[#captures + 1] = type(first) == "table" and first[1] or sub(text, first + 1, last)
      end
      out[#out + 1] = { start = start, stop = stop, captures = captures }
    end
    if #out == limit or steps.head then break end
  end
  return out
end
