/**
 * What one file says by itself, with no knowledge of any other file: the contract between extraction (a Parser) and linking.
 *
 * Facts are plain JSON data. Everything that can be pointed at lies in a flat array of {@link FileFacts} and is named by its index there, so that
 * evaluation can be memoised by number. One vocabulary serves every language; a language's extractor maps its syntax onto it.
 */

/** The version of this shape; part of every fact key, raised whenever the meaning of a field changes. */
export const FACTS_FORMAT = 2;

/** A grammar-level language, for example `typescript`, `tsx`, `javascript` or `python`; independent of the file's path. */
export type LanguageId = string;

export type ScopeIndex = number;
/** Index into {@link FileFacts.definitions}; -1 stands for the file itself where a field says so. */
export type DefinitionIndex = number;
export type FunctionIndex = number;
export type ClassIndex = number;
export type ImportIndex = number;
export type ExprIndex = number;
export type TypeIndex = number;
export type SiteIndex = number;

/** A point in a file: 1-based line, 1-based column in UTF-16 code units, byte offset from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A stretch of a file, from its first character to just behind its last. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface FileFacts {
  readonly format: typeof FACTS_FORMAT;
  readonly language: LanguageId;
  /** Number of lines; a file without a final newline counts its last one. */
  readonly lines: number;
  readonly bytes: number;
  /** `module` has import/export syntax (Python: always), `commonjs` writes to `exports`/`module.exports` or calls `require`, else `script`. */
  readonly moduleKind: 'module' | 'commonjs' | 'script';
  /** Scope 0 is the file's own. A parent always has a smaller index than its children. */
  readonly scopes: readonly Scope[];
  /** In source order of their names; a parent has a smaller index than its children. */
  readonly definitions: readonly Definition[];
  readonly functions: readonly FunctionFacts[];
  readonly classes: readonly ClassFacts[];
  readonly imports: readonly ImportFacts[];
  readonly exports: readonly ExportFacts[];
  readonly exprs: readonly Expr[];
  readonly types: readonly TypeExpr[];
  /** Every call site of the file, in source order. */
  readonly sites: readonly CallSite[];
  readonly assignments: readonly MemberAssignment[];
  /** `a[k] = value`; absent where there are none. */
  readonly stores?: readonly ElementStore[];
  /** Calls that the language makes where none is written; absent where there are none. */
  readonly implied?: readonly ImpliedCall[];
  readonly references: readonly Reference[];
  readonly typeReferences: readonly TypeReference[];
  /** Python's `__all__` where it is static: the names in source order. */
  readonly all?: readonly string[];
  readonly diagnostics: readonly FactDiagnostic[];
}

/** Something a reader of the facts should know about the file: part of the answer, never an exception. */
export interface FactDiagnostic {
  readonly code: 'syntax-error' | 'too-large' | 'too-deep' | 'too-costly' | 'binary' | 'encoding' | 'timeout' | 'parser-failed' | 'truncated';
  readonly message: string;
  readonly line?: number;
}

export interface Scope {
  /** `type` holds type parameters; `narrow` is a block in which a condition gave some names a narrower type (its bindings shadow them). */
  readonly kind: 'module' | 'function' | 'class' | 'block' | 'namespace' | 'comprehension' | 'type' | 'narrow';
  /** -1 for scope 0. */
  readonly parent: ScopeIndex;
  /** The innermost named definition whose code this is; -1 for the file. */
  readonly owner: DefinitionIndex;
  /** One entry a name. */
  readonly bindings: readonly Binding[];
}

/**
 * A name in a scope and everything the file binds to it there: a name may be imported, defined and assigned in turn (Python's try/except imports,
 * TypeScript's declaration merging, reassigned variables).
 */
export interface Binding {
  readonly name: string;
  /**
   * How the name came to be. `global`: Python's `global x` (look in the module scope); `nonlocal`: look in the enclosing function scopes;
   * `narrowed`: the same variable as outside with the narrower `values`; `excluded`: a name that a block rules out (it stays as outside).
   */
  readonly kind: 'definition' | 'import' | 'variable' | 'parameter' | 'type-parameter' | 'global' | 'nonlocal' | 'narrowed';
  readonly definitions?: readonly DefinitionIndex[];
  readonly imports?: readonly ImportedBinding[];
  /** Declared type. */
  readonly type?: TypeIndex;
  /** Every value assigned anywhere in the file: initialisers, later assignments, loop variables (`iterate`), destructured parts, parameters (`param`). */
  readonly values?: readonly ExprIndex[];
  /** True where the language forbids or the file shows no reassignment. */
  readonly constant?: boolean;
  /** In a namespace body: visible outside it. */
  readonly exported?: boolean;
  readonly line: number;
  readonly column: number;
}

