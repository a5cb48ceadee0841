import type { DefinitionIndex } from '../file-facts.js';
import { accepts } from './calls.js';
import type { Call, Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';

/** More candidates than this say nothing: the site stays unresolved. */
const MAX_CANDIDATES = 5;

interface Candidate {
  readonly file: LinkFile;
  readonly definition: DefinitionIndex;
}

/**
 * Candidates for a call of a member whose receiver is not known: methods of that name, in files of the same language family that the calling file can see through
 * its imports (or, where there are none, in all that some file imports), that take so many arguments.
 */
export class NameCandidates {
  readonly #ev: Evaluation;
  #byName: ReadonlyMap<string, readonly Candidate[]> | undefined;
  #callable: ReadonlySet<string> | undefined;
  #imported: ReadonlySet<string> | undefined;
  readonly #reachable = new Map<LinkFile, ReadonlySet<LinkFile>>();

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  /** Whether any method of the repository has this name. */
  knows(name: string): boolean {
    return this.#index().has(name);
  }

  /** Whether anything of the repository that may be called has this name: a function or method, a field or a member of a type. */
  mentions(name: string): boolean {
    if (this.#callable === undefined) {
      const names = new Set<string>();
      for (const { facts } of this.#ev.program.files) {
        for (const definition of facts.definitions) if (definition.kind === 'method' || definition.kind === 'function' || definition.kind === 'field') names.add(definition.name);
        for (const { members } of facts.classes) for (const member of members) names.add(member.name);
      }
      this.#callable = names;
    }
    return this.#callable.has(name);
  }

  for(file: LinkFile, name: string, call: Call): readonly Candidate[] {
    const all = (this.#index().get(name) ?? []).filter((candidate) => candidate.file.rules === file.rules && fits(candidate, call));
    if (all.length === 0) return [];
    const visible = this.#visible(file);
    const near = all.filter((candidate) => visible.has(candidate.file));
    // what no file imports (a test, a script) is not where an unknown object comes from
    const chosen = near.length > 0 ? near : builtinName(file, name) ? [] : all.filter((candidate) => this.#isImported(candidate.file));
    return chosen.length <= MAX_CANDIDATES ? chosen : [];
  }

  #isImported(file: LinkFile): boolean {
    if (this.#imported === undefined) {
      const imported = new Set<string>();
      for (const other of this.#ev.program.files) {
        for (let index = 0; index < other.facts.imports.length; index++) {
          const target = other.target(index);
          if (target.kind === 'file' && target.path !== other.path) imported.add(target.path);
          for (const { imported: name } of other.facts.imports[index]?.names ?? []) {
            const submodule = target.kind === 'file' || target.kind === 'namespace' ? other.submodule(target, name) : undefined;
            if (submodule?.kind === 'file') imported.add(submodule.path);
          }
        }
      }
      this.#imported = imported;
    }
    return this.#imported.has(file.path);
  }

  #index(): ReadonlyMap<string, readonly Candidate[]> {
    if (this.#byName !== undefined) return this.#byName;
    const map = new Map<string, Candidate[]>();
    for (const file of this.#ev.program.files) {
      file.facts.definitions.forEach((definition, index) => {
        if (definition.kind !== 'method' || file.declarations.primary[index] !== index) return;
        const list = map.get(definition.name);
        if (list === undefined) map.set(definition.name, [{ file, definition: index }]);
        else list.push({ file, definition: index });
      });
    }
    return (this.#byName = map);
  }

  /** The file and all that it imports, directly or through others. */
  #visible(file: LinkFile): ReadonlySet<LinkFile> {
    const known = this.#reachable.get(file);
    if (known !== undefined) return known;
    const seen = new Set([file]);
    const queue = [file];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (let index = 0; index < at.facts.imports.length; index++) {
        const target = at.target(index);
        const next = target.kind === 'file' ? this.#ev.program.at(target.path) : undefined;
        if (next !== undefined && !seen.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
    this.#reachable.set(file, seen);
    return seen;
  }
}

function fits(candidate: Candidate, call: Call): boolean {
  const index = candidate.file.facts.definitions[candidate.definition]?.function;
  const facts = index === undefined ? undefined : candidate.file.facts.functions[index];
  if (facts === undefined || call.facts.spread !== undefined) return true;
  return accepts(facts, call.facts.arguments.length + (call.facts.keywords?.length ?? 0), candidate.file.rules.inheritance === 'c3');
}

/** A name that values of the language's own types have too (`get`, `map`, `push`): on its own it says little. */
function builtinName(file: LinkFile, name: string): boolean {
  return file.rules.builtins.hasMethod(name);
}
