/**
 * Facts in an S3-compatible bucket, for workers that share no disk. Needs the package `@aws-sdk/client-s3`, which is not installed with codeloom.
 */
export { createS3FactStore, type S3FactStoreOptions } from './adapters/s3/fact-store.js';
export type { S3Credentials } from './adapters/s3/bucket.js';
