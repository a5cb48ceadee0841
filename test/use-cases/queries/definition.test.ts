import { afterEach, describe, expect, it } from 'vitest';
import { CodeloomError } from '../../../src/domain/errors.js';
import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import { definition } from '../../../src/use-cases/queries/definition.js';
import { memoryPrefix } from '../../../src/use-cases/link-memory.js';
import { places, type Places } from './places.js';
import { REPOSITORY } from '../workbench.js';

const TYPESCRIPT = {
  'src/shapes/circle.ts': `import { Shape } from './shape.js';
export interface Options { readonly radius: number }
export class Circle extends Shape {
  radius = 1;
  constructor(private readonly options: Options) { super(); }
  area(): number { return this.radius + this.options.radius; }
}
export const unit = new Circle({ radius: 1 });
export enum Colour { Red, Green }
`,
  'src/shapes/shape.ts': 'export class Shape {\n  label = "";\n  move(dx: number): this { return this; }\n}\n',
  'src/shapes/index.ts': "export * from './circle.js';\nexport { Shape as Base } from './shape.js';\n",
  'src/barrel.ts': "export { Circle, unit as one, Colour } from './shapes/index.js';\nexport * as shapes from './shapes/index.js';\nexport type { Options } from './shapes/index.js';\n",
  'src/main.ts': `import { Circle as Round, one, shapes, Colour, type Options } from './barrel.js';
import { readFile } from 'node:fs/promises';
export function main(scale: number, { radius, ...rest }: Options): void {
  const circle = new Round({ radius: scale });
  circle.move(scale).area();
  circle.label;
  one.area();
  shapes.unit.radius;
  let total = radius;
  total = total + 1;
  for (const part of [1, 2]) total += part;
  const { label: title, move } = circle;
  console.log(title, move, rest, Colour.Red);
  readFile('x');
  const nested = (scale: string) => scale.trim();
  nested('');
  const base: shapes.Base = circle;
  unheardOf();
  const settings = { depth: 1 };
  try { base.move(1); } catch (error) { throw error; }
}
`,
  'src/view.tsx': "import { Panel } from './panel.js';\nexport const View = () => <Panel title={'x'} />;\n",
  'src/panel.tsx': "export function Panel({ title }: { title: string }) { return <b>{title}</b>; }\n",
};

const COMMONJS = {
  'lib/store.js': `function Store(name) { this.name = name; }
Store.prototype.save = function save(item) { return this.name; };
exports.limit = 3;
exports.Store = Store;
`,
  'lib/log.js': 'module.exports = log;\nfunction log(text) {}\n',
  'lib/tools.js': 'function first() {}\nmodule.exports = { first, second: function () {} };\n',
  'lib/main.js': `const { Store, limit: most } = require('./store');
const log = require('./log');
const tools = require('./tools');
const store = new Store('a');
store.save(most);
log('x');
tools.first();
tools.second();
`,
};

const PYTHON = {
  'shop/__init__.py': 'from .models import *\nfrom .models import Item as Thing\n',
  'shop/models.py': `__all__ = ["Order"]
class Base:
    limit = 3
    def total(self, rate=1):
        return self.limit
class Item(Base):
    pass
class Order(Base):
    def __init__(self, items: "list[Item]"):
        self.items = items
    def first(self):
        for item in self.items:
            return item.total(rate=2)
`,
  'main.py': `import os.path
import shop.models as models
from shop import Order, Thing
order = Order([])
order.total()
def run(order: Order, count=0):
    chosen = order.items
    squares = [number for number in range(count)]
    with open('x') as stream:
        stream.read()
    return chosen, models.Item, os.path.join('a')
`,
};

let opened: Places | undefined;
afterEach(async () => opened?.bench.ports.parser.close());

async function open(...args: Parameters<typeof places>): Promise<Places> {
  return (opened = await places(...args));
}

