// The source that a truth is about: found below a folder, read as the tree of a repository in memory.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Truths of a folder: `NAME.jsonl.gz`, each with a `NAME.source.json` that names repository, commit, the indexed root inside it and what of it to read. */
export function truthsIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.source.json')).sort();
  return names.map((name) => {
    const source = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return { ...source, truth: join(folder, name.replace(/\.source\.json$/, '.jsonl.gz')) };
  });
}

/** Where a repository is checked out below `folder`, by its own name or with its owner's; undefined when it is not there. Throws when it stands at another commit. */
export function checkedOut(folder, { name, repo, commit }) {
  const found = [name, basename(repo), repo, repo.replace('/', '+')].map((each) => join(folder, each)).find((each) => existsSync(each));
  if (found === undefined || !existsSync(join(found, '.git'))) return found;
  const head = execFileSync('git', ['-C', found, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  if (head !== commit) throw new Error(`${found} stands at ${head}; its truth is about ${commit}.`);
  return found;
}

/** Every file below `paths` of a checkout, as path (from `subdir`) to bytes: what a Git host in memory takes. */
export function treeOf(checkout, { subdir = '', paths = [''] }) {
  const tree = {};
  const below = subdir === '' ? '' : `${subdir}/`;
  const visit = (path) => {
    const info = statSync(join(checkout, path), { throwIfNoEntry: false });
    if (info === undefined) return;
    if (info.isFile()) {
      if (path.startsWith(below)) tree[path.slice(below.length)] = new Uint8Array(readFileSync(join(checkout, path)));
    } else if (info.isDirectory()) {
      for (const name of readdirSync(join(checkout, path)).sort()) if (name !== '.git' && name !== 'node_modules') visit(path === '' ? name : `${path}/${name}`);
    }
  };
  for (const path of paths) visit(path);
  return tree;
}
