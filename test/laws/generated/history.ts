import fc from 'fast-check';
import { commonjsWorld } from './commonjs-world.js';
import { fixtureWorlds } from './fixture-worlds.js';
import { pythonWorld } from './python-world.js';
import { typescriptWorld } from './typescript-world.js';
import { workspaceWorld } from './workspace-world.js';
import { CHOICES, EVERYTHING, render, type Picks, type World } from './world.js';

/** Paths and their texts. */
export type Tree = ReadonlyMap<string, string>;

/** What is drawn: a world, how it begins, and what is done to it. Numbers stand for the file, line or name they point at, counted round. */
export interface History {
  readonly world: World;
  /** For each file of the world: absent, or its parts. */
  readonly beginning: readonly (Picks | null)[];
  readonly commits: readonly Commit[];
}

export interface Commit {
  readonly branch: 'main' | 'next';
  /** How many commits of the branch are forgotten first, as a rebase does; the branch's tree is then that of the commit before them. */
  readonly forget: number;
  readonly edits: readonly Edit[];
  /** Left in the work tree. */
  readonly uncommitted: boolean;
}

export type Edit =
  | { readonly kind: 'rewrite'; readonly file: number; readonly picks: Picks }
  | { readonly kind: 'pick'; readonly file: number; readonly part: number; readonly version: number }
  | { readonly kind: 'delete' | 'restore' | 'break' | 'mend' | 'shift'; readonly file: number }
  | { readonly kind: 'move' | 'copy' | 'swap'; readonly file: number; readonly to: number }
  | { readonly kind: 'drop-line' | 'double-line'; readonly file: number; readonly line: number }
  | { readonly kind: 'move-line'; readonly file: number; readonly line: number; readonly to: number; readonly place: number }
  | { readonly kind: 'rename'; readonly file: number; readonly name: number; readonly to: number; readonly from: number; readonly everywhere: boolean };

/** One state of a generated history: what is committed, on top of what. */
export interface State {
  readonly branch: string;
  readonly tree: Tree;
  /** Index of the state below. */
  readonly parent: number | undefined;
  readonly uncommitted: boolean;
}

const index = fc.nat(1000);
const picks = fc.array(fc.nat(CHOICES - 1), { maxLength: 12 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rewrite' as const), file: index, picks }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('pick' as const), file: index, part: fc.nat(11), version: fc.nat(CHOICES - 1) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'restore' as const, 'break' as const, 'mend' as const, 'shift' as const), file: index }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('move' as const, 'copy' as const, 'swap' as const), file: index, to: index }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('drop-line' as const, 'double-line' as const), file: index, line: index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move-line' as const), file: index, line: index, to: index, place: index }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('rename' as const), file: index, name: index, to: index, from: index, everywhere: fc.boolean() }) },
);
const commit: fc.Arbitrary<Commit> = fc.record({
  branch: fc.oneof({ weight: 5, arbitrary: fc.constant('main' as const) }, { weight: 1, arbitrary: fc.constant('next' as const) }),
  forget: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
  edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
  uncommitted: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
const beginning = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constant(EVERYTHING) }, { weight: 3, arbitrary: picks }, { weight: 1, arbitrary: fc.constant(null) }), { maxLength: 12 });

/** The worlds that are written for the purpose: real languages, every kind of dependence between files. */
export const WORLDS: readonly World[] = [typescriptWorld, workspaceWorld, commonjsWorld, pythonWorld];

/** Histories of generated repositories; one in three of a world made of fixtures. */
export function histories({ commits = 5 }: { readonly commits?: number } = {}): fc.Arbitrary<History> {
  const world = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...WORLDS) }, { weight: 1, arbitrary: fc.constantFrom(...fixtureWorlds()) });
  return fc.record({ world, beginning, commits: fc.array(commit, { minLength: 1, maxLength: commits }) })
    .map((history) => ({ ...history, [fc.toStringMethod]: () => JSON.stringify({ ...history, world: history.world.name }) }));
}

/** The tree that a history begins with. */
export function firstTree({ world, beginning }: Pick<History, 'world' | 'beginning'>): Tree {
  return new Map(Object.entries(world.files).flatMap(([path, menu], file) => {
    const parts = file < beginning.length ? beginning[file] : EVERYTHING;
    return parts == null ? [] : [[path, render(menu, parts)] as const];
  }));
}