export interface ImportedBinding {
  readonly import: ImportIndex;
  /** The name in the other module; `*` for the module itself (namespace object, `require` result, `import x`), `default` for an ECMAScript default. */
  readonly imported: string;
  /** Python's `import a.b.c`: the name is bound to the first component's package, not to the module named. */
  readonly root?: boolean;
}

/** Kinds that definitions have in the graph; see docs/graph-model.md. */
export type DefinitionKind =
  | 'module' | 'class' | 'interface' | 'type' | 'enum' | 'function' | 'method' | 'constructor' | 'field' | 'variable';

/** A named thing of the file that becomes a node. Locals are not definitions unless they hold a function or class. */
export interface Definition {
  readonly kind: DefinitionKind;
  /** As written, without quotes; `default` for a nameless default export or `module.exports` function; private names keep their `#`. */
  readonly name: string;
  readonly parent: DefinitionIndex;
  /** The scope in which the name is declared (a member: the class scope). */
  readonly scope: ScopeIndex;
  /** The whole declaration, decorators and `export` included. */
  readonly range: Range;
  /** Where the name stands. */
  readonly at: Position;
  readonly exported?: boolean;
  /** In alphabetical order: `abstract`, `accessor`, `async`, `const`, `declare`, `generator`, `getter`, `override`, `private`, `protected`, `public`, `readonly`, `setter`, `static`, `optional`, `property` … */
  readonly modifiers?: readonly string[];
  /** As written, on one line, without the body, at most 200 characters. */
  readonly signature?: string;
  /** First line of the doc comment. */
  readonly doc?: string;
  readonly function?: FunctionIndex;
  readonly class?: ClassIndex;
  /** A type alias: what it stands for. A variable or field: its declared type. */
  readonly type?: TypeIndex;
  readonly typeParameters?: readonly TypeParameter[];
  /** Decorator expressions from top to bottom: the decorator itself (`@f(x)`: the call). */
  readonly decorators?: readonly ExprIndex[];
  /** The value of the outermost decorator's application: what the name holds in the end (Python). */
  readonly decorated?: ExprIndex;
  /** Declared within a function body. */
  readonly local?: boolean;
  /** Scope of the members of a namespace (`module`). */
  readonly body?: ScopeIndex;
}

export interface TypeParameter {
  readonly name: string;
  readonly constraint?: TypeIndex;
  readonly default?: TypeIndex;
}

export interface FunctionFacts {
  /** The definition it is the value of; -1 when it has no name. */
  readonly definition: DefinitionIndex;
  /** Its body's scope, in which its parameters are bound. */
  readonly scope: ScopeIndex;
  readonly parameters: readonly Parameter[];
  readonly typeParameters?: readonly TypeParameter[];
  readonly returnType?: TypeIndex;
  /** The values of its return statements (or its expression body), in source order. */
  readonly returns: readonly ExprIndex[];
  readonly yields?: readonly ExprIndex[];
  readonly async?: boolean;
  readonly generator?: boolean;
  /** Takes `this` from around it. */
  readonly arrow?: boolean;
  /** No body: a declaration, an overload signature, an abstract method, a function type. */
  readonly bodiless?: boolean;
  /** The declared type of `this` (TypeScript's `this` parameter, which is not among `parameters`). */
  readonly thisType?: TypeIndex;
  /** Class it is a member of, with the member's staticness (Python: class methods are `static`, static methods have no class). */
  readonly member?: { readonly class: ClassIndex; readonly static: boolean };
  /** Object literal it is a method or function-valued property of. */
  readonly home?: ExprIndex;
  /** Where an anonymous function stands: as an argument of a call or construction, or where a type is expected of it. */
  readonly context?: { readonly call: ExprIndex; readonly argument: number } | { readonly type: TypeIndex };
}

export interface Parameter {
  /** Absent for a destructuring pattern. */
  readonly name?: string;
  readonly type?: TypeIndex;
  readonly default?: ExprIndex;
  readonly optional?: boolean;
  /** `rest`: ...args, *args; `keywords`: **kwargs; `keyword-only`: behind `*`. */
  readonly form?: 'rest' | 'keywords' | 'keyword-only' | 'positional-only';
  /** TypeScript's constructor parameter property: also a field of the class. */
  readonly property?: boolean;
  readonly decorators?: readonly ExprIndex[];
}

