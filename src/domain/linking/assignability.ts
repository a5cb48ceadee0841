import type { Expr, ExprIndex, FunctionFacts, Member, TypeIndex } from '../file-facts.js';
import { callSignature } from './call-signatures.js';
import type { Evaluation, Lineage } from './evaluation.js';
import type { LinkFile } from './program.js';
import type { Value, ValueSet } from './value.js';

/** Whether something is of a type, as far as linking knows both. */
export type Fit = 'yes' | 'maybe' | 'no';

/** A type as it is written. `element`: of a rest parameter, whose arguments are its elements. */
export interface Wanted {
  readonly file: LinkFile;
  readonly type: TypeIndex;
  readonly element?: boolean;
}

/** An expression that is passed where a type is wanted. */
export interface Given {
  readonly file: LinkFile;
  readonly expr: ExprIndex;
}

const MAX_DEPTH = 4;
const PRIMITIVES: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint', 'symbol', 'bytes']);

/** Whether an expression may be passed where a type is wanted. */
export function accepts(ev: Evaluation, wanted: Wanted, given: Given, depth = 0): Fit {
  if (depth > MAX_DEPTH) return 'maybe';
  const { file } = wanted;
  const type = file.facts.types[wanted.type];
  if (wanted.element === true) return type?.k === 'array' ? accepts(ev, { file, type: type.element }, given, depth + 1) : 'maybe';
  switch (type?.k) {
    case undefined: case 'opaque': return 'maybe';
    case 'literal': return acceptsLiteral(ev, file, type, given);
    case 'union': return any(type.of.map((part) => accepts(ev, { file, type: part }, given, depth + 1)));
    case 'intersection': return every(type.of.map((part) => accepts(ev, { file, type: part }, given, depth + 1)), 'maybe');
    case 'ref': {
      if (file.rules.callConstructs && type.arguments !== undefined) {
        const name = type.path.at(-1);
        if (name === 'Literal' || name === 'Union') return any(type.arguments.map((part) => accepts(ev, { file, type: part }, given, depth + 1)));
        if (name === 'Optional') return any([acceptsNull(ev, given), ...type.arguments.map((part) => accepts(ev, { file, type: part }, given, depth + 1))]);
      }
      const alias = aliasOf(file, type.path, type.scope);
      if (alias !== undefined && type.arguments === undefined) return accepts(ev, { file, type: alias }, given, depth + 1);
      const written = given.file.facts.exprs[given.expr];
      // the two kinds of Python's numbers are told apart where they are written
      if (file.rules.callConstructs && type.path.length === 1 && type.path[0] === 'int' && written?.k === 'literal' && written.type === 'number' && /[.eEjJ]/.test(written.value ?? '')) return 'no';
      const anything = acceptsAnything(ev, wanted, given);
      if (anything !== undefined) return anything;
      break;
    }
    default: break;
  }
  const declared = ev.type(file, wanted.type);
  if (declared.values.length === 0) return 'maybe';
  const written = given.file.facts.exprs[given.expr];
  if (written?.k === 'object' && written.container === 'object') return literalFits(ev, declared, given.file, written, depth);
  return setFits(ev, declared, ev.expr(given.file, given.expr), depth);
}

/** The type that an alias of the same file stands for, where it takes no parameters. */
function aliasOf(file: LinkFile, path: readonly string[], scope: number): TypeIndex | undefined {
  const [name] = path;
  const binding = name === undefined || path.length > 1 ? undefined : file.lookup(scope, name, 'type')?.binding;
  const [index, ...others] = binding?.definitions ?? [];
  const definition = file.facts.definitions[index ?? -1];
  return others.length === 0 && definition?.kind === 'type' && definition.typeParameters === undefined ? definition.type : undefined;
}

