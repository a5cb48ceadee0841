import { Attachments } from './attachments.js';
import { bindingType } from './binding-types.js';
import { callValue, constructValue } from './calls.js';
import type { Call, Evaluation, Lineage } from './evaluation.js';
import { receiverExpected } from './contexts.js';
import { bindingValues, exprValues, nameValues } from './expressions.js';
import type { Binding, ClassIndex, DefinitionIndex, ExprIndex, FunctionIndex, ImportIndex, ScopeIndex, TypeIndex } from '../file-facts.js';
import { followed, handedValues } from './handed.js';
import { Injections } from './injection.js';
import { lineageOf } from './lineage.js';
import { memberOfSet, memberOfValue } from './members.js';
import { exportOrigins, importOrigins, originTypes, originValues } from './modules.js';
import { calledBackWith, parameterValues } from './parameters.js';
import type { LinkFile, Program } from './program.js';
import type { Trace, Tracer } from './tracer.js';
import { awaitedValues, enteredValues, iteratedValues } from './protocols.js';
import { typeValues } from './types.js';
import { NOTHING, only, open, unite, type FileIndex, type Value, type Values, type ValueSet } from './value.js';

/** Evaluations nested deeper than this give up: what they ask is `too-complex`. */
const MAX_DEPTH = 160;
/** A cycle's values are iterated this often at most. */
const MAX_ROUNDS = 4;
/** What leans on something unfinished is found anew so often before it is kept all the same. */
const MAX_ATTEMPTS = 8;

/** An answer, and what it was found by. */
export interface Kept<T> {
  readonly result: T;
  readonly trace: Trace;
}

/**
 * Evaluates expressions and types to sets of values, each once. Cycles (recursive functions, mutually importing modules) start from nothing and are
 * iterated until the answer at their head stands; answers found inside an unfinished cycle are not kept.
 */
export class Evaluator implements Evaluation {
  readonly program: Program;
  readonly tracer: Tracer;
  readonly values: Values;
  readonly #attachments: Attachments;
  readonly #injections: Injections;
  /** What is being evaluated, by key: its depth, and what is assumed of it. */
  #active = new Map<string, { readonly depth: number; assumed: ValueSet }>();
  /** How deep the evaluations are that wait for the ones apart from them. */
  #waiting = 0;
  /** The shallowest unfinished evaluation that the current one has leant on. */
  #lowest = Infinity;
  readonly #results = new Map<string, Kept<ValueSet>>();
  readonly #lineages = new Map<string, Kept<Lineage>>();
  readonly #lineagesActive = new Set<string>();
  readonly #attempts = new Map<string, number>();

  constructor(program: Program) {
    this.program = program;
    this.tracer = program.tracer;
    this.values = program.values;
    this.#attachments = new Attachments(this);
    this.#injections = new Injections(this);
  }

  expr(file: LinkFile, index: ExprIndex): ValueSet {
    this.tracer.read(file.index);
    const known = file.exprValues[index];
    if (known !== undefined) return this.#again(known);
    return this.#evaluate(`e${file.index}.${index}`, () => exprValues(this, file, index), (kept) => (file.exprValues[index] = kept));
  }

  type(file: LinkFile, index: TypeIndex): ValueSet {
    this.tracer.read(file.index);
    const known = file.typeValues[index];
    if (known !== undefined) return this.#again(known);
    return this.#evaluate(`t${file.index}.${index}`, () => typeValues(this, file, index), (kept) => (file.typeValues[index] = kept));
  }

  binding(file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
    this.tracer.read(file.index);
    const known = file.bindingValues.get(binding);
    if (known !== undefined) return this.#again(known);
    return this.#evaluate(`b${file.index}.${scope}.${binding.name}`, () => bindingValues(this, file, scope, binding), (kept) => file.bindingValues.set(binding, kept));
  }

