import { createHash } from 'node:crypto';

/** The id Git gives to content: the hash of a header and the bytes, in hexadecimal. */
export function blobId(content: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(`blob ${content.length}\0`).update(content).digest('hex');
}

export type ObjectFormat = 'sha1' | 'sha256';

/** By the number of digits of an id. */
export function formatOfId(id: string): ObjectFormat {
  return id.length === 64 ? 'sha256' : 'sha1';
}

/** What stands for "not known" where Git shows ids. */
export function nullId(format: ObjectFormat): string {
  return '0'.repeat(format === 'sha256' ? 64 : 40);
}