/** What types say that name no members: `any`, `unknown`, `object`, a type parameter without a bound. */
function acceptsAnything(ev: Evaluation, { file, type: index }: Wanted, given: Given): Fit | undefined {
  const type = file.facts.types[index];
  if (type?.k !== 'ref') return undefined;
  const [name, ...rest] = type.path;
  if (name === undefined || rest.length > 0) return undefined;
  const found = file.lookup(type.scope, name, 'type');
  if (found?.binding.kind === 'type-parameter') {
    const constraint = file.constraint(found.scope, name);
    return constraint === undefined ? 'yes' : accepts(ev, { file, type: constraint }, given, 1);
  }
  if (found !== undefined || file.rules.typeAliases.get(name) !== 'unknown') return undefined;
  if (name !== 'object' || file.rules.callConstructs) return 'yes';
  const set = ev.expr(given.file, given.expr);
  return every(valuesOf(set).map((value) => (value.v === 'builtin' && PRIMITIVES.has(value.name) ? 'no' : isOpaque(value) ? 'maybe' : 'yes')), set.open === undefined ? undefined : 'maybe');
}

/** The literal that an expression is, also by way of a variable that never changes. */
function literalOf(file: LinkFile, index: ExprIndex, depth = 0): Extract<Expr, { k: 'literal' }> | undefined {
  const expr = file.facts.exprs[index];
  if (expr?.k === 'literal') return expr;
  if (expr?.k !== 'name' || depth > MAX_DEPTH) return undefined;
  const binding = file.declaration(expr.scope, expr.name)?.binding;
  const [value, ...others] = binding?.values ?? [];
  return binding?.constant === true && binding.type === undefined && value !== undefined && others.length === 0 ? literalOf(file, value, depth + 1) : undefined;
}

function acceptsLiteral(ev: Evaluation, file: LinkFile, wanted: { readonly type: string; readonly value: string }, given: Given): Fit {
  const literal = literalOf(given.file, given.expr);
  const nothing = wanted.type === 'null' || wanted.type === 'undefined';
  if (literal !== undefined) {
    if (nothing) return literal.type === wanted.type || (file.rules.callConstructs && literal.type === 'null') ? 'yes' : 'no';
    if (literal.type !== wanted.type) return 'no';
    return literal.value === undefined ? 'maybe' : literal.value === wanted.value ? 'yes' : 'no';
  }
  if (nothing) return acceptsNull(ev, given);
  const set = ev.expr(given.file, given.expr);
  return every(valuesOf(set).map((value) => (value.v === 'builtin' && value.name === wanted.type ? 'maybe' : isOpaque(value) ? 'maybe' : 'no')), set.open === undefined ? undefined : 'maybe');
}

function acceptsNull(ev: Evaluation, given: Given): Fit {
  const set = ev.expr(given.file, given.expr);
  if (set.values.length === 0) return 'maybe';
  if (set.values.every(isNothing)) return set.open === undefined ? 'yes' : 'maybe';
  return set.values.some(isNothing) || set.values.some(isOpaque) || set.open !== undefined ? 'maybe' : 'no';
}

/** An object literal as it is written meets a type by its properties: none too many, none that is asked for too few. */
function literalFits(ev: Evaluation, declared: ValueSet, file: LinkFile, literal: Extract<Expr, { k: 'object' }>, depth: number): Fit {
  return any(declared.values.map((value): Fit => {
    if (value.v === 'builtin') return value.name === 'Record' || value.name === 'object' ? 'yes' : 'no';
    if (value.v === 'function') return 'no';
    if (value.v !== 'instance') return 'maybe';
    const lineage = ev.lineage(value.file, value.class);
    const { members, required, indexed, callable } = shapeOf(lineage);
    if (indexed || members.size === 0) return 'maybe';
    if (callable) return 'no';
    let fit: Fit = lineage.open || lineage.external !== undefined || literal.spreads.length > 0 ? 'maybe' : 'yes';
    if (fit === 'yes') {
      if (literal.properties.some(({ name }) => !members.has(name))) return 'no';
      if (required.some((name) => !literal.properties.some((property) => property.name === name))) return 'no';
    }
    for (const property of literal.properties) {
      const wanted = members.get(property.name);
      if (wanted?.member.type === undefined) continue;
      const own = accepts(ev, { file: wanted.file, type: wanted.member.type }, { file, expr: property.value }, depth + 1);
      if (own === 'no') return 'no';
      if (own === 'maybe') fit = 'maybe';
    }
    return fit;
  }));
}

