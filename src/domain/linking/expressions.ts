import type { Binding, Expr, ExprIndex, ScopeIndex } from '../file-facts.js';
import { elementByKey, replaceable } from './containers.js';
import { added } from './additions.js';
import { isBare, withCollected } from './collected.js';
import type { Call, Evaluation } from './evaluation.js';
import { instancesOf, originValues, starOrigins } from './modules.js';
import { isGlobalObject, putIntoGlobal } from './global-object.js';
import { fieldsInOrder, outsideBaseOf } from './named-tuples.js';
import { operated } from './operators.js';
import type { LinkFile } from './program.js';
import { classParameters } from './substitution.js';
import { derivedFrom, guardedBy, testedValues } from './tested.js';
import { ALL_ARGUMENTS, usesIn } from './uses.js';
import { flatMap, NOTHING, only, open, unite, type Value, type ValueSet } from './value.js';

/** What an expression may evaluate to. */
export function exprValues(ev: Evaluation, file: LinkFile, index: ExprIndex): ValueSet {
  const expr = file.facts.exprs[index];
  if (expr === undefined) return open('untyped-value');
  switch (expr.k) {
    case 'unknown': return open('untyped-value');
    case 'literal': return only(ev.values.builtin(expr.type));
    case 'name': return ev.name(file, expr.scope, expr.name);
    case 'this': return thisValue(ev, file, expr);
    case 'super': return only(ev.values.super(file.index, expr.class, expr.static === true));
    case 'member': return memberExpr(ev, file, expr);
    case 'index': {
      const element = file.rules.callConstructs ? elementByKey(ev, file, index) : undefined;
      // an empty container there says nothing of what is put into it later
      if (element !== undefined && (element.values.length === 0 || !element.values.every(isBare))) return element;
      return named(ev, file, expr) ?? indexed(ev, file, expr);
    }
    case 'call': case 'new': {
      const callee = ev.expr(file, expr.callee);
      return expr.k === 'new' ? ev.construct(callee, { file, facts: expr, index }) : withCollected(ev, file, index, ev.call(callee, { file, facts: expr, index }));
    }
    case 'await': return ev.awaited(ev.expr(file, expr.value));
    case 'iterate': {
      const set = ev.iterated(ev.expr(file, expr.value), expr.async === true);
      // a list that is gone through where it is written holds what is written
      const list = file.facts.exprs[expr.value];
      return list?.k === 'array' && set.open === 'computed-member' ? unite(list.elements.map((element) => ev.expr(file, element))) : set;
    }
    case 'unpack': return unpacked(ev, ev.expr(file, expr.value), expr.index, expr.rest === true);
    case 'enter': return ev.entered(ev.expr(file, expr.value), expr.async === true);
    case 'function': {
      const definition = file.facts.functions[expr.function]?.definition ?? -1;
      return only(ev.values.function(file.index, expr.function, definition));
    }
    case 'class': return only(ev.values.class(file.index, expr.class));
    case 'array': return withCollected(ev, file, index, arrayValue(ev, file, expr, index));
    case 'object':
      if (expr.container === 'dict') return withCollected(ev, file, index, only(ev.values.builtin('dict', [NOTHING, unite([...expr.properties.map((property) => property.value), ...(expr.values ?? [])].map((value) => ev.expr(file, value)))])));
      return only(ev.values.object(file.index, index));
    case 'union': return unite(expr.of.map((part) => ev.expr(file, part)));
    case 'cast': {
      const declared = ev.type(file, expr.type);
      return declared.values.length > 0 ? declared : ev.expr(file, expr.value);
    }
    case 'instance': {
      if (expr.guards !== undefined) return guardedBy(ev, ev.expr(file, expr.class), expr.guards) ?? NOTHING;
      if (expr.itself === true) return derivedFrom(ev, ev.expr(file, expr.class));
      const tested = instanceOfClass(ev, ev.expr(file, expr.class));
      return expr.unless === undefined ? tested : without(ev, file, ev.expr(file, expr.unless), tested);
    }
    case 'param': return ev.parameter(file, expr.function, expr.index);
    case 'import': return ev.imported(file, expr.import, '*');
    case 'operator': return operator(ev, file, expr);
  }
}

