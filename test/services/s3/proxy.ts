import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENDPOINT } from './bucket.js';

/** A request as the proxy sees it: method and path with query. */
export interface Seen {
  readonly method: string;
  readonly path: string;
}

/** What the proxy does with a request in place of passing it on at once. */
export type Treatment =
  | { readonly kind: 'pass'; readonly after?: Promise<unknown> }
  | { readonly kind: 'answer'; readonly status: number; readonly code: string }
  /** Passed on, and the answer thrown away with the connection. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'hang' };

/** The server with somebody in between, who counts, delays and breaks. */
export interface Proxy {
  readonly endpoint: string;
  readonly seen: Seen[];
  /** Decides about every request from now on. */
  treat(how: (seen: Seen) => Treatment): void;
  close(): Promise<void>;
}

export async function startProxy(): Promise<Proxy> {
  const seen: Seen[] = [];
  let how: (seen: Seen) => Treatment = () => ({ kind: 'pass' });
  const proxy = createServer((incoming, outgoing) => {
    const about = { method: incoming.method ?? '', path: incoming.url ?? '' };
    seen.push(about);
    const treatment = how(about);
    void (async () => {
      const body = await bytesOf(incoming);
      if (treatment.kind === 'hang') return;
      if (treatment.kind === 'answer') {
        outgoing.writeHead(treatment.status, { 'content-type': 'application/xml' });
        outgoing.end(treatment.status < 300 ? undefined : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${treatment.code}</Code><Message>As told.</Message></Error>`);
        return;
      }
      if (treatment.kind === 'pass') await treatment.after;
      // The host that was signed goes on as it is.
      const passed = send(`${ENDPOINT}${about.path}`, { method: about.method, headers: { ...incoming.headers, 'content-length': body.length } }, (answer) => {
        if (treatment.kind === 'lose-answer') return answer.resume().on('end', () => incoming.socket.destroy());
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        return answer.pipe(outgoing);
      });
      passed.on('error', () => incoming.socket.destroy());
      passed.end(body);
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, // a server that listens on a port
    seen,
    treat(changed) {
      how = changed;
    },
    close: () => new Promise((resolve) => {
      proxy.close(() => resolve());
      proxy.closeAllConnections();
    }),
  };
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}
