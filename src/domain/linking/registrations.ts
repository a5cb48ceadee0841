import type { DefinitionIndex, Expr, ExprIndex, FileFacts } from '../file-facts.js';
import { augmentationsIn } from './augmentations.js';
import type { LanguageRules } from './language-rules.js';

/** A call `emitter.emit('name', …)` or `emitter.on('name', …)`. */
export interface EventCall {
  readonly name: string;
  readonly emitter: ExprIndex;
  readonly call: ExprIndex;
  readonly facts: Extract<Expr, { k: 'call' | 'new' }>;
}

/** What is bound to a token: a class, a function that makes it, another token, or a value. */
export interface TokenBinding {
  readonly name: string;
  readonly how: 'class' | 'factory' | 'token' | 'value';
  readonly value: ExprIndex;
}

/**
 * What a file makes known under a name that another file may ask for: events that it emits and listens to, what it binds to the tokens of a container, what it
 * puts into the global object. From the facts alone; what it is, is found by evaluation.
 */
export interface Registrations {
  readonly emits: readonly EventCall[];
  readonly listens: readonly EventCall[];
  readonly tokens: readonly TokenBinding[];
  /** Names of members that are put into the global object. */
  readonly globals: readonly string[];
}

const LISTENING: ReadonlySet<string> = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']);
/** Names of the global object. */
export const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(['window', 'globalThis', 'global', 'self']);

const USED: ReadonlyMap<string, TokenBinding['how']> = new Map([['useClass', 'class'], ['useFactory', 'factory'], ['useExisting', 'token'], ['useToken', 'token'], ['useValue', 'value']]);
const BOUND: ReadonlyMap<string, TokenBinding['how']> = new Map([['to', 'class'], ['toConstantValue', 'value'], ['toDynamicValue', 'factory'], ['toService', 'token']]);
const REGISTERED: ReadonlyMap<string, TokenBinding['how']> = new Map([['registerSingleton', 'class'], ['registerInstance', 'value'], ['registerType', 'class'], ['set', 'value']]);

const NONE: Registrations = { emits: [], listens: [], tokens: [], globals: [] };
const known = new WeakMap<FileFacts, Registrations>();

/** Found once for the facts of a file. */
export function registrationsIn(facts: FileFacts, rules: LanguageRules): Registrations {
  if (rules.inheritance !== 'single') return NONE;
  let found = known.get(facts);
  if (found === undefined) known.set(facts, (found = gather(facts)));
  return found;
}

/** The keys under which the snapshot finds them. */
export function registrationKeys(facts: FileFacts, rules: LanguageRules): readonly string[] {
  if (rules.inheritance === 'c3') return [...new Set(dispatchesIn(facts).map(({ name }) => `dispatches ${name}`))];
  const { emits, listens, tokens, globals } = registrationsIn(facts, rules);
  const augmented = rules.separateTypeNames ? augmentationsIn(facts) : [];
  return [...new Set([...augmented.map(({ name }) => `augments ${name}`), ...emits.map(({ name }) => `emit ${name}`), ...listens.map(({ name }) => `on ${name}`), ...tokens.map(({ name }) => `token ${name}`), ...globals.map((name) => `global ${name}`)])];
}

function gather(facts: FileFacts): Registrations {
  const emits: EventCall[] = [];
  const listens: EventCall[] = [];
  const tokens: TokenBinding[] = [];
  facts.exprs.forEach((expr, call) => {
    if (expr.k === 'object') return void tokens.push(...provided(facts, expr));
    const callee = expr.k === 'call' ? facts.exprs[expr.callee] : undefined;
    if (expr.k !== 'call' || callee?.k !== 'member') return;
    const [first] = expr.arguments;
    const name = first === undefined ? undefined : facts.exprs[first];
    if (name?.k === 'literal' && name.type === 'string' && name.value !== undefined && expr.spread !== 0) {
      if (callee.name === 'emit') emits.push({ name: name.value, emitter: callee.object, call, facts: expr });
      else if (LISTENING.has(callee.name) && expr.arguments.length > 1) listens.push({ name: name.value, emitter: callee.object, call, facts: expr });
    }
    tokens.push(...bound(facts, expr, callee));
  });
  return emits.length + listens.length + tokens.length === 0 && !facts.assignments.some(({ target }) => isGlobalObject(facts, target)) ? NONE : { emits, listens, tokens, globals: globalsOf(facts) };
}

/** Python: `@show.register` and `@show.register(C)` on a function, which `show` may run in its own place. */
export interface Dispatch {
  readonly name: string;
  /** What it is registered with. */
  readonly by: ExprIndex;
  readonly definition: DefinitionIndex;
}

