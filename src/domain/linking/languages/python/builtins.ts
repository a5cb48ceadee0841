/** Python's own types and functions, as far as values flow through them; the notation is that of builtin-types.ts. */
export const pythonBuiltins = `
type object
__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ __bool__: boolean
__str__ __repr__ __format__ __module__ __qualname__ __name__ __doc__: string
__hash__ __sizeof__: number
__init__ __setattr__ __delattr__ __init_subclass__ __reduce__ __reduce_ex__ __getattribute__ __dir__ __class__ __subclasshook__: ?
__new__: I0
__dict__: dict<string,?>

type function extends object
__call__ __get__ __wrapped__: ?
__code__ __defaults__ __globals__ __kwdefaults__ __annotations__ __closure__ __func__ __self__ __mro__ __bases__ __subclasses__ mro: ?

type string extends object
capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix removesuffix replace rjust rstrip strip swapcase title translate upper zfill decode: string
encode: bytes
split rsplit splitlines: list<string>
partition rpartition: tuple<string,string,string>
count find index rfind rindex: number
endswith startswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper: boolean

type bytes extends object
decode hex: string
replace strip lower upper join lstrip rstrip removeprefix removesuffix capitalize center expandtabs ljust rjust swapcase title translate zfill tobytes: bytes
split rsplit splitlines: list<bytes>
partition rpartition: tuple<bytes,bytes,bytes>
startswith endswith isalnum isalpha isascii isdigit islower isspace istitle isupper: boolean
find index count rfind rindex: number
append extend clear insert remove reverse: undefined
pop: number
copy: self

type number extends object
bit_length conjugate as_integer_ratio to_bytes is_integer: ?
type boolean extends number
type undefined
type null

type Iterable extends object iterates=0
type iterator extends Iterable iterates=0
__next__: T0
type generator extends iterator iterates=0
send throw __next__: T0
close: undefined
type async-generator extends object iterates=0
asend athrow aclose __anext__: ?
type awaitable extends object awaits=0
type coroutine extends object awaits=0
send throw close: ?
type Coroutine extends object awaits=2
type task extends object awaits=0
cancel done cancelled: boolean
result exception add_done_callback remove_done_callback get_name set_name get_coro cancelling uncancel get_loop get_stack print_stack: ?
type queue extends object
get get_nowait put put_nowait join task_done close shutdown: ?
qsize: number
empty full: boolean
type ContextVar extends object
get: T0
set reset: ?
type context-manager extends object
type type extends object

type list extends object iterates=0 indexes=0
append extend insert remove clear sort reverse appendleft extendleft rotate: undefined
pop popleft: T0
copy: self
count index: number
type set extends object iterates=0
add discard remove clear update intersection_update difference_update symmetric_difference_update: undefined
pop: T0
copy union intersection difference symmetric_difference: self
issubset issuperset isdisjoint: boolean
type tuple extends object iterates=0
count index: number
type dict extends object iterates=0 indexes=1
get: T1|A1
pop setdefault: T1|A1
popitem: tuple<T0,T1>
move_to_end subtract: undefined
most_common: list<tuple<T0,number>>
keys: list<T0>
values: list<T1>
items: list<tuple<T0,T1>>
copy: self
update clear: undefined
fromkeys: dict<E0,A1>

=len =hash =ord =id =abs =round =sum =int =float: number
=str =repr =chr =ascii =bin =hex =oct =format =input: string
=bool =isinstance =issubclass =callable =hasattr =any =all: boolean
=bytes =bytearray: bytes
=list =sorted =reversed: list<E0>
=set =frozenset: set<E0>
=iter: iterator<E0>
=next: E0
=min =max: E0|A0
=enumerate: list<tuple<number,E0>>
=zip: list<tuple<E0,E1>>
=map: list<R0>
=filter: list<E1>
=range: list<number>
=dict: dict
=getattr =eval =exec =__import__ =globals =locals =vars: ?
=importlib.import_module =pickle.load =pickle.loads =inspect.getmodule =typing.get_type_hints =threading.local: ?
=collections.OrderedDict =collections.defaultdict =collections.Counter =collections.ChainMap =weakref.WeakValueDictionary =weakref.WeakKeyDictionary: dict
=collections.deque: list<E0>
=weakref.WeakSet: set<E0>
=queue.Queue =queue.LifoQueue =queue.PriorityQueue =queue.SimpleQueue =asyncio.Queue =asyncio.PriorityQueue =asyncio.LifoQueue =multiprocessing.Queue: queue
=dataclasses.replace =weakref.proxy =importlib.reload =typing.assert_type: A0
=copy.copy =copy.deepcopy: A0
=functools.partial: A0
=functools.wraps =functools.update_wrapper: ?
=functools.reduce: R0
=typing.cast: I0
=object.__new__: I0
=itertools.chain: list<E0|E1>
=itertools.cycle =itertools.islice =itertools.accumulate =itertools.compress: list<E0>
=itertools.takewhile =itertools.dropwhile =itertools.filterfalse: list<E1>
=itertools.zip_longest: list<tuple<E0,E1>>
=itertools.repeat: list<A0>
=itertools.pairwise: list<tuple<E0,E0>>
=itertools.groupby: list<tuple<?,list<E0>>>
=itertools.batched =itertools.permutations =itertools.combinations: list<list<E0>>
=heapq.heappop: E0
=heapq.nlargest =heapq.nsmallest: list<E1>
=asyncio.wait_for =asyncio.shield: A0
=asyncio.create_task =asyncio.ensure_future: task<A0>
=asyncio.run: R9
=asyncio.gather: awaitable<A0>
=weakref.ref: function<A0>
=contextlib.closing =contextlib.nullcontext: A0
=operator.attrgetter =operator.itemgetter: ?
`;
