// What this process has used so far. Where the system tells (Linux), with the processes it started and has waited for, and with peaks that can be begun anew.
import { readFileSync, writeFileSync } from 'node:fs';

/** Ticks of /proc in a second: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Processor seconds, user and system, of all threads and of children that have ended. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childSeconds();
}

function childSeconds() {
  const stat = readProc('/proc/self/stat');
  if (stat === undefined) return 0;
  // Fields are counted behind the name, which may hold spaces: cutime and cstime are the 16th and 17th of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}

/** Most memory that was resident since {@link beginPeak}, or since the process began, in MB. Processes that it started are not in it. */
export function peakMegabytes() {
  const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readProc('/proc/self/status') ?? '')?.[1] ?? process.resourceUsage().maxRSS);
  return (kilobytes * 1024) / 1e6;
}

/** Begins the peak anew where the system lets it. */
export function beginPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then peaks are those since the start.
  }
}

function readProc(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
