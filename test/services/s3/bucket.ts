import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3FactStore, type S3FactStoreOptions } from '../../../src/s3.js';

const address = new URL(process.env['CODELOOM_TEST_S3_URL'] ?? 'http://nothing:nothing@127.0.0.1:9');
/** The server of the tests. */
export const ENDPOINT = address.origin;
export const CREDENTIALS = { accessKeyId: decodeURIComponent(address.username), secretAccessKey: decodeURIComponent(address.password) };
const script = process.env['CODELOOM_TEST_S3_SCRIPT'];
/** Whether the server is the tests' own, to be killed and started. */
export const OWN_SERVER = script !== undefined;

export function server(command: 'crash' | 'start'): void {
  execFileSync('bash', [script ?? '', command], { stdio: 'ignore' });
}

/** A bucket of its own, and what a test does with it behind the store's back. */
export interface TestBucket {
  readonly options: S3FactStoreOptions & { readonly endpoint: string };
  open(options?: Partial<S3FactStoreOptions>): ReturnType<typeof createS3FactStore>;
  names(prefix?: string): Promise<string[]>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  read(name: string): Promise<Uint8Array>;
  remove(names: readonly string[]): Promise<void>;
  dispose(): Promise<void>;
}

export async function freshBucket(): Promise<TestBucket> {
  const Bucket = `codeloom-${randomUUID()}`;
  const client = new S3Client({ endpoint: ENDPOINT, region: 'us-east-1', forcePathStyle: true, credentials: CREDENTIALS });
  await client.send(new CreateBucketCommand({ Bucket }));
  const options = { bucket: Bucket, endpoint: ENDPOINT, credentials: CREDENTIALS };
  async function names(prefix = ''): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }));
      found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }
  async function remove(some: readonly string[]): Promise<void> {
    for (let start = 0; start < some.length; start += 1000) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: some.slice(start, start + 1000).map((Key) => ({ Key })) } }));
  }
  return {
    options,
    open: (changed) => createS3FactStore({ ...options, ...changed }),
    names,
    async write(name, bytes) {
      await client.send(new PutObjectCommand({ Bucket, Key: name, Body: bytes }));
    },
    async read(name) {
      return await (await client.send(new GetObjectCommand({ Bucket, Key: name }))).Body?.transformToByteArray() ?? new Uint8Array();
    },
    remove,
    async dispose() {
      await remove(await names());
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}
