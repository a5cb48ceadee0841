import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HostEvent } from '../../../domain/host-event.js';

/** How one kind of host sends events: how it proves that it is the sender, how it numbers deliveries, what it says. */
export interface WebhookSource {
  /** Whether who sent this knows the secret. Takes the same time whatever is wrong. */
  verify(message: WebhookMessage, secret: string): boolean;
  /** The delivery's own id; undefined when the host gave none. */
  delivery(headers: Headers): string | undefined;
  /** The event that a verified body tells of; undefined for one that is not what the host documents. */
  read(headers: Headers, payload: unknown): HostEvent | undefined;
}

export interface WebhookMessage {
  readonly headers: Headers;
  /** As it came, byte for byte. */
  readonly body: Uint8Array;
}

/** Whether `signature` (hexadecimal) is the HMAC-SHA256 of the bytes. */
export function isSignature(signature: string, { body }: WebhookMessage, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest();
  // What is no digest in hexadecimal is compared all the same, so that its form tells nothing by time.
  const given = /^[0-9a-f]{64}$/i.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(expected.length);
  return timingSafeEqual(expected, given);
}

/** Whether two texts are the same. By their digests, which are of one length. */
export function isSameText(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The branch that a ref of Git names; undefined for tags and others. */
export function branchOf(ref: string): string | undefined {
  return /^refs\/heads\/([^\u0000-\u0020\u007f~^:?*[\\]{1,1000})$/.exec(ref)?.[1];
}
