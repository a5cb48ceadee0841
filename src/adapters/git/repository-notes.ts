import type { GitCall, GitRunner } from './git-command.js';
import { openWorkTree } from './work-tree-file.js';

export interface NotesRequest {
  readonly call: GitCall;
  /** Where `.gitmodules` and `.gitattributes` are read: a commit, or the top folder of a work tree. */
  readonly from: { readonly commit: string } | { readonly folder: string };
  readonly shallow: boolean;
}

const MOST_READ = 1024 * 1024;

/** What someone should know who reads answers about this revision. */
export async function repositoryNotes(git: GitRunner, request: NotesRequest): Promise<readonly string[]> {
  const { from, call } = request;
  const read = 'folder' in from ? fileReader(from.folder) : objectReader(git, from.commit, call);
  const [modules, attributes, settings] = await Promise.all([
    read('.gitmodules'), read('.gitattributes'),
    git.ask(['config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor|core\\.sparsecheckout)$'], call),
  ]);
  const notes: string[] = [];
  if (request.shallow) notes.push('This is a shallow clone: files are complete, older commits are not there.');
  if (/^(?:extensions\.partialclone|remote\..*\.promisor)\b/m.test(settings ?? '')) {
    notes.push('This is a partial clone: objects that it has not fetched are reported as missing.');
  }
  if ('folder' in from && /^core\.sparsecheckout (?:true|yes|on|1)$/im.test(settings ?? '')) {
    notes.push('This is a sparse checkout: only files that are in the work tree are listed.');
  }
  const paths = [...modules.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map((match) => match[1] ?? '');
  if (paths.length > 0) {
    notes.push(`${paths.length === 1 ? 'A submodule is' : `${paths.length} submodules are`} listed and not followed: ${paths.slice(0, 10).join(', ')}${paths.length > 10 ? ' …' : ''}.`);
  }
  if (/^[^#\n]*\bfilter=lfs\b/m.test(attributes)) notes.push('Some files are kept in Git LFS: their pointers are read, not their content.');
  return notes;
}

function fileReader(folder: string): (name: string) => Promise<string> {
  const files = openWorkTree(folder);
  return async (name) => {
    if (files.look(name).kind !== 'file') return '';
    const bytes = await files.read(name, MOST_READ).catch(() => undefined);
    return bytes === undefined ? '' : new TextDecoder().decode(bytes);
  };
}

function objectReader(git: GitRunner, commit: string, call: GitCall): (name: string) => Promise<string> {
  return async (name) => {
    const size = Number(await git.ask(['cat-file', '-s', `${commit}:${name}`], call));
    if (!(size > 0 && size <= MOST_READ)) return '';
    return (await git.ask(['cat-file', 'blob', `${commit}:${name}`], call)) ?? '';
  };
}
