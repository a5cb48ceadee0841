import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporalRuns } from '../../../src/adapters/temporal/runs.js';
import type { TemporalTls } from '../../../src/adapters/temporal/address.js';
import { temporalAddress } from '../../../src/infrastructure/temporal-server.js';
import { usualSecrets } from '../../../src/infrastructure/secrets.js';
import { ADDRESS, freshQueue, memory, shopRequest, startWorker } from './harness.js';
import { secret, secretFile } from '../../secrets/watch.js';

const NAME = 'temporal.test';

/** An authority, with a certificate for a server and one for a client. */
function certificates(folder: string): { readonly path: (name: string) => string; readonly text: (name: string) => string } {
  const path = (name: string): string => join(folder, name);
  const openssl = (...argv: string[]): void => void execFileSync('openssl', argv, { cwd: folder, stdio: 'ignore' });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority');
  for (const name of ['server', 'client']) {
    writeFileSync(path('extensions'), `basicConstraints=CA:FALSE\nsubjectAltName=DNS:${name === 'server' ? NAME : 'client.test'}\n`);
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.pem`, '-days', '2', '-extfile', 'extensions');
  }
  for (const name of ['ca.key', 'server.key', 'client.key']) secret(readFileSync(secretFile(path(name)), 'utf8'));
  return { path, text: (name) => readFileSync(path(name), 'utf8') };
}

const listening = (server: Server): Promise<string> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`))); // it listens on TCP

describe('connections', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-tls-'));
  let files: ReturnType<typeof certificates>;
  let tls: TemporalTls;
  beforeAll(() => {
    files = certificates(folder);
    tls = { ca: files.text('ca.pem'), serverName: NAME };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('by mTLS, for workers and clients, with certificates from files that variables name', async () => {
    const [host = '', port = ''] = ADDRESS.split(':');
    const door = createTlsServer({ key: files.text('server.key'), cert: files.text('server.pem'), ca: files.text('ca.pem'), requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] }, (near) => {
      const far = connect(Number(port), host);
      for (const socket of [near, far]) socket.on('error', () => (near.destroy(), far.destroy()));
      near.pipe(far).pipe(near);
    });
    door.on('tlsClientError', () => undefined);
    const address = await listening(door);
    const secrets = usualSecrets({ CODELOOM_TEMPORAL_TLS_CA_FILE: files.path('ca.pem'), CODELOOM_TEMPORAL_TLS_CERT_FILE: files.path('client.pem'), CODELOOM_TEMPORAL_TLS_KEY_FILE: files.path('client.key') });
    const temporal = await temporalAddress({ address, serverName: NAME }, secrets);
    const queue = freshQueue();
    const worker = await startWorker({ ports: memory().ports, taskQueue: queue, temporal });
    const runs = await createTemporalRuns({ temporal, taskQueue: queue });
    try {
      const { id } = await runs.start(shopRequest());
      expect(await runs.result(id)).toMatchObject({ changed: true });
      await expect(createTemporalRuns({ temporal: { address, tls } })).rejects.toMatchObject({ name: 'CodeloomError', code: 'network' });
      await expect(startWorker({ ports: memory().ports, taskQueue: queue, temporal: { address, tls } })).rejects.toMatchObject({ name: 'CodeloomError', code: 'network' });
    } finally {
      await runs.close();
      await worker.stop();
      door.close();
    }
  }, 60_000);

  it('by an API key, which goes to the server and nowhere else', async () => {
    const keys = new Set<string>();
    const door = createSecureServer({ key: files.text('server.key'), cert: files.text('server.pem') });
    door.on('stream', (stream, headers) => {
      keys.add(String(headers.authorization));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'no such key' }, { endStream: true });
    });
    const address = await listening(door as unknown as Server); // the same methods, of another class
    try {
      const secrets = usualSecrets({ CODELOOM_TEMPORAL_API_KEY: secret('key-that-nobody-sees'), CODELOOM_TEMPORAL_TLS_CA: files.text('ca.pem') });
      const temporal = await temporalAddress({ address, serverName: NAME }, secrets);
      const failures: unknown[] = [];
      failures.push(await createTemporalRuns({ temporal }).catch((error: unknown) => error));
      failures.push(await startWorker({ ports: memory().ports, taskQueue: 'q', temporal }).catch((error: unknown) => error));
      for (const failure of failures) {
        expect(failure).toMatchObject({ name: 'CodeloomError', code: 'authentication-failed' });
        expect(`${String(failure)} ${JSON.stringify(failure)} ${String((failure as Error).cause)}`).not.toContain('nobody-sees');
      }
      expect([...keys]).toEqual(['Bearer key-that-nobody-sees']);
    } finally {
      door.close();
    }
  }, 60_000);

  it('that nobody answers are told by their address', async () => {
    await expect(createTemporalRuns({ temporal: { address: '127.0.0.1:9' } })).rejects.toMatchObject({ code: 'network', message: expect.stringContaining('127.0.0.1:9') });
    await expect(startWorker({ ports: memory().ports, taskQueue: 'q', temporal: { address: '127.0.0.1:9' } })).rejects.toMatchObject({ code: 'network' });
  });

  it('to a namespace that is not there are told so', async () => {
    const queue = freshQueue();
    await expect(startWorker({ ports: memory().ports, taskQueue: queue, temporal: { address: ADDRESS, namespace: 'nowhere' } })).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('nowhere') });
    const runs = await createTemporalRuns({ temporal: { address: ADDRESS, namespace: 'nowhere' } });
    await expect(runs.start(shopRequest())).rejects.toMatchObject({ code: 'invalid-configuration' });
    await runs.close();
  });
});
