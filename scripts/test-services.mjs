/**
 * Runs test/services against real servers: `npm run test:services -- [neo4j] [postgres] [s3] [redis] [temporal] [-- <test/services/…> <arguments of vitest>]`. All of them when none is named. Behind
 * `--`, folders or files below test/services choose topics (`postgres neo4j -- test/services/law-1`); without, those of the servers that are named.
 *
 * A server whose address is in the environment (see SERVICES) is used as it is; the others are started by test/services/servers/*.sh on loopback, each on a port that is free,
 * with data of their own that are new, and are stopped at the end, whatever the end is. What was fetched or built stays under SERVICES_DIR (default:
 * ~/.cache/codeloom-services), which serves one run at a time. Ends with vitest's exit code; 2 for misuse and missing prerequisites.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const environment = { ...process.env };
const folder = environment.SERVICES_DIR ?? join(homedir(), '.cache/codeloom-services');
environment.SERVICES_DIR = folder;

/** What tests read is an address with credentials; S3's keys are its user and password. `missing` says what installing a server lacks on this machine. */
const SERVICES = {
  neo4j: { variable: 'CODELOOM_TEST_NEO4J_URL', missing: () => [...(javaThere() ? [] : ['a JDK 17 or newer']), ...(fetched('neo4j', /^lib-/) || has('mvn') ? [] : ['mvn (Maven)'])] },
  postgres: { variable: 'CODELOOM_TEST_POSTGRES_URL', missing: () => (folderHas('/usr/lib/postgresql', /^\d/) ? [] : aptMissing()) },
  s3: { variable: 'CODELOOM_TEST_S3_URL', missing: () => (existsSync(join(folder, 's3/bin/versitygw')) || has('go') ? [] : ['go']) },
  redis: { variable: 'CODELOOM_TEST_REDIS_URL', missing: () => (has('redis-server') ? [] : aptMissing()) },
  temporal: { variable: 'CODELOOM_TEST_TEMPORAL_URL', missing: () => [...(fetchedCli() || has('go') ? [] : ['go']), ...(javaThere() ? [] : ['a JDK 17 or newer']), ...(folderHas(join(folder, 'temporal'), /^test-server-[\d.]+$/) || has('mvn') ? [] : ['mvn (Maven)'])] },
};
/** Fetching and building for the first time takes minutes; more than this means that something hangs. */
const START_MS = 30 * 60_000;
const TESTS_MS = Number(environment.CODELOOM_TEST_SERVICES_MINUTES ?? 60) * 60_000;
const ATTEMPTS = 3;

const { services, topics, vitestArguments } = readArguments(process.argv.slice(2));
const own = services.filter((service) => (environment[SERVICES[service].variable] ?? '') === '');
const lacking = own.map((service) => [service, SERVICES[service].missing()]).filter(([, missing]) => missing.length > 0);
if (lacking.length > 0) {
  for (const [service, missing] of lacking) console.error(`${service} cannot be started: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing. Install it, or name a server that runs in ${SERVICES[service].variable}.`);
  process.exit(2);
}

const release = lock();
const started = [];
const times = new Map();
let child;
let interrupted = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = 128 + constants.signals[signal];
    child?.kill(signal);
  });
}

process.exitCode = 1;
try {
  for (const service of own) await start(service);
  if (interrupted === 0) process.exitCode = await vitest();
} catch (error) {
  console.error(error.message);
} finally {
  for (const service of started.reverse()) spawnSync('bash', [scriptOf(service), 'reset'], { env: environment, stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
  release();
  if (interrupted !== 0) process.exitCode = interrupted;
}

function readArguments(given) {
  const split = given.indexOf('--');
  const named = split < 0 ? given : given.slice(0, split);
  const behind = split < 0 ? [] : given.slice(split + 1);
  const unknown = named.find((service) => !(service in SERVICES));
  if (unknown !== undefined) refuse(`There is no service ${unknown}: ${Object.keys(SERVICES).join(', ')}.`);
  const paths = behind.filter((argument) => argument.startsWith('test/'));
  const nowhere = paths.find((path) => !path.startsWith('test/services/') || !existsSync(join(root, path)));
  if (nowhere !== undefined) refuse(`There is no topic ${nowhere}; topics are folders and files of test/services.`);
  return {
    services: named.length === 0 ? Object.keys(SERVICES) : [...new Set(named)],
    topics: paths.length > 0 ? paths : named.map((service) => `test/services/${service}`).filter((path) => existsSync(join(root, path))),
    vitestArguments: behind.filter((argument) => !argument.startsWith('test/')),
  };
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}

/** Another run's servers must not be reset under it. */
function lock() {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'run.pid');
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (other !== 0 && other !== process.pid && isRunning(other)) refuse(`Another run (process ${other}) uses ${folder}; wait for it, or set SERVICES_DIR to another folder.`);
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function isRunning(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('test-services');
  } catch {
    return false; // gone, or no Linux: then the port is free or not, and is chosen anew
  }
}

/** Starts a server with new data. Its port was free a moment ago: where another has taken it meanwhile, it is tried with the next. */
async function start(service) {
  const begun = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    environment[`${service.toUpperCase()}_PORT`] = String(await freePort());
    spawnSync('bash', [scriptOf(service), 'reset'], { env: environment, stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
    if (!started.includes(service)) started.push(service);
    const { code, output } = await run('bash', [scriptOf(service), 'start'], START_MS);
    if (interrupted !== 0) return;
    if (code === 0) {
      const url = output.trim().split('\n').at(-1) ?? '';
      environment[SERVICES[service].variable] = service === 's3' ? withKeys(url) : url;
      break;
    }
    if (attempt === ATTEMPTS) throw new Error(`${service} does not start (exit ${code}, ${ATTEMPTS} attempts); its log is under ${folder}.`);
    console.error(`${service} did not start (exit ${code}); trying again on another port`);
  }
  // tests of faults stop, kill and start it by this script
  environment[`CODELOOM_TEST_${service.toUpperCase()}_SCRIPT`] = scriptOf(service);
  times.set(service, performance.now() - begun);
  console.log(`${service} is up after ${seconds(times.get(service))}`);
}

function run(command, argv, milliseconds) {
  return new Promise((resolve, reject) => {
    child = spawn(command, argv, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    // The server itself may hold the pipe open: the script's own end is what counts.
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      setTimeout(() => {
        child.stdout.destroy();
        resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), output });
      }, 50);
    });
  });
}