  typeBinding(file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`B${file.index}.${scope}.${binding.name}`, () => bindingType(this, file, scope, binding));
  }

  name(file: LinkFile, scope: ScopeIndex, name: string): ValueSet {
    return nameValues(this, file, scope, name);
  }

  exported(file: LinkFile, name: string): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`x${file.index}.${name}`, () => {
      const origins = exportOrigins(this, file, name);
      return origins === undefined ? open('unknown-member') : originValues(this, origins);
    });
  }

  exportedType(file: LinkFile, name: string): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`X${file.index}.${name}`, () => {
      const origins = exportOrigins(this, file, name);
      return origins === undefined ? open('opaque-type') : originTypes(this, origins);
    });
  }

  imported(file: LinkFile, index: ImportIndex, name: string, options: { readonly root?: boolean; readonly inType?: boolean } = {}): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`${options.inType === true ? 'I' : 'i'}${file.index}.${index}.${options.root === true ? '/' : ''}${name}`, () => {
      const origins = importOrigins(this, file, index, name, new Set(), options.root === true);
      return options.inType === true ? originTypes(this, origins) : originValues(this, origins);
    });
  }

  required(file: LinkFile): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`r${file.index}`, () => {
      const assigned = file.facts.exports.filter((entry) => entry.kind === 'assign').map((entry) => this.expr(file, entry.value));
      const known = assigned.filter((set) => set.values.length > 0);
      return known.length > 0 ? unite(known) : only(this.values.module(file.index));
    });
  }

  member(set: ValueSet, name: string): ValueSet {
    return memberOfSet(this, set, name);
  }

  memberOf(value: Value, name: string): ValueSet {
    return this.#keep(`m${value.key} ${name}`, () => memberOfValue(this, value, name));
  }

  call(set: ValueSet, call?: Call): ValueSet {
    return this.#each(set, (value) => callValue(this, value, call), call === undefined ? 'c' : undefined);
  }

  construct(set: ValueSet, call?: Call): ValueSet {
    return this.#each(set, (value) => constructValue(this, value, call), call === undefined ? 'n' : undefined);
  }

  awaited(set: ValueSet): ValueSet {
    return awaitedValues(this, set);
  }

  iterated(set: ValueSet, asynchronous = false): ValueSet {
    return iteratedValues(this, set, asynchronous);
  }

  entered(set: ValueSet, asynchronous = false): ValueSet {
    return enteredValues(this, set, asynchronous);
  }

  parameter(file: LinkFile, index: FunctionIndex, at: number): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`p${file.index}.${index}.${at}`, () => parameterValues(this, file, index, at));
  }

  handed(argument: Extract<Value, { readonly v: 'argument' }>): ValueSet {
    const owner = this.program.file(argument.file);
    if (owner.rules.inheritance !== 'single') return open('untyped-parameter');
    const direct = (value: typeof argument): ValueSet => this.#keep(`h${value.key}`, () => handedValues(this, this.program.file(value.file), value.function, value.index));
    return this.#keep(`H${argument.key}`, () => followed(argument, direct));
  }

  calledBack(file: LinkFile, index: FunctionIndex, parameter: number, at: number): ValueSet {
    this.tracer.read(file.index);
    return this.#keep(`C${file.index}.${index}.${parameter}.${at}`, () => calledBackWith(this, file, index, parameter, at));
  }

  expectedReceiver(file: LinkFile, index: FunctionIndex): ValueSet | undefined {
    if (file.rules.inheritance !== 'single') return undefined;
    const found = this.#keep(`T${file.index}.${index}`, () => receiverExpected(this, file, index));
    return found.values.length === 0 ? undefined : found;
  }

  injected(file: LinkFile, index: FunctionIndex, at: number): ValueSet | undefined {
    return this.#injections.parameter(file, index, at);
  }

  classProviders(file: LinkFile): ReturnType<Injections['classProviders']> {
    return this.#injections.classProviders(file);
  }

  lineage(file: FileIndex, index: ClassIndex): Lineage {
    const key = `${file}.${index}`;
    const owner = this.program.file(file);
    const known = this.#lineages.get(key);
    if (known !== undefined) return this.#again(known);
    if (this.#lineagesActive.has(key)) {
      // a class whose bases ask for its own members while they are found: only itself is known so far
      this.#lowest = -1;
      this.tracer.unsettled();
      return { entries: [{ file: owner, class: index, arguments: [] }], protocol: false, open: true };
    }
    this.#lineagesActive.add(key);
    const before = this.#lowest;
    this.#lowest = Infinity;
    const outer = this.tracer.begin();
    const lineage = lineageOf(this, owner, index);
    const trace = this.tracer.end(outer);
    this.#lineagesActive.delete(key);
    if (this.#lowest >= this.#active.size || this.#lineagesActive.size === 0) this.#lineages.set(key, { result: lineage, trace });
    this.#lowest = Math.min(before, this.#lineagesActive.size === 0 && this.#lowest < 0 ? Infinity : this.#lowest);
    return lineage;
  }

  attached(value: Value, name: string): ValueSet | undefined {
    return this.#attachments.member(value, name);
  }

  attachedIn(file: LinkFile, value: Value, name: string): ValueSet | undefined {
    return this.#attachments.memberIn(file, value, name);
  }

  apart<T>(work: () => T): T {
    const saved = { active: this.#active, lowest: this.#lowest, waiting: this.#waiting };
    this.#waiting += this.#active.size;
    this.#active = new Map();
    this.#lowest = Infinity;
    try {
      return work();
    } finally {
      this.#active = saved.active;
      this.#lowest = saved.lowest;
      this.#waiting = saved.waiting;
    }
  }

  constraint(value: Extract<Value, { readonly v: 'type-parameter' }>): ValueSet | undefined {
    if (value.file < 0) return undefined;
    const file = this.program.file(value.file);
    const index = file.constraint(value.scope, value.name);
    return index === undefined ? undefined : this.type(file, index);
  }

  overloads(file: LinkFile, index: FunctionIndex, definition: DefinitionIndex): readonly FunctionIndex[] {
    const member = file.facts.functions[index]?.member;
    if (member !== undefined) {
      const found = file.facts.classes[member.class]?.members.find((candidate) => candidate.functions?.includes(index) === true);
      if (found?.functions !== undefined && found.kind !== 'property') return found.functions;
      return [index];
    }
    if (definition < 0) return file.signaturesOf(index) ?? [index];
    const siblings = (file.bindingOfDefinition(definition)?.definitions ?? []).filter((sibling) => file.declarations.primary[sibling] === definition);
    const functions = siblings.flatMap((sibling) => file.facts.definitions[sibling]?.function ?? []);
    return functions.length > 1 ? functions : [index];
  }

  signatures(call: Call, of: string, choose: () => ValueSet): ValueSet {
    return this.#keep(`O${call.file.index}.${call.index} ${of}`, choose);
  }

  #each(set: ValueSet, map: (value: Value) => ValueSet, memo: string | undefined): ValueSet {
    const parts = set.values.filter((value) => !(value.v === 'builtin' && (value.name === 'undefined' || value.name === 'null')))
      .map((value) => (memo === undefined ? map(value) : this.#keep(`${memo}${value.key}`, () => map(value))));
    if (set.open !== undefined) parts.push(open(set.open));
    return unite(parts);
  }

  #keep(key: string, compute: () => ValueSet): ValueSet {
    const known = this.#results.get(key);
    if (known !== undefined) return this.#again(known);
    return this.#evaluate(key, compute, (kept) => this.#results.set(key, kept));
  }

  /** A kept answer is used: what it was found by counts for the user too. */
  #again<T>(kept: Kept<T>): T {
    this.tracer.add(kept.trace);
    return kept.result;
  }

  #evaluate(key: string, compute: () => ValueSet, keep: (kept: Kept<ValueSet>) => unknown): ValueSet {
    const running = this.#active.get(key);
    if (running !== undefined) {
      this.#lowest = Math.min(this.#lowest, running.depth);
      return running.assumed;
    }
    const depth = this.#active.size;
    if (this.#waiting + depth >= MAX_DEPTH) {
      this.tracer.unsettled();
      return open('too-complex');
    }
    const frame = { depth, assumed: NOTHING };
    const before = this.#lowest;
    this.#active.set(key, frame);
    const outer = this.tracer.begin();
    let result = NOTHING;
    let lowest = Infinity;
    let stands = false;
    for (let round = 0; round < MAX_ROUNDS && !stands; round++) {
      this.#lowest = Infinity;
      result = compute();
      lowest = this.#lowest;
      stands = lowest > depth || sameSet(result, frame.assumed); // not the head of a cycle, or its answer stands
      frame.assumed = result;
      if (lowest < depth) break; // the cycle closes further up: its head iterates
    }
    this.#active.delete(key);
    if (!stands && lowest >= depth) this.tracer.unsettled();
    let kept = lowest >= depth;
    if (!kept) {
      // leant on something unfinished: kept only when asked again and again, so that a knot of cycles ends
      const attempts = (this.#attempts.get(key) ?? 0) + 1;
      this.#attempts.set(key, attempts);
      kept = attempts > MAX_ATTEMPTS;
      if (kept) this.tracer.unsettled();
    }
    const trace = this.tracer.end(outer);
    if (kept) keep({ result, trace });
    if (depth === 0 && this.#waiting === 0) this.#attempts.clear();
    this.#lowest = Math.min(before, lowest >= depth ? Infinity : lowest);
    return result;
  }

  /** Forgets what was being evaluated when it was broken off. */
  abandon(): void {
    this.#active = new Map();
    this.#lineagesActive.clear();
    this.#attempts.clear();
    this.#waiting = 0;
    this.#lowest = Infinity;
  }
}

function sameSet(a: ValueSet, b: ValueSet): boolean {
  return a.open === b.open && a.values.length === b.values.length && a.values.every((value, at) => value === b.values[at]);
}
