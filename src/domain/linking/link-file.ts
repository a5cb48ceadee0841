import type { CallSite, ClassFacts, DefinitionIndex, Heritage, Reference } from '../file-facts.js';
import type { EdgeSite, SymbolId } from '../graph-node.js';
import type { Diagnostic, Partition, UnresolvedReason, UnresolvedSite } from '../partition.js';
import { EdgeCollector } from './edge-collector.js';
import { handlersOf } from './emitters.js';
import type { Evaluation } from './evaluation.js';
import { classId, type Hierarchy } from './hierarchy.js';
import { askedTargets, classMakers, deferredTargets, impliedTargets, wrappersOf, type ImpliedTarget } from './implied.js';
import type { LinkFile } from './program.js';
import { siteTargets, type SiteTargets } from './resolve-site.js';
import { referenceTargets, typeTargets } from './targets.js';

/** What linking one file needs besides the file. */
export interface LinkContext {
  readonly ev: Evaluation;
  readonly hierarchy: Hierarchy;
}

/** Links one file: every edge that starts in it and a verdict for every call site. */
export function linkFile(context: LinkContext, file: LinkFile): Partition {
  const edges = new EdgeCollector();
  for (const node of file.declarations.nodes) if (node.parent !== undefined) edges.add('CONTAINS', node.parent, node.id, 'certain');
  const diagnostics: Diagnostic[] = file.facts.diagnostics.map((diagnostic) => ({
    code: diagnostic.code, message: diagnostic.message, path: file.path, ...(diagnostic.line === undefined ? {} : { line: diagnostic.line }),
  }));
  linkImports(context.ev, file, edges, diagnostics);
  linkHeritage(context, file, edges);
  linkReferences(context, file, edges);
  linkImplied(context.ev, file, edges);
  const unresolved: UnresolvedSite[] = [];
  const verdicts = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
  for (const site of file.facts.sites) verdicts[linkSite(context, file, site, edges, unresolved)]++;
  return {
    path: file.path, language: file.facts.language, blob: file.source.blob,
    nodes: [...file.declarations.nodes, ...edges.externals()], edges: edges.edges(), unresolved, verdicts, diagnostics,
  };
}

function ownerId(file: LinkFile, owner: DefinitionIndex): SymbolId {
  return owner < 0 ? file.path : (file.declarations.ids[owner] ?? file.path);
}

function linkImports(ev: Evaluation, file: LinkFile, edges: EdgeCollector, diagnostics: Diagnostic[]): void {
  file.facts.imports.forEach((facts, index) => {
    if (facts.kind === 'reference') return;
    const site: EdgeSite = { line: facts.line, column: facts.column };
    const target = file.target(index);
    if (target.kind === 'file') {
      // `from package import submodule` reaches the submodule, unless the package has something else of that name
      let whole = facts.names.length === 0 || facts.star === true;
      for (const name of facts.names) {
        const submodule = facts.kind === 'from' ? file.submodule(target, name.imported) : undefined;
        const taken = submodule?.kind !== 'file' ? [] : ev.imported(file, index, name.imported).values;
        const reached = submodule?.kind === 'file' && submodule.path !== file.path && (taken.length === 0 || taken.some((value) => value.v === 'module' && ev.program.file(value.file).path === submodule.path));
        if (reached) edges.add('IMPORTS', file.path, submodule.path, 'certain', site);
        else whole = true;
      }
      if (whole && target.path !== file.path) edges.add('IMPORTS', file.path, target.path, 'certain', site);
    } else if (target.kind === 'namespace') {
      for (const name of facts.names) {
        const submodule = file.submodule(target, name.imported);
        if (submodule?.kind === 'file' && submodule.path !== file.path) edges.add('IMPORTS', file.path, submodule.path, 'certain', site);
      }
    } else if (target.kind === 'external') edges.add('IMPORTS', file.path, edges.external(target.package, []), 'certain', site);
    else if (target.kind === 'missing') diagnostics.push({ code: 'missing-import', message: `Cannot find ${JSON.stringify(facts.specifier)}.`, path: file.path, line: facts.line });
  });
}