async function vitest() {
  const reports = mkdtempSync(join(tmpdir(), 'codeloom-services-'));
  const report = join(reports, 'report.json');
  const argv = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.services.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...topics, ...vitestArguments];
  try {
    const code = await new Promise((resolve, reject) => {
      child = spawn(process.execPath, argv, { cwd: root, env: environment, stdio: 'inherit' });
      const timer = setTimeout(() => {
        console.error(`The tests have not ended after ${seconds(TESTS_MS)} (CODELOOM_TEST_SERVICES_MINUTES): stopped.`);
        child.kill('SIGKILL');
      }, TESTS_MS);
      child.on('error', reject);
      child.on('exit', (exit, signal) => {
        clearTimeout(timer);
        resolve(exit ?? 128 + (constants.signals[signal] ?? 0));
      });
    });
    if (existsSync(report)) summarise(JSON.parse(readFileSync(report, 'utf8')));
    return code;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

/** One line a server and one a topic; what failed is named again at the end, where it is seen. */
function summarise({ testResults }) {
  console.log('\nServers');
  for (const service of services) console.log(`  ${service.padEnd(10)} ${times.has(service) ? `started in ${seconds(times.get(service))}` : `as ${SERVICES[service].variable} says`}`);
  const byTopic = new Map();
  const failed = [];
  for (const { name, status, startTime, endTime, assertionResults } of testResults) {
    const file = relative(root, name);
    const topic = file.split('/')[2] ?? file;
    const sum = byTopic.get(topic) ?? { passed: 0, failed: 0, skipped: 0, time: 0 };
    byTopic.set(topic, sum);
    sum.time += Math.max(0, endTime - startTime);
    for (const each of assertionResults) {
      const verdict = each.status === 'passed' || each.status === 'failed' ? each.status : 'skipped';
      sum[verdict] += 1;
      if (verdict === 'failed') failed.push(`${file}: ${each.fullName}`);
    }
    if (status === 'failed' && !assertionResults.some((each) => each.status === 'failed')) {
      sum.failed += 1;
      failed.push(`${file}: does not run`);
    }
  }
  console.log('Topics');
  for (const [topic, sum] of [...byTopic].sort()) console.log(`  ${topic.padEnd(10)} ${String(sum.passed).padStart(4)} passed ${String(sum.failed).padStart(3)} failed ${String(sum.skipped).padStart(3)} skipped  ${seconds(sum.time)}`);
  if (failed.length > 0) console.log(`Failed\n${failed.map((each) => `  ${each}`).join('\n')}`);
}

function scriptOf(service) {
  return fileURLToPath(new URL(`../test/services/servers/${service}.sh`, import.meta.url));
}

function withKeys(url) {
  const address = new URL(url);
  address.username = environment.S3_ACCESS_KEY ?? 'codeloom';
  address.password = environment.S3_SECRET_KEY ?? 'codeloom-ci-secret';
  return address.href;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function has(command) {
  return (environment.PATH ?? '').split(':').some((each) => each !== '' && existsSync(join(each, command)));
}

function folderHas(path, pattern) {
  return existsSync(path) && readdirSync(path).some((name) => pattern.test(name));
}

function fetched(service, pattern) {
  const path = join(folder, service);
  return folderHas(path, pattern) && readdirSync(path).some((name) => pattern.test(name) && existsSync(join(path, name, '.done')));
}

function fetchedCli() {
  return folderHas(join(folder, 'temporal'), /^cli-v[^t]*$/);
}

function javaThere() {
  return has('java') || environment.NEO4J_JAVA_HOME !== undefined || environment.JAVA_HOME !== undefined || existsSync('/usr/lib/jvm');
}

function aptMissing() {
  if (!has('apt-get')) return ['apt-get (a Debian or Ubuntu)'];
  return process.getuid?.() === 0 || has('sudo') ? [] : ['root, or sudo without a password'];
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
