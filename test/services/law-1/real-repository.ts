import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Sources as their authors wrote or built them, from packages that are installed for other reasons: TypeScript, ECMAScript modules, CommonJS. */
const SOURCES = [
  { from: 'zod/src/v4', to: 'packages/zod/src' },
  { from: 'dependency-cruiser/src', to: 'packages/cruiser/src' },
  { from: '@redis/client/dist/lib', to: 'packages/redis/lib' },
];

/** A Git repository of real files, with a history that goes on at random. */
export interface RealRepository {
  readonly folder: string;
  /** Files that are indexed, in the newest commit. */
  readonly files: number;
  /** Commits some changes; the same seed makes the same. */
  commit(): void;
}

export function createRealRepository(folder: string, random: () => number): RealRepository {
  const tree = new Map<string, string>();
  const git = (...argv: string[]): void => void execFileSync('git', argv, {
    cwd: folder, stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z' },
  });
  const write = (path: string, text: string): void => {
    tree.set(path, text);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const remove = (path: string): void => {
    tree.delete(path);
    rmSync(join(folder, path));
  };
  const record = (): void => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'next');
  };
  const anyPath = (): string => pick([...tree.keys()].sort(), random) ?? '';

  for (const { from, to } of SOURCES) {
    for (const path of sourcesIn(join(packages, from))) write(`${to}/${path}`, readFileSync(join(packages, from, path), 'utf8'));
    write(`${to.split('/').slice(0, 2).join('/')}/package.json`, JSON.stringify({ name: to.split('/')[1], type: from.includes('redis') ? 'commonjs' : 'module' }));
  }
  git('init', '--quiet', '--initial-branch', 'main');
  record();

  let made = 0;
  const edits: readonly (() => void)[] = [
    () => remove(anyPath()),
    () => {
      const path = anyPath();
      write(path.replace(/(\.\w+)$/, `-copy${made++}$1`), tree.get(path) ?? '');
    },
    () => {
      const path = anyPath();
      const text = tree.get(path) ?? '';
      remove(path);
      write(path.replace(/(\.\w+)$/, `-moved${made++}$1`), text);
    },
    () => {
      const path = anyPath();
      const [name = 'nothing'] = pick([...(tree.get(path) ?? '').matchAll(/\bfunction (\w+)/g)].map((match) => [match[1] ?? 'nothing']), random) ?? [];
      write(path, `${tree.get(path) ?? ''}\nfunction added${made++}(value) {\n  return ${name}(value);\n}\n`);
    },
    () => {
      const path = anyPath();
      const blocks = (tree.get(path) ?? '').split(/\n(?=\S)/);
      blocks.splice(Math.floor(random() * blocks.length), 1);
      write(path, blocks.join('\n'));
    },
    () => {
      const [one, other] = [anyPath(), anyPath()];
      const [first, second] = [tree.get(one) ?? '', tree.get(other) ?? ''];
      write(one, second);
      write(other, first);
    },
    () => {
      const path = anyPath();
      const [name] = pick([...(tree.get(path) ?? '').matchAll(/\b(?:function|class|const) (\w+)/g)].map((match) => [match[1] ?? '']), random) ?? [];
      if (name !== undefined && name.length > 2) write(path, (tree.get(path) ?? '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `${name}Renamed`));
    },
  ];
  return {
    folder,
    get files() {
      return [...tree.keys()].filter((path) => !path.endsWith('.json')).length;
    },
    commit() {
      for (let left = 3 + Math.floor(random() * 10); left > 0; left -= 1) pick(edits, random)?.();
      record();
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed: Mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function sourcesIn(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return /^(tests?|benchmarks?)$/.test(entry.name) ? [] : sourcesIn(folder, path);
    return /\.(ts|[cm]?js)$/.test(entry.name) && !/\.(d\.ts|spec\.js|test\.ts)$/.test(entry.name) ? [path] : [];
  });
}
