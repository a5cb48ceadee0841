// Records of measurements: JSON in bench/records, and how one compares with another.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('records/', import.meta.url));

/** What the measurements depend on, without saying whose machine it is. */
export function describeMachine(extra) {
  return { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryGigabytes: Math.round(totalmem() / 1e9), platform: `${process.platform} ${process.arch}`, node: process.version, ...extra };
}

/** The newest record that is kept, of a kind: what its name has before the time. */
export function lastRecord(kind = '') {
  const [newest] = readdirSync(folder, { withFileTypes: true }).map(({ name }) => name).filter((name) => name.startsWith(kind) && /^\d.*\.json$/.test(name.slice(kind.length))).sort().reverse();
  return newest === undefined ? undefined : { name: newest, ...JSON.parse(readFileSync(folder + newest, 'utf8')) };
}

export function saveRecord(record, { kind = '', file = `${folder}${kind}${record.at.slice(0, 16).replaceAll(':', '')}.json` } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, rounded, 1)}\n`);
  return file;
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/** Rows of what both records have: before, now, and now as a multiple of before. */
export function compare(before, now) {
  const old = flatten(before.results);
  const rows = [];
  for (const [key, value] of flatten(now.results)) {
    const was = old.get(key);
    if (was === undefined || was === 0 || !/seconds|megabytes|bytes|median|p95|ratio/i.test(key)) continue;
    rows.push({ measurement: key, before: was, now: Number(value.toPrecision(4)), ratio: Number((value / was).toFixed(2)) });
  }
  return rows;
}

function flatten(value, prefix = '') {
  if (typeof value === 'number') return new Map([[prefix, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...flatten(inner, prefix === '' ? key : `${prefix} / ${key}`)]));
}

/** The one in the middle; of an even number, the larger of the two there. */
export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

/** The median of each number, through all depths; of keys, those that all results have. */
export function medians(results) {
  const [first] = results;
  if (typeof first === 'number') return median(results);
  if (typeof first !== 'object' || first === null) return first;
  return Object.fromEntries(Object.keys(first).filter((key) => results.every((result) => result[key] !== undefined)).map((key) => [key, medians(results.map((result) => result[key]))]));
}
