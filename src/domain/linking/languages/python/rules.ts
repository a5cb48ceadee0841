import { BuiltinTable } from '../../builtin-types.js';
import type { LanguageRules } from '../../language-rules.js';
import { pythonBuiltins } from './builtins.js';
import { pythonGlobals } from './globals.js';
import { pythonModules } from './modules.js';
import { pytestFixtures } from './pytest-fixtures.js';

/** Names of the modules whose typing forms are known. */
const TYPING = ['typing', 'typing_extensions'];

const FORMS: Readonly<Record<string, string>> = {
  Optional: 'union', Union: 'union', Annotated: 'first', Final: 'first', ClassVar: 'first', Required: 'first', NotRequired: 'first', ReadOnly: 'first', InitVar: 'first', Unpack: 'first',
  Type: 'class-of', Callable: 'callable', Self: 'self', Any: 'unknown', Literal: 'unknown', NoReturn: 'nothing', Never: 'nothing', LiteralString: 'builtin string', Text: 'builtin string', AnyStr: 'builtin string',
  List: 'builtin list', Sequence: 'builtin list', MutableSequence: 'builtin list', Collection: 'builtin list', Container: 'builtin list', Iterable: 'builtin Iterable', Iterator: 'builtin iterator', Reversible: 'builtin Iterable',
  Dict: 'builtin dict', Mapping: 'builtin dict', MutableMapping: 'builtin dict', DefaultDict: 'builtin dict', OrderedDict: 'builtin dict', Counter: 'builtin dict', ChainMap: 'builtin dict',
  Set: 'builtin set', FrozenSet: 'builtin set', AbstractSet: 'builtin set', MutableSet: 'builtin set', Deque: 'builtin list', Tuple: 'builtin tuple',
  Generator: 'builtin generator', AsyncGenerator: 'builtin async-generator', AsyncIterator: 'builtin async-generator', AsyncIterable: 'builtin async-generator', Awaitable: 'builtin awaitable', Coroutine: 'builtin Coroutine',
  ContextManager: 'builtin context-manager', AsyncContextManager: 'builtin context-manager', AbstractContextManager: 'builtin context-manager', AbstractAsyncContextManager: 'builtin context-manager',
};

/** Python. */
export const python: LanguageRules = {
  family: 'Python',
  languages: ['python'],
  modules: pythonModules,
  classScopesVisible: false,
  separateTypeNames: false,
  inheritance: 'c3',
  constructors: ['__init__', '__new__'],
  callConstructs: true,
  callMember: '__call__',
  fallbackMembers: ['__getattr__', '__getattribute__'],
  classHasInstanceMembers: true,
  builtinPackage: 'builtins',
  sharedScripts: false,
  isGlobal: (name) => pythonGlobals.has(name),
  builtins: new BuiltinTable(pythonBuiltins),
  protocols: { iterator: '__iter__', asyncIterator: '__aiter__', next: '__next__', asyncNext: '__anext__', enter: '__enter__', exit: '__exit__', asyncEnter: '__aenter__', asyncExit: '__aexit__', await: '__await__', get: '__get__' },
  exportsBindings: true,
  commonjs: false,
  injection: pytestFixtures,
  emptyBases: new Set(['object', 'abc.ABC', ...TYPING.flatMap((module) => [`${module}.Generic`, `${module}.Protocol`])]),
  enumerations: new Set(['Enum', 'IntEnum', 'StrEnum', 'Flag', 'IntFlag', 'ReprEnum'].map((name) => `enum.${name}`)),
  builtinBases: new Map(TYPING.flatMap((module) => [[`${module}.TypedDict`, 'dict'], [`${module}.NamedTuple`, 'tuple']] as const)),
  typeAliases: new Map([
    ['str', 'builtin string'], ['int', 'builtin number'], ['float', 'builtin number'], ['complex', 'builtin number'], ['bool', 'builtin boolean'], ['bytes', 'builtin bytes'], ['bytearray', 'builtin bytes'], ['memoryview', 'builtin bytes'],
    ['list', 'builtin list'], ['dict', 'builtin dict'], ['set', 'builtin set'], ['frozenset', 'builtin set'], ['tuple', 'builtin tuple'], ['type', 'class-of'], ['object', 'unknown'], ['None', 'nothing'],
    ...[...TYPING, 'collections.abc', 'collections', 'contextlib', 'dataclasses'].flatMap((module) => Object.entries(FORMS).map(([name, form]) => [`${module}.${name}`, form] as const)),
    ['contextvars.ContextVar', 'builtin ContextVar'], ['collections.deque', 'builtin list'], ['collections.defaultdict', 'builtin dict'],
    ...['contextlib.ExitStack', 'contextlib.AsyncExitStack', 'asyncio.TaskGroup', 'asyncio.AbstractEventLoop', 'concurrent.futures.Executor', 'concurrent.futures.Future'].map((name) => [name, `builtin ${name}`] as const),
    ['concurrent.futures.ThreadPoolExecutor', 'builtin concurrent.futures.Executor'], ['concurrent.futures.ProcessPoolExecutor', 'builtin concurrent.futures.Executor'],
    ['asyncio.Task', 'builtin task'], ['asyncio.Future', 'builtin task'], ['sqlalchemy.orm.Mapped', 'first'],
  ]),
};
