import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../kube/index.ts';
import { LuaPool } from './pool.ts';

const pool = new LuaPool(systemClock);
afterAll(() => pool.close());

const run = (body: string): Promise<string> => pool.call({ script: `function f(o)\n${body}\nend`, name: 'f', args: '{}', results: 1 });

describe('hostile scripts', () => {
  const survives = async (body: string): Promise<void> => {
    await expect(run(body)).rejects.toThrow();
    expect(await run('return {ok = true}')).toBe('[["table",{"ok":true}]]');
  };

  it('that loop for ever end, and the next script runs', () => survives('while true do end'));
  it('that catch the end of their time end too', () => survives('while true do pcall(function() while true do end end) end'));
  it('that allocate without bound end', () => survives('local t = {} while true do t[#t + 1] = "x" .. #t end'));
  it('that double a text without bound end', () => survives('local s = "x" while true do s = s .. s end'));
  it('that recurse without bound end', () => survives('local function g() return 1 + g() end return g()'));
  it('cannot reach the machine, the file system or other modules', async () => {
    for (const name of ['io', 'debug', 'coroutine', 'host_call', 'run_script', 'utf8']) {
      expect(await run(`return {kind = type(${name})}`)).toBe('[["table",{"kind":"nil"}]]');
    }
    await expect(run('return load("return 1")')).rejects.toThrow('call function load is not supported');
    await expect(run('return require("fs")')).rejects.toThrow('module fs not found');
  });
  it('leave nothing behind for the next one', async () => {
    await run('leaked = 1 string.leaked = 1 return {}');
    expect(JSON.parse(await run('return {a = type(leaked), b = type(string.leaked)}'))).toEqual([['table', { a: 'nil', b: 'nil' }]]);
  });
  it('give up their place when their caller goes away', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(pool.call({ script: '', name: 'f', args: '', results: 1 }, gone)).rejects.toThrow('gone');
  });
});

describe('the 5.1 machine', () => {
  const value = async (expression: string): Promise<unknown> =>
    (JSON.parse(await run(`return {v = ${expression}}`)) as [[string, { v: unknown }]])[0][1].v;

  it('prints numbers without a fraction they do not have', async () => {
    expect(await value('10 / 2 .. "|" .. 1/3 .. "|" .. 1e21 .. "|" .. 2^53')).toBe('5|0.3333333333333333|1e+21|9007199254740992');
  });
  it('prints a fraction of seven digits with an exponent', async () =>
    expect(await value('1234567.5 .. "|" .. 2^63 .. "|" .. 12345.75')).toBe('1.2345675e+06|9.223372036854776e+18|12345.75'));
  it.each([
    ['("%d|%5d|%-4d|%04d|%+d"):format(3.9, 7, 7, 7, 7)', '3|    7|7   |0007|+7'],
    ['("%x %X %o %c %i"):format(-255, 255, 8, 233, "12")', '-ff FF 10 é 12'],
    ['("%s|%5s|%.1s|%q"):format(nil, "é", "éa", "a\\n\\0")', 'nil|    é|é|"a\\n\\x00"'],
    ['("%s %d"):format("a")', 'a %!d(MISSING)'],
    ['("%f %d %u"):format("a", true, 5)', '%!f(string=a) %!d(lua.LBool=true) %!u(int64=5)'],
    ['("%g %G %e %.3f %6.2f%%"):format(1e20, 1e-10, 12345.678, 2.0005, 12.345)', '1e+20 1E-10 1.234568e+04 2.001  12.35%'],
    ['("%%"):format(1)', '%%!(EXTRA lua.LNumber=1)'],
  ])('formats %s', async (expression, text) => expect(await value(expression)).toBe(text));
  it.each([
    ['{("a,b,,c"):find("([^,]*)", 2)}', [2, 1, '']],
    ['{("THE (quick) fox"):find("%((%a+)%)")}', [5, 11, 'quick']],
    ['("f(a(b)c)d"):match("%b()")', '(a(b)c)'],
    ['("fxab"):match("%f[%w]%w+")', 'fxab'],
    ['{("a*b"):find("(a)*")}', [1, 2, 'a']],
    ['select("#", ("a"):match("b"))', 0],
    ['{pcall(string.find, "a", "[a")}', [false, '<string>:2: unexpected EOS at 1']],
    ['{pcall(string.find, "a", ")")}', [false, "<string>:2: invalid ')' at 0"]],
  ])('matches %s', async (expression, result) => expect(await value(expression)).toEqual(result));
  it('matches nothing once more behind each match', async () =>
    expect(await run('local r = {} for x in ("hello"):gmatch("l*") do r[#r + 1] = x end return r')).toBe('[["table",["","","ll","",""]]]'));
  it('counts what lies beyond a gap', async () => {
    expect(JSON.parse(await run('local t = {1, 2} t[5] = 1 return {#t, #{nil, nil, 3}, #"ab" * 2, -#t}'))).toEqual([
      ['table', [5, 3, 4, -5]],
    ]);
  });
  it.each([
    ['{tonumber("0x1F"), tonumber("1.5e3"), tonumber("z", 36), "010" + 0, "0b11" + 0}', [31, 1500, 35, 8, 3]],
    ['{type(tonumber("1e3")), type(tonumber("99999999999999999999")), type(tonumber(" 7\\n"))}', ['nil', 'nil', 'number']],
    ['{os.time({year = 2024, month = 14, day = 1}), os.time({})}', [1738411200, -62204155200]],
    ['os.date("%a %c|%x|%P|%U|%%|%", 0)', 'mon 01 Jan 70 00:00 UTC|00/00/00|am|%U|%|%'],
    ['{table.concat({1, 2, 3}, "-", 2, 9), table.remove({1, 2, 3}, 0), math.max("4", 3), ("abc"):sub(1, math.huge)}', ['2-3', 3, 4, '']],
    ['{pcall(error, 12)}', [false, 12]],
    ['{pcall(assert, false, "m")}', [false, '<string>:2: m']],
    ['{pcall(nil)}', [false, 'attempt to call a nil value']],
    ['{xpcall(function() error("a", 0) end, function(e) error(e .. "b", 0) end)}', [false, 'ab']],
  ])('has the base functions of 5.1: %s', async (expression, result) => expect(await value(expression)).toEqual(result));
  it('sorts equal items in their order', async () =>
    expect(
      await run(
        'local t = {{1, "a"}, {0, "b"}, {1, "c"}} table.sort(t, function(x, y) return x[1] < y[1] end) return {t[1][2] .. t[2][2] .. t[3][2]}',
      ),
    ).toBe('[["table",["bac"]]]'));
  it('does not wrap large integers', async () => expect(await value('1234567890123 * 1234567890123')).toBe(1234567890123 ** 2));
  it('names operands and lines in its errors', async () => {
    await expect(run('local x = nil\nreturn x.y')).rejects.toThrow("<string>:3: attempt to index a non-table object(nil) with key 'y'");
    await expect(run('return 1 + nil')).rejects.toThrow('<string>:2: cannot perform add operation between number and nil');
    await expect(run('return "a" .. nil')).rejects.toThrow('<string>:2: cannot perform concat operation between string and nil');
  });
  it('adds quantities through the kube library', async () =>
    expect(await value('require("kube").resourceAdd("1", nil, "500m")')).toBe('1500m'));
  it('refuses operators of later versions', async () => {
    await expect(run('return 1 // 2')).rejects.toThrow('syntax error');
    await expect(run('return 1 << 2')).rejects.toThrow('syntax error');
  });
});