describe('where a name is declared: TypeScript', () => {
  it.each([
    ['an import, through a barrel that renames', 'import { Circle as ^Round', ['class src/shapes/circle.ts:3:14']],
    ['the name in the other module', 'import { ^Circle as Round', ['class src/shapes/circle.ts:3:14']],
    ['a specifier', "from './^barrel.js'", ['file src/barrel.ts:1:1']],
    ['a class that is constructed', 'new ^Round(', ['class src/shapes/circle.ts:3:14']],
    ['a member that the class inherits', 'circle.^move(scale)', ['method src/shapes/shape.ts:3:3']],
    ['a member of what a member gives', 'circle.move(scale).^area()', ['method src/shapes/circle.ts:6:3']],
    ['a field', 'circle.^label;', ['field src/shapes/shape.ts:2:3']],
    ['a constant exported again under another name', '^one.area', ['variable src/shapes/circle.ts:8:14']],
    ['a module as a namespace', '^shapes.unit', ['file src/shapes/index.ts:1:1']],
    ['a member of a module', 'shapes.^unit', ['variable src/shapes/circle.ts:8:14']],
    ['a member of that', 'shapes.unit.^radius', ['field src/shapes/circle.ts:4:3']],
    ['a type, through a barrel', '}: ^Options)', ['interface src/shapes/circle.ts:2:18']],
    ['a type of a namespace, exported under another name', 'base: shapes.^Base', ['class src/shapes/shape.ts:1:14']],
    ['a parameter', 'radius: ^scale }', ['parameter src/main.ts:3:22']],
    ['a destructured parameter', 'total = ^radius', ['parameter src/main.ts:3:39']],
    ['the rest of one', 'move, ^rest', ['parameter src/main.ts:3:50']],
    ['a parameter that shadows another', '=> ^scale.trim', ['parameter src/main.ts:15:19']],
    ['a local variable where it is read', '= ^total + 1', ['variable src/main.ts:9:7']],
    ['a local variable where it is assigned again', '^total = total + 1', ['variable src/main.ts:9:7']],
    ['the variable of a loop', '+= ^part', ['variable src/main.ts:11:14']],
    ['a destructured name', 'log(^title', ['variable src/main.ts:12:18']],
    ['the key by which it was taken', '{ ^label: title', ['field src/shapes/shape.ts:2:3']],
    ['a caught error', 'throw ^error', ['variable src/main.ts:20:32']],
    ['a function in a variable', '^nested(\'\')', ['function src/main.ts:15:9']],
    ['a member of an enum', 'Colour.^Red', ['field src/shapes/circle.ts:9:22']],
    ['a name of a library', '^readFile(\'x\')', ['external node:fs.promises.readFile']],
    ['the language\'s own', '^console.log', ['external global.console']],
    ['a declaration itself', 'function ^main', ['function src/main.ts:3:17']],
    ['a key of an object literal', '{ ^depth: 1', ['field src/main.ts:19:22']],
  ])('%s', async (_, marked, expected) => {
    expect(await (await open(TYPESCRIPT)).defined('src/main.ts', marked)).toEqual(expected);
  });

  it('a component, in JSX', async () => {
    expect(await (await open(TYPESCRIPT)).defined('src/view.tsx', '<^Panel')).toEqual(['function src/panel.tsx:1:17']);
  });

  it('what nothing declares is not known for sure to be the language\'s own', async () => {
    expect(await (await open(TYPESCRIPT)).definition('src/main.ts', '^unheardOf()')).toMatchObject({ completeness: 'lower-bound', reason: 'unknown-name', results: [{ certainty: 'candidate', kind: 'external' }] });
  });

  it('tells the way there, statement by statement', async () => {
    const { steps } = await (await open(TYPESCRIPT)).definition('src/main.ts', '^one.area');
    expect(steps.map(({ rule, path, line }) => [rule, path, line])).toEqual([
      ['import', 'src/main.ts', 1], ['re-export', 'src/barrel.ts', 1], ['re-export', 'src/shapes/index.ts', 1],
    ]);
    expect(steps[1]?.text).toBe('unit as one, exported again from "./shapes/index.js": src/shapes/index.ts');
  });

  it('says where nothing can be asked', async () => {
    const { ports } = await open(TYPESCRIPT);
    expect(await definition(ports, { at: 'src/main.ts:4:1' })).toMatchObject({ results: [], nothing: { reason: 'no-name' } });
    expect(await definition(ports, { at: 'src/main.ts:999:1' })).toMatchObject({ nothing: { message: 'src/main.ts:999:1 is no place: src/main.ts has 21 lines.' } });
    expect(await definition(ports, { at: 'src/none.ts:1:1' })).toMatchObject({ nothing: { reason: 'not-indexed' } });
    await expect(definition(ports, { at: 'src/main.ts' })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(definition(ports, { at: 'src/main.ts:4' })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('where a name is declared: CommonJS', () => {
  it.each([
    ['a destructured require', '{ ^Store, limit', ['function lib/store.js:1:10']],
    ['the key by which it was renamed', '^limit: most', ['variable lib/store.js:3:9']],
    ['what was exported by assignment', '(^most)', ['variable lib/store.js:3:9']],
    ['a method of a prototype', 'store.^save', ['method lib/store.js:2:17']],
    ['a function that is the module', '^log(\'x\')', ['function lib/log.js:2:10']],
    ['a member of an object that is the module', 'tools.^first', ['function lib/tools.js:1:10']],
    ['a function in that object', 'tools.^second', ['method lib/tools.js:2:27']],
    ['the module', "require('./^log')", ['file lib/log.js:1:1']],
  ])('%s', async (_, marked, expected) => {
    expect(await (await open(COMMONJS)).defined('lib/main.js', marked)).toEqual(expected);
  });
});

describe('where a name is declared: Python', () => {
  it.each([
    ['a star import in a package', 'main.py', 'import ^Order, Thing', ['class shop/models.py:8:7']],
    ['an import under another name', 'main.py', 'Order, ^Thing', ['class shop/models.py:6:7']],
    ['an inherited method', 'main.py', 'order.^total()', ['method shop/models.py:4:9']],
    ['a type', 'main.py', 'order: ^Order', ['class shop/models.py:8:7']],
    ['a parameter that hides a variable of the module', 'main.py', '= ^order.items', ['parameter main.py:6:9']],
    ['an attribute that a method assigns', 'main.py', 'order.^items', ['field shop/models.py:10:14']],
    ['a name of a comprehension', 'main.py', '[^number for', ['variable main.py:8:27']],
    ['a parameter\'s default', 'main.py', 'range(^count', ['parameter main.py:6:23']],
    ['what a with statement binds', 'main.py', '^stream.read', ['variable main.py:9:23']],
    ['a local variable', 'main.py', 'return ^chosen', ['variable main.py:7:5']],
    ['a module', 'main.py', '^models.Item', ['file shop/models.py:1:1']],
    ['a part of a module\'s name', 'main.py', 'import shop.^models', ['file shop/models.py:1:1']],
    ['a class of a module', 'main.py', 'models.^Item', ['class shop/models.py:6:7']],
    ['the standard library', 'main.py', 'os.path.^join', ['external os.path.join']],
    ['the language\'s own', 'main.py', '^range(', ['external builtins.range']],
    ['an argument by keyword', 'shop/models.py', '(^rate=2', ['parameter shop/models.py:4:21']],
    ['self', 'shop/models.py', 'return ^self.limit', ['parameter shop/models.py:4:15']],
    ['a class attribute', 'shop/models.py', 'self.^limit', ['field shop/models.py:3:5']],
    ['a quoted type', 'shop/models.py', '"list[^Item]"', ['class shop/models.py:6:7']],
  ])('%s', async (_, path, marked, expected) => {
    expect(await (await open(PYTHON)).defined(path, marked)).toEqual(expected);
  });
});

describe('what a definition is found from', () => {
  it('works without what linking remembered: the facts say all of it', async () => {
    const { bench, defined } = await open(TYPESCRIPT);
    await bench.ports.factStore.prune({ prefixes: [memoryPrefix(REPOSITORY)], keep: new Set(), olderThan: new Date('2100-01-01') });
    expect(await defined('src/main.ts', 'circle.^move(scale)')).toEqual(['method src/shapes/shape.ts:3:3']);
  });

  it('without the source, answers where the facts have a place, and says that local names need it', async () => {
    const { ports, at } = await open(TYPESCRIPT);
    const blind = { ...ports, gitHost: { ...ports.gitHost, resolve: () => Promise.reject(new CodeloomError('repository-not-found', 'It is gone.')) } };
    expect(await definition(blind, { at: at('src/main.ts', 'circle.^move(scale)') })).toMatchObject({ results: [{ id: 'src/shapes/shape.ts#Shape.move().', certainty: 'certain' }], gaps: [{ reason: 'source-unread' }] });
    expect(await definition(blind, { at: at('src/main.ts', '= ^total + 1') })).toMatchObject({ results: [], completeness: 'lower-bound', nothing: { reason: 'no-name' } });
  });

  it('without the facts there is nothing to ask: an error that says to index again', async () => {
    const { ports, at } = await open(TYPESCRIPT);
    const bare = { ...ports, factStore: createMemoryFactStore({ now: () => new Date(0) }) };
    await expect(definition(bare, { at: at('src/main.ts', 'circle.^move(scale)') })).rejects.toMatchObject({ code: 'facts-missing', details: { hint: expect.stringContaining('codeloom index') } });
  });
});
