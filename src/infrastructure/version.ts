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

/** Part of every snapshot: raised with every change of linking or of what a partition holds, so that the next run builds anew. */
export function indexerVersion(): string {
  return `${packageVersion()}+graph.5`;
}
