import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A stretch of network before a server that can be cut, or stop carrying anything. */
export interface Proxy {
  readonly port: number;
  /** Ends all connections, as a firewall does. */
  cut(): void;
  /** From now on nothing comes through, either way, and nobody is told. */
  stall(): void;
  /** Cuts as soon as so many bytes have come from the server, or have gone to it. */
  cutAfter(bytes: number, direction: 'from' | 'to'): void;
  close(): Promise<void>;
}

export async function createProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let stalled = false;
  const left = { from: Infinity, to: Infinity };
  const carry = (source: Socket, sink: Socket, direction: 'from' | 'to'): void => {
    sockets.add(source);
    source.on('data', (data) => {
      if (stalled) return;
      left[direction] -= data.length;
      if (left[direction] <= 0) {
        left[direction] = Infinity;
        for (const socket of sockets) socket.destroy();
        return;
      }
      if (!sink.write(data)) {
        source.pause();
        sink.once('drain', () => source.resume());
      }
    });
    source.on('error', () => undefined);
    source.on('close', () => {
      sockets.delete(source);
      sink.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    carry(client, upstream, 'to');
    carry(upstream, client, 'from');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port, // listening on a port, so no pipe's name
    cut,
    stall: () => {
      stalled = true;
    },
    cutAfter: (bytes, direction) => {
      left[direction] = bytes;
    },
    close: () => new Promise((resolve) => {
      cut();
      server.close(() => resolve());
    }),
  };
}
