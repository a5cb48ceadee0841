import { readFileSync } from 'node:fs';

let version: string | undefined;

/** The version of this package, as its package.json says. */
export function packageVersion(): string {
  if (version === undefined) {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    version = typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : '0.0.0';
  }
  return version;
}
