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