export interface ClassFacts {
  readonly kind: 'class' | 'interface' | 'enum' | 'type-literal';
  /** -1 for an anonymous class or a type literal. */
  readonly definition: DefinitionIndex;
  readonly scope: ScopeIndex;
  readonly typeParameters?: readonly TypeParameter[];
  /** Base classes in source order (Python: all positional bases; TypeScript classes: the one expression; interfaces: the types). */
  readonly extends: readonly Heritage[];
  readonly implements: readonly Heritage[];
  /** Members as declared, in source order, overloads and accessor pairs as one each where they share name and staticness. */
  readonly members: readonly Member[];
  /** Decorator expressions (Python's `@dataclass`). */
  readonly decorators?: readonly ExprIndex[];
  /** Python: `metaclass=`. */
  readonly metaclass?: ExprIndex;
}

export interface Heritage {
  /** Exactly one of the two: an expression for class bases, a type for interfaces and `implements`. */
  readonly expr?: ExprIndex;
  readonly type?: TypeIndex;
  /** Type arguments of an expression base. */
  readonly typeArguments?: readonly TypeIndex[];
  readonly line: number;
  readonly column: number;
}

export interface Member {
  /** Private names keep their `#`; a computed name that is a constant string is that string, `[Symbol.iterator]` is `[Symbol.iterator]`. */
  readonly name: string;
  /** `call`, `construct` and `index` are signatures of interfaces and type literals (their name is empty). `property`: Python's `@property`, also getters. */
  readonly kind: 'method' | 'property' | 'field' | 'constructor' | 'call' | 'construct' | 'index';
  readonly static?: boolean;
  readonly optional?: boolean;
  /** The implementation last; a setter behind its getter. */
  readonly definitions: readonly DefinitionIndex[];
  /** For method, property (the getter), constructor and signatures: one for each overload, the implementation last. */
  readonly functions?: readonly FunctionIndex[];
  /** Declared type of a field; value type of an index signature. */
  readonly type?: TypeIndex;
  /** Initialiser of a field; Python: values assigned in the class body. */
  readonly values?: readonly ExprIndex[];
  readonly decorators?: readonly ExprIndex[];
}

export interface ImportFacts {
  /** As written; Python: dotted, with its leading dots (`..pkg.mod`, `.`). */
  readonly specifier: string;
  /**
   * `import`: import/from-import statement; `export`: `export … from`; `require`: CommonJS require with a constant; `dynamic`: `import()` with a constant;
   * `type`: `import('x').T` in a type; `equals`: `import x = require('x')`; `from`: Python's from-import; `reference`: other (jest.mock, require.resolve …).
   */
  readonly kind: 'import' | 'export' | 'require' | 'dynamic' | 'type' | 'equals' | 'from' | 'reference';
  /** Names taken: imported name and the local one ('' when nothing is bound, as in a re-export). `*` as imported is the module itself. */
  readonly names: readonly { readonly imported: string; readonly local: string }[];
  /** Python's `from m import *`: binds every public name in `scope`. */
  readonly star?: boolean;
  /** Erased at run time: `import type`, or every name of it is `type`. */
  readonly typeOnly?: boolean;
  readonly scope: ScopeIndex;
  readonly owner: DefinitionIndex;
  readonly line: number;
  readonly column: number;
}

export type ExportFacts =
  /** `export const a`, `export { a as b }`, `export default class A`: `name` outside, `local` in scope 0. */
  | { readonly kind: 'local'; readonly name: string; readonly local: string; readonly typeOnly?: boolean; readonly line: number }
  /** `export { a as b } from`, `export * as ns from` (`imported` is `*`). */
  | { readonly kind: 'from'; readonly name: string; readonly import: ImportIndex; readonly imported: string; readonly typeOnly?: boolean; readonly line: number }
  /** `export * from`. */
  | { readonly kind: 'star'; readonly import: ImportIndex; readonly typeOnly?: boolean; readonly line: number }
  /** `export default <expression>` (name `default`), `exports.a = <expression>`, `module.exports.a = …`; `definition` where the value is a nameless function or class that is a definition. */
  | { readonly kind: 'value'; readonly name: string; readonly value: ExprIndex; readonly commonjs?: boolean; readonly definition?: DefinitionIndex; readonly line: number }
  /** `module.exports = <expression>`, `export = <expression>`. */
  | { readonly kind: 'assign'; readonly value: ExprIndex; readonly definition?: DefinitionIndex; readonly line: number };

/**
 * The shape of an expression, as far as linking can use it. Anything else is `unknown`. Expression 0 of every file is `unknown`.
 */
