import type { ExprIndex, TypeIndex } from '../file-facts.js';
import type { UnresolvedReason } from '../partition.js';
import type { Evaluation } from '../linking/evaluation.js';
import type { LinkFile } from '../linking/program.js';
import type { Value, ValueSet } from '../linking/value.js';
import { nodeOf } from './declaration.js';

const LONGEST = 80;
const VALUES_SHOWN = 4;

/** An expression as its facts have it: names and members as written, what is between the brackets of a call left out. */
export function exprText(file: LinkFile, index: ExprIndex, depth = 0): string {
  const expr = file.facts.exprs[index];
  if (expr === undefined || depth > 12) return '…';
  const inner = (part: ExprIndex): string => exprText(file, part, depth + 1);
  const call = (callee: ExprIndex, args: readonly ExprIndex[]): string => `${inner(callee)}(${args.length === 0 ? '' : '…'})`;
  switch (expr.k) {
    case 'unknown': return '…';
    case 'literal': return expr.value === undefined ? expr.type : expr.type === 'string' ? JSON.stringify(clipped(expr.value)) : expr.value;
    case 'name': return expr.name;
    case 'this': return file.rules.exportsBindings ? (expr.static === true ? 'cls' : 'self') : 'this';
    case 'super': return file.rules.exportsBindings ? 'super()' : 'super';
    case 'member': return `${inner(expr.object)}.${expr.name}`;
    case 'index': return `${inner(expr.object)}[${expr.key === undefined ? '…' : inner(expr.key)}]`;
    case 'call': return call(expr.callee, expr.arguments);
    case 'new': return `new ${call(expr.callee, expr.arguments)}`;
    case 'await': return `await ${inner(expr.value)}`;
    case 'iterate': return `an element of ${inner(expr.value)}`;
    case 'unpack': return expr.rest === true ? `the rest of ${inner(expr.value)}` : `element ${expr.index} of ${inner(expr.value)}`;
    case 'enter': return `what ${inner(expr.value)} gives in a with statement`;
    case 'function': {
      const definition = file.facts.functions[expr.function]?.definition ?? -1;
      return definition < 0 ? 'a function' : `function ${file.facts.definitions[definition]?.name ?? ''}`;
    }
    case 'class': return 'a class';
    case 'array': return expr.container === 'array' || expr.container === 'list' ? '[…]' : `a ${expr.container}`;
    case 'object': return '{…}';
    case 'union': return expr.of.slice(0, VALUES_SHOWN).map(inner).join(' | ');
    case 'cast': return `${inner(expr.value)} as ${typeText(file, expr.type)}`;
    case 'instance': {
      if (expr.itself === true) return `${inner(expr.class)} or a class derived from it`;
      return expr.unless === undefined ? `an instance of ${inner(expr.class)}` : `${inner(expr.unless)}, no instance of ${inner(expr.class)}`;
    }
    case 'param': return `parameter ${file.facts.functions[expr.function]?.parameters[expr.index]?.name ?? expr.index + 1}`;
    case 'import': return `module ${JSON.stringify(file.facts.imports[expr.import]?.specifier ?? '')}`;
    case 'operator': return expr.operands.length === 1 ? `${expr.operator} ${inner(expr.operands[0] ?? 0)}` : expr.operands.length === 0 ? `${expr.operator} …` : expr.operands.slice(0, VALUES_SHOWN).map(inner).join(` ${expr.operator} `);
  }
}

export function typeText(file: LinkFile, index: TypeIndex, depth = 0): string {
  const type = file.facts.types[index];
  if (type === undefined || depth > 6) return '…';
  const inner = (part: TypeIndex): string => typeText(file, part, depth + 1);
  const applied = (name: string, args: readonly TypeIndex[] | undefined): string => (args === undefined || args.length === 0 ? name : file.rules.exportsBindings ? `${name}[${args.map(inner).join(', ')}]` : `${name}<${args.map(inner).join(', ')}>`);
  switch (type.k) {
    case 'opaque': return '…';
    case 'ref': return applied(type.path.join('.'), type.arguments);
    case 'union': return type.of.map(inner).join(' | ');
    case 'intersection': return type.of.map(inner).join(' & ');
    case 'array': return `${inner(type.element)}[]`;
    case 'tuple': return `[${type.elements.map(inner).join(', ')}]`;
    case 'function': return 'a function type';
    case 'object': return 'an object type';
    case 'literal': return type.type === 'string' ? JSON.stringify(type.value) : type.value;
    case 'typeof': return `typeof ${exprText(file, type.expr)}`;
    case 'this': return file.rules.exportsBindings ? 'Self' : 'this';
    case 'index': return `${inner(type.object)}[${type.key === undefined ? '…' : JSON.stringify(type.key)}]`;
    case 'predicate': return `${type.parameter} is ${inner(type.type)}`;
    case 'import': return applied(`import(${JSON.stringify(file.facts.imports[type.import]?.specifier ?? '')})${type.path.map((name) => `.${name}`).join('')}`, type.arguments);
  }
}

