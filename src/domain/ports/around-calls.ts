/** A call of a port that is about to be made. */
export interface PortCall {
  readonly method: string;
  /** Whether it gives a stream, which goes on as long as its reader takes. */
  readonly streams: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Does a call, perhaps later, perhaps not at all: what it rejects with, the caller gets. */
export type Around = <T>(call: PortCall, work: () => Promise<T>) => Promise<T>;

/** Methods of a port that give streams. */
export type StreamNames<Port> = { [Name in keyof Port]-?: Port[Name] extends ((...request: never[]) => AsyncIterable<unknown>) | undefined ? Name : never }[keyof Port];

/** Methods of a port that give promises. */
export type CallNames<Port> = { [Name in keyof Port]-?: Port[Name] extends ((...request: never[]) => Promise<unknown>) | undefined ? Name : never }[keyof Port];

/** Which methods of a port are calls of what stands behind it: all those that give streams, and chosen ones that give promises. */
export interface PortMethods<Port> {
  readonly calls: readonly CallNames<Port>[];
  readonly streams: Readonly<Record<StreamNames<Port>, true>>;
}

/**
 * The same port, each of its calls made by `around`. A stream is a call from its first element to its last, or until its reader leaves; a failure on the way is the call's.
 * What is no call (`capabilities`, `close`) stays as it is.
 */
export function aroundCalls<Port extends object>(port: Port, { calls, streams }: PortMethods<Port>, around: Around): Port {
  const wrapped = new Map<PropertyKey, unknown>();
  for (const method of calls) {
    const inner: unknown = port[method];
    if (typeof inner === 'function') wrapped.set(method, (...request: unknown[]) => around(callOf(method, false, request), async () => inner.apply(port, request) as unknown));
  }
  for (const method of Object.keys(streams)) {
    const inner: unknown = Reflect.get(port, method);
    if (typeof inner === 'function') wrapped.set(method, (...request: unknown[]) => streamed(around, callOf(method, true, request), () => inner.apply(port, request) as AsyncIterable<unknown>)); // as its type says
  }
  return new Proxy(port, {
    get(target, name) {
      const known = wrapped.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      // Adapters may keep state in private fields, which a proxy has not.
      return typeof value === 'function' ? value.bind(target) as unknown : value;
    },
  });
}

async function* streamed(around: Around, call: PortCall, open: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
  let enter: () => void = () => undefined;
  let settle: (failure: { readonly error: unknown } | undefined) => void = () => undefined;
  const entered = new Promise<void>((resolve) => { enter = resolve; });
  const read = new Promise<{ readonly error: unknown } | undefined>((resolve) => { settle = resolve; });
  const made = around(call, async () => {
    enter();
    const failure = await read;
    if (failure !== undefined) throw failure.error;
  });
  // Who leaves early does not wait for it.
  made.catch(() => undefined);
  // Also when it is refused before it begins.
  await Promise.race([entered, made]);
  let failure: { readonly error: unknown } | undefined;
  try {
    yield* open();
  } catch (error) {
    failure = { error };
  } finally {
    settle(failure);
  }
  // As `around` has it: the failure, or what it makes of it. A reader that left does not come here.
  await made;
}

function callOf(method: PropertyKey, streams: boolean, request: readonly unknown[]): PortCall {
  const options = request.at(-1);
  const signal = typeof options === 'object' && options !== null && 'signal' in options && options.signal instanceof AbortSignal ? options.signal : undefined;
  return { method: String(method), streams, signal };
}