/** What a name may hold: every definition, import and assigned value of its binding, or its declared type. */
export function bindingValues(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  if (binding.kind === 'type-parameter') return open('opaque-type');
  const unguarded = binding.kind === 'narrowed' ? withoutGuards(ev, file, scope, binding) : undefined;
  if (unguarded !== undefined) return unguarded;
  if (binding.kind === 'narrowed') return file.rules.inheritance === 'single' ? narrowedValues(ev, file, scope, binding) : settledValues(ev, file, scope, binding);
  if (binding.type !== undefined) {
    const declared = ev.type(file, binding.type);
    if (declared.values.length > 0) return nameFunctions(ev, file, binding, declared);
  }
  const parts: ValueSet[] = [];
  let held = 0;
  for (const index of binding.definitions ?? []) {
    const definition = file.facts.definitions[index];
    if (definition === undefined) continue;
    if (definition.kind === 'function' || definition.kind === 'method') {
      if (file.declarations.primary[index] !== index) continue;
      held++;
      parts.push(definition.function === undefined ? only(ev.values.holder(file.index, index, binding.values ?? [])) : only(ev.values.function(file.index, definition.function, index)));
    } else if (definition.class !== undefined && definition.kind !== 'interface' && definition.kind !== 'type') {
      held++;
      parts.push(only(ev.values.class(file.index, definition.class)));
    } else if (definition.kind === 'module') parts.push(only(ev.values.namespace(file.index, index)));
  }
  for (const imported of binding.imports ?? []) parts.push(ev.imported(file, imported.import, imported.imported, { root: imported.root === true }));
  const values = binding.values ?? [];
  // a definition's own value is among the values: only what is assigned beyond it adds
  if (values.length > held || held === 0 || isAssignedAnew(file, binding)) for (const value of values) {
    const set = isItself(file, scope, binding, value) ? only(ev.values.external(file.rules.builtinPackage, [binding.name])) : ev.expr(file, value);
    parts.push(held > 0 ? { values: set.values.filter((candidate) => !(candidate.v === 'function' && candidate.definition < 0)), open: set.open } : set);
  }
  if (parts.length === 0) return binding.type === undefined ? open('untyped-value') : open('opaque-type');
  // `let x = null; …; x = new C()`: the placeholder value adds nothing
  return unite(parts);
}

