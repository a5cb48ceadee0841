import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What a test file's tests print, throw, store and leave, searched for the secrets that they use. */
export interface SecretWatch {
  /** Takes note of a secret, and gives it back. Of what has several lines (a key in PEM), each long line is one. */
  secret(text: string): string;
  /** A file that holds secrets because a test put them there. */
  keeps(path: string): void;
  /** Takes note of something that was told; parts of the same source are put together. */
  said(source: string, part: string | Uint8Array): void;
  /** Looks through the files of a folder, or a file, as they are now. */
  left(path: string): void;
  /** Whether there is anything to look for. */
  hasSecrets(): boolean;
  /** Where secrets came to light, with what stands around them. */
  leaks(): readonly string[];
}

/** Shorter texts are found anywhere. */
const SHORTEST = 7;
const SHORTEST_LINE = 24;
/** Characters around a secret. */
const AROUND = 60;

export function createSecretWatch(): SecretWatch {
  const secrets = new Set<string>();
  const kept = new Set<string>();
  const told = new Map<string, Buffer[]>();
  const found = new Set<string>();

  function search(where: string, bytes: Buffer): void {
    for (const secret of secrets) {
      for (const [how, spelling] of spellings(secret)) {
        const at = bytes.indexOf(spelling);
        if (at >= 0) found.add(`${where} holds ${JSON.stringify(secret)} (${how}): …${bytes.subarray(Math.max(0, at - AROUND), at + spelling.length + AROUND).toString()}…`);
      }
    }
  }

  function walk(path: string): void {
    if (kept.has(resolve(path))) return;
    let entries;
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // as every error of node:fs
      if (code === 'ENOTDIR') search(path, readFileSync(path));
      return; // or it has gone, or is not ours to read
    }
    for (const entry of entries) {
      const inner = resolve(path, entry.name);
      // Packages are what was installed, not what was done.
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(inner);
      if (entry.isFile() && !kept.has(inner)) search(inner, readable(inner));
    }
  }

  return {
    secret(text) {
      const lines = text.includes('\n') ? text.split('\n').filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----')) : [];
      for (const each of lines.length > 0 ? lines : [text.trim()]) if (each.length >= SHORTEST) secrets.add(each);
      return text;
    },
    keeps: (path) => void kept.add(resolve(path)),
    said(source, part) {
      const parts = told.get(source) ?? [];
      parts.push(Buffer.from(part as string)); // bytes are copied, text is encoded; its overloads do not say so together
      told.set(source, parts);
    },
    left(path) {
      if (secrets.size > 0) walk(path);
    },
    hasSecrets: () => secrets.size > 0,
    leaks() {
      for (const [source, parts] of told) search(source, Buffer.concat(parts));
      return [...found];
    },
  };
}

/** As in a text, a URL, JSON and the header of a request. */
function spellings(secret: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(secret);
  const all = [
    ['plain', secret], ['URL', encodeURIComponent(secret)], ['URL', encodeURI(secret)], ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['base64', bytes.toString('base64').replace(/=+$/, '')], ['base64url', bytes.toString('base64url')], ['hex', bytes.toString('hex')],
  ] as const;
  return all.filter(([, spelling], at) => all.findIndex(([, other]) => other === spelling) === at);
}

function readable(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // gone meanwhile, or meant to be unreadable
  }
}

/** Of the test file that is being run. */
export const suiteSecrets: SecretWatch = createSecretWatch();
/** A file that a test puts a secret into. */
export const secretFile = (path: string): string => {
  suiteSecrets.keeps(path);
  return path;
};
/** Marks a secret that a test uses: at the end of the file all that was printed, thrown, stored and left is searched for it. */
export const secret = (text: string): string => suiteSecrets.secret(text);
