import { describe, expect, it } from 'vitest';
import { connectionError, connectionOptions } from '../../src/adapters/temporal/connection.js';
import { usualSecrets } from '../../src/infrastructure/secrets.js';
import { temporalAddress } from '../../src/infrastructure/temporal-server.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('where Temporal is', () => {
  it('is plain unless somebody says otherwise', async () => {
    expect(connectionOptions(await temporalAddress({}, usualSecrets({})))).toEqual({ address: 'localhost:7233' });
    expect(connectionOptions({ address: 'temporal:7233', tls: true })).toEqual({ address: 'temporal:7233', tls: true });
  });

  it('is spoken to by TLS when there is a key to be kept', () => {
    expect(connectionOptions({ apiKey: 'k' })).toEqual({ address: 'localhost:7233', apiKey: 'k', tls: true });
  });

  it('takes certificates from secrets, and a name from the configuration', async () => {
    const address = await temporalAddress({ serverName: 'temporal.example' }, usualSecrets({ CODELOOM_TEMPORAL_TLS_CERT: PEM, CODELOOM_TEMPORAL_TLS_KEY: PEM, CODELOOM_TEMPORAL_TLS_CA: PEM }));
    expect(connectionOptions(address)).toMatchObject({ tls: { serverNameOverride: 'temporal.example', clientCertPair: { crt: Buffer.from(PEM) } } });
  });

  it('refuses a certificate without its key, and what is no certificate, without repeating it', async () => {
    expect(() => connectionOptions({ tls: { certificate: PEM } })).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
    const failure: unknown = await temporalAddress({}, usualSecrets({ CODELOOM_TEMPORAL_TLS_KEY: '/run/secrets/client.key' })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid-configuration', details: { hint: expect.stringContaining('CODELOOM_TEMPORAL_TLS_KEY_FILE') } });
    expect(String(failure)).not.toContain('/run/secrets');
  });

  it.each(['http://temporal:7233', 'temporal:7233/path', 'user:password@temporal:7233', ''])('refuses %j as an address', (address) => {
    expect(() => connectionOptions({ address })).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
  });

  it.each([
    [16, 'authentication-failed', false], [7, 'permission-denied', false], [14, 'network', true], [4, 'network', true], [3, 'invalid-argument', false], [5, 'invalid-argument', false],
  ])('tells by the status of an answer (%d) that it is %s', (code, expected, retryable) => {
    const wrapped = new Error('Failed to start Workflow', { cause: Object.assign(new Error('rpc'), { code, details: 'why' }) });
    expect(connectionError(wrapped, {})).toMatchObject({ code: expected, retryable });
  });
});
