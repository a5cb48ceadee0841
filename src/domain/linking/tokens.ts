import type { ExprIndex, FunctionIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { registrationsIn, tokenName } from './registrations.js';
import { NOTHING, unite, type Value, type ValueSet } from './value.js';

const MAX_DEPTH = 4;

/** What the repository binds to a token in any container: never all that may be bound to it. Nothing where the repository binds nothing to it. */
export function boundTo(ev: Evaluation, file: LinkFile, token: ExprIndex, depth = 0): ValueSet {
  const name = tokenName(file.facts, token);
  if (name === undefined || depth > MAX_DEPTH || file.rules.inheritance !== 'single') return NOTHING;
  const parts = ev.program.inquiry.registrars(`token ${name}`).flatMap((index) => {
    const binding = ev.program.file(index);
    return registrationsIn(binding.facts, binding.rules).tokens.filter((each) => each.name === name).map(({ how, value }): ValueSet => {
      switch (how) {
        case 'class': return ev.construct(classes(ev.expr(binding, value)));
        case 'factory': return ev.awaited(ev.call(ev.expr(binding, value)));
        case 'value': return ev.expr(binding, value);
        case 'token': return unite([ev.construct(classes(ev.expr(binding, value))), boundTo(ev, binding, value, depth + 1)]);
      }
    });
  });
  const values = unite(parts).values.filter((value) => value.v !== 'builtin' && value.v !== 'external' && value.v !== 'argument');
  return values.length === 0 ? NOTHING : { values, open: 'external-value' };
}

/** What a container hands to a parameter whose decorator names a token; nothing where none does. */
export function injectedByToken(ev: Evaluation, file: LinkFile, index: FunctionIndex, at: number): ValueSet {
  return givenByToken(ev, file, file.facts.functions[index]?.parameters[at]?.decorators ?? []);
}

/** What a container puts into a parameter or field by the token that one of its decorators names: `@Inject(TOKEN) private client`. */
export function givenByToken(ev: Evaluation, file: LinkFile, decorators: readonly ExprIndex[]): ValueSet {
  return unite(decorators.flatMap((decorator): readonly ValueSet[] => {
    const call = file.facts.exprs[decorator];
    const [token] = call?.k === 'call' ? call.arguments : [];
    if (call?.k !== 'call' || token === undefined || !ev.expr(file, call.callee).values.some((value) => value.v === 'external')) return [];
    return [boundTo(ev, file, token)];
  }));
}

/** What a container gives for what it is asked for: an instance of a class, or of one derived from it, or what is bound to a token. */
export function givenFor(ev: Evaluation, file: LinkFile, asked: ExprIndex): ValueSet {
  const made = classes(ev.expr(file, asked)).values.map((value): Value => (value.v === 'class' ? ev.values.instance(value.file, value.class, value.arguments) : value));
  const bound = boundTo(ev, file, asked);
  if (made.length === 0) return bound.values.length === 0 ? { values: [], open: 'external-value' } : bound;
  const others = bound.values.filter((value) => !made.some((each) => each.v === 'instance' && value.v === 'instance' && each.file === value.file && each.class === value.class));
  return others.length === 0 ? { values: made } : { values: [...made, ...others], open: 'external-value' };
}

function classes(set: ValueSet): ValueSet {
  return { values: set.values.filter((value) => value.v === 'class') };
}
