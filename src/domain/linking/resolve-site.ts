import type { CallSite, DefinitionIndex, Expr, ExprIndex, FunctionIndex } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { UnresolvedReason } from '../partition.js';
import { memberPlace } from './builtin-types.js';
import { callSignature } from './call-signatures.js';
import { calledThrough } from './construction.js';
import { elementByKey } from './containers.js';
import type { Evaluation } from './evaluation.js';
import { passedArguments, passedValues } from './passed-arguments.js';
import { importOrigins, type Origin } from './modules.js';
import type { LinkFile } from './program.js';
import { storedFunctions } from './stored-functions.js';
import type { Value, ValueSet } from './value.js';

/** What a call site may reach. */
export interface SiteTargets {
  /** Definitions of the repository, each once, in order of discovery. `exact`: the receiver's class is known to the letter, so no override is meant. */
  readonly definitions: readonly { readonly file: LinkFile; readonly definition: DefinitionIndex; readonly exact: boolean; readonly indirect: boolean }[];
  readonly externals: readonly { readonly package: string; readonly members: readonly string[] }[];
  /** Functions without a name that may be meant: code of the definition around them. */
  readonly nameless: number;
  /** There may be other targets, and why they are not known. */
  readonly open?: UnresolvedReason | undefined;
  /** An external among the targets was handed code of the repository and may lead back into it. */
  readonly entangled: boolean;
  /** A member of a builtin type that the language's tables do not list: the type may be wrong about the value. */
  readonly unlisted: boolean;
}

interface Gathered {
  definitions: { file: LinkFile; definition: DefinitionIndex; exact: boolean; indirect: boolean }[];
  /** Of these, classes that stand for those derived from them too, and functions that stand for all of their type: by id. */
  vague: Set<SymbolId>;
  externals: { package: string; members: readonly string[] }[];
  nameless: number;
  open: UnresolvedReason | undefined;
  entangled: boolean;
  unlisted: boolean;
  /** Function types among the callees: something of that shape is called, and what it is nobody says. */
  signatures: { readonly file: LinkFile; readonly function: FunctionIndex }[];
  /** Some value is known and cannot be called: another part of an intersection or union is meant. */
  uncallable: boolean;
}

/** Evaluates the callee of a site and says which definitions, externals and nameless functions it may be. */
export function siteTargets(ev: Evaluation, file: LinkFile, site: CallSite): SiteTargets {
  const expr = file.facts.exprs[site.expr];
  const gathered: Gathered = { definitions: [], vague: new Set(), externals: [], nameless: 0, open: undefined, entangled: false, unlisted: false, signatures: [], uncallable: false };
  if (expr?.k !== 'call' && expr?.k !== 'new') return { ...gathered, open: 'dynamic-callee' };
  const callee = file.facts.exprs[expr.callee];
  gather(ev, file, calleeValues(ev, file, expr.callee), gathered, false);
  // `super.m()` runs the base's own member, whatever overrides it
  if (callee?.k === 'member' && file.facts.exprs[callee.object]?.k === 'super') for (const target of gathered.definitions) target.exact = true;
  if (gathered.open === 'untyped-parameter' && file.rules.callConstructs) passedOver(ev, file, expr.callee, gathered);
  if (callee?.k === 'member') heldInField(ev, file, callee, gathered);
  if (callee?.k === 'member' && gathered.entangled && inherited(ev, file, callee, gathered)) gathered.entangled = false;
  if (gathered.nameless + gathered.signatures.length > 0 && gathered.definitions.length === 0) holderOf(ev, file, callee, gathered);
  if (gathered.signatures.length > 0 && gathered.definitions.length === 0) handedFunctions(ev, file, callee, gathered);
  if (gathered.signatures.length > 0 && gathered.definitions.length === 0 && (callee?.k === 'member' || callee?.k === 'index') && file.rules.inheritance === 'single') {
    for (const value of storedFunctions(ev, file, callee).values) one(ev, file, value, gathered, true);
  }
  if (gathered.signatures.length > 0 && gathered.definitions.length === 0) declaredTypes(gathered);
  if (gathered.signatures.length > 0) gathered.open ??= 'dynamic-callee';
  if (gathered.uncallable && gathered.definitions.length === 0 && gathered.externals.length === 0 && gathered.nameless === 0) gathered.open ??= 'dynamic-callee';
  for (const target of gathered.definitions) if (gathered.vague.has(target.file.declarations.ids[target.definition] ?? '')) target.indirect = true;
  if (gathered.open === 'untyped-value') gathered.open = betterReason(ev, file, callee);
  return gathered;
}