/** Every state of a history, the first tree first. States that are not committed are not built upon, but what was edited stays in the tree. */
export function statesOf(history: History): readonly State[] {
  const states: State[] = [{ branch: 'main', tree: firstTree(history), parent: undefined, uncommitted: false }];
  const logs = new Map<string, number[]>([['main', [0]]]);
  const trees = new Map<string, Tree>();
  for (const { branch, forget, edits, uncommitted } of history.commits) {
    const log = logs.get(branch) ?? [...(logs.get('main') ?? [])];
    logs.set(branch, log);
    if (forget > 0) {
      log.splice(Math.max(1, log.length - forget));
      trees.delete(branch);
    }
    const parent = log.at(-1) ?? 0;
    const tree = new Map(trees.get(branch) ?? states[parent]?.tree);
    for (const each of edits) change(tree, each, history.world);
    trees.set(branch, tree);
    states.push({ branch, tree, parent, uncommitted });
    if (!uncommitted) log.push(states.length - 1);
  }
  return states;
}

const BROKEN = '\n) } ]] class def => {{ `\n';

function change(tree: Map<string, string>, edit: Edit, world: World): void {
  const slots = Object.keys(world.files);
  const existing = [...tree.keys()];
  const slot = at(slots, edit.file);
  const path = at(existing, edit.file);
  switch (edit.kind) {
    case 'rewrite': return write(slot, render(world.files[slot ?? ''] ?? [], edit.picks));
    case 'pick': {
      const menu = world.files[slot ?? ''] ?? [];
      const part = edit.part % Math.max(1, menu.length);
      return write(slot, replacePart(tree.get(slot ?? '') ?? render(menu, EVERYTHING), menu[part] ?? [], edit.version));
    }
    case 'restore': return write(slot, render(world.files[slot ?? ''] ?? [], EVERYTHING));
    case 'delete': return void tree.delete(path ?? '');
    case 'break': return write(path, text(path) + BROKEN);
    case 'mend': return write(path, text(path).replaceAll(BROKEN, ''));
    case 'shift': return write(path, `\n${text(path)}`);
    case 'move': case 'copy': {
      const to = at([...world.places, ...slots], edit.to);
      const content = text(path);
      if (edit.kind === 'move') tree.delete(path ?? '');
      return write(to, content);
    }
    case 'swap': {
      const other = at(existing, edit.to);
      const [mine, theirs] = [text(path), text(other)];
      write(path, theirs);
      return write(other, mine);
    }
    case 'drop-line': case 'double-line': return write(path, spliceLine(text(path), edit.line, (line) => (edit.kind === 'drop-line' ? [] : [line, line])));
    case 'move-line': {
      let taken = '';
      write(path, spliceLine(text(path), edit.line, (line) => ((taken = line), [])));
      const other = at(existing, edit.to);
      return write(other, spliceLine(text(other), edit.place, (line) => [taken, line]));
    }
    case 'rename': {
      const name = at(namesOf(text(path)), edit.name);
      const to = at(namesOf(text(at(existing, edit.from))), edit.to);
      if (name === undefined || to === undefined) return;
      const pattern = new RegExp(`\\b${name}\\b`, edit.everywhere ? 'g' : '');
      return write(path, text(path).replace(pattern, to));
    }
  }

  function text(of: string | undefined): string {
    return tree.get(of ?? '') ?? '';
  }

  function write(to: string | undefined, content: string): void {
    if (to === undefined) return;
    // A file cannot lie where a folder is, nor in a file.
    for (const other of tree.keys()) if (other.startsWith(`${to}/`) || to.startsWith(`${other}/`)) tree.delete(other);
    tree.set(to, content);
  }
}

function at<T>(list: readonly T[], position: number): T | undefined {
  return list[position % Math.max(1, list.length)];
}

/** The text with the version of a part that is in it replaced by another, or the other added at its end. */
function replacePart(text: string, versions: readonly string[], version: number): string {
  const next = version < versions.length ? `${versions[version]}\n` : '';
  const present = versions.find((each) => text.includes(`${each}\n`));
  return present === undefined ? text + next : text.replace(`${present}\n`, () => next);
}

function spliceLine(text: string, position: number, replace: (line: string) => readonly string[]): string {
  const lines = text.split('\n');
  const line = position % lines.length;
  lines.splice(line, 1, ...replace(lines[line] ?? ''));
  return lines.join('\n');
}

function namesOf(text: string): readonly string[] {
  return [...new Set(text.match(/\b[A-Za-z_]\w{2,}\b/g) ?? [])];
}
