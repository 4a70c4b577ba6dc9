// Time and CPU of this process since it was made: where members compete for the cores, the CPU tells more than the time.
export interface Stopwatch {
  readonly ms: () => number;
  readonly cpuMs: () => number;
}

export function stopwatch(): Stopwatch {
  const start = performance.now();
  const cpu = process.cpuUsage();
  return {
    ms: () => performance.now() - start,
    cpuMs: () => {
      const { user, system } = process.cpuUsage(cpu);
      return (user + system) / 1000;
    },
  };
}
