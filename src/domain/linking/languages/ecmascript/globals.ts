/** Names that ECMAScript, Node, browsers and the usual test runners bring into every file. */
export const ecmascriptGlobals: ReadonlySet<string> = new Set(
  `undefined NaN Infinity globalThis eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  Object Function Boolean Symbol Number BigInt Math Date String RegExp Array ArrayBuffer SharedArrayBuffer DataView Atomics JSON Map Set WeakMap WeakSet WeakRef FinalizationRegistry
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array
  Promise Proxy Reflect Intl Iterator AsyncIterator Generator AsyncGenerator Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DisposableStack AsyncDisposableStack
  console process Buffer global require module exports __dirname __filename setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone
  fetch Request Response Headers FormData URL URLSearchParams Blob File AbortController AbortSignal Event EventTarget CustomEvent MessageChannel MessagePort MessageEvent BroadcastChannel
  TextEncoder TextDecoder TextEncoderStream TextDecoderStream ReadableStream WritableStream TransformStream CompressionStream DecompressionStream performance crypto Crypto CryptoKey SubtleCrypto navigator WebSocket EventSource WebAssembly atob btoa
  window document self top parent location history screen localStorage sessionStorage indexedDB caches alert confirm prompt open close print postMessage importScripts
  requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback matchMedia getComputedStyle getSelection scrollTo scrollBy scroll addEventListener removeEventListener dispatchEvent
  XMLHttpRequest Worker SharedWorker ServiceWorker Notification Image Audio Option DOMParser XMLSerializer MutationObserver IntersectionObserver ResizeObserver PerformanceObserver FileReader FileList
  Node Element HTMLElement HTMLInputElement HTMLFormElement HTMLDivElement HTMLButtonElement HTMLAnchorElement HTMLImageElement HTMLCanvasElement HTMLSelectElement HTMLTextAreaElement HTMLVideoElement HTMLAudioElement HTMLMediaElement
  SVGElement Document DocumentFragment ShadowRoot Text Comment Range Selection NodeList HTMLCollection DOMRect DOMRectReadOnly DOMException CSSStyleDeclaration CSSStyleSheet StyleSheet customElements Storage
  MouseEvent KeyboardEvent FocusEvent InputEvent PointerEvent TouchEvent WheelEvent DragEvent ClipboardEvent UIEvent ErrorEvent PopStateEvent SubmitEvent ProgressEvent AnimationEvent TransitionEvent StorageEvent
  JSX React NodeJS Deno Bun
  describe it test expect beforeEach afterEach beforeAll afterAll before after suite specify context jest vi vitest cy Cypress chai assert sinon QUnit jasmine spyOn fail pending xit xdescribe xtest fit fdescribe
  define arguments setup teardown
  PropertyKey PropertyDescriptor TypedPropertyDescriptor ThisType Parameters ConstructorParameters OmitThisParameter ThisParameterType Uppercase Lowercase Capitalize Uncapitalize
  ClassDecorator PropertyDecorator MethodDecorator ParameterDecorator TemplateStringsArray ArrayLike PromiseLike PromiseConstructor ErrorConstructor Iterable IterableIterator AsyncIterable AsyncIterableIterator IteratorResult
  Record Partial Required Readonly Pick Omit Exclude Extract NonNullable ReturnType InstanceType Awaited NoInfer ReadonlyArray ReadonlyMap ReadonlySet RequestInit RequestInfo ResponseInit HeadersInit BodyInit BufferEncoding
  string number boolean bigint symbol null void never any unknown object`.split(/\s+/),
);
