import { CodeloomError } from '../../domain/errors.js';

/** `owner/name` (with GitLab's subgroups `a/b/name`) for a path of two parts or more. Throws `invalid-argument` for what cannot be one. */
export function escapedName(name: string): string {
  return partsOf(name).map(encodeURIComponent).join('/');
}

/** The name as one part of a path, as GitLab takes it in place of an id. */
export function escapedWhole(name: string): string {
  return encodeURIComponent(partsOf(name).join('/'));
}

/** The repository's name in a URL of the given origin; undefined for other origins, and for what is no repository's URL. */
export function nameIn(url: string, origin: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin: own, pathname } = new URL(url);
  if (own !== origin) return undefined;
  const name = decoded(pathname).replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '');
  return NAME.test(name) ? name : undefined;
}

const NAME = /^(?!\.{1,2}\/)[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/;

function partsOf(name: string): readonly string[] {
  if (name.length > 1000 || !NAME.test(name)) throw new CodeloomError('invalid-argument', `${JSON.stringify(name.slice(0, 100))} is no name of a repository; one is written owner/name.`);
  return name.split('/');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
