import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { decodeFacts } from '../domain/facts-codec.js';
import type { Check } from '../domain/check.js';
import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import type { ParserInput } from '../domain/ports/parser.js';
import { createParser } from './adapters.js';
import type { StoreNames } from './open-codeloom.js';
import type { ServerChoice } from './servers.js';
import { chooseStores, storeText, type StoreChoices } from './store-choice.js';
import { packageVersion } from './version.js';

export interface DiagnoseRequest {
  /** The data folder, absolute. */
  readonly store: string;
  /** Where the stores lie; absent: all in the data folder. */
  readonly stores?: StoreNames | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Below this much space a data folder is worth a warning: an index of a few thousand files takes some hundred megabytes while it is written. */
const LITTLE_SPACE = 512 * 1024 * 1024;

/** Looks at what codeloom needs, one thing after another. A check never throws: what goes wrong is its finding. */
export async function* diagnose(request: DiagnoseRequest): AsyncGenerator<Check> {
  const choices = choicesOf(request);
  const folders = foldersOf(choices);
  const checks: readonly Looked[] = [
    ['codeloom', async () => ({ status: 'ok', found: packageVersion() })],
    ['Node.js', nodeCheck],
    ['Git', gitCheck],
    ...(folders.length > 0 ? [['SQLite', sqliteCheck]] satisfies Looked[] : []),
    ['data folder', folderCheck],
    ...folders.map((folder): Looked => ['store', () => storeCheck(folder)]),
    ['grammars', grammarCheck],
    ['worker threads', workerCheck],
  ];
  for (const [name, check] of checks) {
    throwIfAborted(request.signal);
    try {
      yield { name, ...await check(request) };
    } catch (error) {
      const { code, message } = CodeloomError.from(error);
      yield { name, status: 'fail', found: message, ...(code === 'internal' ? { advice: 'This is a fault in codeloom: please report it.' } : {}) };
    }
  }
  const [{ usualSecrets }, { diagnoseHosts }] = await Promise.all([import('./secrets.js'), import('./configured-hosts.js')]);
  const secrets = usualSecrets(process.env);
  yield* diagnoseHosts(secrets, request.signal);
  const servers = serversOf(choices);
  if (servers.length === 0 && choices.cache === undefined) return;
  const { diagnoseServer, diagnoseCache } = await import('./servers.js');
  for (const choice of servers) yield* diagnoseServer(choice, secrets, request.signal);
  if (choices.cache !== undefined) yield* diagnoseCache(choices.cache, secrets, request.signal);
}

type Finding = Omit<Check, 'name'>;
type Looked = readonly [name: string, look: (request: DiagnoseRequest) => Promise<Finding>];

function choicesOf({ store, stores }: DiagnoseRequest): StoreChoices {
  const text = (of: string | undefined) => (of === undefined ? undefined : { text: of, origin: 'the configuration', base: store });
  return chooseStores(stores === undefined ? {} : { graph: text(stores.graph), metadata: text(stores.metadata), facts: text(stores.facts), cache: text(stores.cache) }, store);
}

/** Folders of SQLite files, each once. */
function foldersOf({ graph, metadata, facts }: StoreChoices): readonly string[] {
  return [...new Set([graph, metadata, facts].flatMap((choice) => (choice.kind === 'sqlite' ? [choice.folder] : [])))];
}

/** Servers, each once, whatever they hold. */
function serversOf({ graph, metadata, facts }: StoreChoices): readonly ServerChoice[] {
  const servers = [graph, metadata, facts].filter((choice): choice is ServerChoice => choice.kind !== 'sqlite' && choice.kind !== 'memory');
  return [...new Map(servers.map((choice) => [storeText(choice), choice])).values()];
}

async function nodeCheck(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  if (major > 20 || (major === 20 && minor >= 19)) return { status: 'ok', found };
  return { status: 'fail', found, advice: 'Install Node.js 20.19 or newer.' };
}

async function gitCheck(): Promise<Finding> {
  let output: string;
  try {
    output = (await promisify(execFile)('git', ['--version'], { timeout: 10_000 })).stdout.trim();
  } catch {
    return { status: 'fail', found: 'not found', advice: 'Install Git (https://git-scm.com) and make sure that it is on the PATH.' };
  }
  const version = /(\d+)\.(\d+)(?:\.\d+)*/.exec(output);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major > 2 || (major === 2 && minor >= 31)) return { status: 'ok', found: version?.[0] ?? output };
  return { status: 'fail', found: output, advice: 'Install Git 2.31 or newer.' };
}

