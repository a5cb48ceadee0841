import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGitHub } from '../../../src/adapters/code-hosts/github.js';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import type { GitHost } from '../../../src/domain/ports/git-host.js';
import type { DurableRunRequest, DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { systemClock } from '../../../src/infrastructure/system-clock.js';
import { APP_ID, APP_KEY_PKCS1, startHostServer, type HostServer } from '../../adapters/code-hosts/host-server.js';
import { buildRepository, openWorkshop, type Workshop } from '../../adapters/git/build-repository.js';
import { plainEnvironment } from '../../adapters/git/http-backend.js';
import { freshQueue, memory, openTestRuns, shopRequest, startWorker, until, type Memory, type RunningWorker } from './harness.js';

// A private repository on a host that fails: its first commit is indexed, and a run for the second meets the fault.

const SOURCE = { 'main.toy': 'def main\n  call save\n', 'store.toy': 'def save\n' };
/** No commit has this id, which holds the digits of many an answer. */
const LOOKS_LIKE_REFUSALS = '4014034044290050040140340442900500401403';

describe('a remote', () => {
  const world: Memory = memory();
  let workshop: Workshop;
  let server: HostServer;
  let gitHost: GitHost;
  let queue: string;
  let worker: RunningWorker;
  let runs: DurableRuns;
  let request: DurableRunRequest;
  let first: string;

  beforeAll(async () => {
    queue = freshQueue();
    // The worker stays; what it reads from is another for each test.
    const host: GitHost = {
      resolve: (...call) => gitHost.resolve(...call), list: (...call) => gitHost.list(...call), read: (...call) => gitHost.read(...call), release: (...call) => gitHost.release(...call),
      capabilities: { remote: true, workTree: false },
    };
    worker = await startWorker({ ports: { ...world.ports, gitHost: host }, taskQueue: queue });
    runs = await openTestRuns(queue);
  });
  afterAll(async () => {
    await runs.close();
    await worker.stop();
  });
  beforeEach(async () => {
    workshop = openWorkshop();
    server = await startHostServer({ folder: workshop.folder });
    server.repositories.push({ id: 17, name: 'acme/secret', folder: 'acme/secret.git', former: [], defaultBranch: 'main', archived: false, secret: true });
    const ca = join(workshop.folder, 'ca.pem');
    writeFileSync(ca, server.ca);
    gitHost = createGitHost({
      cacheFolder: join(workshop.folder, 'mirrors'), environment: plainEnvironment({ GIT_SSL_CAINFO: ca }), silenceMs: 1000,
      credentials: createGitHub({ apiUrl: server.apiUrl, ca: server.ca, clock: systemClock, app: { id: APP_ID, privateKey: APP_KEY_PKCS1 } }),
    });
    build([SOURCE]);
    request = shopRequest({ url: `${server.url}/acme/secret.git`, name: 'acme/secret' });
    first = (await indexed()).snapshot;
    build([SOURCE, { ...SOURCE, 'more.toy': 'def more\n' }]);
    server.asked.length = 0;
  });
  afterEach(async () => {
    await server.close();
    await workshop.dispose();
  });

  const build = (trees: Record<string, string>[]): void => {
    rmSync(join(workshop.folder, 'acme/secret.git'), { recursive: true, force: true });
    buildRepository(join(workshop.folder, 'acme/secret.git'), { head: 'main', branches: { main: trees } });
  };
  const indexed = async (): Promise<Awaited<ReturnType<DurableRuns['result']>>> => runs.result((await runs.start(request)).id);
  const head = async (): Promise<string | undefined> => (await world.ports.graphStore.heads()).find(({ repository }) => repository.includes(new URL(server.url).host))?.id;
  /** Codes of the attempts that were followed by another. */
  const retried = async (id: string): Promise<readonly string[]> => (await runs.summary(id)).events.flatMap((event) => (event.type === 'stage-retried' ? [event.code] : []));
  /** Neither half a mirror nor a process of Git. */
  const nothingLeft = async (): Promise<void> => {
    const mirrors = join(workshop.folder, 'mirrors');
    expect((existsSync(mirrors) ? readdirSync(mirrors) : []).filter((name) => !name.endsWith('.git'))).toEqual([]);
    await until(() => !execFileSync('ps', ['-ax', '-o', 'args'], { encoding: 'utf8' }).split('\n').some((line) => /\bgit\b/.test(line) && line.includes(mirrors)), 'no process of Git is left');
  };
  /** To Git, and not to those that come without a token, which are always refused. */
  const answering = (status: number): void => {
    server.fault = ({ url, headers }, response): boolean => {
      if (!/info\/refs/.test(url ?? '') || headers.authorization === undefined) return false;
      response.writeHead(status, { 'WWW-Authenticate': 'Basic realm="GitHub"' }).end();
      return true;
    };
  };

  it.each([
    ['answers 401', 'authentication-failed', 401], ['answers 403', 'authentication-failed', 403], ['answers 404', 'repository-not-found', 404], ['is deleted', 'repository-not-found', undefined],
  ])('that %s is %s, at once; also for a commit that looks like something else', async (_, code, status) => {
    const [served] = server.repositories;
    if (status === undefined) server.repositories.length = 0;
    else answering(status);
    for (const commit of [undefined, LOOKS_LIKE_REFUSALS]) {
      const { id } = await runs.start({ ...request, commit });
      await expect(runs.result(id)).rejects.toMatchObject({ code, retryable: false });
      expect(await retried(id)).toEqual([]);
    }
    expect(await head()).toBe(first);
    await nothingLeft();

    server.fault = undefined;
    if (server.repositories.length === 0 && served !== undefined) server.repositories.push(served);
    const { snapshot, changed } = await indexed();
    expect({ changed, head: await head() }).toEqual({ changed: true, head: snapshot });
  });

  it('that has no such commit says so, at once, though its id looks like a refusal', async () => {
    const { id } = await runs.start({ ...request, commit: LOOKS_LIKE_REFUSALS });
    await expect(runs.result(id)).rejects.toMatchObject({ code: 'unknown-ref', retryable: false });
    expect(await retried(id)).toEqual([]);
    expect(await head()).toBe(first);
  });

  it('whose token expires in the middle of a clone is read on with another', async () => {
    rmSync(join(workshop.folder, 'mirrors'), { recursive: true });
    server.fault = ({ url }) => {
      if (url?.endsWith('/git-upload-pack') === true && server.tokens.length === 1) server.accepted.delete(server.tokens[0] ?? '');
      return false;
    };
    const { id } = await runs.start(request);
    expect(await runs.result(id)).toMatchObject({ changed: true });
    expect({ tokens: server.tokens.length, retried: await retried(id) }).toEqual({ tokens: 2, retried: [] });
    await nothingLeft();
  });

  it('that stalls is given up and asked again, and stopped in no time when the run is cancelled', async () => {
    let stalls = 0;
    server.fault = ({ method, url }, response) => {
      if (method !== 'POST' || url?.endsWith('/git-upload-pack') !== true || stalls >= 2) return false;
      stalls += 1;
      response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result' }).flushHeaders();
      return true;
    };
    const cancelled = await runs.start(request);
    await until(() => stalls === 1, 'it stalls');
    const asked = Date.now();
    await runs.cancel(cancelled.id);
    await expect(runs.result(cancelled.id)).rejects.toMatchObject({ code: 'aborted' });
    expect(Date.now() - asked).toBeLessThan(3000);
    await nothingLeft();
    expect(await head()).toBe(first);

    const { id } = await runs.start(request);
    expect(await runs.result(id)).toMatchObject({ changed: true });
    expect({ stalls, retried: await retried(id) }).toEqual({ stalls: 2, retried: ['network'] });
    await nothingLeft();
  });
});