/** An element of a container of this file is one by the keys that its calls pass, where it is called right there. */
function calleeValues(ev: Evaluation, file: LinkFile, callee: ExprIndex): ValueSet {
  const given = file.facts.exprs[callee]?.k === 'index' && file.rules.callConstructs ? elementByKey(ev, file, callee, (owner, index, at) => passedArguments(ev, owner, index, at)) : undefined;
  return given ?? ev.expr(file, callee);
}

/** A parameter that says nothing of its type is called, or something of it: what the file's own calls pass for it may be meant. */
function passedOver(ev: Evaluation, file: LinkFile, callee: ExprIndex, gathered: Gathered): void {
  const found: Gathered = { definitions: [], vague: new Set(), externals: [], nameless: 0, open: undefined, entangled: false, unlisted: false, signatures: [], uncallable: false };
  for (const value of passedValues(ev, file, callee).values) one(ev, file, value, found, true);
  for (const { file: owner, definition, exact } of found.definitions) add(gathered, owner, definition, exact, true);
}

/** So is one in a declared field of the receiver's type by the field. What a getter gave runs by its name where it is read, and nowhere else. */
function fieldOf(ev: Evaluation, file: LinkFile, callee: Extract<Expr, { k: 'member' }>, gathered: Gathered, elsewhere: boolean): void {
  for (const value of ev.expr(file, callee.object).values) {
    if (value.v !== 'instance' && value.v !== 'class') continue;
    for (const entry of ev.lineage(value.file, value.class).entries) {
      const member = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.name === callee.name && (candidate.static === true) === (value.v === 'class'));
      const definition = member?.definitions[0];
      if (definition === undefined) continue;
      if (elsewhere && member?.kind === 'property') break;
      gathered.nameless = 0;
      gathered.signatures = [];
      add(gathered, entry.file, definition, true, false);
      break;
    }
  }
}

/** A nameless function in a variable of a module is called by the variable. */
function holderOf(ev: Evaluation, file: LinkFile, callee: Expr | undefined, gathered: Gathered, depth = 0): void {
  if (callee?.k === 'member') return fieldOf(ev, file, callee, gathered, depth > 0);
  if (callee?.k !== 'name' || depth > 4) return;
  const found = file.declaration(callee.scope, callee.name);
  if (found === undefined) return;
  const origins: readonly Origin[] = found.binding.definitions !== undefined
    ? [{ o: 'binding', file, scope: found.scope, binding: found.binding }]
    : (found.binding.imports ?? []).flatMap((imported) => importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root));
  const [value, ...others] = found.binding.values ?? [];
  if (origins.length === 0 && value !== undefined && others.length === 0) holderOf(ev, file, file.facts.exprs[value], gathered, depth + 1);
  for (const origin of origins) {
    if (origin.o === 'expr') holderOf(ev, origin.file, origin.file.facts.exprs[origin.expr], gathered, depth + 1);
    const definition = origin.o === 'binding' ? origin.binding.definitions?.[0] : undefined;
    if (definition === undefined || origin.o !== 'binding') continue;
    gathered.nameless = 0;
    gathered.signatures = [];
    add(gathered, origin.file, definition, true, false);
  }
}

