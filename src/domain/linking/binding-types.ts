import type { Binding, DefinitionIndex, ScopeIndex, TypeIndex } from '../file-facts.js';
import { typeOfValue } from './alias-types.js';
import type { Evaluation } from './evaluation.js';
import { importOrigins, instancesOf, originTypes } from './modules.js';
import type { LinkFile } from './program.js';
import { classParameters } from './substitution.js';
import { flatMap, NOTHING, only, open, unite, type Value, type ValueSet } from './value.js';

/** What a binding stands for in a type. */
export function bindingType(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  if (binding.kind === 'type-parameter') return only(ev.values.typeParameter(file.index, scope, binding.name));
  const parts: ValueSet[] = [];
  for (const index of binding.definitions ?? []) {
    const definition = file.facts.definitions[index];
    if (definition === undefined) continue;
    if (definition.class !== undefined && definition.kind !== 'variable') {
      parts.push(only(ev.values.instance(file.index, definition.class, classParameters(ev, file, definition.class).map(only))));
    } else if (definition.kind === 'type') parts.push(definition.type === undefined ? open('opaque-type') : aliasValues(ev, file, index, definition.type));
    else if (definition.kind === 'module') parts.push(only(ev.values.namespace(file.index, index)));
  }
  for (const imported of binding.imports ?? []) parts.push(originTypes(ev, importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root)));
  if (parts.length > 0) {
    // a merged interface is one type: its first declaration stands for all
    const classes = parts.filter((part) => part.values.length > 0);
    return file.rules.inheritance === 'single' && classes.length > 1 && binding.imports === undefined ? (classes[0] ?? NOTHING) : unite(parts);
  }
  if (binding.values !== undefined) return aliasedType(ev, file, scope, binding);
  return open('opaque-type');
}

/** What an alias stands for, with its type parameters when it has any. */
function aliasValues(ev: Evaluation, file: LinkFile, index: DefinitionIndex, type: TypeIndex): ValueSet {
  const set = ev.type(file, type);
  const names = file.facts.definitions[index]?.typeParameters;
  if (names === undefined || names.length === 0) return set;
  const scope = file.facts.scopes.findIndex((candidate) => candidate.kind === 'type' && candidate.owner === index);
  return { ...set, parameters: names.map((parameter) => ev.values.typeParameter(file.index, scope, parameter.name)) };
}

/** A name bound to a value that is used as a type: `Alias = SomeClass`, `T = TypeVar('T')`. */
function aliasedType(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  const written = file.rules.callConstructs ? (binding.values ?? []).map((value) => typeOfValue(ev, file, value)) : [];
  const known = written.filter((set) => set !== undefined);
  if (known.length > 0 && known.length === written.length) return generic(unite(known));
  const set = ev.binding(file, scope, binding);
  return flatMap(set, (value) => {
    if (value.v === 'external' && value.derived === true && value.package.startsWith('typing') && /^(TypeVar|ParamSpec|TypeVarTuple)$/.test(value.members.at(-1) ?? '')) {
      return only(ev.values.typeParameter(file.index, scope, binding.name));
    }
    return instancesOf(ev, only(value));
  });
}

/** An alias in which type variables are left takes arguments for them, in the order in which they come. */
function generic(set: ValueSet): ValueSet {
  const parameters: Value[] = [];
  const collect = (value: Value): void => {
    if (value.v === 'type-parameter' && value.file >= 0 && !parameters.includes(value)) parameters.push(value);
    else if ('arguments' in value) for (const inner of value.arguments ?? []) inner.values.forEach(collect);
  };
  set.values.forEach(collect);
  return parameters.length === 0 ? set : { ...set, parameters };
}
