import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DescribedFile, DescribedRepository, DescribedTree } from '../../../src/testing/contracts/git-host.js';

/** A temporary folder; `dispose` removes it. */
export interface Workshop {
  readonly folder: string;
  dispose(): Promise<void>;
}

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-git-'));
  return { folder, async dispose() { rmSync(folder, { recursive: true, force: true, maxRetries: 3 }); } };
}

/** Runs Git as a person would, without that person's own configuration. */
export function git(cwd: string, args: readonly string[], input?: string | Buffer): string {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return execFileSync('git', args, {
    cwd, encoding: 'utf8', ...(input === undefined ? {} : { input }), stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 256 * 1024 * 1024,
    env: {
      ...environment, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org',
      GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000',
    },
  });
}

/** Builds a described repository with `git fast-import` in a new folder; its work tree holds exactly the files described. */
export function buildRepository(folder: string, repository: DescribedRepository, options: { readonly format?: 'sha1' | 'sha256' } = {}): void {
  const { head, branches, tags = {}, workTree } = repository;
  mkdirSync(folder, { recursive: true });
  git(folder, ['init', '--quiet', `--initial-branch=${head}`, `--object-format=${options.format ?? 'sha1'}`, ...(workTree === undefined ? ['--bare'] : [])]);
  const stream: Buffer[] = [];
  const write = (text: string | Buffer): void => void stream.push(Buffer.from(text as string));
  const marks = new Map<string, number>();
  let mark = 0;
  for (const [branch, trees] of Object.entries(branches)) {
    for (const [position, tree] of trees.entries()) {
      mark += 1;
      marks.set(`${branch} ${position}`, mark);
      write(`commit refs/heads/${branch}\nmark :${mark}\ncommitter A <a@example.org> ${1_700_000_000 + position} +0000\ndata 1\nc\n`);
      if (position > 0) write(`from :${mark - 1}\n`);
      write('deleteall\n');
      for (const [path, file] of Object.entries(tree)) writeFile(write, path, file);
    }
  }
  for (const [tag, [branch, position]] of Object.entries(tags)) write(`reset refs/tags/${tag}\nfrom :${marks.get(`${branch} ${position}`) ?? 0}\n\n`);
  if (mark > 0) git(folder, ['fast-import', '--quiet', '--force'], Buffer.concat(stream));
  if (workTree === undefined) return;
  if (branches[head] !== undefined) git(folder, ['reset', '--quiet', '--hard']);
  for (const path of Object.keys(branches[head]?.at(-1) ?? {})) {
    if (!(path in workTree)) rmSync(join(folder, path), { recursive: true, force: true });
  }
  writeTree(folder, workTree, branches[head]?.at(-1) ?? {});
}

/** Writes the files that differ from those there already. */
export function writeTree(folder: string, tree: DescribedTree, present: DescribedTree = {}): void {
  for (const [path, file] of Object.entries(tree)) {
    if (present[path] === file) continue;
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    rmSync(full, { recursive: true, force: true });
    if (typeof file === 'string' || file instanceof Uint8Array) writeFileSync(full, file);
    else if ('link' in file) symlinkSync(file.link, full);
    else if ('submodule' in file) mkdirSync(full);
    else {
      writeFileSync(full, file.content);
      if (file.executable === true) chmodSync(full, 0o755);
    }
  }
}

function writeFile(write: (text: string | Buffer) => void, path: string, file: DescribedFile): void {
  // In fast-import's quoting, which takes any byte as octal.
  const quoted = `"${[...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
  if (typeof file !== 'string' && !(file instanceof Uint8Array) && 'submodule' in file) return write(`M 160000 ${file.submodule} ${quoted}\n`);
  const [mode, content] = typeof file === 'string' || file instanceof Uint8Array ? ['100644', file]
    : 'link' in file ? ['120000', file.link] : [file.executable === true ? '100755' : '100644', file.content];
  const bytes = Buffer.from(content as string); // Buffer.from takes text and bytes alike; its overloads do not
  write(`M ${mode} inline ${quoted}\ndata ${bytes.length}\n`);
  write(bytes);
  write('\n');
}
