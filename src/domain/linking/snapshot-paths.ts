/** Paths of a snapshot: relative to the repository's root, `/` between names, no leading or trailing slash; `''` is the root itself. */

/** Every folder that holds a file of `paths`, the root included. */
export function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>(['']);
  for (const path of paths) {
    for (let folder = folderOf(path); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
  }
  return folders;
}

/** The folder a path lies in; the root's is the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `folder` and each folder around it, innermost first, the root last. */
export function enclosingFolders(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== ''; ) folders.push((at = folderOf(at)));
  return folders;
}

/** `relative` seen from `folder`, without `.`, `..` and empty names; undefined when it is absolute or leaves the repository. */
export function joinPath(folder: string, relative: string): string | undefined {
  if (relative.startsWith('/')) return undefined;
  const names = folder === '' ? [] : folder.split('/');
  for (const name of relative.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join('/');
}

/** `name` directly in `folder`. */
export function childPath(folder: string, name: string): string {
  return folder === '' ? name : name === '' ? folder : `${folder}/${name}`;
}

/** True when `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || (path.length > folder.length && path[folder.length] === '/' && path.startsWith(folder));
}

/** What of `path` follows `folder`; only for paths within it. */
export function pathBelow(path: string, folder: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}

/** The number of leading folders that two folders share: how near they are to each other. */
export function sharedDepth(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  let depth = 0;
  while (depth < left.length && depth < right.length && left[depth] === right[depth] && left[depth] !== '') depth++;
  return depth;
}
