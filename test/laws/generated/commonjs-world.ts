import type { World } from './world.js';

/** CommonJS: exports that are assigned, merged, added to from outside; prototypes; names that scripts share. */
export const commonjsWorld: World = {
  name: 'commonjs',
  places: ['lib/late.js', 'lib/index.json', 'lib/util/index.js', 'index.ts', 'lib/application/index.js', 'plugins/b.js', 'lib/util.cjs', 'lib/util.mjs'],
  files: {
    'package.json': [['{ "name": "shop", "main": "index.js" }', '{ "name": "shop", "main": "./lib/late" }', '{ "name": "shop", "type": "module", "exports": "./index.js" }', '{}']],
    'index.js': [
      ['module.exports = require("./lib/shop");', 'module.exports = Object.assign({}, require("./lib/shop"), require("./lib/util"));', 'exports = module.exports = createShop;', 'exports.shop = require("./lib/shop");'],
      ['const { mixin } = require("./lib/util");', 'const mixin = require("./lib/util").mixin;', 'const mixin = Object.assign;'],
      ['function createShop() { const app = function () { app.handle(); }; mixin(app, require("./lib/application")); app.listen(); return app; }', 'function createShop() { return new (require("./lib/shop").Shop)(); }'],
      ['module.exports.createShop = createShop;', 'exports.late = require("./lib/late").late;', 'Object.defineProperty(exports, "late", { get() { return require("./lib/late"); } });'],
    ],
    'lib/application.js': [
      ['const app = exports = module.exports = {};', 'const app = {}; module.exports = app;', 'var app = exports;'],
      ['app.listen = function () { this.handle(); return this; };', 'app.listen = () => app.handle();', 'app.listen = require("./late");'],
      ['app.handle = function handle(req) { this.router.route(req); };', 'app.handle = handle; function handle(req) { req.route(); }'],
      ['app.router = new Router();', 'app.init = function () { this.router = new Router(); };', 'app.router = makeRouter();'],
      ['const { Router, makeRouter } = require("./router");', 'const Router = require("./router"), { makeRouter } = Router;', 'const Router = require("./late").Router; function makeRouter() { return new Router(); }'],
      ['["get", "post"].forEach((method) => { app[method] = function () { return this.listen(); }; });', 'app.get = app.post = function () {};'],
    ],
    'lib/router.js': [
      ['function Router(options) { this.stack = []; this.base = new Base(options); }', 'class Router extends Base { constructor() { super(); this.stack = [this]; } }', 'function Router() { if (!(this instanceof Router)) return new Router(); }'],
      ['Router.prototype.route = function (req) { this.stack.forEach((layer) => layer.route(req)); return this.base; };', 'Router.prototype = { route() { return this.use(); }, use() { return this; } };', 'Object.assign(Router.prototype, { route() { return new Layer(); } });'],
      ['Router.prototype.use = function (fn) { this.stack.push(new Layer(fn)); return this; };', 'Router.use = function () { return Router.make(); };'],
      ['class Layer { route(req) { req.next(); } }', 'function Layer() {} Layer.prototype.route = () => {};', 'const Layer = require("./late").Layer;'],
      ['const { Base } = require("./util");', 'const Base = require("./util").make();', 'const { Base } = require("..");'],
      ['require("util").inherits(Router, Base);', 'Object.setPrototypeOf(Router.prototype, Base.prototype);'],
      ['module.exports = Router;', 'module.exports = { Router };', 'exports.Router = Router;'],
      ['module.exports.makeRouter = () => new Router();', 'exports.makeRouter = function () { return Router(); };'],
    ],
    'lib/util.js': [
      ['exports.mixin = function (to, from) { for (const key in from) to[key] = from[key]; return to; };', 'exports.mixin = (to, ...from) => Object.assign(to, ...from);', 'exports.mixin = require("merge-descriptors");'],
      ['exports.Base = class Base { base() { return this; } handle() {} };', 'exports.Base = Base; function Base() {} Base.prototype.base = function () { return this; };', 'exports.Base = require("./late").Late;'],
      ['exports.make = () => exports.Base;', 'exports.make = function make() { return require("./shop").Shop; };'],
    ],
    'lib/shop.js': [
      ['const application = require("./application"), util = require("./util");', 'const util = require(".."), application = util.createShop();', 'const { application, util } = { application: require("./application"), util: require("./util") };'],
      ['class Shop extends util.Base {', 'class Shop {', 'class Shop extends require("./router") {'],
      ['  open() { return this.base(); }', '  open(router) { router.route(); return router; }', '  open = application.listen;'],
      ['  handle() { super.handle(); application.handle(); }', '  static handle(shop) { return shop.open().base(); }'],
      ['}'],
      ['exports.Shop = Shop;', 'module.exports = Shop; module.exports.Shop = Shop;', 'module.exports = { Shop, ...util };'],
      ['exports.shop = new Shop();', 'exports.shop = util.mixin(new Shop(), application);'],
      ['require("./router").makeRouter().route().base();', 'require("./router").prototype.late = function () { return this; };', 'new (require("./router"))().use().route();'],
    ],
    'plugins/a.js': [
      ['const { shop, Shop } = require("../lib/shop");', 'const { shop, Shop } = require("..");', 'import { shop, Shop } from "../lib/shop.js";', 'import Shop from "shop"; const shop = new Shop();'],
      ['shop.open().handle(); shop.base().open();', 'shop.listen().late();', 'Shop.handle(shop);'],
      ['Shop.prototype.plugged = function () { return this.open(); };', 'shop.plugged = (x) => x.base();', 'application.plugged = function () {};'],
      ['module.exports = function (app) { app.listen(); app.plugged(); app.route(); };', 'exports.install = (app) => app.handle();', 'export default (app) => app.late();'],
      ['require("./b")(shop);', 'require(`./${shop}`).install(shop);', 'plug(shop);'],
    ],
    'scripts/site.js': [
      ['function plug(x) { start(x); }', 'var plug = function (x) { x.plugged(); };', 'window.plug = (x) => start(x);'],
      ['plug(window.shop);', 'start();'],
    ],
    'scripts/start.js': [
      ['function start(x) { plug(x); x.listen(); }', 'class start { static plug() {} }', 'const start = require("..").createShop;'],
      ['(function () { start(); plug(); })();', 'jQuery.fn.plug = function () { start(this); };'],
    ],
  },
};
