import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';

/** Writes paths of a repository as a terminal opens them: `path:line`, relative to the current folder. */
export class Locations {
  readonly #root: string | undefined;
  readonly #folder: string;

  /** `root` is the folder that was indexed; absent for a remote or bare repository, whose paths are shown as they are in it. */
  constructor(root: string | undefined, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** An empty path (an external) gives an empty text; line 0 gives the path alone. */
  at(path: string, line: number): string {
    if (path === '') return '';
    const shown = this.path(path);
    return line > 0 ? `${shown}:${line}` : shown;
  }

  /** A place as it is typed here (`../src/a.ts:3:7`, an absolute path), as a place in the repository; other texts as they are. */
  inRepository(place: string): string {
    if (this.#root === undefined) return place;
    const match = /^(.*?)((?::\d+){0,2})$/s.exec(place);
    const typed = match?.[1] ?? place;
    const inside = relative(this.#root, resolve(this.#folder, typed)).replaceAll('\\', '/');
    // what does not lie there from here may be meant from the root
    const plain = inside === '' || inside.startsWith('../') || isAbsolute(inside) || (!isAbsolute(typed) && !existsSync(resolve(this.#folder, typed)));
    return plain ? place : `${inside}${match?.[2] ?? ''}`;
  }

  path(path: string): string {
    if (this.#root === undefined) return path;
    const absolute = join(this.#root, path);
    const fromHere = relative(this.#folder, absolute);
    // On another drive there is no relative path.
    return isAbsolute(fromHere) ? absolute : fromHere;
  }
}