/** What a name holds where a function was asked that is no type guard after all: what it held before. */
function withoutGuards(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet | undefined {
  const guards = (binding.values ?? []).flatMap((value) => {
    const test = file.facts.exprs[value];
    return test?.k === 'instance' && test.guards !== undefined ? [{ class: test.class, guards: test.guards }] : [];
  });
  if (guards.every((test) => guardedBy(ev, ev.expr(file, test.class), test.guards) !== undefined)) return undefined;
  const outer = file.lookup(file.facts.scopes[scope]?.parent ?? -1, binding.name);
  return outer === undefined ? undefined : ev.binding(file, outer.scope, outer.binding);
}

/** A function declaration that something else is assigned to: the declaration is not among the values. */
function isAssignedAnew(file: LinkFile, binding: Binding): boolean {
  if (file.rules.inheritance !== 'single' || binding.values === undefined || binding.values.length === 0) return false;
  const declared = (binding.definitions ?? []).flatMap((index) => file.facts.definitions[index]?.function ?? []);
  return declared.length === binding.definitions?.length && declared.every((index) => !expressedIn(file).has(index));
}

const expressed = new WeakMap<LinkFile, ReadonlySet<number>>();

/** The functions of a file that are expressions, not declarations. */
function expressedIn(file: LinkFile): ReadonlySet<number> {
  let found = expressed.get(file);
  if (found === undefined) expressed.set(file, (found = new Set(file.facts.exprs.flatMap((expr) => (expr.k === 'function' ? [expr.function] : [])))));
  return found;
}

/** Python: `str = str` in a module gives it the language's own name, when there is such and nothing else was bound to it before. */
function isItself(file: LinkFile, scope: ScopeIndex, binding: Binding, value: ExprIndex): boolean {
  const expr = file.facts.exprs[value];
  return scope === 0 && file.rules.exportsBindings && binding.imports === undefined && expr?.k === 'name' && expr.name === binding.name && file.rules.isGlobal(binding.name) && file.declaration(expr.scope, expr.name)?.binding === binding;
}

/** A name within a block that knows more of it: what a test says, or what an assignment put there, which a declared type narrows only where it is a choice of several. */
function narrowedValues(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  const known = unite((binding.values ?? []).map((value) => ev.expr(file, value)));
  if (binding.values?.some((value) => file.facts.exprs[value]?.k === 'instance') !== false) return testedValues(ev, file, { scope, binding }, known);
  const outer = file.declaration(scope, binding.name);
  if (outer === undefined) return known;
  const declared = declaredType(ev, file, outer.binding);
  if (declared === undefined || declared.values.length === 0) return known;
  const choices = declared.values.filter((value) => !(value.v === 'builtin' && (value.name === 'undefined' || value.name === 'null')));
  return choices.length < 2 || known.values.length === 0 ? ev.binding(file, outer.scope, outer.binding) : known;
}

/** Python: what a test or an assignment says of a name in a block; where an assigned value says nothing of its own, the declared type still holds. */
function settledValues(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  const known = unite((binding.values ?? []).map((value) => ev.expr(file, value)));
  if (binding.values?.some((value) => file.facts.exprs[value]?.k === 'instance') === true) return testedValues(ev, file, { scope, binding }, known);
  if (known.open === undefined && known.values.some(saysSomething)) return known;
  const outer = file.declaration(scope, binding.name);
  const declared = outer === undefined ? undefined : declaredType(ev, file, outer.binding);
  return declared === undefined || outer === undefined || declared.values.length === 0 ? known : ev.binding(file, outer.scope, outer.binding);
}

/** Whether a value tells more than a declared type would: not what a library gave, nor an empty container. */
function saysSomething(value: Value): boolean {
  if (value.v === 'builtin') return value.arguments.length === 0 ? value.name !== 'null' && value.name !== 'undefined' && !isContainer(value.name) : value.arguments.some((set) => set.open === undefined && set.values.length > 0);
  return value.v !== 'external' && value.v !== 'argument';
}

function isContainer(name: string): boolean {
  return name === 'list' || name === 'dict' || name === 'set' || name === 'tuple';
}

/** The declared type of a variable or parameter. */
function declaredType(ev: Evaluation, file: LinkFile, binding: Binding): ValueSet | undefined {
  if (binding.type !== undefined) return ev.type(file, binding.type);
  const [first] = binding.values ?? [];
  const parameter = first === undefined ? undefined : file.facts.exprs[first];
  const type = parameter?.k === 'param' ? file.facts.functions[parameter.function]?.parameters[parameter.index]?.type : undefined;
  return type === undefined ? undefined : ev.type(file, type);
}

/** A variable declared with a function type is called by its own name when it is a definition. */
function nameFunctions(ev: Evaluation, file: LinkFile, binding: Binding, set: ValueSet): ValueSet {
  const definition = binding.definitions?.find((index) => file.facts.definitions[index]?.kind === 'function');
  if (definition === undefined) return set;
  const own = file.facts.definitions[definition]?.function;
  if (own !== undefined) return only(ev.values.function(file.index, own, definition));
  return { ...set, values: set.values.map((value) => ((value.v === 'function' && value.definition < 0) || (value.v === 'builtin' && value.name === 'function') ? ev.values.holder(file.index, definition, binding.values ?? []) : value)) };
}

/** What a name read in a scope may hold; names that nothing binds are the language's own. */
export function nameValues(ev: Evaluation, file: LinkFile, scope: ScopeIndex, name: string): ValueSet {
  const found = file.lookup(scope, name);
  if (found !== undefined) return ev.binding(file, found.scope, found.binding);
  for (let at = scope; at >= 0; at = file.facts.scopes[at]?.parent ?? -1) {
    const starred = starOrigins(ev, file, at, name);
    if (starred !== undefined) return file.rules.isGlobal(name) && starred.some((origin) => origin.o === 'set' && origin.set.open !== undefined) ? only(ev.values.external(file.rules.builtinPackage, [name])) : originValues(ev, starred);
  }
  if (file.rules.commonjs) {
    const all = name === 'arguments' ? allArguments(ev, file, scope) : undefined;
    if (all !== undefined) return all;
    if (name === 'exports') return ev.required(file);
    if (name === 'module') return only(ev.values.builtin('commonjs-module', [ev.required(file)]));
  }
  const shared = file.rules.sharedScripts ? ev.program.shared(name) : undefined;
  if (shared !== undefined) {
    // which scripts a page loads together is not known: a script's name is at most a candidate
    const set = unite(shared.map((declared) => ev.binding(declared.file, declared.scope, declared.binding)));
    return shared.every((declared) => declared.ambient) ? set : { values: set.values, open: 'unknown-name' };
  }
  const put = file.rules.sharedScripts ? putIntoGlobal(ev, file.rules, name) : undefined;
  if (put !== undefined) return put;
  if (file.rules.sharedScripts || file.rules.isGlobal(name)) return only(ev.values.external(file.rules.builtinPackage, [name]));
  return open('unknown-name');
}

/** `arguments` in a function that is no arrow: all that it is handed. */
function allArguments(ev: Evaluation, file: LinkFile, scope: ScopeIndex): ValueSet | undefined {
  for (let at = scope; at >= 0; at = file.facts.scopes[at]?.parent ?? -1) {
    const index = usesIn(file).byScope.get(at);
    if (index === undefined || file.facts.functions[index]?.arrow === true) continue;
    return only(ev.values.builtin('Array', [{ values: [ev.values.argument(file.index, index, ALL_ARGUMENTS)], open: 'untyped-parameter' }]));
  }
  return undefined;
}

function thisValue(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'this' }>): ValueSet {
  if (expr.class !== undefined) {
    if (expr.static === true) return only(ev.values.class(file.index, expr.class, undefined, true));
    return only(ev.values.instance(file.index, expr.class, classParameters(ev, file, expr.class).map(only)));
  }
  if (expr.function === undefined) return file.rules.commonjs && file.facts.moduleKind === 'commonjs' ? ev.required(file) : open('dynamic-receiver');
  const facts = file.facts.functions[expr.function];
  if (facts?.thisType !== undefined) return ev.type(file, facts.thisType);
  const expected = facts?.definition === -1 ? ev.expectedReceiver(file, expr.function) : undefined;
  if (expected !== undefined) return expected;
  if (facts?.home !== undefined) return ev.expr(file, facts.home);
  for (const assignment of file.assignmentsOf(expr.function)) {
    const target = ev.expr(file, assignment.target);
    if (target.values.length > 0) return { values: target.values };
  }
  if (file.assignmentsInFunction(expr.function).length > 0 || ev.attached(ev.values.function(file.index, expr.function, facts?.definition ?? -1), 'prototype') !== undefined) {
    return only(ev.values.constructed(file.index, expr.function));
  }
  return open('dynamic-receiver');
}