function linkHeritage(context: LinkContext, file: LinkFile, edges: EdgeCollector): void {
  file.facts.classes.forEach((facts, index) => {
    if (facts.definition < 0) return;
    const from = file.declarations.ids[facts.definition] ?? file.path;
    for (const heritage of facts.extends) heritageEdges(context, file, edges, { from, heritage, kind: 'EXTENDS', facts });
    for (const heritage of facts.implements) heritageEdges(context, file, edges, { from, heritage, kind: 'IMPLEMENTS', facts });
    const at = file.facts.definitions[facts.definition]?.at;
    if (at !== undefined) for (const target of classMakers(context.ev, file, index)) edges.add('CALLS', from, idOf(target), 'candidate', { line: at.line, column: at.column });
    for (const { member, overridden } of context.hierarchy.overrides(file, index)) edges.add('OVERRIDES', member, overridden, 'certain');
  });
}

function heritageEdges(context: LinkContext, file: LinkFile, edges: EdgeCollector, clause: { from: SymbolId; heritage: Heritage; kind: 'EXTENDS' | 'IMPLEMENTS'; facts: ClassFacts }): void {
  const { ev } = context;
  const { heritage, from, kind } = clause;
  const set = heritage.expr !== undefined ? ev.expr(file, heritage.expr) : heritage.type !== undefined ? ev.type(file, heritage.type) : undefined;
  if (set === undefined) return;
  const site: EdgeSite = { line: heritage.line, column: heritage.column };
  const targets = new Set<SymbolId>();
  for (const value of set.values) {
    const id = classId(ev, value) ?? (value.v === 'function' && value.definition >= 0 ? ev.program.file(value.file).declarations.ids[value.definition] : undefined);
    if (id !== undefined) targets.add(id);
    else if (value.v === 'external') targets.add(edges.external(value.package, value.members));
  }
  const certainty = targets.size === 1 && set.open === undefined ? 'certain' : 'candidate';
  for (const target of targets) if (target !== from) edges.add(kind, from, target, certainty, site);
}

function linkReferences(context: LinkContext, file: LinkFile, edges: EdgeCollector): void {
  for (const reference of file.facts.references) {
    const from = ownerId(file, reference.owner);
    const targets = referenceTargets(context.ev, file, reference.expr);
    for (const target of targets) {
      if (target !== from && !(targets.size > 1 && decorates(file, reference, target))) edges.add('REFERENCES', from, target, 'certain', { line: reference.at.line, column: reference.at.column });
    }
  }
  for (const reference of file.facts.typeReferences) {
    const from = ownerId(file, reference.owner);
    for (const target of typeTargets(context.ev, file, reference.type)) {
      if (target !== from) edges.add('USES_TYPE', from, target, 'certain', { line: reference.at.line, column: reference.at.column });
    }
  }
}

/** Whether a reference stands before the name of the declaration that it leads to, in its decorators: `@size.setter` is what had the name before. */
function decorates(file: LinkFile, { at }: Reference, target: SymbolId): boolean {
  const node = file.declarations.nodes.find(({ id }) => id === target);
  return node?.range !== undefined && node.at !== undefined && node.range.start.offset <= at.offset && at.offset < node.at.offset;
}

/** Calls that are not written are candidates, and have no verdict. */
function linkImplied(ev: Evaluation, file: LinkFile, edges: EdgeCollector): void {
  for (const implied of file.facts.implied ?? []) {
    const from = ownerId(file, implied.owner);
    for (const target of impliedTargets(ev, file, implied)) edges.add('CALLS', from, idOf(target), 'candidate', { line: implied.at.line, column: implied.at.column });
  }
}

function idOf({ file, definition }: ImpliedTarget): SymbolId {
  return file.declarations.ids[definition] ?? file.path;
}

/** What linking made of a call site: one certain target; targets that it may have; only targets outside of the repository; none that is known. */
export type Verdict = 'resolved' | 'candidates' | 'external' | 'unresolved';

