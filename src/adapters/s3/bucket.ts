import { addAbortSignal, Readable } from 'node:stream';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { throwIfAborted } from '../../domain/errors.js';
import { isConflict, isMissing, s3Error, type Attempt } from './s3-errors.js';

/** What the store needs of a bucket. Every error is a CodeloomError. */
export interface Bucket {
  /** Objects whose name begins so, by name. */
  list(prefix: string, signal: AbortSignal | undefined): Promise<readonly ListedObject[]>;
  /** The folders right below, without the prefix and the slash. */
  folders(prefix: string, signal: AbortSignal | undefined): Promise<readonly string[]>;
  /** The object, or `length` bytes of it from `offset`; undefined when it is not there. */
  read(name: string, signal: AbortSignal | undefined, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array | undefined>;
  /** Makes the object, if there is none of that name: whether it was made. */
  create(name: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<boolean>;
  /** Names that are not there are no error. */
  remove(names: readonly string[], signal: AbortSignal | undefined): Promise<void>;
  close(): void;
}

export interface ListedObject {
  readonly name: string;
  readonly modified: Date;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface BucketRequest {
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly forcePathStyle?: boolean | undefined;
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>) | undefined;
  readonly timeoutMs: number;
}

/** Objects that one request may remove: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const REMOVED_AT_ONCE = 1000;

export function openBucket({ bucket, region, endpoint, forcePathStyle, credentials, timeoutMs }: BucketRequest): Bucket {
  const configuration: S3ClientConfig = {
    ...(region !== undefined ? { region } : endpoint !== undefined ? { region: 'us-east-1' } : {}),
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: { connectionTimeout: Math.min(5000, timeoutMs), requestTimeout: timeoutMs, throwOnRequestTimeout: true, socketTimeout: timeoutMs },
  };
  const client = new S3Client(configuration);

  async function attempt<T>(writing: boolean, signal: AbortSignal | undefined, work: (sending: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    const about: Attempt = { bucket, endpoint, writing, signal };
    try {
      return await work(signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      throw s3Error(error, about);
    }
  }

  async function* pages(prefix: string, signal: AbortSignal | undefined, delimiter?: string) {
    let token: string | undefined;
    do {
      const request = { Bucket: bucket, Prefix: prefix, ...(delimiter === undefined ? {} : { Delimiter: delimiter }), ...(token === undefined ? {} : { ContinuationToken: token }) };
      const page = await attempt(false, signal, (sending) => client.send(new ListObjectsV2Command(request), sending));
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  return {
    async list(prefix, signal) {
      const listed: ListedObject[] = [];
      for await (const { Contents } of pages(prefix, signal)) for (const { Key, LastModified } of Contents ?? []) if (Key !== undefined) listed.push({ name: Key, modified: LastModified ?? new Date() });
      return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async folders(prefix, signal) {
      const folders: string[] = [];
      for await (const { CommonPrefixes } of pages(prefix, signal, '/')) for (const { Prefix } of CommonPrefixes ?? []) if (Prefix !== undefined) folders.push(Prefix.slice(prefix.length, -1));
      return folders;
    },

    read(name, signal, range) {
      return attempt(false, signal, async (sending) => {
        const request = { Bucket: bucket, Key: name, ...(range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }) };
        try {
          const { Body } = await client.send(new GetObjectCommand(request), sending);
          // The signal given to the SDK ends with the headers.
          if (signal !== undefined && Body instanceof Readable) addAbortSignal(signal, Body);
          return await Body?.transformToByteArray() ?? new Uint8Array();
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      });
    },

    create(name, bytes, signal) {
      return attempt(true, signal, async (sending) => {
        try {
          await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: bytes, ContentType: 'application/octet-stream', IfNoneMatch: '*' }), sending);
          return true;
        } catch (error) {
          if (isConflict(error)) return false;
          throw error;
        }
      });
    },

    async remove(names, signal) {
      for (let start = 0; start < names.length; start += REMOVED_AT_ONCE) {
        const Objects = names.slice(start, start + REMOVED_AT_ONCE).map((Key) => ({ Key }));
        await attempt(true, signal, async (sending) => {
          const { Errors } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }), sending);
          const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey');
          if (failed !== undefined) throw Object.assign(new Error('An object could not be removed.'), { name: failed.Code ?? 'unknown', $metadata: { httpStatusCode: failed.Code === 'AccessDenied' ? 403 : 500 } });
        });
      }
    },

    close() {
      client.destroy();
    },
  };
}
