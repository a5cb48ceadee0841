import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finished, PROGRAM, type Outcome } from '../../adapters/cli/command-line.js';
import { APP_ID, APP_KEY_PKCS1, INSTALLATION, startHostServer, type HostServer } from '../../adapters/code-hosts/host-server.js';
import { plainEnvironment } from '../../adapters/git/http-backend.js';
import { buildRepository, openWorkshop, type Workshop } from '../../adapters/git/build-repository.js';
import { fromGitHub, githubPush, SECRET } from '../../adapters/http/deliveries.js';
import { ADDRESS, freshQueue, until } from './harness.js';
import { secretFile } from '../../secrets/watch.js';

let workshop: Workshop;
let server: HostServer;
let environment: Record<string, string | undefined>;
let queue: string;
let children: ChildProcess[];
let outputs: string[];

beforeEach(async () => {
  workshop = openWorkshop();
  children = [];
  outputs = [];
  queue = freshQueue();
  mkdirSync(join(workshop.folder, 'served'));
  server = await startHostServer({ folder: join(workshop.folder, 'served') });
  // An id of its own: the server of durable runs may be shared with other tests.
  server.repositories.push({ id: Date.now(), name: 'acme/secret', folder: 'acme/secret.git', former: [], defaultBranch: 'main', archived: false, secret: true });
  build({ 'app.ts': 'export function start(): void {}\n' });
  for (const [name, text] of Object.entries({ ca: server.ca, key: APP_KEY_PKCS1, webhook: SECRET })) writeFileSync(secretFile(join(workshop.folder, name)), text);
  environment = plainEnvironment({
    HOME: workshop.folder, CODELOOM_STORE: join(workshop.folder, 'store'), NODE_EXTRA_CA_CERTS: join(workshop.folder, 'ca'), GIT_SSL_CAINFO: join(workshop.folder, 'ca'),
    CODELOOM_TEMPORAL_ADDRESS: ADDRESS, CODELOOM_TASK_QUEUE: queue,
    CODELOOM_GITHUB_URL: server.apiUrl, CODELOOM_GITHUB_APP_ID: APP_ID, CODELOOM_GITHUB_PRIVATE_KEY_FILE: join(workshop.folder, 'key'), CODELOOM_GITHUB_WEBHOOK_SECRET_FILE: join(workshop.folder, 'webhook'),
  });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.close();
  await workshop.dispose();
});

function build(tree: Record<string, string>): void {
  const folder = join(workshop.folder, 'served/acme/secret.git');
  rmSync(folder, { recursive: true, force: true });
  buildRepository(folder, { head: 'main', branches: { main: [tree] } });
}

function start(...argv: string[]): { readonly child: ChildProcess; readonly ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd: workshop.folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return { child, ended: finished(child).then((outcome) => { outputs.push(outcome.stdout, outcome.stderr); return outcome; }) };
}

const symbols = async (name: string): Promise<string> => (await start('symbols', name, '--repo', `${new URL(server.url).host}/acme/secret`).ended).stdout;

it('a private repository is indexed by three commands, and kept up to date by webhooks; its token is in no history', async () => {
  // What the README says: a token in the environment, a worker, a run.
  const worker = start('worker');
  expect(await start('run', 'start', `${server.url}/acme/secret`, '--wait').ended).toMatchObject({ code: 0 });
  expect(await symbols('start')).toContain('app.ts');

  const serving = start('--json', 'serve', '--port', '0', '--allow', '**', '--durable');
  let told = '';
  serving.child.stdout?.on('data', (chunk: Buffer) => { told += chunk.toString(); });
  await until(() => told.includes('\n'), 'it listens');
  const { url } = JSON.parse(told.split('\n')[0] ?? '') as { readonly url: string }; // the first line that it prints
  build({ 'app.ts': 'export function start(): void {}\nexport function stop(): void {}\n' });
  const response = await fetch(`${url}/webhooks/github`, fromGitHub('push', githubPush({ id: server.repositories[0]?.id ?? 0, installation: Number(INSTALLATION) })));
  expect([response.status, await response.json()]).toMatchObject([200, { status: 'done', started: 1 }]);

  const connection = await Connection.connect({ address: ADDRESS });
  const client = new Client({ connection });
  const id = `repo-index-${new URL(server.url).host}-${server.repositories[0]?.id ?? 0}-main`;
  expect(await client.workflow.getHandle(id).result()).toMatchObject({ status: 'success', repo: 'acme/secret' });
  expect(await symbols('stop')).toContain('app.ts');

  serving.child.kill('SIGTERM');
  worker.child.kill('SIGTERM');
  expect([(await serving.ended).code, (await worker.ended).code]).toEqual([0, 0]);

  const histories: string[] = [];
  // Both runs have the same id: the host's, whether a command or a webhook asked for it.
  for await (const { workflowId, runId } of client.workflow.list({ query: `TaskQueue = '${queue}'` })) {
    expect(workflowId).toBe(id);
    histories.push(texts(await client.workflow.getHandle(workflowId, runId).fetchHistory()));
  }
  await connection.close();
  const store = join(workshop.folder, 'store');
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).map((name) => join(store, name)).filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1'));
  expect(histories.map((history) => history.includes('"github_repo_name":"acme/secret"'))).toEqual([true, true]);
  expect(server.tokens.length).toBeGreaterThan(0);
  for (const secret of [...server.tokens, ...server.tokens.map((token) => Buffer.from(`x-access-token:${token}`).toString('base64')), SECRET, APP_KEY_PKCS1.split('\n')[1] ?? '']) {
    expect([...outputs, ...histories, ...files].filter((text) => text.includes(secret)).map((text) => text.slice(0, 200))).toEqual([]);
  }
});

/** All texts and bytes in a value. */
function texts(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.values(value).map(texts).join('\n') : '';
}