async function folderCheck({ store }: DiagnoseRequest): Promise<Finding> {
  const existing = await nearestExisting(store);
  try {
    const probe = await mkdtemp(join(existing, '.codeloom-doctor-'));
    await rm(probe, { recursive: true });
  } catch {
    return { status: 'fail', found: `${store} cannot be written`, advice: 'Change its permissions, or choose another folder with --store DIR or CODELOOM_STORE.' };
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const found = `${store}${existing === store ? '' : ' (made with the first index)'}, ${Math.floor(free / 1024 / 1024).toLocaleString('en')} MiB free`;
  return free < LITTLE_SPACE ? { status: 'warn', found, advice: 'There is little space left: free some, or choose another folder with --store DIR.' } : { status: 'ok', found };
}

async function nearestExisting(folder: string): Promise<string> {
  for (let current = folder; ; current = dirname(current)) {
    try {
      await access(current, constants.F_OK);
      return current;
    } catch {
      if (dirname(current) === current) return current;
    }
  }
}

async function sqliteCheck(): Promise<Finding> {
  const { loadSqliteDriver } = await import('../adapters/sqlite/driver.js');
  try {
    const { name, sqliteVersion } = await loadSqliteDriver();
    return { status: 'ok', found: `${sqliteVersion} by ${name}` };
  } catch (error) {
    return { status: 'fail', found: CodeloomError.from(error).message, advice: 'Install codeloom again without --omit=optional, or use a newer Node.js.' };
  }
}

/** The databases' schema and soundness; nothing is made where there is none. */
async function storeCheck(store: string): Promise<Finding> {
  const { loadSqliteDriver } = await import('../adapters/sqlite/driver.js');
  const driver = await loadSqliteDriver();
  const found: string[] = [];
  for (const name of ['graph', 'facts']) {
    const file = join(store, `${name}.db`);
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined) continue;
    const connection = driver.open(file, 'read-only');
    try {
      const version = String(connection.all('PRAGMA user_version')[0]?.[0]);
      const verdict = String(connection.all('PRAGMA quick_check(1)')[0]?.[0]);
      if (verdict !== 'ok') return { status: 'fail', found: `${file}: ${verdict}`, advice: `Move ${store} away and index again: everything in it can be made anew.` };
      found.push(`${name}.db: schema ${version}, ${formatMebibytes(size)}, sound`);
    } finally {
      connection.close();
    }
  }
  if (found.length === 0) return { status: 'ok', found: 'nothing indexed yet' };
  // Opening it as an index run does tells of a schema that is too new, or too old to be migrated.
  const { createSqliteStores } = await import('../adapters/sqlite/stores.js');
  try {
    await (await createSqliteStores({ folder: store })).close();
  } catch (error) {
    const { code, message } = CodeloomError.from(error);
    if (code === 'store-read-only') return { status: 'warn', found: `${found.join('; ')}; read only`, advice: 'Questions work; to index, choose another folder with --store DIR.' };
    return { status: 'fail', found: message, advice: code === 'store-too-new' ? 'Update codeloom, or choose another folder with --store DIR.' : `Move ${store} away and index again: everything in it can be made anew.` };
  }
  return { status: 'ok', found: found.join('; ') };
}

function formatMebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** A line of each language, with a definition that must be found in it. */
const SAMPLES: Readonly<Record<string, string>> = {
  typescript: 'export function probe(value: string): string { return value }\n',
  tsx: 'export function probe() { return <p>text</p> }\n',
  javascript: 'module.exports = function probe() { return 1 }\n',
  python: 'def probe():\n    return 1\n',
};

async function grammarCheck({ signal }: DiagnoseRequest): Promise<Finding> {
  const parser = await createParser({ workers: 0 });
  try {
    const encoder = new TextEncoder();
    const sources = parser.languages.map((language): ParserInput => ({ key: language, language, bytes: encoder.encode(SAMPLES[language] ?? '') }));
    const broken: string[] = [];
    for await (const { key, facts, diagnostics } of parser.extract(sources, { signal })) {
      const found = decodeFacts(facts).definitions.some((definition) => definition.name === 'probe');
      if (SAMPLES[key] !== undefined && (!found || diagnostics.length > 0)) broken.push(`${key} (${diagnostics[0]?.message ?? 'nothing found in the sample'})`);
    }
    if (broken.length === 0) return { status: 'ok', found: parser.languages.join(', ') };
    return { status: 'fail', found: `not working: ${broken.join('; ')}`, advice: 'Install codeloom again: its grammars are damaged.' };
  } finally {
    await parser.close();
  }
}

async function workerCheck({ workers, signal }: DiagnoseRequest): Promise<Finding> {
  const wanted = workers ?? availableParallelism();
  const parser = await createParser({ workers: 1 });
  try {
    let results = 0;
    for await (const output of parser.extract([{ key: 'probe', language: 'python', bytes: new TextEncoder().encode(SAMPLES['python'] ?? '') }], { signal })) results += output.facts.length > 0 ? 1 : 0;
    return results === 1 ? { status: 'ok', found: `${wanted} wanted, ${availableParallelism()} processors` } : { status: 'fail', found: 'a worker gave no result', advice: 'Set CODELOOM_WORKERS=1, and report this.' };
  } finally {
    await parser.close();
  }
}
