import type { Binding, ClassIndex, DefinitionIndex, Expr, ExprIndex, FunctionIndex, ImportIndex, ScopeIndex, TypeIndex } from '../file-facts.js';
import type { LinkFile, Program } from './program.js';
import type { Tracer } from './tracer.js';
import type { FileIndex, Value, Values, ValueSet } from './value.js';

/** A call or construction in a file, seen from what is called. */
export interface Call {
  readonly file: LinkFile;
  readonly facts: Extract<Expr, { readonly k: 'call' | 'new' }>;
  /** The expression itself. */
  readonly index: ExprIndex;
  /** Instead of `arguments`: the sequence whose elements they are (`f.apply(x, list)`). */
  readonly list?: ExprIndex;
}

/** The abstract evaluator, as its parts see each other. Every answer is memoised; cycles are iterated to a fixpoint. */
export interface Evaluation {
  readonly program: Program;
  /** Writes down what is looked at. */
  readonly tracer: Tracer;
  readonly values: Values;
  /** What an expression may evaluate to. */
  expr(file: LinkFile, index: ExprIndex): ValueSet;
  /** The values that a type stands for. */
  type(file: LinkFile, index: TypeIndex): ValueSet;
  /** What a name of a scope may hold. */
  binding(file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet;
  /** What a name of a scope stands for in a type. */
  typeBinding(file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet;
  /** What a name read in a scope may hold. */
  name(file: LinkFile, scope: ScopeIndex, name: string): ValueSet;
  /** What a module gives under a name. */
  exported(file: LinkFile, name: string): ValueSet;
  exportedType(file: LinkFile, name: string): ValueSet;
  /** What an import gives: the module (`*`) or a name of it, as a value or in a type. */
  imported(file: LinkFile, index: ImportIndex, name: string, options?: { readonly root?: boolean; readonly inType?: boolean }): ValueSet;
  /** What `require` of the file gives. */
  required(file: LinkFile): ValueSet;
  /** A member of any of the values. */
  member(set: ValueSet, name: string): ValueSet;
  memberOf(value: Value, name: string): ValueSet;
  /** What calling (or constructing) any of the values gives. Without `call`, a call without arguments, such as a getter's. */
  call(set: ValueSet, call?: Call): ValueSet;
  construct(set: ValueSet, call?: Call): ValueSet;
  /** What awaiting, iterating, entering gives. */
  awaited(set: ValueSet): ValueSet;
  iterated(set: ValueSet, asynchronous?: boolean): ValueSet;
  entered(set: ValueSet, asynchronous?: boolean): ValueSet;
  /** What a parameter may be handed. */
  parameter(file: LinkFile, index: FunctionIndex, at: number): ValueSet;
  /** What the calls in its own file hand to a parameter that says nothing of its type, where it is another such parameter, what that is handed. */
  handed(argument: Extract<Value, { readonly v: 'argument' }>): ValueSet;
  /** What a function hands to a callback as its parameter `at`, where it takes that as a parameter without a type. */
  calledBack(file: LinkFile, index: FunctionIndex, parameter: number, at: number): ValueSet;
  /** The receiver that the function type declares which is expected where a function stands; undefined when none does. */
  expectedReceiver(file: LinkFile, index: FunctionIndex): ValueSet | undefined;
  /** What a framework hands to a parameter by its name; undefined where none does. */
  injected(file: LinkFile, index: FunctionIndex, at: number): ValueSet | undefined;
  /** Functions of the classes of a file whose results a framework hands out under a name. */
  classProviders(file: LinkFile): readonly (readonly [name: string, ofClass: ClassIndex, index: FunctionIndex, definition: DefinitionIndex])[];
  /** The class, its declarations merged with it, and all it inherits from, in lookup order. */
  lineage(file: FileIndex, index: ClassIndex): Lineage;
  /** Runs `work` as if nothing else were being evaluated: for what is found once and kept, which must not lean on half an answer. */
  apart<T>(work: () => T): T;
  /** Members that a file assigns onto a value from outside its declaration (`f.x = …`, `C.prototype.m = …`); undefined when none. */
  attached(value: Value, name: string): ValueSet | undefined;
  /** The same for members that this very file assigns onto something from outside the repository. */
  attachedIn(file: LinkFile, value: Value, name: string): ValueSet | undefined;
  /** What a type parameter extends; undefined when nothing is said. */
  constraint(value: Extract<Value, { readonly v: 'type-parameter' }>): ValueSet | undefined;
  /** The functions that a function-valued definition stands for: overloads first, the implementation last. */
  overloads(file: LinkFile, index: FunctionIndex, definition: DefinitionIndex): readonly FunctionIndex[];
  /** Which signatures a call as it is written may mean, found once by `choose`; `of` tells those of one function from those of another. */
  signatures(call: Call, of: string, choose: () => ValueSet): ValueSet;
}

export interface Lineage {
  /** Most specific first. */
  readonly entries: readonly LineageEntry[];
  /** The first base that lies outside the repository. */
  readonly external?: Value | undefined;
  /** It says what others must be like: its own declaration names such a base. */
  readonly protocol: boolean;
  /** A base whose identity is not known. */
  readonly open: boolean;
  /** One base that may be any of these: nobody knows which. */
  readonly alternatives?: readonly Value[] | undefined;
}

export interface LineageEntry {
  readonly file: LinkFile;
  readonly class: ClassIndex;
  /** Type arguments in terms of the type parameters of the class asked about; empty when it has none. */
  readonly arguments: readonly ValueSet[];
  /** Instead of a class: a constructor function that is a base. */
  readonly constructed?: Value;
}
