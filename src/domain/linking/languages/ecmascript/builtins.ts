/** ECMAScript's own types and functions, as far as values flow through them; the notation is that of builtin-types.ts. */
export const ecmascriptBuiltins = `
type object
hasOwnProperty isPrototypeOf propertyIsEnumerable: boolean
toString toLocaleString: string
valueOf: self
constructor: ?

type function extends object
apply call: ?
bind: self
.name: string
.length: number

type string extends object iterates=-1
charAt concat normalize padEnd padStart repeat replace replaceAll slice substr substring toLowerCase toUpperCase toLocaleLowerCase toLocaleUpperCase trim trimEnd trimStart trimLeft trimRight at: string
.length: number
charCodeAt codePointAt indexOf lastIndexOf localeCompare search: number
endsWith includes startsWith: boolean
split: Array<string>
match: Array<string>
matchAll: Iterator<Array<string>>

type number extends object
toFixed toPrecision toExponential: string
type bigint extends object
type boolean extends object
type symbol extends object
.description: string
type undefined
type null

type regexp extends object
test: boolean
exec: Array<string>

type Array extends object iterates=0 indexes=0
at: T0
find findLast: 0:(T0,number,self) V0
pop shift: T0
filter: 0:(T0,number,self) Array<V0>
slice reverse concat copyWithin toReversed toSpliced with splice fill: self
sort toSorted: 0:(T0,T0) self
map: 0:(T0,number,self) Array<R0>
flatMap: 0:(T0,number,self) Array<F0>
flat: Array<L0>
forEach: 0:(T0,number,self) undefined
some every: 0:(T0,number,self) boolean
findIndex findLastIndex: 0:(T0,number,self) number
reduce reduceRight: 0:(T0/A1,T0,number,self) T0/A1|R0
join toString: string
includes: boolean
indexOf lastIndexOf push unshift: number
keys: Iterator<number>
values: Iterator<T0>
entries: Iterator<tuple<number,T0>>
.length: number
type tuple extends Array

type Iterator extends Array iterates=0
next: IteratorResult<T0>
filter: 0:(T0,number,self) self
toArray: Array<T0>
take drop: self
type Iterable iterates=0
type generator extends Iterator iterates=0
next return throw: IteratorResult<T0|T1>
type IteratorResult extends object
.value: T0
.done: boolean
type AsyncIterable iterates=0
next: Promise<IteratorResult<T0>>
type async-generator extends AsyncIterable iterates=0
next return throw: Promise<IteratorResult<T0|T1>>

type Promise extends object awaits=0
then: 0:(T0) 1:(T1) Promise<R0|R1>
catch: 0:(T1) Promise<T0|R0>
finally: self

type Map extends object iterates=-2
get: T1
set: self
has delete: boolean
clear: undefined
forEach: 0:(T1,T0,self) undefined
keys: Iterator<T0>
values: Iterator<T1>
entries: Iterator<tuple<T0,T1>>
.size: number

type Record extends object indexes=1

type Set extends object iterates=0
add: self
has delete isSubsetOf isSupersetOf isDisjointFrom: boolean
clear: undefined
forEach: 0:(T0,T0,self) undefined
keys values: Iterator<T0>
entries: Iterator<tuple<T0,T0>>
union intersection difference symmetricDifference: self
type WeakRef
deref: T0

type Date extends object
getTime getFullYear getMonth getDate getDay getHours getMinutes getSeconds getMilliseconds getTimezoneOffset valueOf: number
toISOString toJSON toDateString toTimeString toLocaleDateString toLocaleTimeString toUTCString: string
type Error extends object

type commonjs-module

type react-context extends object iterates=0
.Provider .Consumer: ?
type react-ref extends object
.current: T0

=Promise.all: Promise<W0>
=Promise.allSettled: Promise<Array<?>>
=Promise.race =Promise.any: Promise<E0>
=Promise.resolve: Promise<A0>
=Promise.reject: Promise<?,A0>
=Array.from: 1:(E0,number) Array<E0/R1>
=Array.of: Array<A0>
=Array.isArray: boolean
=Object.keys =Object.getOwnPropertyNames: Array<string>
=Object.values: Array<E0>
=Object.entries: Array<tuple<string,E0>>
=Object.freeze =Object.seal =Object.preventExtensions: A0
=Object.assign: A0|A1|A2
=Object.create: new-object
=Object: A0
=Object.setPrototypeOf: A0
=Object.defineProperty =Object.defineProperties: A0
=structuredClone: A0
=JSON.stringify =String: string
=Number =parseInt =parseFloat =Math.max =Math.min =Math.floor =Math.ceil =Math.round =Math.abs: number
=Boolean =isNaN =isFinite: boolean
=Symbol: symbol
=Reflect.construct: I0
=setTimeout =setInterval =setImmediate =queueMicrotask: ?
=React.useMemo =react.useMemo: R0
=React.useCallback =react.useCallback: A0
=React.memo =react.memo: 0:(O0) A0
=React.forwardRef =react.forwardRef: 0:(O1,react-ref<O0>) A0
=React.lazy =react.lazy: B0
=React.useState =react.useState: tuple<H0,?>
=React.useReducer =react.useReducer: tuple<R0|A1,?>
=React.useRef =react.useRef: react-ref<S0>
=React.createRef =react.createRef: react-ref<S0>
=React.createContext =react.createContext: react-context<S0>
=React.useContext =react.useContext =React.use =react.use: E0
=typedi.Container.get =tsyringe.container.resolve =inversify.Container.get =inversify.Container#get =@nestjs/core.ModuleRef.get =@nestjs/core.ModuleRef#get =@angular/core.inject =@angular/core.Injector#get =@angular/core/testing.TestBed.inject =@nestjs/testing.TestingModule#get =tsyringe.DependencyContainer#resolve: J0
=inversify.Container#getAsync =@nestjs/core.ModuleRef.resolve =@nestjs/core.ModuleRef#resolve: Promise<J0>
=typedi.Container.of: I0
=util.promisify =node:util.promisify: A0
`;
