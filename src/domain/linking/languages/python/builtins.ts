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
result: U0
exception add_done_callback remove_done_callback get_name set_name get_coro cancelling uncancel get_loop get_stack print_stack: ?
type queue extends object
get get_nowait put put_nowait join task_done close shutdown: ?
qsize: number
empty full: boolean
type ContextVar extends object
get: T0
set reset: ?
type context-manager extends object
type contextlib.ExitStack extends object
enter_context: N0
push callback: A0
pop_all: self
close __exit__: ?
type contextlib.AsyncExitStack extends contextlib.ExitStack
enter_async_context: coroutine<M0>
push_async_exit push_async_callback: A0
aclose __aexit__: ?
type asyncio.TaskGroup extends object
create_task: task<A0>
type asyncio.AbstractEventLoop extends object
create_task: task<A0>
run_until_complete: Z0
run_in_executor: awaitable<R1>
run_forever stop close call_soon call_soon_threadsafe call_later call_at set_exception_handler set_debug set_default_executor set_task_factory add_signal_handler remove_signal_handler add_reader remove_reader add_writer remove_writer shutdown_asyncgens shutdown_default_executor: ?
is_running is_closed get_debug: boolean
time: number
create_future: task<?>
create_connection create_server create_datagram_endpoint create_unix_connection create_unix_server subprocess_exec subprocess_shell getaddrinfo getnameinfo sock_recv sock_sendall sock_connect sock_accept start_tls connect_read_pipe connect_write_pipe get_exception_handler default_exception_handler call_exception_handler sendfile: ?
type concurrent.futures.Executor extends object
submit: concurrent.futures.Future<R0>
map: iterator<R0>
shutdown: undefined
type concurrent.futures.Future extends object
result: T0
cancel cancelled running done: boolean
exception add_done_callback set_result set_exception set_running_or_notify_cancel: ?
type property extends object
type type extends object

type list extends object iterates=0 indexes=0
append extend insert remove clear reverse appendleft extendleft rotate: undefined
sort: key:(T0) undefined
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
new_child elements: ?
most_common: list<tuple<T0,number>>
keys: list<T0>
values: list<T1>
items: list<tuple<T0,T1>>
copy: self
update clear: undefined
fromkeys: dict<E0,A1>

type django.db.models.QuerySet iterates=0 indexes=0 owned
__getitem__ get first last earliest latest create: T0
__iter__ iterator: iterator<T0>
aget afirst alast aearliest alatest acreate: awaitable<T0>
all filter exclude order_by reverse distinct select_related prefetch_related annotate alias using only defer none complex_filter select_for_update extra union intersection difference: self
get_or_create update_or_create: tuple<T0,boolean>
aget_or_create aupdate_or_create: awaitable<tuple<T0,boolean>>
bulk_create: list<T0>
in_bulk: dict<?,T0>
count update bulk_update: number
exists contains: boolean
as_manager: own
type django.db.models.Manager extends django.db.models.QuerySet iterates=-1 indexes=-1 owned
all filter exclude order_by reverse distinct select_related prefetch_related annotate alias using only defer none complex_filter select_for_update extra union intersection difference: K(get_queryset)
get_queryset: django.db.models.QuerySet<T0>
from_queryset: self|A0
type django.db.models.Model of-library
.objects: django.db.models.Manager<own>

=sqlalchemy.orm.relationship =sqlalchemy.orm.backref =sqlalchemy.orm.dynamic_loader: ?
=django.db.models.Manager: django.db.models.Manager
=django.db.models.QuerySet: django.db.models.QuerySet
=django.db.models.Manager.from_queryset: A0
=len =hash =ord =id =abs =round =sum =int =float: number
=str =repr =chr =ascii =bin =hex =oct =format =input: string
=bool =isinstance =issubclass =callable =hasattr =any =all: boolean
=bytes =bytearray: bytes
=list =reversed: list<E0>
=sorted: key:(E0) list<E0>
=set =frozenset: set<E0>
=iter: iterator<E0>
=next: E0|A1
=anext: awaitable<E0|A1>
=aiter: A0
=min =max: key:(E0/P1) E0/P1|A(default)
=enumerate: list<tuple<number,E0>>
=zip: list<Y0>
=map: 0:(E1,E2) list<R0>
=filter: 0:(E1) list<E1>
=property: property<R0>
=range: list<number>
=dict: dict
=getattr =eval =exec =__import__ =globals =locals =vars: ?
=importlib.import_module =pickle.load =pickle.loads =inspect.getmodule =typing.get_type_hints =threading.local: ?
=collections.defaultdict: dict<?,R0>
=collections.Counter: dict<E0,number>
=collections.OrderedDict =collections.ChainMap =weakref.WeakValueDictionary =weakref.WeakKeyDictionary: dict
=collections.deque: list<E0>
=weakref.WeakSet: set<E0>
=queue.Queue =queue.LifoQueue =queue.PriorityQueue =queue.SimpleQueue =asyncio.Queue =asyncio.PriorityQueue =asyncio.LifoQueue =multiprocessing.Queue: queue
=dataclasses.replace =weakref.proxy =importlib.reload =typing.assert_type: A0
=copy.copy =copy.deepcopy: A0
=functools.partial: A0
=functools.wraps =functools.update_wrapper: ?
=functools.partialmethod: A0
=functools.reduce: 0:(E1/A2|R0,E1) R0|E1/A2
=typing.cast: I0
=object.__new__: I0
=itertools.chain: list<X0>
=itertools.chain.from_iterable: list<D0>
=itertools.cycle =itertools.islice =itertools.accumulate =itertools.compress: list<E0>
=itertools.takewhile =itertools.dropwhile =itertools.filterfalse: 0:(E1) list<E1>
=itertools.zip_longest =itertools.product: list<Y0>
=itertools.starmap: list<R0>
=itertools.repeat: list<A0>
=itertools.pairwise: list<tuple<E0,E0>>
=itertools.groupby: 1:(E0) key:(E0) list<tuple<?,list<E0>>>
=itertools.batched =itertools.permutations =itertools.combinations: list<list<E0>>
=heapq.heappop: E0
=heapq.nlargest =heapq.nsmallest: key:(E1) list<E1>
=heapq.merge: key:(X0) list<X0>
=asyncio.wait_for =asyncio.shield: A0
=asyncio.create_task =asyncio.ensure_future: task<A0>
=asyncio.run: Z0
=asyncio.gather: awaitable<G0>
=asyncio.to_thread: coroutine<R0>
=asyncio.run_coroutine_threadsafe: concurrent.futures.Future<Z0>
=asyncio.as_completed: list<awaitable<E0>>
=asyncio.TaskGroup: asyncio.TaskGroup
=asyncio.get_event_loop =asyncio.get_running_loop =asyncio.new_event_loop: asyncio.AbstractEventLoop
=concurrent.futures.ThreadPoolExecutor =concurrent.futures.ProcessPoolExecutor: concurrent.futures.Executor
=concurrent.futures.as_completed: list<E0>
=weakref.ref: function<A0>
=contextlib.closing =contextlib.aclosing =contextlib.nullcontext: context-manager<A0>
=contextlib.ExitStack: contextlib.ExitStack
=contextlib.AsyncExitStack: contextlib.AsyncExitStack
=fastapi.Depends =fastapi.Security =fastapi.params.Depends: Q0
=attr.ib =attr.attrib =attr.field =attrs.field: A(default)|I(factory)|I(type)
=attr.Factory =attrs.Factory: R0
=dataclasses.field: A(default)|R(default_factory)
=operator.attrgetter =operator.itemgetter: ?
`;