export type Expr =
  | { readonly k: 'unknown' }
  | { readonly k: 'literal'; readonly type: 'string' | 'number' | 'boolean' | 'null' | 'undefined' | 'regexp' | 'bigint' | 'bytes'; readonly value?: string }
  /** A name read in a scope. */
  | { readonly k: 'name'; readonly name: string; readonly scope: ScopeIndex }
  /**
   * `this`, `self`, `cls`. `class`: the class whose member it stands in (`static`: it is the class itself); else `function`: the innermost
   * function that is not an arrow; neither at module level.
   */
  | { readonly k: 'this'; readonly class?: ClassIndex; readonly static?: boolean; readonly function?: FunctionIndex }
  /** `super` or Python's `super()` in a member of `class`. */
  | { readonly k: 'super'; readonly class: ClassIndex; readonly static?: boolean }
  /** `a.b`, `a?.b`, `a['b']`, also the part that a destructuring pattern takes. */
  | { readonly k: 'member'; readonly object: ExprIndex; readonly name: string }
  /** `a[i]` with a key that is not a constant string; `key` where it matters. */
  | { readonly k: 'index'; readonly object: ExprIndex; readonly key?: ExprIndex }
  | {
      readonly k: 'call' | 'new'; readonly callee: ExprIndex; readonly arguments: readonly ExprIndex[];
      /** From this argument on positions are not known (`...xs`, `*xs`). */
      readonly spread?: number;
      readonly keywords?: readonly { readonly name: string; readonly value: ExprIndex }[];
      readonly typeArguments?: readonly TypeIndex[];
      /** -1 where the call is implied and no site of its own (a decorator's application). */
      readonly site: SiteIndex;
    }
  | { readonly k: 'await'; readonly value: ExprIndex }
  /** What iterating a value gives: `for (x of v)`, `for x in v`, `*v`. */
  | { readonly k: 'iterate'; readonly value: ExprIndex; readonly async?: boolean }
  /** Element `index` of a destructured sequence; `rest`: all from there on. */
  | { readonly k: 'unpack'; readonly value: ExprIndex; readonly index: number; readonly rest?: boolean }
  /** What a context manager gives: `with v as x`. */
  | { readonly k: 'enter'; readonly value: ExprIndex; readonly async?: boolean }
  | { readonly k: 'function'; readonly function: FunctionIndex }
  | { readonly k: 'class'; readonly class: ClassIndex }
  /** Literals and comprehensions; elements as far as they are given (a comprehension has one). `spread` elements are `iterate` expressions. */
  | { readonly k: 'array'; readonly container: 'array' | 'list' | 'tuple' | 'set' | 'generator'; readonly elements: readonly ExprIndex[] }
  /** Object literals, and Python's dicts (`container: dict`, constant string keys only in `properties`, other values in `values`, and their keys, 0 where not known, in `keys`). */
  | {
      readonly k: 'object'; readonly container: 'object' | 'dict';
      readonly properties: readonly { readonly name: string; readonly value: ExprIndex; readonly definition?: DefinitionIndex }[];
      readonly spreads: readonly ExprIndex[]; readonly values?: readonly ExprIndex[]; readonly keys?: readonly ExprIndex[];
    }
  /** One of several: conditional, `||`, `&&`, `??`, `or`, `and`, a destructured part and its default. */
  | { readonly k: 'union'; readonly of: readonly ExprIndex[] }
  /** `v as T`, `<T>v`, `cast(T, v)`. */
  | { readonly k: 'cast'; readonly value: ExprIndex; readonly type: TypeIndex }
  /** An instance of what `class` evaluates to (or of each of them, for a tuple): `except E as e`, `isinstance`, `instanceof`. */
  | {
      readonly k: 'instance'; readonly class: ExprIndex;
      /** Instead: that class itself, or one derived from it (`issubclass`). */
      readonly itself?: boolean;
      /** Instead: what this value is when it is no instance of the class. */
      readonly unless?: ExprIndex;
      /** Instead: what the function `class` says by its declared result (`x is T`, `TypeGuard[T]`) of its argument at this place; -1 for its receiver. */
      readonly guards?: number;
    }
  | { readonly k: 'param'; readonly function: FunctionIndex; readonly index: number }
  /** The module that an import names: `require('x')`, `await import('x')` (the call's own value is a promise of it). */
  | { readonly k: 'import'; readonly import: ImportIndex }
  /** A primitive result of an operator, where it is certain (`!x`, `a === b`, `typeof x`, template literals …); `+` etc. give their operands. */
  | { readonly k: 'operator'; readonly operator: string; readonly operands: readonly ExprIndex[] };

