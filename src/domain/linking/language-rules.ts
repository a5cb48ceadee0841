import type { LanguageId } from '../file-facts.js';
import type { BuiltinTable } from './builtin-types.js';
import type { ModuleRules } from './module-resolver.js';

/** Which parameters a test framework of the language fills by their names. */
export interface InjectionRules {
  /** Decorators (`package.name`) that make a function a provider. */
  readonly providers: ReadonlySet<string>;
  /** Decorators that hand values to the parameters they name. */
  readonly parametrizers: ReadonlySet<string>;
  /** Names of functions that are handed values, besides providers themselves. */
  readonly consumer: RegExp;
  /** File whose providers are seen by all files of its folder and below. */
  readonly sharedFile: string;
  /** Variable of a module that names plugins, and the group of entry points in which distributions name theirs. */
  readonly pluginsVariable: string;
  readonly entryPoint: string;
  /** What comes with the framework: package and path of the type that is handed over. */
  readonly known: ReadonlyMap<string, readonly [string, ...string[]]>;
  /** Those of `known` that give code of the repository when asked. */
  readonly mediators: ReadonlySet<string>;
}

/** What linking must know of a language: data and small policies. The shared steps know no language by name. */
export interface LanguageRules {
  /** Name of the family, for messages. */
  readonly family: string;
  readonly languages: readonly LanguageId[];
  readonly modules: ModuleRules;
  /** Whether code in a member sees the names of the class body around it (Python: no). */
  readonly classScopesVisible: boolean;
  /** Whether a type's name and a value's name are two things (TypeScript). */
  readonly separateTypeNames: boolean;
  /** `c3`: Python's linearisation; `single`: one chain, interfaces breadth-first. */
  readonly inheritance: 'single' | 'c3';
  /** Names of the member that runs when a class is called or constructed, in order of preference. */
  readonly constructors: readonly string[];
  /** Whether calling a class constructs (Python), or only `new` does. */
  readonly callConstructs: boolean;
  /** Member that makes an instance callable. */
  readonly callMember: string | undefined;
  /** Members that stand in for any missing one. */
  readonly fallbackMembers: readonly string[];
  /** Whether instance members are reached through the class as well. */
  readonly classHasInstanceMembers: boolean;
  /** Name of the pseudo-package that holds what the language brings. */
  readonly builtinPackage: string;
  /** Files that are no modules share one global scope, and an unbound name is a global (ECMAScript). */
  readonly sharedScripts: boolean;
  /** Whether an unbound name is something the language (or its usual hosts) brings. */
  isGlobal(name: string): boolean;
  readonly builtins: BuiltinTable;
  /** How `await`, iteration and context managers see user-defined types. */
  readonly protocols: { readonly iterator: string; readonly asyncIterator: string; readonly next: string; readonly asyncNext: string; readonly enter: string; readonly exit: string; readonly asyncEnter: string; readonly asyncExit: string; readonly await: string; readonly get: string };
  /** Module exports are its top-level names, whatever they are (Python). */
  readonly exportsBindings: boolean;
  /** Files are CommonJS-aware: `module.exports`, `require`. */
  readonly commonjs: boolean;
  readonly injection: InjectionRules | undefined;
  /** Bases from outside (`package.name`) that give a class nothing of their own: they only say something to a type checker, or are the root of all classes. */
  readonly emptyBases: ReadonlySet<string>;
  /** Bases from outside (`package.name`) that make the values of a class body instances of the class. */
  readonly enumerations: ReadonlySet<string>;
  /** The builtin type that a class has behind it which is declared with such a base (`package.name`). */
  readonly builtinBases: ReadonlyMap<string, string>;
  /** Fields (`package.name.field`) that a class has from a base outside, by the type argument of the base that says what they are. */
  readonly outsideFields?: ReadonlyMap<string, number>;
  /** Names that resolve in type position without declaration: to a builtin type name, or to a form handled by the type evaluator. */
  readonly typeAliases: ReadonlyMap<string, string>;
}
