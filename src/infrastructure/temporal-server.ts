import type { TemporalAddress } from '../adapters/temporal/address.js';
import type { WorkerTuning } from '../adapters/temporal/worker.js';
import { CodeloomError } from '../domain/errors.js';
import type { DurableRuns } from '../domain/ports/durable-runs.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import type { CodeloomOptions } from './create-codeloom.js';
import type { WorkerWithStores } from './create-worker.js';
import { withDriver } from './peer-package.js';

/** What is configured of Temporal, without any secret. */
export interface TemporalSettings extends WorkerTuning {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly taskQueue?: string | undefined;
  /** TLS with the certificates that this machine trusts, or those that secrets give. */
  readonly tls?: boolean | undefined;
  readonly serverName?: string | undefined;
  readonly searchAttributes?: boolean | undefined;
  readonly fanOutFrom?: number | undefined;
  readonly shardsInFlight?: number | undefined;
  readonly heartbeatSeconds?: number | undefined;
}

/** Puts an address and its secrets together: `TEMPORAL_API_KEY`, `TEMPORAL_TLS_CA`, `TEMPORAL_TLS_CERT`, `TEMPORAL_TLS_KEY`, the last three in PEM. Throws `invalid-configuration`. */
export async function temporalAddress({ address, namespace, tls, serverName }: TemporalSettings, secrets: SecretProvider): Promise<TemporalAddress> {
  const [apiKey, ca, certificate, key] = await Promise.all(['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CA', 'TEMPORAL_TLS_CERT', 'TEMPORAL_TLS_KEY'].map((name) => secrets.secret(name)));
  const notPem = Object.entries({ CA: ca, CERT: certificate, KEY: key }).find(([, text]) => text !== undefined && !text.includes('-----BEGIN '));
  if (notPem !== undefined) throw new CodeloomError('invalid-configuration', `CODELOOM_TEMPORAL_TLS_${notPem[0]} holds no PEM.`, { details: { hint: `To name a file, set CODELOOM_TEMPORAL_TLS_${notPem[0]}_FILE.` } });
  const parts = { ca, certificate, key, serverName };
  const named = Object.values(parts).some((part) => part !== undefined);
  return { address, namespace, apiKey, tls: tls === false ? false : named ? parts : tls };
}

/** A client of runs, as configured. Errors: those of {@link DurableRuns}. */
export async function openRuns(settings: TemporalSettings): Promise<DurableRuns> {
  const temporal = await temporalAddress(settings, await usual());
  const { taskQueue, searchAttributes, fanOutFrom, shardsInFlight, heartbeatSeconds } = settings;
  return withDriver('Temporal', async () => (await import('../adapters/temporal/runs.js')).createTemporalRuns({ temporal, taskQueue, searchAttributes, fanOutFrom, shardsInFlight, heartbeatSeconds }));
}

/** A worker, as configured. Errors: those of `createWorker`. */
export async function openWorker(settings: TemporalSettings, codeloom: CodeloomOptions): Promise<WorkerWithStores> {
  const temporal = await temporalAddress(settings, await usual());
  const { createWorker } = await import('./create-worker.js');
  return createWorker({ temporal, taskQueue: settings.taskQueue, tuning: settings, codeloom });
}

async function usual(): Promise<SecretProvider> {
  return (await import('./secrets.js')).usualSecrets(process.env);
}
