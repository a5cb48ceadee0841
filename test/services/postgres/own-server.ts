import { execFile } from 'node:child_process';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A server that a test may kill, with data of its own. */
export interface OwnServer {
  readonly url: string;
  /** Kills every process of it at once, as a power cut does. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it, and removes its data. */
  remove(): Promise<void>;
}

/** The script that starts servers; undefined where the tests use one that somebody already has. */
export const serverScript = process.env['CODELOOM_TEST_POSTGRES_SCRIPT'];

export async function ownServer(script: string): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-postgres-'));
  await chmod(folder, 0o755); // the server runs as another user
  const env = { ...process.env, SERVICES_DIR: folder, POSTGRES_PORT: String(await freePort()) };
  const ask = async (what: string): Promise<string> => (await run('bash', [script, what], { env })).stdout.trim().split('\n').at(-1) ?? '';
  return {
    url: await ask('start'),
    crash: async () => void await ask('crash'),
    stop: async () => void await ask('stop'),
    start: async () => void await ask('start'),
    async remove() {
      await ask('reset');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
