import { randomUUID } from 'node:crypto';
import type { Check } from '../../domain/check.js';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { openBucket, type Bucket } from './bucket.js';
import type { S3FactStoreOptions } from './fact-store.js';

/** Looks at a bucket: whether it answers, what the keys may do there, and whether it keeps the promise that an object which is there is not written over. Leaves nothing behind. */
export async function* diagnoseS3(request: Pick<S3FactStoreOptions, 'bucket' | 'prefix' | 'region' | 'endpoint' | 'credentials' | 'forcePathStyle'>, { signal }: CallOptions = {}): AsyncGenerator<Check> {
  const where = `the bucket ${request.bucket}${request.endpoint === undefined ? '' : ` at ${request.endpoint}`}`;
  const bucket = openBucket({ ...request, timeoutMs: 10_000 });
  const probe = `${request.prefix ?? 'codeloom'}/doctor/${randomUUID()}`;
  try {
    const begun = performance.now();
    try {
      await bucket.list(probe, signal);
    } catch (error) {
      yield { name: 'S3', ...failed(error) };
      return;
    }
    yield { name: 'S3', status: 'ok', found: `${where} answers after ${Math.round(performance.now() - begun)} ms` };
    yield { name: 'S3 rights', ...await writing(bucket, probe, signal).catch(failed) };
  } finally {
    bucket.close();
  }
}

const ADVICE: Readonly<Partial<Record<string, string>>> = {
  'store-unavailable': 'See that the endpoint is right, and can be reached from here.',
  'authentication-failed': 'See the keys where AWS\'s programs look for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, the machine\'s role.',
  'permission-denied': 'Allow s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject on what is below the prefix.',
  'store-read-only': 'Allow s3:PutObject and s3:DeleteObject on what is below the prefix.',
};

function failed(error: unknown): Omit<Check, 'name'> {
  const { code, message } = CodeloomError.from(error);
  if (code === 'aborted') throw error;
  const advice = ADVICE[code];
  return { status: 'fail', found: message, ...(advice === undefined ? {} : { advice }) };
}

async function writing(bucket: Bucket, probe: string, signal: AbortSignal | undefined): Promise<Omit<Check, 'name'>> {
  const bytes = new TextEncoder().encode('codeloom doctor');
  await bucket.create(probe, bytes, signal);
  try {
    const [again, read] = [await bucket.create(probe, bytes, signal), await bucket.read(probe, signal)];
    if (again) return { status: 'fail', found: 'the server writes over objects in spite of If-None-Match', advice: 'Use a server that knows conditional writes, as S3 itself does.' };
    if (read?.length !== bytes.length) return { status: 'fail', found: 'what was just written is not given back', advice: 'Use a server that is strongly consistent, as S3 itself is.' };
  } finally {
    await bucket.remove([probe], undefined);
  }
  return { status: 'ok', found: 'the keys may list, read, write and remove; an object that is there is not written over' };
}
