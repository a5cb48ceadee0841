import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** The server of the tests, with name and password. */
export const URL_OF_REDIS = process.env['CODELOOM_TEST_REDIS_URL'] ?? 'redis://nobody:nothing@127.0.0.1:9';
const script = process.env['CODELOOM_TEST_REDIS_SCRIPT'];
/** Whether the server is the tests' own, to be killed and started. */
export const OWN_SERVER = script !== undefined;

export function server(command: 'crash' | 'start'): void {
  execFileSync('bash', [script ?? '', command], { stdio: 'ignore' });
}

export const freshPrefix = (): string => `codeloom-test-${randomUUID()}`;

/** The server with somebody in between, who may stop passing on what it says. */
export interface Wire {
  readonly url: string;
  /** From now on nothing comes back. */
  hang(): void;
  /** From now on connections are cut, and none is accepted. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function startWire(): Promise<Wire> {
  const target = new URL(URL_OF_REDIS);
  const sockets = new Set<Socket>();
  let state: 'whole' | 'hanging' | 'cut' = 'whole';
  const listener = createServer((near) => {
    if (state === 'cut') return near.destroy();
    const far = connect(Number(target.port === '' ? 6379 : target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (data) => {
      if (state === 'whole') near.write(data);
    });
    return near;
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(URL_OF_REDIS);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port); // it listens on a port
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    hang() {
      state = 'hanging';
    },
    cut() {
      state = 'cut';
      cutAll();
    },
    mend() {
      state = 'whole';
    },
    close: () => new Promise((resolve) => {
      cutAll();
      listener.close(() => resolve());
    }),
  };
}
