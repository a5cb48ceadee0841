import type { CallSite } from '../file-facts.js';
import type { Certainty, SymbolId } from '../graph-node.js';
import { EdgeCollector } from '../linking/edge-collector.js';
import { besideSuper, guess, linkSite, type LinkContext, type Verdict } from '../linking/link-file.js';
import type { LinkFile } from '../linking/program.js';
import { siteTargets, type SiteTargets } from '../linking/resolve-site.js';
import type { UnresolvedReason, UnresolvedSite } from '../partition.js';
import { definitionDeclaration, type Declaration } from './declaration.js';
import { explainValue } from './explain-value.js';
import type { Step, StepRule } from './step.js';
import { exprText, REASON_TEXTS } from './wording.js';

/** How one call site came to its verdict. */
export interface SiteExplanation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly via: CallSite['via'];
  /** The last name of what is called; empty where it has none. */
  readonly name: string;
  /** What is called, as the facts have it. */
  readonly callee: string;
  readonly verdict: Verdict;
  readonly targets: readonly SiteTarget[];
  /** What decided. */
  readonly rule: StepRule;
  /** Why there may be other targets, or none is known. */
  readonly reason?: UnresolvedReason;
  /** From what is written to the values of the callee; then what was made of them. */
  readonly steps: readonly Step[];
}

export interface SiteTarget {
  readonly id: SymbolId;
  readonly certainty: Certainty;
  /** `certain`, `several-values`, `held-value`, `override`, `next-in-line`, `name-match`, `outside`. */
  readonly rule: StepRule;
  /** Absent for a symbol outside the repository. */
  readonly path?: string;
  readonly line?: number;
}

/** Links one site again, and tells how. The verdict is what linking gives; the steps ask the evaluator again for the parts of the callee. */
export function explainSite(context: LinkContext, file: LinkFile, site: CallSite): SiteExplanation {
  const { ev } = context;
  const edges = new EdgeCollector();
  const unresolved: UnresolvedSite[] = [];
  const verdict = linkSite(context, file, site, edges, unresolved);
  const found = siteTargets(ev, file, site);
  const call = file.facts.exprs[site.expr];
  const callee = call?.k === 'call' || call?.k === 'new' ? call.callee : 0;
  const targets = targetsOf(context, file, site, { edges, found });
  const reason = unresolved[0]?.reason ?? found.open;
  const decided = decide({ context, file, site, verdict, found, targets, reason });
  const steps = [explainValue(ev, file, callee), ...decided.steps];
  return {
    path: file.path, line: site.at.line, column: site.at.column, via: site.via, name: site.name, callee: exprText(file, callee), verdict, targets,
    rule: decided.rule, ...(reason === undefined || verdict === 'resolved' || verdict === 'external' ? {} : { reason }), steps,
  };
}

function targetsOf(context: LinkContext, file: LinkFile, site: CallSite, { edges, found }: { readonly edges: EdgeCollector; readonly found: SiteTargets }): SiteTarget[] {
  const own = new Map<SymbolId, SiteTargets['definitions'][number]>();
  for (const target of found.definitions) own.set(target.file.declarations.ids[target.definition] ?? target.file.path, target);
  const beside = new Set(besideSuper(context, file, site));
  const overriders = new Set([...own].flatMap(([id, target]) => (target.exact ? [] : context.ev.program.inquiry.overriders(id))));
  const outside = new Set(edges.externals().map((node) => node.id));
  return edges.edges().filter((edge) => edge.kind === 'CALLS').map(({ to, certainty }): SiteTarget => {
    const target = own.get(to);
    const rule: StepRule = target !== undefined ? (certainty === 'certain' ? 'certain' : target.indirect ? 'held-value' : found.definitions.length > 1 ? 'several-values' : 'open-value')
      : overriders.has(to) ? 'override' : beside.has(to) ? 'next-in-line' : outside.has(to) ? 'outside' : 'name-match';
    const place = placeOf(context, to);
    return { id: to, certainty, rule, ...(place === undefined ? {} : { path: place.path, line: place.line }) };
  }).sort((a, b) => Number(a.certainty === 'candidate') - Number(b.certainty === 'candidate'));
}