/** A parameter with a function type: what the calls in its own file hand over. */
function handedFunctions(ev: Evaluation, file: LinkFile, callee: Expr | undefined, gathered: Gathered): void {
  if (callee?.k === 'member' || callee?.k === 'name') {
    // handed over as part of an object: `props.onClick()`
    const part = partHandedOver(ev, file, callee);
    if (part !== undefined) return part.values.forEach((value) => value.v !== 'argument' && !isSignature(ev, value) && one(ev, file, value, gathered, true));
  }
  const binding = callee?.k === 'name' ? file.declaration(callee.scope, callee.name)?.binding : undefined;
  const parameter = file.facts.exprs[binding?.values?.[0] ?? -1];
  if (binding?.kind !== 'parameter' || binding.values?.length !== 1 || parameter?.k !== 'param') return;
  const argument = ev.values.argument(file.index, parameter.function, parameter.index);
  if (argument.v !== 'argument') return;
  const handed = ev.handed(argument);
  const known = handed.values.filter((value) => value.v !== 'function' || value.definition >= 0 || ev.program.file(value.file).facts.functions[value.function]?.bodiless !== true);
  if (known.length === 0) return;
  if (handed.open === undefined && known.length === handed.values.length) gathered.signatures = [];
  for (const value of known) one(ev, file, value, gathered, false);
}

/** What calls in the file hand over as a member of an object parameter; undefined where the callee is no such member. */
function partHandedOver(ev: Evaluation, file: LinkFile, callee: Expr, depth = 0): ValueSet | undefined {
  if (depth > 4 || file.rules.inheritance !== 'single') return undefined;
  if (callee.k === 'name') {
    const [value, ...others] = file.declaration(callee.scope, callee.name)?.binding.values ?? [];
    const expr = file.facts.exprs[value ?? -1];
    return expr?.k === 'member' && others.length === 0 ? partHandedOver(ev, file, expr, depth + 1) : undefined;
  }
  if (callee.k !== 'member') return undefined;
  const object = file.facts.exprs[callee.object];
  const [value, ...others] = object?.k === 'name' ? (file.declaration(object.scope, object.name)?.binding.values ?? []) : object?.k === 'param' ? [callee.object] : [];
  const parameter = file.facts.exprs[value ?? -1];
  if (parameter?.k !== 'param' || others.length > 0) return undefined;
  const argument = ev.values.argument(file.index, parameter.function, parameter.index);
  return argument.v === 'argument' ? ev.member(ev.handed(argument), callee.name) : undefined;
}

function isSignature(ev: Evaluation, value: Value): boolean {
  return value.v === 'function' && value.definition < 0 && ev.program.file(value.file).facts.functions[value.function]?.bodiless === true;
}

/** What is called through a function type that a type of the repository declares: which function it is nobody says, but the type is one that it has. */
function declaredTypes(gathered: Gathered): void {
  for (const signature of gathered.signatures) {
    const { facts } = signature.file;
    const owner = facts.scopes[facts.functions[signature.function]?.scope ?? -1]?.owner ?? -1;
    if (facts.definitions[owner]?.kind === 'type') add(gathered, signature.file, owner, true, true);
  }
}

/** Whether all that is called are methods that the receiver's class has from a base outside the repository. */
function inherited(ev: Evaluation, file: LinkFile, callee: Extract<Expr, { k: 'member' }>, gathered: Gathered): boolean {
  const bases = ev.expr(file, callee.object).values.map((value) => (value.v === 'instance' || value.v === 'class' ? ev.lineage(value.file, value.class).external : undefined));
  return gathered.externals.every((external) => bases.some((base) => base?.v === 'external' && base.package === external.package && base.members.length + 1 === external.members.length));
}

/**
 * A field of an instance or class that holds a function or class of another name: a subclass or a later assignment may put another there. So may one into a member
 * of an object that is another name for a method (`response.set = response.header = function …`).
 */