function memberExpr(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'member' }>): ValueSet {
  const object = ev.expr(file, expr.object);
  const [first] = object.values;
  if (first?.v === 'builtin' && first.name === 'commonjs-module') return expr.name === 'exports' ? (first.arguments[0] ?? NOTHING) : only(ev.values.external(file.rules.builtinPackage, ['module', expr.name]));
  // members that this file itself gives to what comes from elsewhere
  const attached = object.values.flatMap((value) => {
    if (value.v !== 'external' && !('file' in value && value.file !== file.index)) return [];
    const set = ev.attachedIn(file, value, expr.name);
    // two calls from outside give two things, though they look alike: `useRef()`
    return set === undefined || (value.v === 'external' && value.derived === true && !assignsTo(file, expr)) ? [] : [set];
  });
  // Python: what was there before this file put something else in its place may be meant as well
  const original = attached.length > 0 && file.rules.callConstructs ? ev.member({ values: object.values.filter((value) => !(value.v === 'external' && value.derived === true)) }, expr.name) : NOTHING;
  if (attached.length > 0) return unite([{ values: original.values }, ...attached]);
  const put = object.values.some((value) => isGlobalObject(file.rules, value)) ? putIntoGlobal(ev, file.rules, expr.name) : undefined;
  if (put !== undefined) return put;
  const found = ev.member(object, expr.name);
  if (found.values.length > 0) return found;
  // `import('x').then(…)`: the expression is the module, its value a promise of it
  const written = file.facts.exprs[expr.object];
  if (written?.k === 'import' && file.facts.imports[written.import]?.kind === 'dynamic') return ev.member(only(ev.values.builtin('Promise', [object])), expr.name);
  // the declared type of a variable has no such member, but what is assigned to it has
  const holder = file.facts.exprs[expr.object];
  const named = holder?.k === 'name' ? file.declaration(holder.scope, holder.name) : undefined;
  if (named?.binding.type === undefined || named.binding.values === undefined) return found;
  const assigned = ev.member(unite(named.binding.values.filter((value) => file.facts.exprs[value]?.k !== 'param').map((value) => ev.expr(file, value))), expr.name);
  return assigned.values.length > 0 ? assigned : found;
}