/** What a type asks for in all. */
interface Shape {
  readonly members: ReadonlyMap<string, { readonly member: Member; readonly file: LinkFile }>;
  readonly required: readonly string[];
  readonly indexed: boolean;
  /** It has signatures. */
  readonly callable: boolean;
}

const shapes = new WeakMap<Lineage, Shape>();

function shapeOf(lineage: Lineage): Shape {
  let shape = shapes.get(lineage);
  if (shape !== undefined) return shape;
  const members = new Map<string, { readonly member: Member; readonly file: LinkFile }>();
  let indexed = false;
  let callable = false;
  for (const { file, class: index } of lineage.entries) {
    for (const member of file.facts.classes[index]?.members ?? []) {
      if (member.kind === 'index') indexed = true;
      else if (member.kind === 'call' || member.kind === 'construct') callable = true;
      else if (member.kind !== 'constructor' && member.static !== true && !members.has(member.name)) members.set(member.name, { member, file });
    }
  }
  shape = { members, required: [...members].flatMap(([name, { member }]) => (member.optional === true ? [] : [name])), indexed, callable };
  shapes.set(lineage, shape);
  return shape;
}

/** What is passed, without `undefined` and `null` where it may be something else too. */
function valuesOf(set: ValueSet): readonly Value[] {
  const some = set.values.filter((value) => !isNothing(value));
  return some.length === 0 ? set.values : some;
}

function isNothing(value: Value): boolean {
  return value.v === 'builtin' && (value.name === 'null' || value.name === 'undefined');
}

/** What a value is, is known by its use only. */
function isOpaque(value: Value): boolean {
  return value.v === 'external' || value.v === 'type-parameter' || value.v === 'argument' || value.v === 'holder' || value.v === 'builtin-method';
}

function setFits(ev: Evaluation, declared: ValueSet, given: ValueSet, depth: number): Fit {
  const fits = valuesOf(given).map((value) => any([...declared.values.map((wanted) => valueFits(ev, wanted, value, depth)), ...(declared.open === undefined ? [] : ['maybe' as const])]));
  return every(fits, given.open === undefined ? undefined : 'maybe');
}

function valueFits(ev: Evaluation, wanted: Value, given: Value, depth: number): Fit {
  if (depth > MAX_DEPTH || given.v === 'type-parameter' || given.v === 'argument' || given.v === 'holder') return 'maybe';
  switch (wanted.v) {
    case 'type-parameter': return 'maybe';
    case 'builtin': return builtinFits(ev, wanted, given, depth);
    case 'external': return externalFits(ev, wanted, given);
    case 'function': return functionFits(ev, ev.program.file(wanted.file).facts.functions[wanted.function], given);
    case 'instance': return instanceFits(ev, wanted, given);
    case 'class': {
      if (given.v !== 'class') return given.v === 'external' ? 'maybe' : 'no';
      return ev.lineage(given.file, given.class).entries.some((entry) => entry.file.index === wanted.file && entry.class === wanted.class) ? 'yes' : ev.lineage(given.file, given.class).open ? 'maybe' : 'no';
    }
    default: return 'maybe';
  }
}

/** Containers that stand for one another, more or less, where one is declared and the other given. */
const SEQUENCES: ReadonlySet<string> = new Set(['Array', 'tuple', 'list', 'set', 'Set', 'Iterable', 'Iterator', 'iterator', 'generator', 'AsyncIterable', 'async-generator', 'Map', 'dict']);

