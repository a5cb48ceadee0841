import { createAdaptorServer } from '@hono/node-server';
import { createServer, type Server } from 'node:http';
import { CodeloomError } from '../../domain/errors.js';

export interface ListenRequest {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Default `127.0.0.1`: this machine only. */
  readonly host?: string | undefined;
  /** Default 8484; 0 takes any that is free. */
  readonly port?: number | undefined;
}

export interface Listening {
  /** Where it listens: `http://127.0.0.1:8484`. */
  readonly url: string;
  /** Takes no more connections, lets those that are being answered end within `graceMs` (default 10 s), then cuts them off. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 8484;
const GRACE_MS = 10_000;
const SWEEP_MS = 50;

/** Serves a fetch handler over HTTP. TLS is the business of whatever stands before it. Throws `invalid-configuration` when the address cannot be taken. */
export async function listen({ fetch, host = DEFAULT_HOST, port = DEFAULT_PORT }: ListenRequest): Promise<Listening> {
  // Bounds for senders that dawdle: 10 s for headers, 30 s for a whole request.
  const server = createAdaptorServer({ fetch, createServer, serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 } }) as Server; // createServer of node:http makes one
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CodeloomError('invalid-configuration', `${host}:${port} cannot be listened on (${error.code ?? 'no reason given'}).`, { cause: error, details: { host, port, hint: 'Choose another address with --host and --port.' } }));
    });
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    async close({ graceMs = GRACE_MS } = {}) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Those that had their answer meanwhile would be kept for another question.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}
