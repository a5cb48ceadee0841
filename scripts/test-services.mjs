/**
 * Runs test/services against real servers: `npm run test:services -- [neo4j] [postgres] [s3] [redis] [-- <arguments of vitest>]`, all four when none is named. A server whose
 * address is in the environment (see ADDRESSES) is used as it is; the others are started by test/services/servers/*.sh on loopback, each on a port that is free,
 * with data of their own that are new, and are stopped at the end, whatever the end is. What was fetched or built stays under SERVICES_DIR
 * (default: ~/.cache/codeloom-services). Ends with vitest's exit code.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What tests read: an address with credentials. S3's keys are in the address as a URL's user and password. */
const ADDRESSES = {
  neo4j: 'CODELOOM_TEST_NEO4J_URL', postgres: 'CODELOOM_TEST_POSTGRES_URL', s3: 'CODELOOM_TEST_S3_URL', redis: 'CODELOOM_TEST_REDIS_URL',
};
const root = fileURLToPath(new URL('..', import.meta.url));
const scriptOf = (service) => fileURLToPath(new URL(`../test/services/servers/${service}.sh`, import.meta.url));

const rest = process.argv.slice(2);
const split = rest.indexOf('--');
const named = split < 0 ? rest : rest.slice(0, split);
const vitestArguments = split < 0 ? [] : rest.slice(split + 1);
const unknown = named.find((service) => !(service in ADDRESSES));
if (unknown !== undefined) {
  console.error(`There is no service ${unknown}: ${Object.keys(ADDRESSES).join(', ')}.`);
  process.exit(2);
}
const services = named.length === 0 ? Object.keys(ADDRESSES) : named;

const environment = { ...process.env };
const started = [];

process.exitCode = 1;
try {
  for (const service of services) {
    const variable = ADDRESSES[service];
    if (environment[variable] !== undefined) continue;
    environment[`${service.toUpperCase()}_PORT`] = String(await freePort());
    execFileSync('bash', [scriptOf(service), 'reset'], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
    started.push(service);
    const begun = performance.now();
    const url = execFileSync('bash', [scriptOf(service), 'start'], { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim().split('\n').at(-1) ?? '';
    environment[variable] = service === 's3' ? withKeys(url) : url;
    // tests of faults stop, kill and start it by this script
    environment[`CODELOOM_TEST_${service.toUpperCase()}_SCRIPT`] = scriptOf(service);
    console.log(`${service} is up after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  process.exitCode = await vitest();
} finally {
  for (const service of started.reverse()) spawnSync('bash', [scriptOf(service), 'reset'], { env: environment, stdio: 'ignore' });
}

function vitest() {
  return new Promise((resolve, reject) => {
    const filters = named.length === 0 ? [] : named.map((service) => `test/services/${service}`);
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.services.config.ts', ...filters, ...vitestArguments], { cwd: root, env: environment, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
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
