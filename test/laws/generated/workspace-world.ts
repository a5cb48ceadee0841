import type { World } from './world.js';

/** npm workspaces in TypeScript and JavaScript: which file a package's name stands for is decided by its package.json. */
export const workspaceWorld: World = {
  name: 'workspaces',
  places: ['packages/core/src/alt.ts', 'packages/core/src/io.ts', 'packages/core/index.js', 'packages/extra/package.json', 'packages/app/src/io.ts', 'packages/core/tsconfig.json', 'packages/core/src/index.js', 'node_modules/core/index.js'],
  files: {
    'package.json': [['{ "workspaces": ["packages/*"] }', '{ "workspaces": { "packages": ["packages/core", "packages/app"] } }', '{ "workspaces": ["packages/*", "!packages/core"], "imports": { "#io": "./packages/core/src/io.ts" } }', '{ "name": "root" }']],
    'packages/core/package.json': [[
      '{ "name": "core", "exports": { ".": "./src/index.ts", "./io": { "types": "./src/io.ts", "default": "./dist/io.js" }, "./deep/*": "./src/*.ts" } }',
      '{ "name": "core", "main": "dist/index.js" }',
      '{ "name": "core", "main": "./src/alt.ts" }',
      '{ "name": "@acme/core", "exports": "./src/index.ts" }',
      '{ "name": "core", "exports": { "./io": null, ".": ["./src/missing.ts", "./src/alt.ts"] }, "types": "src/io.ts" }',
    ]],
    'packages/app/package.json': [[
      '{ "name": "app", "type": "module", "imports": { "#store": "./src/store.ts", "#lib/*": "./src/*.ts" }, "dependencies": { "core": "*" } }',
      '{ "name": "app", "imports": { "#store": { "node": "core/io", "default": "core" } } }',
      '{ "name": "core", "main": "src/store.ts" }',
      '{ "name": ',
    ]],
    'packages/core/src/index.ts': [
      ['export * from "./io.js";', 'export { open, File } from "./io";', 'export * from "./alt.js";', 'export * from "app";'],
      ['export class Core { file(): File { return open("core"); } }', 'export class Core extends File { file() { return this; } }', 'export default class Core { file = open; }'],
      ['import { open, File } from "./io.js";', 'import { open, File } from "core/io";', 'import { open, File } from "./index.js";'],
      ['export const core = new Core();', 'export const core = () => new Core();', 'export const core: { file(): import("./io.js").File } = make();'],
    ],
    'packages/core/src/io.ts': [
      ['export class File {', 'export class File extends Handle {', 'export abstract class File<T = string> {'],
      ['  read(): string { return this.close(); }', '  read() { return [this]; }', '  read(): Promise<File> { return Promise.resolve(this); }'],
      ['  close() { return ""; }', '  close = () => this.read();'],
      ['}'],
      ['export function open(name: string): File { return new File(); }', 'export const open = (name: string, how = File) => new how();', 'export function open(): Alt;\nexport function open(name: string): File;\nexport function open(name?: string): any { return new File(); }'],
      ['import { Alt } from "./alt.js";', 'import { Alt } from "core/deep/alt";', 'class Alt { read() {} }'],
      ['class Handle { close() { return "h"; } seek() {} }', 'import { Handle } from "./alt.js";'],
    ],
    'packages/core/src/alt.ts': [
      ['export class Alt { read() { return 1; } file() { return this; } }', 'import { File } from "./io.js"; export class Alt extends File { seek() {} }', 'export { Core as Alt } from "./index.js";'],
      ['export class Handle { seek(): Alt { return new Alt(); } }', 'export { Alt as Handle };'],
      ['export const core = new Alt();', 'export * from "./index.js";'],
    ],
    'packages/app/src/store.ts': [
      ['import { core, Core } from "core";', 'import { core, default as Core } from "@acme/core";', 'import { core, Core } from "../../core/src/index.js";', 'const { core, Core } = require("core");'],
      ['import { open } from "core/io";', 'import { open } from "core/deep/io";', 'import { open } from "#io";'],
      ['export class Store extends Core { put() { this.file().read(); } }', 'export class Store { put(file = open("x")) { file.close(); return file; } }', 'export class Store { inner = core; put() { return this.inner.file(); } }'],
      ['export const store = new Store();', 'export const store = core.file();', 'export function store() { return open("y").read(); }'],
    ],
    'packages/app/src/main.js': [
      ['import { store, Store } from "#store";', 'import { store, Store } from "#lib/store";', 'import { store, Store } from "./store.js";', 'import * as all from "core"; const { store = all.core, Store = all.Core } = all;'],
      ['store.put().read(); store.inner.file().close();', 'store().seek();', 'store.read();'],
      ['/** @param {import("core").File} file */\nexport function use(file) { return file.close(); }', 'export function use(file) { file.seek(); return file.read(); }', 'export const use = async () => (await import("core/io")).open("z").read();'],
      ['use(new Store().put());', 'for (const each of use()) each.read();'],
    ],
  },
};