export type TypeExpr =
  /** What the vocabulary cannot say (conditional types, template literal types …). */
  | { readonly k: 'opaque' }
  /** A named type, `path` dotted: `['ns', 'C']`. Built-in names (`string`, `Array`, `int`, `Optional`) are references like any other, resolved by scope first. */
  | { readonly k: 'ref'; readonly path: readonly string[]; readonly scope: ScopeIndex; readonly arguments?: readonly TypeIndex[] }
  | { readonly k: 'union' | 'intersection'; readonly of: readonly TypeIndex[] }
  | { readonly k: 'array'; readonly element: TypeIndex }
  | { readonly k: 'tuple'; readonly elements: readonly TypeIndex[] }
  | { readonly k: 'function'; readonly function: FunctionIndex; readonly constructs?: boolean }
  /** An inline object type or mapped type with known members. */
  | { readonly k: 'object'; readonly class: ClassIndex }
  | { readonly k: 'literal'; readonly type: 'string' | 'number' | 'boolean' | 'null' | 'undefined'; readonly value: string }
  /** `typeof x.y`. */
  | { readonly k: 'typeof'; readonly expr: ExprIndex }
  /** TypeScript's `this`, Python's `Self`. */
  | { readonly k: 'this' }
  /** `T['key']` (`key` absent when not a constant). */
  | { readonly k: 'index'; readonly object: TypeIndex; readonly key?: string }
  /** `x is T`, `asserts x is T`; `parameter` is `this` or a parameter's name. */
  | { readonly k: 'predicate'; readonly parameter: string; readonly type: TypeIndex }
  /** `import('m').A.B`. */
  | { readonly k: 'import'; readonly import: ImportIndex; readonly path: readonly string[]; readonly arguments?: readonly TypeIndex[] };

/** One call, construction, decorator application, JSX element or tagged template. */
export interface CallSite {
  readonly via: 'call' | 'new' | 'decorator' | 'jsx' | 'tag' | 'super';
  /** The `call` or `new` expression. */
  readonly expr: ExprIndex;
  /** The innermost named definition around it; -1 for the file. */
  readonly owner: DefinitionIndex;
  /** The last name of the callee as written; empty where it has none. */
  readonly name: string;
  /** Where that name stands (or the callee starts). */
  readonly at: Position;
}

/** `target.name = value` (also `target['name'] = value`, Python's annotated `self.x: T`). */
export interface MemberAssignment {
  /** The object assigned to: `this`, a name, `C.prototype` (a member expression), … */
  readonly target: ExprIndex;
  readonly name: string;
  /** Absent for a declaration without value. */
  readonly value?: ExprIndex;
  readonly type?: TypeIndex;
  /** The class whose member `target` is an instance of (or the class itself, when `static`), known lexically. */
  readonly class?: ClassIndex;
  readonly static?: boolean;
  /** Where the assigned function, or the first assignment of a field, is a definition of its own. */
  readonly definition?: DefinitionIndex;
  readonly owner: DefinitionIndex;
  readonly line: number;
  readonly column: number;
}

/** `target[key] = value`. */
export interface ElementStore {
  /** `target[key]` as an `index` expression: what stands behind it in the file has a higher index. */
  readonly element: ExprIndex;
  readonly value: ExprIndex;
  /** The scope in whose body it stands, under no condition and in no loop. */
  readonly always?: ScopeIndex;
}

/** A call that is made though none is written: iterating, entering a context, raising a class, applying what `@f(x)` gives. */
export interface ImpliedCall {
  readonly kind: 'iterate' | 'iterate-async' | 'enter' | 'enter-async' | 'raise' | 'decorate' | 'operate' | 'operate-in-place' | 'store' | 'delete';
  /** What is iterated, entered or raised; the decorator that a call gave; the operation, where operators are methods; the element that is read, stored or deleted. */
  readonly expr: ExprIndex;
  readonly owner: DefinitionIndex;
  readonly at: Position;
}

/** A name or member read outside callee position that may name something of the graph; locals and parameters without definitions are left out. */
export interface Reference {
  readonly expr: ExprIndex;
  readonly owner: DefinitionIndex;
  readonly at: Position;
}

/** A named type used in an annotation, cast, type argument or alias (heritage has its own place). */
export interface TypeReference {
  readonly type: TypeIndex;
  readonly owner: DefinitionIndex;
  readonly at: Position;
}
