import type { World } from './world.js';

/** Python packages: what __init__ passes on, __all__, stubs, inheritance across modules, fixtures of pytest, configured roots. */
export const pythonWorld: World = {
  name: 'python',
  places: ['src/shop/late.py', 'src/shop/models/__init__.pyi', 'shop/__init__.py', 'shop/store.py', 'src/shop/models.py', 'src/shop/store/__init__.py', 'conftest.py', 'lib/shop/late.py', 'src/shop/models/base.pyi'],
  files: {
    'pyproject.toml': [[
      '[tool.setuptools.packages.find]\nwhere = ["src"]', '[tool.pytest.ini_options]\npythonpath = ["lib", "src"]\n[project]\nname = "shop"', '[project]\nname = "shop"', '[tool.poetry]\npackages = [{ include = "shop", from = "lib" }]', '[tool.',
    ]],
    'src/shop/__init__.py': [
      ['from .models import *', 'from .models import User, Base', 'from . import models', 'from shop.models import User as Person, Base'],
      ['from .store import Store, make_store', 'from .store import *', 'import shop.store as store', 'from .late import Late as Store'],
      ['__all__ = ["User", "Store", "make_store"]', '__all__ = [*models.__all__, "make_store"]', '__all__ = []'],
      ['def __getattr__(name): return Store', 'store = make_store()', 'store = Store(User)'],
    ],
    'src/shop/models/__init__.py': [
      ['from .base import Base, Mixin', 'from .base import *', 'from shop.models.base import Base as Base, Mixin'],
      ['from .user import User', 'from .user import *', 'from ..late import User', 'from . import user as users\nUser = users.User'],
      ['__all__ = ["Base", "User"]', '__all__ = ("Base", "User", "Mixin", "make_user")', '__all__ = ["missing"]\n__all__ += ["User"]'],
    ],
    'src/shop/models/base.py': [
      ['from __future__ import annotations', 'from abc import ABC, abstractmethod'],
      ['class Mixin:', 'class Mixin(ABC):', 'class Mixin(dict):'],
      ['    def touch(self): return self.save()', '    def touch(self) -> User: ...', '    async def touch(self): return self'],
      ['class Base:', 'class Base(Mixin):', 'class Base(Mixin, metaclass=Registry):', 'class Base(Generic[T]):'],
      ['    parent: Base', '    parent: "User" = None', '    def parent(self): return Base()'],
      ['    def save(self): self.touch(); return self', '    def save(self) -> "Base": return self.parent.save()', '    @property\n    def save(self): return self.load', '    @classmethod\n    def save(cls): return cls()'],
      ['    def load(self, id): return self', '    @staticmethod\n    def load(id) -> Base: return Base()', '    async def load(self): yield self'],
      ['class Registry(type):\n    def register(cls): return cls().save()', 'from typing import Generic, TypeVar\nT = TypeVar("T")'],
      ['from .user import User', 'from . import User', 'from shop import User'],
      ['__all__ = ["Base"]', '_private = Base()'],
    ],
    'src/shop/models/user.py': [
      ['from .base import Base, Mixin', 'from . import Base, Mixin', 'from shop.models.base import *\nfrom .base import Mixin', 'import shop.models.base as base\nBase, Mixin = base.Base, base.Mixin'],
      ['from ..store import Store', 'import typing\nif typing.TYPE_CHECKING:\n    from shop import Store', 'from ..late import Late as Store'],
      ['class User(Base):', 'class User(Mixin, Base):', 'class User(Base, Late):', 'class User:'],
      ['    def __init__(self, store: Store): self.store = store; super().__init__()', '    def __init__(self, store=None): self.store = store or Store()', '    store: "Store"'],
      ['    def save(self): super().save(); self.store.put(self); return self', '    def save(self, deep=False): return self.load(1)', '    save = Base.load'],
      ['    def name(self) -> str: return self.store.get("x").name()', '    @property\n    def name(self): return self.touch', '    @classmethod\n    def name(cls, store): return cls(store).save()'],
      ['    def __enter__(self): return self\n    def __exit__(self, *a): self.save()', '    def __iter__(self): yield self.store', '    def __call__(self): return self.name()'],
      ['def make_user(store: Store) -> User: return User(store)', 'def make_user(store=None): return store.get("x") if store else User(store)', 'make_user = User', 'async def make_user(*args): return User(*args)'],
    ],
    'src/shop/store.py': [
      ['from .models import User, Base', 'from shop.models import *', 'from shop import models\nUser = models.User', 'from .models.user import User, make_user'],
      ['class Store:', 'class Store(dict):', 'class Store(Base):', 'class Store(Protocol):'],
      ['    users: dict[str, User] = {}', '    users: "list[User]"', '    def __init__(self, users=()): self.users = list(users)'],
      ['    def put(self, user: User): user.save(); self.users["x"] = user', '    def put(self, user): return user.touch()', '    def put(self, *users): [each.save() for each in users]'],
      ['    def get(self, key) -> User: return self.users[key]', '    def get(self, key): return self.users.get(key) or make_user(self)', '    def get(self, key): raise NotImplementedError', '    def get(self, key): return key'],
      ['def make_store() -> Store: return Store()', 'def make_store(kind=Store): return kind()', '@contextmanager\ndef make_store(): yield Store()'],
      ['from contextlib import contextmanager\nfrom typing import Protocol', 'from .models.user import make_user', 'from .late import *'],
    ],
    'src/shop/app.py': [
      ['from shop import User, make_store', 'import shop\nfrom shop.models import User\nmake_store = shop.make_store', 'from . import Person as User, store as make_store', 'from .store import *'],
      ['make_store().get("a").save()', 'with make_store() as store: store.get("b").touch()', 'for each in make_store().users: each.save()'],
      ['def run(what): what.save(); what.register(); return what.touch()', 'def run(what: User): return what.load(1).save()', 'def run(what: "shop.Store"): return what.put(what)'],
      ['run(User(make_store()).save())', 'run(what=shop.store)', 'map(run, [User(None)])', 'User(None)().save()'],
      ['class Admin(User):\n    def save(self): return super().save()', 'class Admin(shop.Store, User): pass', 'Admin = type("Admin", (User,), {})'],
      ['Admin(None).name()', 'User.extra = lambda self: self.save()', 'getattr(Admin, "save")()'],
    ],
    'tests/conftest.py': [
      ['import pytest\nfrom shop import make_store, User', 'from pytest import fixture\nimport pytest\nfrom shop.store import make_store\nfrom shop.models import User', 'import pytest\nfrom late import User, make_store'],
      ['@pytest.fixture\ndef store(): return make_store()', '@pytest.fixture(name="store")\ndef a_store():\n    yield make_store()', 'def store(): return make_store()'],
      ['@pytest.fixture\ndef user(store): return User(store)', '@pytest.fixture\ndef user(store): return store.get("x")', '@pytest.fixture(scope="session")\ndef user() -> User: ...'],
    ],
    'tests/test_user.py': [
      ['import pytest\nfrom shop import app', 'from src.shop import app', 'from .conftest import user as fixture_user'],
      ['def test_save(user, store): user.save(); store.put(user)', 'def test_save(user): user.touch().save()', 'async def test_save(store): store.get("x").name()'],
      ['class TestUser:\n    def test_name(self, user): assert user.name() == app.run(user)', 'class TestUser:\n    @pytest.fixture\n    def user(self): return app.Admin(None)\n    def test_name(self, user): user.save()'],
    ],
  },
};