/** Whether the file assigns this member of this very variable. */
function assignsTo(file: LinkFile, expr: Extract<Expr, { k: 'member' }>): boolean {
  const variable = (index: ExprIndex): Binding | undefined => {
    const object = file.facts.exprs[index];
    return object?.k === 'name' ? file.declaration(object.scope, object.name)?.binding : undefined;
  };
  const own = variable(expr.object);
  return file.facts.assignments.some((assignment) => assignment.name === expr.name && (assignment.target === expr.object || (own !== undefined && variable(assignment.target) === own)));
}

/** Python: `globals()['f']`. */
function named(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'index' }>): ValueSet | undefined {
  const object = file.facts.exprs[expr.object];
  const key = file.facts.exprs[expr.key ?? 0];
  if (object?.k !== 'call' || !file.rules.callConstructs || key?.k !== 'literal' || key.type !== 'string' || key.value === undefined) return undefined;
  const [callee] = ev.expr(file, object.callee).values;
  return callee?.v === 'external' && callee.package === file.rules.builtinPackage && callee.members.join('.') === 'globals' ? ev.name(file, 0, key.value) : undefined;
}

function indexed(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'index' }>): ValueSet {
  const key = expr.key === undefined ? undefined : file.facts.exprs[expr.key];
  return flatMap(ev.expr(file, expr.object), (value): ValueSet => {
    if (value.v === 'builtin') {
      if (value.name === 'tuple') {
        const at = key?.k === 'literal' && key.type === 'number' && key.value !== undefined ? Number(key.value) : -1;
        return at >= 0 ? (value.arguments[at] ?? open('computed-member')) : unite(value.arguments);
      }
      const indexes = ev.program.builtinType(value.name)?.indexes ?? -1;
      const elements = value.arguments[indexes];
      if (elements === undefined) return open('computed-member');
      return file.rules.callConstructs ? replaceable(elements) : elements;
    }
    if (value.v === 'object') {
      const owner = ev.program.file(value.file);
      const facts = owner.facts.exprs[value.expr];
      if (facts?.k !== 'object') return open('computed-member');
      // any of the literal's values, or of those put there under such a key: the key is not known
      const put = ev.attached(value, '');
      return { ...unite([...facts.properties.map((property) => ev.expr(owner, property.value)), ...(put === undefined ? [] : [put])]), open: 'computed-member' };
    }
    if (value.v === 'instance') {
      const fields = fieldsInOrder(ev, value);
      if (fields !== undefined) return (key?.k === 'literal' && key.value !== undefined ? fields[Number(key.value)] : undefined) ?? unite(fields);
      const owner = ev.program.file(value.file);
      const signature = owner.facts.classes[value.class]?.members.find((member) => member.kind === 'index');
      if (signature?.type !== undefined) return ev.type(owner, signature.type);
      const getter = ev.memberOf(value, '__getitem__');
      const base = getter.values[0]?.v === 'builtin-method' ? outsideBaseOf(ev, value) : undefined;
      if (base?.v === 'builtin') return base.arguments[file.rules.builtins.type(base.name)?.indexes ?? -1] ?? open('computed-member');
      // the key says which overload of it is meant
      const asked: Call | undefined = expr.key === undefined ? undefined : { file, index: -1, facts: { k: 'call', callee: expr.object, arguments: [expr.key], site: -1 } };
      if (getter.values.length > 0) return ev.call(getter, asked);
      return open('computed-member');
    }
    if (value.v === 'class') return only(value); // Python: Generic[T] used as a value
    if (value.v === 'argument') return open('untyped-parameter');
    if (value.v === 'external') return only(ev.values.external(value.package, value.members, { derived: true }));
    return open('computed-member');
  });
}

