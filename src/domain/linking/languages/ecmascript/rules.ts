import { BuiltinTable } from '../../builtin-types.js';
import type { LanguageRules } from '../../language-rules.js';
import { ecmascriptBuiltins } from './builtins.js';
import { ecmascriptGlobals } from './globals.js';
import { ecmascriptModules } from './modules.js';

/** TypeScript, TSX, JavaScript, JSX. */
export const ecmascript: LanguageRules = {
  family: 'ECMAScript',
  languages: ['typescript', 'tsx', 'javascript'],
  modules: ecmascriptModules,
  classScopesVisible: true,
  separateTypeNames: true,
  inheritance: 'single',
  constructors: ['constructor'],
  callConstructs: false,
  callMember: undefined,
  fallbackMembers: [],
  classHasInstanceMembers: false,
  builtinPackage: 'global',
  sharedScripts: true,
  isGlobal: (name) => ecmascriptGlobals.has(name),
  builtins: new BuiltinTable(ecmascriptBuiltins),
  protocols: { iterator: '[Symbol.iterator]', asyncIterator: '[Symbol.asyncIterator]', next: 'next', asyncNext: 'next', enter: '', exit: '', asyncEnter: '', asyncExit: '', await: 'then', get: '' },
  exportsBindings: false,
  commonjs: true,
  injection: undefined,
  emptyBases: new Set(),
  enumerations: new Set(),
  builtinBases: new Map(),
  outsideFields: new Map(['Component', 'PureComponent'].flatMap((name) => [[`react.${name}.props`, 0], [`react.${name}.state`, 1]] as const)),
  typeAliases: new Map([
    ...['string', 'number', 'boolean', 'bigint', 'symbol', 'undefined', 'null'].map((name) => [name, `builtin ${name}`] as const),
    ['void', 'nothing'], ['never', 'nothing'], ['any', 'unknown'], ['unknown', 'unknown'], ['object', 'unknown'], ['Object', 'unknown'], ['Function', 'callable'],
    ['String', 'builtin string'], ['Number', 'builtin number'], ['Boolean', 'builtin boolean'],
    ['Array', 'builtin Array'], ['ReadonlyArray', 'builtin Array'], ['ArrayLike', 'builtin Array'], ['Promise', 'builtin Promise'], ['PromiseLike', 'builtin Promise'],
    ['Map', 'builtin Map'], ['ReadonlyMap', 'builtin Map'], ['WeakMap', 'builtin Map'], ['Set', 'builtin Set'], ['ReadonlySet', 'builtin Set'], ['WeakSet', 'builtin Set'], ['WeakRef', 'builtin WeakRef'],
    ['Iterable', 'builtin Iterable'], ['Iterator', 'builtin Iterator'], ['IterableIterator', 'builtin Iterator'], ['Generator', 'builtin generator'], ['ArrayIterator', 'builtin Iterator'],
    ['AsyncIterable', 'builtin AsyncIterable'], ['AsyncIterator', 'builtin AsyncIterable'], ['AsyncIterableIterator', 'builtin AsyncIterable'], ['AsyncGenerator', 'builtin async-generator'],
    ['Record', 'builtin Record'], ['RegExp', 'builtin regexp'], ['Date', 'builtin Date'], ['Error', 'builtin Error'],
    ['Readonly', 'first'], ['Partial', 'first'], ['Required', 'first'], ['NonNullable', 'first'], ['Pick', 'first'], ['Omit', 'first'], ['Extract', 'first'], ['Exclude', 'first'], ['NoInfer', 'first'],
    ['ReturnType', 'returned'], ['InstanceType', 'constructed'], ['Awaited', 'awaited'],
    ...['FC', 'FunctionComponent', 'VFC', 'ComponentType'].flatMap((name) => ['react', 'React'].map((module) => [`${module}.${name}`, 'component'] as const)),
  ]),
};