function heldInField(ev: Evaluation, file: LinkFile, callee: Extract<Expr, { k: 'member' }>, gathered: Gathered): void {
  if (!gathered.definitions.some((target) => target.file.facts.definitions[target.definition]?.name !== callee.name)) return;
  const receivers = ev.expr(file, callee.object).values;
  const field = receivers.some((value) => value.v === 'instance' || value.v === 'class');
  if (!field && !receivers.some((value) => value.v === 'object' || value.v === 'constructed')) return;
  for (const target of gathered.definitions) {
    const definition = target.file.facts.definitions[target.definition];
    if (definition === undefined || definition.name === callee.name || (!field && definition.kind !== 'method')) continue;
    if (definition.parent >= -1 && !target.file.rules.constructors.includes(definition.name)) target.indirect = true;
  }
}

function gather(ev: Evaluation, file: LinkFile, set: ValueSet, into: Gathered, indirect: boolean): void {
  if (set.open !== undefined) into.open ??= set.open;
  for (const value of set.values) one(ev, file, value, into, indirect);
  if (set.values.length === 0 && set.open === undefined) into.open ??= 'untyped-value';
}

function one(ev: Evaluation, file: LinkFile, value: Value, into: Gathered, indirect: boolean): void {
  switch (value.v) {
    case 'function': {
      const owner = ev.program.file(value.file);
      if (value.definition < 0) {
        // a function type says how something is called, not what it is
        if (owner.facts.functions[value.function]?.bodiless === true) into.signatures.push({ file: owner, function: value.function });
        else into.nameless++;
      } else add(into, owner, value.definition, isExact(value.receiver), indirect);
      if (value.like === true) into.vague.add(owner.declarations.ids[owner.declarations.primary[value.definition] ?? value.definition] ?? '');
      return;
    }
    case 'holder': {
      const loaded = loadedFrom(ev, value);
      return loaded === undefined ? add(into, ev.program.file(value.file), value.definition, true, indirect) : gather(ev, file, loaded, into, indirect);
    }
    case 'class': {
      const owner = ev.program.file(value.file);
      const definition = owner.facts.classes[value.class]?.definition ?? -1;
      // a metaclass's own `__call__` runs, and whether it constructs is its affair
      const through = owner.rules.callConstructs ? calledThrough(ev, value) : [];
      for (const each of through) if (each.v === 'function' && each.definition >= 0) add(into, ev.program.file(each.file), each.definition, true, true);
      if (definition < 0) into.nameless++;
      else add(into, owner, definition, true, indirect || through.length > 0);
      // Python: one derived from it as well, even where the class itself is another of the choices; elsewhere what is declared is called
      if (value.bound === true && owner.rules.callConstructs) into.vague.add(owner.declarations.ids[owner.declarations.primary[definition] ?? definition] ?? '');
      return;
    }
    case 'super': {
      const lineage = ev.lineage(value.file, value.class);
      const base = lineage.entries[1];
      if (lineage.alternatives !== undefined && base !== undefined && lineage.alternatives.some((each) => each === base.constructed || (each.v === 'instance' && each.class === base.class && each.file === base.file.index))) {
        for (const each of lineage.alternatives) one(ev, file, each.v === 'instance' ? ev.values.class(each.file, each.class) : each.v === 'constructed' ? ev.values.function(each.file, each.function, definitionOfConstructed(ev.program.file(each.file), each)) : each, into, indirect);
        return;
      }
      if (base?.constructed !== undefined) return one(ev, file, ev.values.function(base.file.index, base.constructed.v === 'constructed' ? base.constructed.function : -1, definitionOfConstructed(base.file, base.constructed)), into, indirect);
      if (base !== undefined) return one(ev, file, ev.values.class(base.file.index, base.class), into, indirect);
      if (lineage.external !== undefined) return one(ev, file, lineage.external, into, indirect);
      into.open ??= 'dynamic-callee';
      return;
    }
    case 'instance': {
      const signature = callSignature(ev, value);
      if (signature === undefined) into.uncallable = true;
      else gather(ev, file, signature, into, indirect);
      return;
    }
    case 'module': {
      const required = ev.required(ev.program.file(value.file));
      if (required.values.includes(value)) into.open ??= 'dynamic-callee';
      else gather(ev, file, required, into, indirect);
      return;
    }
    case 'external':
      if (value.entangled === true) into.entangled = true;
      into.externals.push({ package: value.package, members: value.members });
      return;
    case 'builtin-method':
      if (value.type === 'function' && value.of.v !== 'builtin' && /^(call|apply|bind)$/.test(value.name)) {
        if (value.name !== 'bind') one(ev, file, value.of, into, true);
        into.externals.push({ package: file.rules.builtinPackage, members: ['Function', value.name] });
        return;
      }
      if (ev.program.languages.every((rules) => rules.builtins.method(value.type, value.name) === undefined)) into.unlisted = true;
      addExternal(into, memberPlace(value.type, value.name, file.rules.builtinPackage));
      return;
    case 'builtin':
      // ECMAScript: the type of a component says how it is called, as a function type does
      if (value.name === 'function' && value.arguments.length > 0 && file.rules.inheritance === 'single') into.signatures.push({ file, function: -1 });
      else if (value.name === 'function') into.open ??= 'dynamic-callee';
      else if (value.name !== 'undefined' && value.name !== 'null') into.uncallable = true;
      return;
    case 'argument': return gather(ev, file, ev.handed(value), into, indirect);
    case 'type-parameter': into.open ??= 'opaque-type'; return;
    case 'namespace': into.uncallable = true; return; // merged with a function: that is what is called
    case 'object': case 'constructed': case 'package': into.open ??= 'dynamic-callee'; return;
  }
}