/** Where a symbol of the repository is declared: its file is the first part of its id. */
function placeOf({ ev }: LinkContext, id: SymbolId): Declaration | undefined {
  if (id.startsWith('external:')) return undefined;
  const whole = ev.program.files.find((file) => file.path === id);
  if (whole !== undefined) return { id, kind: 'file', name: id, path: id, line: 1, column: 1 };
  for (let hash = id.indexOf('#'); hash >= 0; hash = id.indexOf('#', hash + 1)) {
    const file = ev.program.files.find((candidate) => candidate.path === id.slice(0, hash));
    const definition = file?.declarations.ids.indexOf(id) ?? -1;
    if (file !== undefined && definition >= 0) return definitionDeclaration(file, definition);
  }
  return undefined;
}

interface Case {
  readonly context: LinkContext;
  readonly file: LinkFile;
  readonly site: CallSite;
  readonly verdict: Verdict;
  readonly found: SiteTargets;
  readonly targets: readonly SiteTarget[];
  readonly reason: UnresolvedReason | undefined;
}

/** What was made of the values of the callee. */
function decide({ context, file, site, verdict, found, targets, reason }: Case): { readonly rule: StepRule; readonly steps: readonly Step[] } {
  const because = reason === undefined ? '' : `${REASON_TEXTS[reason]} (${reason})`;
  const steps: Step[] = [];
  const say = (rule: StepRule, text: string): { readonly rule: StepRule; readonly steps: readonly Step[] } => {
    const overriding = targets.filter((target) => target.rule === 'override').length;
    const last: Step[] = overriding === 0 ? [] : [{ rule: 'override', text: `the receiver may be of a derived class: ${overriding === 1 ? 'one member overrides it and is a candidate' : `${overriding} members override it and are candidates`}` }];
    return { rule, steps: [...steps, { rule, text }, ...last] };
  };
  if (verdict === 'unresolved') {
    const guessed = nameMatches(context, file, site, found);
    return say('unresolved', `nothing is known to be called: ${because}${guessed}`);
  }
  if (verdict === 'external') return say('outside', targets.length > 1 ? 'all that may be called lies outside the repository' : 'what is called lies outside the repository, and nothing else can be meant');
  const [first] = found.definitions;
  if (first === undefined) {
    if (targets.some((target) => target.rule === 'next-in-line')) return say('next-in-line', 'super() means the next class in the line of whatever class the object is of: candidates are the members there');
    if (targets.length === 0) return say('nameless-function', 'what is called is a function without a name: its code belongs to the definition around it');
    return say('name-match', `the receiver is not known: ${because}; ${targets.length === 1 ? 'one method' : `${targets.length} methods`} of the name ${site.name} can be seen from here and ${targets.length === 1 ? 'takes' : 'take'} so many arguments`);
  }
  if (verdict === 'resolved') return say('certain', 'one definition, and no other value is possible');
  if (found.open !== undefined) return say('open-value', `${found.definitions.length === 1 ? 'one definition is' : `${found.definitions.length} definitions are`} known, and there may be others: ${because}`);
  if (first.indirect && found.definitions.length === 1) return say('held-value', 'the definition is held by a field, passed on or of a class that others derive from: another may stand in its place');
  if (found.externals.length > 0) return say('several-values', `${found.definitions.length === 1 ? 'one definition' : `${found.definitions.length} definitions`} beside what lies outside the repository: ${found.externals.map((each) => [each.package, ...each.members].join('.')).join(', ')}`);
  if (found.nameless > 0) return say('several-values', 'a definition beside a function without a name');
  return say('several-values', `${found.definitions.length} definitions: which one runs depends on the way there`);
}

/** Why there are no candidates by name. */
function nameMatches(context: LinkContext, file: LinkFile, site: CallSite, found: SiteTargets): string {
  const call = file.facts.exprs[site.expr];
  if (call?.k !== 'call' || file.facts.exprs[call.callee]?.k !== 'member') return '';
  if (found.open === 'unknown-member' || found.open === 'missing-import') return '; methods of that name elsewhere are not meant';
  return guess(context, file, site, found).length === 0 ? `; and no method of the name ${site.name} that can be seen from here takes so many arguments, or too many do` : '';
}