/** Element `index` of a destructured sequence. */
export function unpacked(ev: Evaluation, set: ValueSet, index: number, rest: boolean): ValueSet {
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'builtin' && value.name === 'tuple') {
      if (rest) return only(ev.values.builtin('Array', [unite(value.arguments.slice(index))]));
      return value.arguments[index] ?? (value.arguments.length === 0 ? open('untyped-value') : NOTHING);
    }
    const fields = fieldsInOrder(ev, value);
    if (fields !== undefined && !rest) return fields[index] ?? NOTHING;
    const element = ev.iterated(only(value));
    return rest ? only(ev.values.builtin('Array', [element])) : element;
  });
}

function arrayValue(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'array' }>, index: ExprIndex): ValueSet {
  const elements = expr.elements.map((element) => ev.expr(file, element));
  const more = added(ev, file, index)?.elements;
  if (more !== undefined) return only(ev.values.builtin('Array', [unite([...elements, more])]));
  const spread = expr.elements.some((element) => file.facts.exprs[element]?.k === 'iterate');
  if (expr.container === 'tuple' && !spread) return only(ev.values.builtin('tuple', elements));
  if (expr.container === 'array' && !spread && elements.length > 1 && elements.length <= 8 && new Set(elements.map((set) => set.values.map((value) => value.key).join())).size > 1) {
    return only(ev.values.builtin('tuple', elements)); // mixed elements: keep their places ([value, setter], Promise.all([a(), b()]))
  }
  const names = { array: 'Array', list: 'list', set: 'set', generator: 'generator', tuple: 'list' } as const;
  return only(ev.values.builtin(names[expr.container], [elements.length === 0 ? open('untyped-value') : unite(elements)]));
}

/** The values that are no instances of any of some classes; all of them where none would be left. */
function without(ev: Evaluation, file: LinkFile, set: ValueSet, tested: ValueSet): ValueSet {
  if (set.values.length < 2) return set;
  const left = set.values.filter((value) => !tested.values.some((each) => isOneOf(ev, file, value, each)));
  return left.length === 0 || left.length === set.values.length ? set : { ...set, values: left };
}

function isOneOf(ev: Evaluation, file: LinkFile, value: Value, tested: Value): boolean {
  if (tested.v === 'instance') return value.v === 'instance' && ev.lineage(value.file, value.class).entries.some((entry) => entry.file.index === tested.file && entry.class === tested.class);
  if (tested.v !== 'external') return false;
  if (value.v === 'external') return value.package === tested.package && value.members.join('.') === tested.members.join('.');
  const dotted = tested.members.join('.');
  const [form, name] = file.rules.typeAliases.get(tested.package === file.rules.builtinPackage ? dotted : `${tested.package}.${dotted}`)?.split(' ') ?? [];
  return form === 'builtin' && value.v === 'builtin' && value.name === name;
}

function instanceOfClass(ev: Evaluation, set: ValueSet): ValueSet {
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'builtin' && (value.name === 'tuple' || value.name === 'Array' || value.name === 'list')) return instanceOfClass(ev, unite(value.arguments));
    return instancesOf(ev, only(value));
  });
}

function operator(ev: Evaluation, file: LinkFile, expr: Extract<Expr, { k: 'operator' }>): ValueSet {
  if (/^(!|==|===|!=|!==|<|>|<=|>=|in|not|is|instanceof|delete|not in|is not)$/.test(expr.operator)) return only(ev.values.builtin('boolean'));
  if (expr.operator === 'typeof' || expr.operator === '`' || expr.operator === 'string') return only(ev.values.builtin('string'));
  if (file.rules.callConstructs) return operated(ev, file, expr);
  const operands = unite(expr.operands.map((operand) => ev.expr(file, operand)));
  const named = operands.values.filter((value) => value.v === 'builtin');
  if (named.some((value) => value.name === 'string')) return only(ev.values.builtin('string'));
  if (operands.open === undefined && named.length === operands.values.length && named.length > 0) return { values: named };
  if (/^[-*/%&|^~]|^<<|^>>|^\+\+|^--/.test(expr.operator)) return only(ev.values.builtin('number'));
  return open('untyped-value');
}