/** Exactly one verdict for a site, and the edges or the record that go with it. */
export function linkSite(context: LinkContext, file: LinkFile, site: CallSite, edges: EdgeCollector, unresolved: UnresolvedSite[]): Verdict {
  const targets = siteTargets(context.ev, file, site);
  const from = ownerId(file, site.owner);
  const at: EdgeSite = { line: site.at.line, column: site.at.column, ...(site.via === 'call' ? {} : { via: site.via }) };
  const beside = [...besideSuper(context, file, site), ...handlersOf(context.ev, file, site).map(idOf)];
  // what runs besides what is called has no say in the verdict
  for (const target of [...deferredTargets(context.ev, file, site), ...askedTargets(context.ev, file, site)]) edges.add('CALLS', from, idOf(target), 'candidate', at);
  const [first] = targets.definitions;
  if (first !== undefined) {
    const certain = targets.definitions.length === 1 && targets.open === undefined && targets.nameless === 0 && !first.indirect && targets.externals.length === 0;
    for (const target of targets.definitions) {
      const id = target.file.declarations.ids[target.definition] ?? target.file.path;
      edges.add('CALLS', from, id, certain ? 'certain' : 'candidate', at);
      if (!target.exact) for (const overrider of context.ev.program.inquiry.overriders(id)) edges.add('CALLS', from, overrider, 'candidate', at);
    }
    for (const id of beside) edges.add('CALLS', from, id, 'candidate', at);
    for (const target of targets.definitions) if (!target.indirect) for (const wrapper of wrappersOf(context.ev, target.file, target.definition)) edges.add('CALLS', from, idOf(wrapper), 'candidate', at);
    return certain ? 'resolved' : 'candidates';
  }
  if (beside.length > 0) {
    for (const id of beside) edges.add('CALLS', from, id, 'candidate', at);
    for (const external of targets.externals) edges.add('CALLS', from, edges.external(external.package, external.members), 'candidate', at);
    return 'candidates';
  }
  if (targets.open === undefined && targets.externals.length === 0 && targets.nameless > 0) return 'resolved';
  const guessed = guess(context, file, site, targets);
  if (guessed.length > 0) {
    for (const id of guessed) edges.add('CALLS', from, id, 'candidate', at);
    return 'candidates';
  }
  if (targets.externals.length > 0 && targets.open === undefined && !(targets.entangled && context.ev.program.inquiry.mentioned(file, site.name)) && !(targets.unlisted && context.ev.program.inquiry.known(site.name))) {
    for (const external of targets.externals) edges.add('CALLS', from, edges.external(external.package, external.members), targets.externals.length === 1 ? 'certain' : 'candidate', at);
    return 'external';
  }
  const reason: UnresolvedReason = targets.open ?? (targets.entangled ? 'external-value' : targets.unlisted ? 'unknown-member' : 'untyped-value');
  unresolved.push({ from, name: site.name, reason, line: site.at.line, column: site.at.column });
  return 'unresolved';
}

/** What `super().name()` reaches when the receiver is of a class that derives from several. */
export function besideSuper(context: LinkContext, file: LinkFile, site: CallSite): readonly SymbolId[] {
  const call = file.facts.exprs[site.expr];
  const callee = call?.k === 'call' ? file.facts.exprs[call.callee] : undefined;
  const object = callee?.k === 'member' ? file.facts.exprs[callee.object] : undefined;
  return object?.k === 'super' && callee?.k === 'member' && file.rules.inheritance === 'c3' ? context.ev.program.inquiry.nextInLines(file.path, object.class, callee.name) : [];
}

/** Methods of the written name, for a member call on a receiver that is not known. */
export function guess(context: LinkContext, file: LinkFile, site: CallSite, targets: SiteTargets): readonly SymbolId[] {
  const call = file.facts.exprs[site.expr];
  if (call?.k !== 'call' || site.name === '' || file.facts.exprs[call.callee]?.k !== 'member') return [];
  if (targets.open === undefined && !targets.entangled) return [];
  if (targets.open === 'unknown-member' || targets.open === 'missing-import') return [];
  const count = call.spread === undefined ? call.arguments.length + (call.keywords?.length ?? 0) : -1;
  return context.ev.program.inquiry.candidates(file, site.name, count);
}