function builtinFits(ev: Evaluation, wanted: Extract<Value, { v: 'builtin' }>, given: Value, depth: number): Fit {
  if (wanted.name === 'function') return given.v === 'function' || given.v === 'class' || given.v === 'builtin-method' ? 'yes' : given.v === 'builtin' ? (given.name === 'function' ? 'yes' : 'no') : 'maybe';
  if (wanted.name === 'type') return given.v === 'class' ? 'yes' : given.v === 'external' ? 'maybe' : 'no';
  if (given.v !== 'builtin') {
    if (given.v === 'function' || given.v === 'class') return wanted.name === 'object' || wanted.name === 'Record' ? 'maybe' : 'no';
    if (given.v === 'instance') {
      const lineage = ev.lineage(given.file, given.class);
      const enumeration = lineage.entries[0]?.file.facts.classes[given.class]?.kind === 'enum';
      if (enumeration || lineage.open || lineage.external !== undefined) return 'maybe';
      return PRIMITIVES.has(wanted.name) || isNothing(wanted) || wanted.name === 'Array' || wanted.name === 'tuple' ? 'no' : 'maybe';
    }
    if (given.v === 'object') return PRIMITIVES.has(wanted.name) || isNothing(wanted) || wanted.name === 'Array' || wanted.name === 'tuple' ? 'no' : 'maybe';
    return 'maybe';
  }
  if (isNothing(given)) return isNothing(wanted) ? 'yes' : 'no';
  if (given.name === wanted.name || (wanted.name === 'Array' && given.name === 'tuple')) {
    const elements = wanted.arguments.length === 0 || given.arguments.length === 0 ? [] : wanted.arguments.slice(0, given.arguments.length);
    return every(elements.map((set, at) => {
      const inner = given.name === 'tuple' && wanted.name === 'Array' ? given.arguments : [given.arguments[at] ?? { values: [] }];
      return every(inner.map((each) => (each.values.length === 0 || set.values.length === 0 ? 'maybe' : setFits(ev, set, each, depth + 1))), undefined) === 'no' ? 'no' : 'yes';
    }), undefined, 'yes');
  }
  if (wanted.name === 'number' && given.name === 'boolean') return ev.program.languages.some((rules) => rules.callConstructs) ? 'maybe' : 'no';
  if (PRIMITIVES.has(wanted.name) || isNothing(wanted)) return 'no';
  if (PRIMITIVES.has(given.name)) return (given.name === 'string' || given.name === 'bytes') && (SEQUENCES.has(wanted.name) && wanted.name !== 'Array' && wanted.name !== 'tuple') ? 'maybe' : 'no';
  if (SEQUENCES.has(wanted.name) && SEQUENCES.has(given.name)) return wanted.name === 'Iterable' && given.name !== 'AsyncIterable' ? 'yes' : wanted.name === 'dict' || given.name === 'dict' || wanted.name === 'Map' || given.name === 'Map' ? 'no' : 'maybe';
  return 'maybe';
}

/** Types of the language's hosts that also stand for primitives. */
const LOOSE = /(?:Init|Info|Like|Key|Source|Encoding|Type)$/;

function externalFits(ev: Evaluation, wanted: Extract<Value, { v: 'external' }>, given: Value): Fit {
  if (given.v === 'external') return given.package === wanted.package && given.members.join('.') === wanted.members.join('.') ? 'yes' : 'maybe';
  if (given.v !== 'builtin' || !(PRIMITIVES.has(given.name) || isNothing(given))) return 'maybe';
  const ofLanguage = ev.program.languages.some((rules) => rules.builtinPackage === wanted.package && wanted.members.length === 1 && rules.isGlobal(wanted.members[0] ?? ''));
  return ofLanguage && !LOOSE.test(wanted.members[0] ?? '') ? 'no' : 'maybe';
}

