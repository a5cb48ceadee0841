import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { CodeloomError } from '../../domain/errors.js';
import type { Clock } from '../../domain/ports/clock.js';

/** Who a GitHub App is. */
export interface GitHubApp {
  /** App id, or client id, as its settings page shows. */
  readonly id: string;
  /** Its private key: PEM as GitHub gives it (PKCS#1), or PKCS#8. Line breaks may be written as `\n`, as variables often have them. */
  readonly privateKey: string;
}

/** Seconds: GitHub takes no token that is good for more than ten minutes, and advises to date it back against clocks that differ. */
const BACK = 60;
const GOOD_FOR = 540;

/** Makes the tokens (JWT, RS256) with which an App speaks for itself. Throws `invalid-configuration` for a key that is none. */
export function createAppTokens({ id, privateKey }: GitHubApp, clock: Clock): () => Promise<string> {
  if (!/^[\w.-]{1,100}$/.test(id)) throw new CodeloomError('invalid-configuration', 'The id of a GitHub App is a number, or a client id such as Iv1.0123456789abcdef.');
  const key = readKey(privateKey);
  return () => {
    const now = Math.floor(clock.now().getTime() / 1000);
    return new SignJWT().setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).setIssuer(id).setIssuedAt(now - BACK).setExpirationTime(now + GOOD_FOR).sign(key);
  };
}

function readKey(text: string): KeyObject {
  const key = parseKey(text.replaceAll('\\n', '\n').trim());
  // The cause is left out: nobody knows what words a library finds for a key that it cannot read.
  if (key === undefined) throw new CodeloomError('invalid-configuration', 'The private key of the GitHub App cannot be read: it is a PEM file, that begins with -----BEGIN RSA PRIVATE KEY----- or -----BEGIN PRIVATE KEY-----.');
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new CodeloomError('invalid-configuration', 'The private key of the GitHub App is no RSA key of at least 2048 bits.');
  }
  return key;
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
