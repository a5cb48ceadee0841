import type { GitHost, Revision, RevisionRequest, SourceBlob, SourceEntry } from '../../../src/domain/ports/git-host.js';

/** All entries of a revision, or of what a request resolves to. */
export async function listing(host: GitHost, of: Revision | RevisionRequest): Promise<readonly SourceEntry[]> {
  const entries: SourceEntry[] = [];
  for await (const batch of host.list('repository' in of ? of : await host.resolve(of))) entries.push(...batch);
  return entries;
}

/** Every path with its content as text, or the code of its error. */
export async function contents(host: GitHost, of: Revision | RevisionRequest): Promise<Record<string, string>> {
  const revision = 'repository' in of ? of : await host.resolve(of);
  const found: Record<string, string> = {};
  for await (const blob of host.read(revision, one(await listing(host, revision)))) found[blob.entry.path] = outcome(blob);
  return found;
}

export function outcome(blob: SourceBlob): string {
  return 'error' in blob ? `(${blob.error.code})` : new TextDecoder().decode(blob.bytes);
}

export async function* one<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
