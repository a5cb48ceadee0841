import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a driver and a server, and is trouble on demand. */
export interface Proxy {
  /** The server's address, through here. */
  readonly url: string;
  /** Cuts all connections, and refuses new ones until {@link accept}. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Cuts all connections. */
  cut(): void;
  /** Cuts the connection of every n-th commit when its acknowledgement arrives, before it is passed on; 0 ends that. */
  swallow(everyCommit: number): void;
  /** Passes nothing on any more in either direction, until false. */
  stall(on: boolean): void;
  /** Acknowledgements swallowed so far. */
  readonly swallowed: number;
  close(): Promise<void>;
}

/** Bolt's COMMIT, in a chunk of its own: https://neo4j.com/docs/bolt/current/bolt/message/#messages-commit */
const COMMIT = Buffer.from([0x00, 0x02, 0xb0, 0x12, 0x00, 0x00]);

export async function createProxy(target: string): Promise<Proxy> {
  const { hostname, port, protocol, username, password } = new URL(target);
  const open = new Set<Socket>();
  let every = 0;
  let commits = 0;
  let swallowed = 0;
  let stalled = false;
  let server: Server | undefined;

  function serve(client: Socket): void {
    const upstream = connect(Number(port), hostname);
    let cutAtReply = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (data) => {
      if (every > 0 && data.includes(COMMIT) && ++commits % every === 0) cutAtReply = true;
      if (!stalled) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (cutAtReply) {
        swallowed++;
        end();
      } else if (!stalled) {
        client.write(data);
      }
    });
  }

  const listen = (at: number): Promise<Server> => new Promise((resolve, reject) => {
    const listening = createServer(serve).on('error', reject).listen(at, '127.0.0.1', () => resolve(listening));
  });
  server = await listen(0);
  const { port: own } = server.address() as AddressInfo; // it listens on TCP
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };

  const proxy: Proxy = {
    url: `${protocol}//${username}:${password}@127.0.0.1:${own}`,
    async refuse() {
      const closing = new Promise((resolve) => server?.close(resolve));
      server = undefined;
      cut();
      await closing;
    },
    async accept() {
      server ??= await listen(own);
    },
    cut,
    swallow(everyCommit) {
      every = everyCommit;
    },
    stall(on) {
      stalled = on;
    },
    get swallowed() {
      return swallowed;
    },
    async close() {
      if (server !== undefined) await proxy.refuse();
    },
  };
  return proxy;
}
