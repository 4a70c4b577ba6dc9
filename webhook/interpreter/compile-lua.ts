// Whether a script is Lua, asked of the machine that would run it. The script is compiled whole but none of it runs.
import type { LuaPool } from '../../interpreter/index.ts';
import { isStatusError } from '../../kube/index.ts';
import type { AdmissionContext } from '../admission.ts';

const RETURN_FIRST = 'function Compiled() return true end do return end ';

/** The compiler rules use, on a pool of Lua machines. */
export function luaCompiler(pool: LuaPool): AdmissionContext['compileLua'] {
  return async (script, signal) => {
    try {
      await pool.call({ script: RETURN_FIRST + script, name: 'Compiled', args: '', results: 1 }, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted || isStatusError(error, 'ServiceUnavailable')) throw error;
      return error instanceof Error ? error.message : String(error);
    }
  };
}
