import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createGitHost, type GitHost, type IndexRequest } from '../../../src/index.js';
import { createMemoryGitHost } from '../../../src/testing.js';
import { git, openWorkshop, writeTree } from '../../adapters/git/build-repository.js';
import type { State } from './history.js';

/** A history that can be indexed, state by state. */
export interface GeneratedRepository {
  readonly location: string;
  readonly gitHost: GitHost;
  /** A folder for a store, which goes with the repository. */
  readonly dataFolder: string;
  /** What indexes a state. One that is not committed is put into the work tree by this. */
  request(state: number): IndexRequest;
  dispose(): Promise<void>;
}

/** Builds every state that is committed with `git fast-import`, each on top of its parent; a branch that forgets commits is moved, as a rebase does. */
export function buildHistory(states: readonly State[]): GeneratedRepository & { checkOut(state: number): void } {
  const workshop = openWorkshop();
  const location = join(workshop.folder, 'repository');
  const beside = join(workshop.folder, 'beside');
  mkdirSync(beside);
  git(workshop.folder, ['init', '--quiet', '--initial-branch=main', location]);
  const stream: string[] = [];
  states.forEach(({ branch, tree, parent, uncommitted }, mark) => {
    if (uncommitted) return;
    if (parent !== undefined) stream.push(`reset refs/heads/${branch}\nfrom :${parent + 1}\n\n`);
    stream.push(`commit refs/heads/${branch}\nmark :${mark + 1}\ncommitter A <a@example.org> ${1_700_000_000 + mark} +0000\ndata 1\nc\n`);
    if (parent !== undefined) stream.push(`from :${parent + 1}\n`);
    stream.push('deleteall\n');
    for (const [path, text] of tree) stream.push(`M 100644 inline ${JSON.stringify(path)}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  });
  const marks = join(beside, 'marks');
  git(location, ['fast-import', '--quiet', '--force', `--export-marks=${marks}`], stream.join(''));
  const shas = new Map(readFileSync(marks, 'utf8').trim().split('\n').map((line) => [Number(line.slice(1, line.indexOf(' '))) - 1, line.slice(line.indexOf(' ') + 1)]));
  const commits = states.map(({ uncommitted, parent }, mark) => shas.get(uncommitted ? parent ?? 0 : mark) ?? '');

  function checkOut(mark: number): void {
    const { branch, tree } = stateAt(states, mark);
    git(location, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
    git(location, ['update-ref', `refs/heads/${branch}`, commits[mark] ?? '']);
    git(location, ['read-tree', '--reset', 'HEAD']);
    clearTree(location);
    writeTree(location, Object.fromEntries(tree));
  }

  return {
    location, dataFolder: join(beside, 'data'), gitHost: createGitHost({ cacheFolder: join(beside, 'mirrors') }), checkOut,
    request(mark) {
      const { branch, uncommitted } = stateAt(states, mark);
      if (uncommitted) checkOut(mark);
      return { location, branch, ...(uncommitted ? {} : { ref: commits[mark] }) };
    },
    dispose: () => workshop.dispose(),
  };
}

/** The same without Git and without a disk, for the many histories that are about neither. */
export function holdInMemory(states: readonly State[]): GeneratedRepository {
  const location = 'generated';
  const gitHost = createMemoryGitHost({ repositories: [{ location, branches: {}, workTree: {} }] });
  return {
    location, dataFolder: 'memory', gitHost,
    request(mark) {
      const { branch, tree, uncommitted } = stateAt(states, mark);
      const files = Object.fromEntries(tree);
      if (!uncommitted) return { location, branch, ref: gitHost.commit(location, files, branch) };
      gitHost.setWorkTree(location, files);
      return { location, branch };
    },
    async dispose() {},
  };
}

function stateAt(states: readonly State[], mark: number): State {
  const state = states[mark];
  if (state === undefined) throw new RangeError(`there is no state ${mark}`);
  return state;
}

function clearTree(location: string): void {
  git(location, ['clean', '-dfxq']);
  for (const path of git(location, ['ls-files', '-z']).split('\0')) if (path !== '') rmSync(join(location, path), { force: true });
}

/** The states in words: what each changes, with the whole text of what is new. */
export function tellStory(states: readonly State[], upTo = states.length - 1): string {
  return states.slice(0, upTo + 1).map(({ branch, tree, parent, uncommitted }, mark) => {
    const before = mark === 0 ? new Map<string, string>() : states[parent ?? 0]?.tree ?? new Map<string, string>();
    const changed = [...tree].filter(([path, text]) => before.get(path) !== text).map(([path, text]) => `--- ${path}\n${text}`);
    const removed = [...before.keys()].filter((path) => !tree.has(path)).map((path) => `--- ${path} is removed\n`);
    return `===== state ${mark} on ${branch}${uncommitted ? ', not committed' : ''}${parent === undefined ? '' : `, after state ${parent}`}\n${[...changed, ...removed].join('')}`;
  }).join('');
}
