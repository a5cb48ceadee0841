/**
 * Indexes one repository under every version of Node that codeloom supports, with either SQLite driver and with one and four workers, and compares the digests; then
 * lets each version verify what the others stored. The versions come from npm's platform packages (those behind the package `node`), without scripts, into
 * node_modules/.cache. Run by `npm run test:nodes`, after a build. Exits with 1 when anything differs.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = ['20', '22', '24'];
const root = fileURLToPath(new URL('..', import.meta.url));
const self = fileURLToPath(import.meta.url);

if (process.argv[2] === 'run') await run(JSON.parse(process.argv[3] ?? '{}'));
else await compare();

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-nodes-'));
  try {
    const nodes = fetchNodes();
    const repository = fixtureRepository(join(folder, 'repository'));
    const results = [];
    for (const [number, node] of nodes.entries()) {
      for (const workers of [1, 4]) results.push({ workers, ...await inNode(node, { workers, repository, store: join(folder, `store-${number}-${workers}`) }) });
      if (!results.at(-1).driver.startsWith('libsql')) results.push({ workers: 1, ...await inNode(node, { workers: 1, libsql: true, repository, store: join(folder, `store-${number}-libsql`) }) });
    }
    for (const [number, node] of nodes.entries()) {
      // Each reads what another version's driver wrote.
      const store = join(folder, `store-${(number + 1) % nodes.length}-1`);
      results.push(await inNode(node, { verify: true, repository, store }));
      const { stderr } = spawnSync(node, [join(root, 'dist/infrastructure/bin/codeloom.js'), 'status', '--store', store], { cwd: repository, encoding: 'utf8' });
      if (stderr !== '') throw new Error(`The command under ${results.at(-1).node} says: ${stderr}`);
    }

    for (const { node, driver, workers, digest, verified } of results) {
      console.log(`${node.padEnd(10)} ${driver.padEnd(20)} ${verified === undefined ? `${workers} worker${workers === 1 ? ' ' : 's'}` : 'verifies '}  ${digest}${verified === false ? '  FAILED' : ''}`);
    }
    const digests = new Set(results.map(({ digest }) => digest));
    const majors = new Set(results.map(({ node }) => node.split('.')[0]));
    if (digests.size !== 1 || majors.size !== VERSIONS.length || results.some(({ verified }) => verified === false)) throw new Error(`Node versions do not agree: ${digests.size} digests from ${majors.size} versions.`);
    console.log(`One digest from Node ${VERSIONS.join(', ')}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Paths of the programs, fetched once. */
function fetchNodes() {
  const cache = join(root, 'node_modules/.cache/codeloom-nodes');
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const platform = `${system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${system}-${process.arch}`;
  const program = (version) => join(cache, 'node_modules', `v${version}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!VERSIONS.every((version) => existsSync(program(version)))) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'package.json'), '{"private":true}');
    const packages = VERSIONS.map((version) => `v${version}@npm:${platform}@${version}`);
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...packages], { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  }
  return VERSIONS.map(program);
}

/** The fixtures of all languages as one repository. */
function fixtureRepository(folder) {
  cpSync(join(root, 'test/languages'), folder, { recursive: true });
  const git = (...argv) => execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...argv], { cwd: folder, stdio: 'ignore' });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'fixtures');
  return folder;
}

async function inNode(node, request) {
  const child = spawn(node, ['--no-warnings', self, 'run', JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => output += data);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${node} ended with ${code}.`);
  return JSON.parse(output);
}

/** In the version under test. */
async function run({ repository, store, workers, libsql, verify }) {
  // The driver is chosen by the SQLite that Node brings: an old one is not used.
  if (libsql) Object.defineProperty(process, 'versions', { value: { ...process.versions, sqlite: '3.0.0' } });
  const { createCodeloom, createSqliteStores } = await import(new URL('../dist/index.js', import.meta.url));
  const codeloom = await createCodeloom({ store, ...(workers === undefined ? {} : { workers }) });
  const stores = await createSqliteStores({ folder: store });
  const answer = verify ? await codeloom.verify() : (await codeloom.index({ location: repository })).snapshot;
  const { digest } = verify ? await codeloom.snapshot() : answer;
  // A build of the same source that is passed over is no check.
  const verified = verify ? answer.checks.every(({ status }) => status === 'ok') : undefined;
  console.log(JSON.stringify({ node: process.version, driver: `${stores.info.driver} ${stores.info.sqliteVersion}`, digest, verified }));
  await stores.close();
  await codeloom.close();
}
