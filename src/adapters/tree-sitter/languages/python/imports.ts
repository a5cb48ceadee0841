import type { ImportFacts } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { place } from './chains.js';
import { bindName } from './names.js';
import type { Frame, Walk } from './walk.js';

/** `import a.b.c, d as e`: an import for each module. Without `as` the first component is bound. */
export function importStatement(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  for (const part of w.source.childrenByField(node, w.syntax.field.name)) {
    const aliased = w.kind[part] === kind.aliased_import;
    const module = aliased ? w.child(part, 'name') : part;
    const alias = aliased ? w.child(part, 'alias') : -1;
    const first = w.firstPart(module);
    if (first < 0) continue;
    const specifier = dottedText(w, module);
    const bound = alias >= 0 ? alias : first;
    const local = w.text(bound);
    const index = w.b.import(facts(w, module, frame, { specifier, kind: 'import', names: [{ imported: '*', local }] }));
    const root = alias < 0 && specifier.includes('.');
    bindName(w, frame, local, { kind: 'import', import: root ? { import: index, imported: '*', root } : { import: index, imported: '*' }, ...place(w, bound) });
  }
}

/** `from m import a as b`, `from . import c`, `from m import *`, `from __future__ import d`. */
export function fromImport(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  const module = w.child(node, 'module_name');
  const specifier = module < 0 ? '__future__' : dottedText(w, module);
  const names: { imported: string; local: string }[] = [];
  const draft = facts(w, module < 0 ? node : module, frame, { specifier, kind: 'from', names });
  if (w.source.childOfKind(node, kind.wildcard_import) >= 0) draft.star = true;
  const index = w.b.import(draft);
  for (const part of w.source.childrenByField(node, w.syntax.field.name)) {
    const aliased = w.kind[part] === kind.aliased_import;
    const name = aliased ? w.child(part, 'name') : part;
    const alias = aliased ? w.child(part, 'alias') : -1;
    if (name < 0 || w.firstPart(name) < 0) continue;
    const imported = dottedText(w, name);
    const local = alias >= 0 ? w.text(alias) : imported;
    names.push({ imported, local });
    bindName(w, frame, local, { kind: 'import', import: { import: index, imported }, ...place(w, alias >= 0 ? alias : name) });
  }
}

function facts(w: Walk, at: number, frame: Frame, given: Pick<Draft<ImportFacts>, 'specifier' | 'kind' | 'names'>): Draft<ImportFacts> {
  const draft: Draft<ImportFacts> = { ...given, scope: frame.home, owner: frame.owner, ...place(w, at) };
  if (frame.typeOnly) draft.typeOnly = true;
  return draft;
}

function dottedText(w: Walk, node: number): string {
  const text = w.source.text(node);
  return w.b.intern(/\s/.test(text) ? text.replace(/\\|\s+/g, '') : text);
}
