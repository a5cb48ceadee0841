import type { Binding, Expr, ExprIndex, FunctionIndex, ScopeIndex, TypeIndex } from '../file-facts.js';
import type { Evaluation } from '../linking/evaluation.js';
import type { LinkFile } from '../linking/program.js';
import type { Value, ValueSet } from '../linking/value.js';
import type { Declaration } from './declaration.js';
import { bindingDeclarations, definitionDeclaration, valueDeclaration } from './declaration.js';
import { findMember, findName, type Found } from './find-declaration.js';
import { at, type Step } from './step.js';
import { importTrail } from './trail.js';
import { exprText, setText, typeText, valueText } from './wording.js';

/** Steps behind steps are told so far down, and so many in all. */
const DEEPEST = 7;
const MOST = 80;
const VALUES_SHOWN = 4;

/** How an expression comes to its values: for each part of it what it evaluates to, and which declaration, import or rule says so. */
export function explainValue(ev: Evaluation, file: LinkFile, index: ExprIndex): Step {
  return new Walk(ev).expr(file, index, 0);
}

/** Asks the evaluator again for one part after the other. It keeps its answers, so that this changes none. */
class Walk {
  readonly #ev: Evaluation;
  readonly #seen = new Set<string>();
  #told = 0;

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  expr(file: LinkFile, index: ExprIndex, depth: number): Step {
    const set = this.#ev.expr(file, index);
    const text = `${exprText(file, index)} → ${setText(this.#ev, set)}`;
    const key = `${file.index}.${index}`;
    const expr = file.facts.exprs[index];
    if (expr === undefined || expr.k === 'unknown') return { rule: 'unknown-value', text: 'an expression of a form that is not followed' };
    if (this.#seen.has(key) || depth > DEEPEST || this.#told > MOST) return { rule: 'left-out', text };
    this.#seen.add(key);
    this.#told++;
    const site = expr.k === 'call' || expr.k === 'new' ? file.facts.sites[expr.site] : undefined;
    const where = site === undefined || (depth === 0 && site.expr === index) ? {} : at(file.path, site.at.line, site.at.column);
    const { rule, steps } = this.#parts(file, expr, set, depth + 1);
    return { rule, text, ...where, ...(steps.length === 0 ? {} : { steps }) };
  }

  #parts(file: LinkFile, expr: Expr, set: ValueSet, depth: number): { readonly rule: Step['rule']; readonly steps: readonly Step[] } {
    const one = (index: ExprIndex): readonly Step[] => [this.expr(file, index, depth)];
    switch (expr.k) {
      case 'name': return this.#name(file, expr.scope, expr.name, depth);
      case 'this': return { rule: 'this', steps: this.#declared(set, 'it is') };
      case 'super': return { rule: 'this', steps: this.#lineage(file, expr.class) };
      case 'member': return this.#member(file, expr.object, expr.name, depth);
      case 'call': return { rule: 'call', steps: [...one(expr.callee), ...this.#results(this.#ev.expr(file, expr.callee), depth)] };
      case 'new': return { rule: 'construction', steps: one(expr.callee) };
      case 'await': case 'iterate': case 'unpack': case 'enter': return { rule: 'derived-value', steps: one(expr.value) };
      case 'index': return { rule: 'derived-value', steps: one(expr.object) };
      case 'union': return { rule: 'choice', steps: expr.of.slice(0, VALUES_SHOWN).map((part) => this.expr(file, part, depth)) };
      case 'operator': return { rule: 'derived-value', steps: expr.operands.filter((part) => part !== 0).slice(0, VALUES_SHOWN).map((part) => this.expr(file, part, depth)) };
      case 'cast': return { rule: 'declared-type', steps: [this.#type(file, expr.type), ...(set.open === undefined ? [] : one(expr.value))] };
      case 'instance': return { rule: 'narrowed', steps: one(expr.unless ?? expr.class) };
      case 'param': return this.#parameter(file, expr.function, expr.index, depth);
      case 'import': return { rule: 'module', steps: importTrail(this.#ev, file, expr.import, '*').steps };
      case 'function': case 'class': return { rule: 'literal', steps: this.#declared(set, 'it is') };
      case 'literal': case 'array': case 'object': case 'unknown': return { rule: 'literal', steps: [] };
    }
  }

  #name(file: LinkFile, scope: ScopeIndex, name: string, depth: number): { readonly rule: Step['rule']; readonly steps: readonly Step[] } {
    const found = file.lookup(scope, name);
    if (found === undefined) {
      const outside = findName(this.#ev, file, scope, name);
      return { rule: outside.steps[0]?.rule ?? 'unknown-name', steps: [...outside.steps, ...places(outside)] };
    }
    const { binding } = found;
    if (binding.kind === 'narrowed') {
      const declaration = file.declaration(scope, name);
      const known = (binding.values ?? []).slice(0, VALUES_SHOWN).map((value) => this.expr(file, value, depth));
      const behind = declaration === undefined ? [] : this.#binding(file, declaration.scope, declaration.binding, depth).steps;
      return { rule: 'narrowed', steps: [{ rule: 'narrowed', text: `here more is known of ${name} than at its declaration`, ...at(file.path, binding.line, binding.column), ...(known.length === 0 ? {} : { steps: known }) }, ...behind] };
    }
    return this.#binding(file, found.scope, binding, depth);
  }

  #binding(file: LinkFile, scope: ScopeIndex, binding: Binding, depth: number): { readonly rule: Step['rule']; readonly steps: readonly Step[] } {
    const place = at(file.path, binding.line, binding.column);
    const steps: Step[] = [];
    let rule: Step['rule'] | undefined;
    for (const imported of binding.imports ?? []) {
      rule ??= 'import';
      const trail = importTrail(this.#ev, file, imported.import, imported.root === true ? '*' : imported.imported, binding.name);
      steps.push(...trail.steps);
    }
    if (binding.imports !== undefined) steps.push(...places(findName(this.#ev, file, scope, binding.name)));
    const values = (binding.values ?? []).filter((value) => value !== 0);
    const declared = binding.type === undefined ? undefined : this.#ev.type(file, binding.type);
    if (binding.type !== undefined && declared !== undefined) {
      rule ??= 'declared-type';
      steps.push({ ...this.#type(file, binding.type), text: `${binding.kind === 'parameter' ? 'the parameter ' : ''}${binding.name} is declared with the type ${typeText(file, binding.type)} → ${setText(this.#ev, declared)}`, ...place });
      if (declared.values.length > 0) return { rule, steps };
    }
    const functions = (binding.definitions ?? []).filter((definition) => file.facts.definitions[definition]?.kind !== 'variable' && file.facts.definitions[definition]?.kind !== 'field');
    if (functions.length > 0) {
      rule ??= 'declaration';
      steps.push(...bindingDeclarations(file, scope, binding).map((declaration) => declaredStep(declaration)));
    }
    const assigned = functions.length > 0 ? values.filter((value) => file.facts.exprs[value]?.k !== 'function' && file.facts.exprs[value]?.k !== 'class') : values;
    for (const value of assigned.slice(0, VALUES_SHOWN)) {
      const parameter = file.facts.exprs[value];
      if (parameter?.k === 'param') {
        const told = this.#parameter(file, parameter.function, parameter.index, depth);
        rule ??= told.rule;
        steps.push(...told.steps);
        continue;
      }
      rule ??= 'assigned-value';
      steps.push({ rule: 'assigned-value', text: `${binding.name} is given ${exprText(file, value)}`, ...place, steps: [this.expr(file, value, depth)] });
    }
    if (assigned.length > VALUES_SHOWN) steps.push({ rule: 'left-out', text: `${binding.name} is given ${assigned.length - VALUES_SHOWN} other values` });
    if (rule === undefined) steps.push({ rule: 'unknown-value', text: `${binding.name} has no declared type, and nothing that is followed is assigned to it`, ...place });
    return { rule: rule ?? 'unknown-value', steps };
  }

  #type(file: LinkFile, index: TypeIndex): Step {
    const set = this.#ev.type(file, index);
    const declared = this.#declared(set, 'the type is');
    return { rule: 'declared-type', text: `${typeText(file, index)} → ${setText(this.#ev, set)}`, ...(declared.length === 0 ? {} : { steps: declared }) };
  }

  #parameter(file: LinkFile, index: FunctionIndex, position: number, depth: number): { readonly rule: Step['rule']; readonly steps: readonly Step[] } {
    const facts = file.facts.functions[index];
    const parameter = facts?.parameters[position];
    const name = parameter?.name ?? `parameter ${position + 1}`;
    const binding = facts === undefined || parameter?.name === undefined ? undefined : file.binding(facts.scope, parameter.name);
    const place = binding === undefined ? {} : at(file.path, binding.line, binding.column);
    if (parameter?.type !== undefined) {
      const step = this.#type(file, parameter.type);
      return { rule: 'declared-type', steps: [{ ...step, text: `the parameter ${name} is declared with the type ${step.text}`, ...place }] };
    }
    const set = this.#ev.parameter(file, index, position);
    if (set.values.some((value) => value.v === 'argument') || set.values.length === 0) {
      const fallback = parameter?.default === undefined || parameter.default === 0 ? [] : [this.expr(file, parameter.default, depth)];
      return { rule: 'untyped-parameter', steps: [{ rule: 'untyped-parameter', text: `the parameter ${name} has no type: what is passed for it is known at each call only${fallback.length === 0 ? '' : '; its default is'}`, ...place, ...(fallback.length === 0 ? {} : { steps: fallback }) }] };
    }
    return { rule: 'handed-parameter', steps: [{ rule: 'handed-parameter', text: `the parameter ${name} is handed ${setText(this.#ev, set)} by whatever calls the function it belongs to`, ...place }] };
  }

  #member(file: LinkFile, object: ExprIndex, name: string, depth: number): { readonly rule: Step['rule']; readonly steps: readonly Step[] } {
    const receiver = this.#ev.expr(file, object);
    const steps: Step[] = [this.expr(file, object, depth)];
    let rule: Step['rule'] | undefined;
    for (const value of receiver.values.slice(0, VALUES_SHOWN)) {
      if (value.v === 'builtin' && (value.name === 'null' || value.name === 'undefined')) continue;
      const told = this.#memberOf(value, name);
      if (told.rule !== 'no-such-member') rule ??= told.rule;
      steps.push(told);
    }
    if (receiver.values.length > VALUES_SHOWN) steps.push({ rule: 'left-out', text: `and the same of ${receiver.values.length - VALUES_SHOWN} other values` });
    return { rule: rule ?? (receiver.values.length === 0 ? 'unknown-value' : 'no-such-member'), steps };
  }

  #memberOf(value: Value, name: string): Step {
    const set = this.#ev.memberOf(value, name);
    const found = findMember(this.#ev, { values: [value] }, name, 1);
    const [declaration] = found.declarations;
    const subject = `${name} of ${valueText(this.#ev, value)}`;
    const more = found.steps.length === 0 ? {} : { steps: found.steps };
    if (set.values.length === 0 && set.open === 'unknown-member') return { rule: 'no-such-member', text: `${valueText(this.#ev, value)} has no member ${name}` };
    if (value.v === 'builtin' || value.v === 'builtin-method') return { rule: 'builtin-member', text: `${subject}: by the table of what the language brings → ${setText(this.#ev, set)}` };
    if (declaration === undefined) return { rule: 'unknown-value', text: `${subject} → ${setText(this.#ev, set)}`, ...more };
    if (declaration.path === '') return { rule: declaration.package?.startsWith('builtins') === true ? 'builtin-member' : 'external-member', text: `${subject} is ${declaration.name}, outside the repository`, ...more };
    const inherited = found.steps.some((step) => step.rule === 'inherited-member');
    const rule = inherited ? 'inherited-member' : value.v === 'module' || value.v === 'namespace' ? 'exported-member' : value.v === 'instance' || value.v === 'class' || value.v === 'super' ? 'own-member' : 'attached-member';
    const held = declaration.kind === 'field' || declaration.kind === 'variable' ? ` → ${setText(this.#ev, set)}` : '';
    return { rule, text: `${subject} is the ${declaration.kind} ${declaration.name}${held}`, ...at(declaration.path, declaration.line, declaration.column), ...more };
  }

  /** What calling each of the values gives, and what says so. */
  #results(callees: ValueSet, depth: number): readonly Step[] {
    return callees.values.slice(0, VALUES_SHOWN).flatMap((value): Step[] => {
      if (value.v === 'class') return [{ rule: 'construction', text: `calling ${valueText(this.#ev, value)} makes an instance of it` }];
      if (value.v === 'external') return [{ rule: 'external-result', text: `what ${valueText(this.#ev, value)} gives is its library's own` }];
      if (value.v === 'builtin-method') return [{ rule: 'builtin-result', text: `what ${valueText(this.#ev, value)} gives is in the table of what the language brings` }];
      if (value.v !== 'function') return [];
      const file = this.#ev.program.file(value.file);
      const functions = this.#ev.overloads(file, value.function, value.definition);
      const declared = functions.map((index) => file.facts.functions[index]?.returnType).find((type) => type !== undefined);
      const declaration = valueDeclaration(this.#ev, value);
      const place = declaration === undefined ? {} : at(declaration.path, declaration.line, declaration.column);
      const name = declaration?.name ?? 'the function';
      if (declared !== undefined) {
        const step = this.#type(file, declared);
        return [{ ...step, rule: 'declared-return', text: `${name} is declared to return ${step.text}`, ...place }];
      }
      const returns = (file.facts.functions[value.function]?.returns ?? []).filter((index) => index !== 0);
      if (returns.length === 0) return [{ rule: 'inferred-return', text: `${name} has no declared result, and returns nothing that is followed`, ...place }];
      return [{ rule: 'inferred-return', text: `${name} has no declared result; it returns`, ...place, steps: returns.slice(0, VALUES_SHOWN).map((index) => this.expr(file, index, depth)) }];
    });
  }

  #lineage(file: LinkFile, index: number): readonly Step[] {
    return this.#ev.lineage(file.index, index).entries.slice(1, 1 + VALUES_SHOWN).flatMap((entry): Step[] => {
      const declaration = definitionDeclaration(entry.file, entry.file.facts.classes[entry.class]?.definition ?? -1);
      return declaration === undefined ? [] : [{ rule: 'inherited-member', text: `next in line is ${declaration.name}`, ...at(declaration.path, declaration.line, declaration.column) }];
    });
  }

  #declared(set: ValueSet, lead: string): readonly Step[] {
    return set.values.slice(0, VALUES_SHOWN).flatMap((value): Step[] => {
      const declaration = valueDeclaration(this.#ev, value);
      return declaration === undefined || declaration.path === '' ? [] : [{ rule: 'declaration', text: `${lead} the ${declaration.kind} ${declaration.name}`, ...at(declaration.path, declaration.line, declaration.column) }];
    });
  }
}

function declaredStep(declaration: Declaration): Step {
  return { rule: 'declaration', text: `it is the ${declaration.kind} ${declaration.name}`, ...at(declaration.path, declaration.line, declaration.column) };
}

function places(found: Found): readonly Step[] {
  return found.declarations.filter((declaration) => declaration.path !== '').map(declaredStep);
}