export function dispatchesIn(facts: FileFacts): readonly Dispatch[] {
  return facts.definitions.flatMap(({ decorators, function: index }, definition) => (index === undefined ? [] : (decorators ?? []).flatMap((decorator): readonly Dispatch[] => {
    const written = facts.exprs[decorator];
    const callee = written?.k === 'call' ? facts.exprs[written.callee] : written;
    const name = callee?.k === 'member' && callee.name === 'register' ? tokenName(facts, callee.object) : undefined;
    return callee?.k !== 'member' || name === undefined ? [] : [{ name, by: callee.object, definition }];
  })));
}

/** `{ provide: TOKEN, useClass: C }`. */
function provided(facts: FileFacts, { properties }: Extract<Expr, { k: 'object' }>): readonly TokenBinding[] {
  const token = properties.find(({ name }) => name === 'provide');
  const name = token === undefined ? undefined : tokenName(facts, token.value);
  if (name === undefined) return [];
  return properties.flatMap((property) => {
    const how = USED.get(property.name);
    return how === undefined ? [] : [{ name, how, value: property.value }];
  });
}

/** `bind(TOKEN).to(C)`, `register(TOKEN, { useClass: C })`, `registerSingleton(TOKEN, C)`, `Container.set(TOKEN, value)`. */
function bound(facts: FileFacts, call: Extract<Expr, { k: 'call' | 'new' }>, callee: Extract<Expr, { k: 'member' }>): readonly TokenBinding[] {
  const [first, second] = call.arguments;
  if (first === undefined) return [];
  const how = BOUND.get(callee.name);
  if (how !== undefined) {
    const binding = facts.exprs[callee.object];
    const binder = binding?.k === 'call' ? facts.exprs[binding.callee] : undefined;
    const [token] = binding?.k === 'call' ? binding.arguments : [];
    const named = binder?.k === 'member' || binder?.k === 'name' ? binder.name : '';
    const name = token === undefined || (named !== 'bind' && named !== 'rebind') ? undefined : tokenName(facts, token);
    return name === undefined ? [] : [{ name, how, value: first }];
  }
  if (second === undefined) return [];
  const name = tokenName(facts, first);
  const given = facts.exprs[second];
  if (name === undefined) return [];
  if (callee.name === 'register' && given?.k === 'object') {
    return given.properties.flatMap((property) => {
      const used = USED.get(property.name);
      return used === undefined ? [] : [{ name, how: used, value: property.value }];
    });
  }
  const registered = REGISTERED.get(callee.name);
  const container = facts.exprs[callee.object];
  const isContainer = (container?.k === 'name' || container?.k === 'member') && /container/i.test(container.name);
  return registered === undefined || !isContainer ? [] : [{ name, how: registered, value: second }];
}

/** The name by which a token is told from others: what it is written with. */
export function tokenName(facts: FileFacts, index: ExprIndex): string | undefined {
  const expr = facts.exprs[index];
  switch (expr?.k) {
    case 'literal': return expr.type === 'string' ? expr.value : undefined;
    case 'member': return expr.name;
    case 'name': return boundName(facts, expr);
    case 'call': {
      // Symbol.for('X'), forwardRef(() => X)
      const [first] = expr.arguments;
      return first === undefined || facts.exprs[first]?.k !== 'literal' ? undefined : tokenName(facts, first);
    }
    case 'cast': return tokenName(facts, expr.value);
    default: return undefined;
  }
}

/** What a name that stands for a token is called where it comes from: behind its import; of a local constant, what it is. */
function boundName(facts: FileFacts, { name, scope }: Extract<Expr, { k: 'name' }>): string | undefined {
  for (let at = scope; at >= 0; at = facts.scopes[at]?.parent ?? -1) {
    const binding = facts.scopes[at]?.bindings.find((each) => each.name === name);
    if (binding === undefined) continue;
    const [imported, ...others] = binding.imports ?? [];
    if (imported !== undefined) return others.length === 0 && imported.imported !== '*' && imported.imported !== 'default' ? imported.imported : name;
    const [value, ...more] = binding.values ?? [];
    const local = facts.scopes[at]?.owner !== -1 && binding.kind === 'variable' && value !== undefined && more.length === 0;
    return local ? tokenName(facts, value) : name;
  }
  return name;
}

function isGlobalObject(facts: FileFacts, index: ExprIndex): boolean {
  const expr = facts.exprs[index];
  return expr?.k === 'cast' ? isGlobalObject(facts, expr.value) : expr?.k === 'name' && GLOBAL_OBJECTS.has(expr.name);
}

function globalsOf(facts: FileFacts): readonly string[] {
  return [...new Set(facts.assignments.filter(({ target }) => isGlobalObject(facts, target)).map(({ name }) => name))];
}
