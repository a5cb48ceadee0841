import type { ModuleContext } from '../../module-resolver.js';
import { quoted, readGuarded, readJsonRecord, stringAt, stringsOf, valueAt, type ConfigurationLog } from '../../configuration-values.js';
import { compileGlob, isLiteral, MAX_COST, type PathGlob } from '../../path-globs.js';
import { childPath, enclosingFolders, folderOf, isWithin, joinPath, nameOf, pathBelow } from '../../snapshot-paths.js';
import { workspacePatterns } from './pnpm-workspace.js';

/** Which folders are packages of a workspace: folder of the member -> folder of the innermost workspace root that lists it. */
export type WorkspaceMembers = ReadonlyMap<string, string>;

/** Reads the workspaces of npm, yarn, pnpm and lerna. `manifests` are the parsed package.json files by folder. */
export function readWorkspaces(request: {
  readonly context: ModuleContext;
  readonly manifests: ReadonlyMap<string, unknown>;
  readonly log: ConfigurationLog;
}): WorkspaceMembers {
  const { context, manifests, log } = request;
  const roots = new Map<string, MemberList>();
  for (const path of context.paths) {
    const name = nameOf(path);
    if (name !== 'package.json' && name !== 'pnpm-workspace.yaml' && name !== 'lerna.json') continue;
    const folder = folderOf(path);
    const patterns = name === 'package.json' ? patternsOfManifest(manifests.get(folder)) : patternsOfFile(path, name, context, log);
    if (patterns === undefined || patterns.length === 0) continue;
    const list = roots.get(folder) ?? { folder, included: new Set(), excluded: new Set(), cost: 0, globs: [], excludedGlobs: [] };
    roots.set(folder, list);
    for (const pattern of patterns) addPattern(list, pattern, path, log);
  }
  const members = new Map<string, string>();
  if (roots.size === 0) return members;
  for (const folder of manifests.keys()) {
    if (roots.has(folder)) members.set(folder, folder);
    for (const around of enclosingFolders(folder)) {
      const list = roots.get(around);
      if (list === undefined || around === folder || !lists(list, folder)) continue;
      members.set(folder, around);
      break;
    }
  }
  return members;
}

const MAX_GLOBS = 256;
const MAX_LITERALS = 20_000;

interface MemberList {
  readonly folder: string;
  readonly included: Set<string>;
  readonly excluded: Set<string>;
  /** Summed cost of the globs. */
  cost: number;
  readonly globs: PathGlob[];
  readonly excludedGlobs: PathGlob[];
}

function patternsOfManifest(manifest: unknown): readonly string[] | undefined {
  const workspaces = valueAt(manifest, 'workspaces');
  return Array.isArray(workspaces) ? stringsOf(workspaces) : stringsOf(valueAt(workspaces, 'packages'));
}

function patternsOfFile(path: string, name: string, context: ModuleContext, log: ConfigurationLog): readonly string[] | undefined {
  const text = context.configuration(path);
  if (text === undefined) return undefined;
  if (name === 'lerna.json') {
    const lerna = readJsonRecord(path, text, log);
    if (lerna === undefined) return undefined;
    return stringsOf(valueAt(lerna, 'packages')) ?? (stringAt(lerna, 'version') !== undefined && valueAt(lerna, 'useWorkspaces') !== true ? ['packages/*'] : undefined);
  }
  const patterns = readGuarded(path, text, log, () => workspacePatterns(text));
  if (patterns === null) log.add(path, 'configuration-type', 'packages is not a list.');
  return stringsOf(patterns);
}

function addPattern(list: MemberList, written: string, path: string, log: ConfigurationLog): void {
  const negated = written.startsWith('!');
  const relative = (negated ? written.slice(1) : written).replaceAll('\\', '/').replace(/^\/+/, '').slice(0, 2048);
  const pattern = joinPath(list.folder, relative);
  if (pattern === undefined) {
    log.add(path, 'configuration-outside', `The workspace ${quoted(written)} lies outside the repository.`);
    return;
  }
  const [literals, globs] = negated ? [list.excluded, list.excludedGlobs] : [list.included, list.globs];
  if (isLiteral(relative)) {
    if (literals.size < MAX_LITERALS) literals.add(pattern);
  } else {
    const glob = compileGlob(isWithin(pattern, list.folder) ? pathBelow(pattern, list.folder) : pattern, { extended: true, closed: (name) => name === 'node_modules' });
    if (globs.length >= MAX_GLOBS) log.add(path, 'configuration-limit', `Only the first ${MAX_GLOBS} workspace patterns are used.`);
    else if (list.cost + glob.cost > MAX_COST) log.add(path, 'configuration-limit', `The workspace pattern ${quoted(written)} is left out: it stands for too many paths.`);
    else {
      list.cost += glob.cost;
      globs.push(glob);
    }
  }
}

function lists(list: MemberList, folder: string): boolean {
  const below = pathBelow(folder, list.folder);
  if (below.split('/').includes('node_modules')) return false;
  if (list.excluded.has(folder) || list.excludedGlobs.some((glob) => glob.matches(below))) return false;
  return list.included.has(folder) || list.included.has(childPath(folder, 'package.json')) || list.globs.some((glob) => glob.matches(below) || glob.matches(`${below}/package.json`));
}