/** What a call of a library's function left in a variable, where that is a function or class of another file: `lazy(() => import('./view'))`. */
function loadedFrom(ev: Evaluation, holder: Extract<Value, { v: 'holder' }>): ValueSet | undefined {
  const file = ev.program.file(holder.file);
  const [value, ...others] = holder.values;
  const call = file.facts.exprs[value ?? -1];
  if (value === undefined || others.length > 0 || call?.k !== 'call' || !ev.expr(file, call.callee).values.every((callee) => callee.v === 'external')) return undefined;
  const set = ev.expr(file, value);
  const elsewhere = (each: Value): boolean => (each.v === 'class' || (each.v === 'function' && each.definition >= 0)) && each.file !== holder.file;
  return set.values.length > 0 && set.open === undefined && set.values.every(elsewhere) ? set : undefined;
}

/** Whether a receiver is of just the class it is known by: constructed here, or a class named. */
function isExact(receiver: Value | undefined): boolean {
  if (receiver?.v === 'instance') return receiver.exact === true;
  return receiver?.v !== 'class' || receiver.bound !== true;
}

function definitionOfConstructed(file: LinkFile, value: Value): DefinitionIndex {
  return value.v === 'constructed' ? (file.facts.functions[value.function]?.definition ?? -1) : -1;
}

function add(into: Gathered, file: LinkFile, definition: DefinitionIndex, exact: boolean, indirect: boolean): void {
  const primary = file.declarations.primary[definition] ?? definition;
  const known = into.definitions.find((candidate) => candidate.file === file && candidate.definition === primary);
  if (known === undefined) into.definitions.push({ file, definition: primary, exact, indirect });
  else {
    known.exact &&= exact;
    known.indirect &&= indirect;
  }
}

function addExternal(into: Gathered, external: Gathered['externals'][number]): void {
  if (!into.externals.some((known) => known.package === external.package && known.members.join('.') === external.members.join('.'))) into.externals.push(external);
}

/** Says more closely why a value is not known, from how the callee is written. */
function betterReason(ev: Evaluation, file: LinkFile, callee: Expr | undefined): UnresolvedReason {
  if (callee?.k === 'member') {
    const object = ev.expr(file, callee.object);
    return object.open ?? 'unknown-member';
  }
  if (callee?.k === 'index') return 'computed-member';
  if (callee?.k === 'name') return 'untyped-value';
  return 'dynamic-callee';
}