/** A function where a function is wanted must not ask for more than it will be handed. */
function functionFits(ev: Evaluation, wanted: FunctionFacts | undefined, given: Value): Fit {
  if (given.v === 'builtin') return given.name === 'function' ? 'maybe' : 'no';
  if (given.v === 'object' || given.v === 'constructed') return 'no';
  if (given.v === 'instance') return callSignature(ev, given) === undefined ? (ev.lineage(given.file, given.class).external === undefined && !ev.lineage(given.file, given.class).open ? 'no' : 'maybe') : 'maybe';
  if (given.v !== 'function' || wanted === undefined) return 'maybe';
  const own = ev.program.file(given.file).facts.functions[given.function];
  if (own === undefined || wanted.parameters.some(({ form }) => form === 'rest')) return 'yes';
  const needed = own.parameters.filter((parameter) => parameter.optional !== true && parameter.default === undefined && parameter.form === undefined).length;
  return needed > wanted.parameters.length ? 'no' : 'yes';
}

/** An object where a class or interface is wanted: derived from it, or like it in all that it must have. */
function instanceFits(ev: Evaluation, wanted: Extract<Value, { v: 'instance' }>, given: Value): Fit {
  const lineage = ev.lineage(wanted.file, wanted.class);
  const { members, required, indexed, callable } = shapeOf(lineage);
  if (given.v === 'function' || given.v === 'class') return callable ? 'yes' : required.length > 0 ? 'no' : 'maybe';
  const enumeration = lineage.entries[0]?.file.facts.classes[wanted.class]?.kind === 'enum';
  if (given.v === 'builtin') {
    if (isNothing(given)) return 'no';
    if (!PRIMITIVES.has(given.name)) return 'maybe';
    if (enumeration) return given.name === 'number' ? 'maybe' : 'no';
    return lineage.protocol || members.size === 0 || indexed ? 'maybe' : 'no';
  }
  if (given.v !== 'instance' && given.v !== 'object' && given.v !== 'constructed') return 'maybe';
  if (given.v === 'instance') {
    const own = ev.lineage(given.file, given.class);
    if (own.entries.some((entry) => entry.file.index === wanted.file && entry.class === wanted.class)) return 'yes';
    if (own.open || own.external !== undefined || lineage.open) return 'maybe';
    if (enumeration || own.entries[0]?.file.facts.classes[given.class]?.kind === 'enum') return 'no';
    // names alone decide where types are nominal
    if (lineage.entries[0]?.file.rules.callConstructs === true) return lineage.protocol ? 'maybe' : 'no';
    const declared = own.entries[0]?.file.facts.classes[given.class]?.implements ?? [];
    if (declared.some(({ type }) => type !== undefined && own.entries[0] !== undefined && ev.type(own.entries[0].file, type).values.some((value) => value.v === 'instance' && value.file === wanted.file && value.class === wanted.class))) return 'yes';
  }
  if (required.length === 0 || callable || indexed) return 'maybe';
  const missing = required.some((name) => {
    const set = ev.memberOf(given, name);
    return set.values.length === 0 && set.open === 'unknown-member';
  });
  return missing ? 'no' : lineage.entries[0]?.file.facts.classes[wanted.class]?.kind === 'class' ? 'maybe' : 'yes';
}

function any(fits: readonly Fit[]): Fit {
  return fits.includes('yes') ? 'yes' : fits.includes('maybe') ? 'maybe' : 'no';
}

/** All must fit; `rest` is what is not known of. Nothing known at all may fit. */
function every(fits: readonly Fit[], rest: Fit | undefined, empty: Fit = 'maybe'): Fit {
  if (fits.length === 0) return rest ?? empty;
  if (fits.every((fit) => fit === 'yes')) return rest ?? 'yes';
  return fits.every((fit) => fit === 'no') && rest === undefined ? 'no' : 'maybe';
}
