import { isAbsolute, join, relative } from 'node:path';

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

  path(path: string): string {
    if (this.#root === undefined) return path;
    const absolute = join(this.#root, path);
    const fromHere = relative(this.#folder, absolute);
    // On another drive there is no relative path.
    return isAbsolute(fromHere) ? absolute : fromHere;
  }
}