/** A value in a few words. */
export function valueText(ev: Evaluation, value: Value): string {
  const named = (file: LinkFile, definition: number, otherwise: string): string => (definition < 0 ? otherwise : (nodeOf(file, definition)?.qualifiedName ?? otherwise));
  switch (value.v) {
    case 'function': {
      const file = ev.program.file(value.file);
      return value.definition < 0 ? (file.facts.functions[value.function]?.bodiless === true ? 'a function type' : 'a function without a name') : `function ${named(file, value.definition, '')}`;
    }
    case 'holder': return `function ${named(ev.program.file(value.file), value.definition, '')}`;
    case 'class': case 'instance': case 'super': {
      const file = ev.program.file(value.file);
      const facts = file.facts.classes[value.class];
      const name = named(file, facts?.definition ?? -1, facts?.kind === 'type-literal' ? 'an object type' : 'a class without a name');
      const args = 'arguments' in value && value.arguments !== undefined ? `<${value.arguments.map((set) => setText(ev, set)).join(', ')}>` : '';
      if (value.v === 'super') return `super of ${name}`;
      return value.v === 'class' ? `class ${name}${value.bound === true ? ' or one derived from it' : ''}` : `${facts?.kind === 'interface' || facts?.kind === 'type-literal' ? 'something of type' : 'instance of'} ${name}${args}`;
    }
    case 'object': return `object literal in ${ev.program.file(value.file).path}`;
    case 'constructed': {
      const file = ev.program.file(value.file);
      return `object made by ${named(file, file.facts.functions[value.function]?.definition ?? -1, 'a constructor function')}`;
    }
    case 'module': return `module ${ev.program.file(value.file).path}`;
    case 'package': return `package ${value.folders[0] ?? ''}`;
    case 'namespace': return `namespace ${named(ev.program.file(value.file), value.definition, '')}`;
    case 'external': return `${value.derived === true ? 'something from ' : ''}${[value.package, ...value.members].join('.')}`;
    case 'builtin': return value.arguments.length === 0 ? value.name : `${value.name}<${value.arguments.map((set) => setText(ev, set)).join(', ')}>`;
    case 'builtin-method': return `${value.type}.${value.name}`;
    case 'type-parameter': return value.file < 0 ? 'its own type' : `type parameter ${value.name}`;
    case 'argument': return `whatever is passed for parameter ${ev.program.file(value.file).facts.functions[value.function]?.parameters[value.index]?.name ?? value.index + 1}`;
  }
}

/** A set of values in a few words, and why there may be others. */
export function setText(ev: Evaluation, set: ValueSet): string {
  const shown = set.values.slice(0, VALUES_SHOWN).map((value) => valueText(ev, value));
  if (set.values.length > VALUES_SHOWN) shown.push(`${set.values.length - VALUES_SHOWN} more`);
  if (set.open !== undefined) shown.push(shown.length === 0 ? `unknown (${set.open})` : `perhaps others (${set.open})`);
  return shown.length === 0 ? 'nothing' : shown.join(', ');
}

/** What a reason means. */
export const REASON_TEXTS: Readonly<Record<UnresolvedReason, string>> = {
  'dynamic-receiver': 'what the member is taken of is decided at run time',
  'computed-member': 'the name of the member is computed',
  'untyped-parameter': 'a parameter has no type, and what is passed for it is not known',
  'missing-import': 'an import leads nowhere in the indexed source',
  'unknown-name': 'nothing that is indexed declares the name',
  'unknown-member': 'the receiver is known and has no such member',
  'dynamic-callee': 'what is called is decided at run time',
  'untyped-value': 'a value is not known: it has no declared type, and what is assigned to it says nothing',
  'opaque-type': 'a type is of a form that is not evaluated',
  'too-complex': 'there are too many possibilities, or they are nested too deeply',
  'external-value': 'the value comes from a library that was handed code of this repository',
};

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
